// Which images there are, in which order they come, and how long it will take.

const pause = 90e3;  // milliseconds without a label that are no work

export class Queue {
  constructor(names, answers) {
    this.names = names;
    this.answers = names.map((_, image) => answers[image] ?? null);
    this.guesses = new Map();
    this.skipped = new Set();
    this.filter = {status: "all", class: "", text: ""};
    this.order = "name";
    this.times = [];
    this.update();
  }

  get labelled() { return this.count; }

  // Finds what is shown, after a change of labels, guesses, filter or order.
  update() {
    this.count = this.answers.reduce((sum, answer) => sum + (answer !== null), 0);
    const text = this.filter.text.toLowerCase();
    this.view = [];
    for (let image = 0; image < this.names.length; ++image) {
      if (this.passes(image) && (!text || this.names[image].toLowerCase().includes(text))) this.view.push(image);
    }
    if (this.order === "uncertainty") {
      const doubt = image => this.guesses.get(image)?.uncertainty ?? -1;
      this.view.sort((a, b) => doubt(b) - doubt(a) || a - b);
    }
    this.places = new Map(this.view.map((image, place) => [image, place]));
  }

  passes(image) {
    const answer = this.answers[image], {status, class: wanted} = this.filter;
    if (wanted !== "" && !answer?.classes.includes(Number(wanted))) return false;
    if (status === "open") return answer === null;
    if (status === "labelled") return answer !== null;
    if (status === "differs") return answer !== null && this.differs(image);
    return true;
  }

  differs(image) {
    const guess = this.guesses.get(image);
    return guess?.classes.length > 0 && !this.answers[image].classes.includes(guess.classes[0][0]);
  }

  // The image `steps` places behind `image` in what is shown, or null.
  neighbour(image, steps) {
    const place = this.places.get(image);
    return (place === undefined ? this.view[0] : this.view[place + steps]) ?? null;
  }

  // The next ones that need a label, at most so many: behind `image` and then from the start, or from the
  // start where the unsure ones go first. Those that were skipped come last.
  next(image, most = 1) {
    const place = this.order === "name" ? this.places.get(image) ?? -1 : -1;
    const found = [], later = [];
    for (let i = 1; i <= this.view.length && found.length < most; ++i) {
      const other = this.view[(place + i) % this.view.length];
      if (other === image || this.answers[other] !== null) continue;
      (this.skipped.has(other) ? later : found).push(other);
    }
    return [...found, ...later].slice(0, most);
  }

  // A label was given now.
  tick() {
    this.times.push(Date.now());
    if (this.times.length > 40) this.times.shift();
  }

  // Milliseconds for one label, half of them took longer; null where too little is known.
  pace() {
    const gaps = this.times.slice(1).map((time, i) => time - this.times[i]).filter(gap => gap < pause);
    gaps.sort((a, b) => a - b);
    return gaps.length < 3 ? null : gaps[gaps.length >> 1];
  }
}
