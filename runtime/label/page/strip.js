// The row of thumbnails. Only those in sight are in the page, however many images there are.
import {thumbnailUrl} from "./server.js";

const step = 84;  // pixels from one to the next, as in label.css

export class Strip {
  // `queue`; `decorate(button, image)`: shows what is known of it; `chosen(image)`: it was clicked.
  constructor(element, queue, {decorate, chosen}) {
    Object.assign(this, {element, queue, decorate});
    this.track = element.firstElementChild;
    this.buttons = new Map();  // by image
    this.current = null;
    element.addEventListener("scroll", () => this.draw());
    element.addEventListener("click", event => {
      const button = event.target.closest("button");
      if (button) chosen(Number(button.dataset.image));
    });
    element.addEventListener("wheel", event => {
      if (event.deltaX === 0) element.scrollLeft += event.deltaY;
    }, {passive: true});
    new ResizeObserver(() => this.draw()).observe(element);
  }

  // Brings an image into the middle.
  show(image) {
    this.current = image;
    this.track.style.width = `${this.queue.view.length * step}px`;
    const place = this.queue.places.get(image);
    if (place !== undefined) this.element.scrollLeft = (place + 0.5) * step - this.element.clientWidth / 2;
    this.draw();
  }

  draw() {
    const {view} = this.queue, first = Math.max(0, Math.floor(this.element.scrollLeft / step) - 2);
    const last = Math.min(view.length, first + Math.ceil(this.element.clientWidth / step) + 5);
    const wanted = new Set(view.slice(first, last));
    for (const [image, button] of this.buttons) {
      if (wanted.has(image)) continue;
      button.remove();
      this.buttons.delete(image);
    }
    for (let place = first; place < last; ++place) {
      const image = view[place];
      let button = this.buttons.get(image);
      if (!button) {
        button = this.make(image);
        this.buttons.set(image, button);
        this.track.append(button);
      }
      button.style.left = `${place * step}px`;
      button.setAttribute("aria-current", image === this.current);
      this.decorate(button, image);
    }
  }

  make(image) {
    const button = document.createElement("button"), picture = new Image(), label = document.createElement("span");
    button.dataset.image = image;
    button.title = this.queue.names[image];
    button.tabIndex = -1;
    picture.src = thumbnailUrl(image);
    picture.alt = "";
    picture.draggable = false;
    picture.addEventListener("error", () => button.classList.add("broken"));
    button.append(picture, label);
    return button;
  }
}
