// Boxes over the image: drawn, selected, moved, resized and removed by mouse and keys.
// A box is {class, box: [x, y, width, height]} in whole pixels of the image. It is held at its edges and corners: a
// drag that begins within it draws another one, as an eye in a face; a click within selects it.

const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const least = 2;  // pixels of the screen: a shorter drag is a click

export class Boxes {
  // `colour(class)`, `title(class)`; `changed()`: the boxes are others now.
  constructor(stage, overlay, {colour, title, changed}) {
    Object.assign(this, {stage, overlay, colour, title, changed});
    this.list = [];
    this.guess = null;  // {class, box} that is only shown
    this.class = 0;
    this.selected = -1;
    this.history = [];
    overlay.addEventListener("pointerdown", event => this.press(event));
  }

  reset(list, guess) {
    this.list = structuredClone(list);
    this.guess = guess;
    this.selected = -1;
    this.history = [];
    this.draw();
  }

  // Changes of the boxes go through here, so that undo() finds what was before.
  change(edit) {
    const before = structuredClone(this.list);
    edit();
    this.history.push(before);
    this.draw();
    this.changed();
  }

  // False: nothing was changed since reset().
  undo() {
    if (this.history.length === 0) return false;
    this.list = this.history.pop();
    this.selected = -1;
    this.draw();
    this.changed();
    return true;
  }

  // For new boxes, and the selected one.
  setClass(number) {
    this.class = number;
    if (this.selected >= 0 && this.list[this.selected].class !== number)
      this.change(() => { this.list[this.selected].class = number; });
    else
      this.draw();
  }

  remove() {
    if (this.selected < 0) return false;
    this.change(() => { this.list.splice(this.selected, 1); this.selected = -1; });
    return true;
  }

  select(number) {
    this.selected = number;
    if (number >= 0) this.class = this.list[number].class;
    this.draw();
    this.changed();
  }

  selectNext() {
    if (this.list.length > 0) this.select((this.selected + 1) % this.list.length);
  }

  // By keys: moves the selected box, or its right lower corner.
  nudge(dx, dy, resizes) {
    if (this.selected < 0) return false;
    this.change(() => {
      const box = this.list[this.selected].box, {width, height} = this.stage;
      if (resizes) {
        box[2] = clamp(box[2] + dx, 1, width - box[0]);
        box[3] = clamp(box[3] + dy, 1, height - box[1]);
      } else {
        box[0] = clamp(box[0] + dx, 0, width - box[2]);
        box[1] = clamp(box[1] + dy, 0, height - box[3]);
      }
    });
    return true;
  }

  // The number of the smallest box around a point, or -1.
  smallestAt([px, py]) {
    const area = number => this.list[number].box[2] * this.list[number].box[3];
    const around = this.list.map((_, number) => number).filter(number => {
      const [x, y, width, height] = this.list[number].box;
      return px >= x && px <= x + width && py >= y && py <= y + height;
    });
    return around.sort((a, b) => area(a) - area(b))[0] ?? -1;
  }

  // Between two points, within the image; at least a pixel.
  between([ax, ay], [bx, by]) {
    const {width, height} = this.stage;
    const [left, right] = [ax, bx].map(x => clamp(Math.round(x), 0, width)).sort((a, b) => a - b);
    const [top, bottom] = [ay, by].map(y => clamp(Math.round(y), 0, height)).sort((a, b) => a - b);
    const x = Math.min(left, width - 1), y = Math.min(top, height - 1);
    return [x, y, Math.max(right - x, 1), Math.max(bottom - y, 1)];
  }

  press(event) {
    if (event.button !== 0 || event.shiftKey || !this.stage.image) return;
    event.preventDefault();
    event.stopPropagation();
    const {handle, box} = event.target.dataset, start = this.stage.toImage(event);
    const before = structuredClone(this.list), chosen = this.selected;
    let moved = false;
    if (handle === undefined && box !== undefined) this.select(Number(box));
    const held = handle !== undefined || box !== undefined;
    const from = held ? [...this.list[this.selected].box] : null;

    const edit = now => {
      const [dx, dy] = [now[0] - start[0], now[1] - start[1]];
      if (handle !== undefined) {
        const [x, y, width, height] = from;
        const fixed = [handle.includes("w") ? x + width : x, handle.includes("n") ? y + height : y];
        const moving = [(handle.includes("w") ? x : x + width) + dx, (handle.includes("n") ? y : y + height) + dy];
        this.list[this.selected].box = this.between(fixed, moving);
      } else if (from) {
        const [x, y, width, height] = from;
        this.list[this.selected].box = [clamp(Math.round(x + dx), 0, this.stage.width - width),
                                        clamp(Math.round(y + dy), 0, this.stage.height - height), width, height];
      } else {
        this.selected = -1;
        this.list = [...structuredClone(before), {class: this.class, box: this.between(start, now)}];
      }
    };
    const move = event => {
      const now = this.stage.toImage(event);
      moved ||= Math.hypot(now[0] - start[0], now[1] - start[1]) * this.stage.scale >= least;
      if (!moved) return;
      edit(now);
      this.draw();
    };
    const end = event => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!moved) {
        this.select(held ? (handle === undefined ? Number(box) : chosen) : this.smallestAt(start));
        return;
      }
      if (event.type === "pointercancel") this.list = before;
      else this.history.push(before);
      if (!from) this.selected = this.list.length > before.length ? this.list.length - 1 : -1;
      this.draw();
      this.changed();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  draw() {
    const parts = [];
    if (this.stage.image) {
      if (this.guess) parts.push(...this.frame(this.guess, -1));
      this.list.forEach((one, number) => parts.push(...this.frame(one, number)));
      if (this.selected >= 0) parts.push(...this.handles(this.list[this.selected]));
    }
    this.overlay.replaceChildren(...parts);
  }

  // A box on the stage; number -1 is the guess.
  frame({class: kind, box: [x, y, width, height]}, number) {
    const [left, top] = this.stage.toStage(x, y), scale = this.stage.scale, colour = this.colour(kind);
    const names = number < 0 ? "frame guess" : number === this.selected ? "frame selected" : "frame";
    const rectangle = svg("rect", {x: left, y: top, width: width * scale, height: height * scale, class: names});
    rectangle.style.setProperty("--colour", colour);
    const text = svg("text", {x: left + 4, y: top > 22 ? top - 6 : top + 16, class: names});
    text.style.setProperty("--colour", colour);
    text.textContent = this.title(kind) + (number < 0 ? "?" : "");
    if (number < 0) return [rectangle, text];
    const edge = svg("rect", {x: left, y: top, width: width * scale, height: height * scale, class: "edge"});
    edge.dataset.box = number;
    return [rectangle, text, edge];
  }

  handles({class: kind, box: [x, y, width, height]}) {
    return ["nw", "ne", "sw", "se"].map(corner => {
      const [cx, cy] = this.stage.toStage(corner.includes("w") ? x : x + width, corner.includes("n") ? y : y + height);
      const handle = svg("circle", {cx, cy, r: 6, class: `handle ${corner}`});
      handle.style.setProperty("--colour", this.colour(kind));
      handle.dataset.handle = corner;
      return handle;
    });
  }
}
