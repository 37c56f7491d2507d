// The image: fetched ahead, fitted, zoomed and moved.
import {imageUrl} from "./server.js";

const kept = 8;              // images in memory
const mostScale = 64;
const mostFitted = 12;       // larger, a tiny image is only harder to make out

export class Stage {
  // `changed()`: the image stands elsewhere now.
  constructor(element, changed) {
    this.element = element;
    this.picture = element.querySelector("#picture");
    this.changed = changed;
    this.images = new Map();  // by number, the one used last at the end
    this.image = null;
    this.fitted = true;
    new ResizeObserver(() => this.fitted ? this.fit() : this.place()).observe(element);
    element.addEventListener("wheel", event => this.wheel(event), {passive: false});
    element.addEventListener("pointerdown", event => this.drag(event));
    element.addEventListener("contextmenu", event => event.preventDefault());
  }

  // Fetches and decodes without showing.
  load(number) {
    let entry = this.images.get(number);
    if (entry) {
      this.images.delete(number);
    } else {
      const image = new Image();
      image.src = imageUrl(number);
      image.draggable = false;
      image.alt = "";
      entry = {image, ready: image.decode()};
      entry.ready.catch(() => this.images.delete(number));
    }
    this.images.set(number, entry);
    if (this.images.size > kept) this.images.delete(this.images.keys().next().value);
    return entry;
  }

  // Throws if the image can't be shown.
  async show(number) {
    const {image, ready} = this.load(number);
    await ready;
    this.image = image;
    this.picture.replaceChildren(image);
    this.fit();
  }

  clear() {
    this.image = null;
    this.picture.replaceChildren();
    this.changed();
  }

  get width() { return this.image?.naturalWidth ?? 0; }
  get height() { return this.image?.naturalHeight ?? 0; }

  fit() {
    if (!this.image) return;
    const {clientWidth, clientHeight} = this.element, margin = 24;
    const scale = Math.min((clientWidth - margin) / this.width, (clientHeight - margin) / this.height, mostFitted);
    this.scale = Math.max(scale, 0.01);
    this.left = (clientWidth - this.width * this.scale) / 2;
    this.top = (clientHeight - this.height * this.scale) / 2;
    this.fitted = true;
    this.place();
  }

  // `x`, `y`: the point of the stage that stays where it is; by default its middle.
  zoom(factor, x = this.element.clientWidth / 2, y = this.element.clientHeight / 2) {
    if (!this.image) return;
    const scale = Math.min(Math.max(this.scale * factor, 0.02), mostScale);
    this.left = x - (x - this.left) * scale / this.scale;
    this.top = y - (y - this.top) * scale / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.place();
  }

  // One pixel a pixel, and back.
  toggle() {
    if (this.fitted) this.zoom(1 / this.scale * (this.scale === 1 ? 4 : 1));
    else this.fit();
  }

  place() {
    if (this.image) {
      this.image.style.transform = `translate(${this.left}px, ${this.top}px) scale(${this.scale})`;
      // Who zooms in looks at pixels.
      this.image.style.imageRendering = this.scale >= 4 && !this.fitted ? "pixelated" : "auto";
    }
    this.changed();
  }

  // From the window to pixels of the image and back to the stage.
  toImage(event) {
    const edge = this.element.getBoundingClientRect();
    return [(event.clientX - edge.left - this.left) / this.scale, (event.clientY - edge.top - this.top) / this.scale];
  }
  toStage(x, y) { return [this.left + x * this.scale, this.top + y * this.scale]; }

  wheel(event) {
    event.preventDefault();
    const edge = this.element.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 400), event.clientX - edge.left, event.clientY - edge.top);
  }

  // Any button moves the image; what draws boxes keeps the left one without Shift to itself.
  drag(event) {
    if (!this.image || event.target.closest("button")) return;
    event.preventDefault();
    const from = [event.clientX - this.left, event.clientY - this.top];
    const move = moved => {
      this.left = moved.clientX - from[0];
      this.top = moved.clientY - from[1];
      this.fitted = false;
      this.place();
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }
}
