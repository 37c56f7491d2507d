// The page's flow: one image at a time is shown; what is said of it is on the disk before the next one is.
import * as server from "./server.js";
import {Boxes} from "./boxes.js";
import {Queue} from "./queue.js";
import {Stage} from "./stage.js";
import {Strip} from "./strip.js";

const ahead = 4;             // images that are fetched before they are needed
const likely = 0.5;          // from this probability on a guess of several classes names one
const pollMilliseconds = 700;
// Of the classes; the letters that are left over by the keys below.
const classKeys = [..."1234567890qwertyiopadjklxcvbnm"];

const byId = id => document.getElementById(id);
const colour = number => `hsl(${(210 + number * 137.5) % 360} 75% 62%)`;
const count = number => number.toLocaleString("en");
const percent = probability => `${Math.round(probability * 100)}%`;
const sameAnswer = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const told = await server.state().catch(error => { complain(error.message); throw error; });
const {form, classes} = told;
const queue = new Queue(told.images, told.answers);
const stage = new Stage(byId("stage"), placed);
const boxes = new Boxes(stage, byId("overlay"), {colour, title: number => classes[number], changed: showAnswer});
const strip = new Strip(byId("strip"), queue, {decorate, chosen: image => leave(image)});

let current = null;         // number of the image that is shown
let broken = false;         // it can't be
let picked = [];            // with several classes an image: those that are chosen
let past = [];              // {image, before}: labels that were written, for undo
let busy = false;

// ---- What is said of the current image ----

const guessed = () => queue.guesses.get(current) ?? null;

function draft() {
  if (form === "classes") return {classes: [...picked].sort((a, b) => a - b)};
  return {classes: boxes.list.map(one => one.class), boxes: boxes.list.map(one => one.box)};
}

function isChanged() {
  if (current === null || broken || form === "class") return false;
  const answer = queue.answers[current];
  return answer ? !sameAnswer(answer, draft()) : draft().classes.length > 0;
}

function takeUp() {
  const answer = queue.answers[current];
  picked = answer && form === "classes" ? [...answer.classes] : [];
  const list = answer && form === "boxes" ? answer.classes.map((kind, i) => ({class: kind, box: answer.boxes[i]})) : [];
  boxes.reset(broken ? [] : list, answer ? null : guessedBox());
}

function guessedBox() {
  const guess = guessed();
  if (form !== "boxes" || broken || !guess?.box || guess.classes.length === 0 || !stage.image) return null;
  const [x, y, width, height] = guess.box, {width: w, height: h} = stage;
  return {class: guess.classes[0][0], box: boxes.between([x * w, y * h], [(x + width) * w, (y + height) * h])};
}

// ---- From image to image ----

// Writes, and remembers what was before. False: it could not be written, and the user knows.
async function write(image, answer, isUndo = false) {
  const before = queue.answers[image];
  if (sameAnswer(before, answer)) return true;
  busy = true;
  document.body.classList.add("busy");
  try {
    await server.put(image, answer);
  } catch (error) {
    complain(error.message);
    return false;
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
  byId("banner").hidden = true;
  queue.answers[image] = answer;
  if (!isUndo) {
    past.push({image, before});
    if (before === null) queue.tick();
  }
  return true;
}

// The answer, then the next image without one.
async function answer(said) {
  if (busy || current === null) return;
  if (broken)
    return complain("This image can't be read, so that it gets no label. Skip it, and replace or remove the file.");
  if (!await write(current, said)) return;
  const [next] = queue.next(current);
  queue.skipped.delete(current);
  queue.update();
  await show(next ?? null);
}

// To an image that was chosen; changes of this one are kept.
async function leave(image) {
  if (busy || image === null || image === undefined) return;
  if (isChanged() && !await write(current, draft())) return;
  queue.update();
  await show(image);
}

async function skip() {
  if (busy || current === null) return;
  if (queue.answers[current] === null) queue.skipped.add(current);
  const [next] = queue.next(current);
  await show(next ?? queue.neighbour(current, 1) ?? current);
}

async function undo() {
  if (busy) return;
  if (form === "boxes" && boxes.undo()) return;
  const last = past.at(-1);
  if (!last || !await write(last.image, last.before, true)) return;
  past.pop();
  queue.update();
  await show(last.image);
}

let showing = 0;  // which call of show() is the last

// null: there is none without a label in what is shown.
async function show(image) {
  const call = ++showing;
  if (image !== null) {
    let failed = false;
    try {
      await stage.load(image).ready;
    } catch {
      failed = true;
    }
    if (call !== showing) return;
    broken = failed;
    current = image;
    byId("problem").hidden = !broken;
    if (broken) {
      stage.clear();
      byId("problem").textContent = await server.complaint(image);
    } else {
      await stage.show(image);
    }
    takeUp();
  }
  byId("finished").hidden = image !== null;
  if (image === null) finished();
  strip.show(current);
  showAnswer();
  showProgress();
  if (current !== null) for (const next of queue.next(current, ahead)) stage.load(next);
}

function finished() {
  const all = queue.labelled === queue.names.length;
  byId("finished").textContent = all ? `All ${queue.names.length} images have their label, in ${told.file}`
                                     : "All of these images have their label. Others come with another filter.";
}

// ---- What the page shows ----

function placed() {
  if (stage.image) byId("scale").textContent = percent(stage.scale);
  boxes.draw();
}

function showAnswer() {
  const answer = current === null ? null : queue.answers[current], guess = guessed();
  const chosen = new Set(form === "class" ? answer?.classes : form === "classes" ? picked : []);
  const chances = new Map(guess?.classes);
  classButtons.forEach((button, number) => {
    button.setAttribute("aria-pressed", form === "boxes" ? number === boxes.class : chosen.has(number));
    const chance = chances.get(number), meter = button.querySelector(".chance");
    meter.textContent = chance === undefined ? "" : percent(chance);
    button.style.setProperty("--chance", chance ?? 0);
    button.classList.toggle("guessed", guess?.classes[0]?.[0] === number && (form !== "classes" || chance >= likely));
    const drawn = form === "boxes" ? boxes.list.filter(one => one.class === number).length : 0;
    button.querySelector(".number").textContent = drawn || "";
  });
  byId("name").textContent = current === null ? "" : queue.names[current];
  const mark = byId("mark");
  mark.textContent = isChanged() ? "not saved yet" : answer ? "saved" : queue.skipped.has(current) ? "skipped" : "";
  mark.className = answer && !isChanged() ? "saved" : "open";
  byId("undo").disabled = past.length === 0 && boxes.history.length === 0;
  byId("accept").disabled = !guess?.classes.length || broken;
}

function showProgress() {
  const all = queue.names.length, done = queue.labelled, pace = queue.pace();
  byId("done").style.width = `${100 * done / all}%`;
  byId("count").textContent = `${count(done)} of ${count(all)}`;
  const left = pace ? `${timeText(pace * (all - done))} left, ${Math.round(60e3 / pace)} a minute` : "";
  byId("left").textContent = done === all ? "done" : left;
  byId("shown").textContent = `${count(queue.view.length)} shown`;
  document.title = `${done}/${all} labelled`;
}

function timeText(milliseconds) {
  const minutes = milliseconds / 60e3;
  if (minutes < 1) return "less than a minute";
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return `${(minutes / 60).toFixed(1)} hours`;
}

function decorate(button, image) {
  const answer = queue.answers[image], label = button.querySelector("span");
  const names = [...new Set(answer?.classes)].map(number => classes[number]).join(", ");
  label.textContent = answer === null ? "" : names || "none";
  button.classList.toggle("labelled", answer !== null);
  button.style.setProperty("--colour", answer?.classes.length ? colour(answer.classes[0]) : "var(--quiet)");
}

function complain(message) {
  byId("banner-text").textContent = message;
  byId("banner").hidden = false;
}

// ---- Keys and buttons ----

function chooseClass(number) {
  if (number >= classes.length || current === null) return;
  if (form === "class") return answer({classes: [number]});
  if (form === "boxes") return boxes.setClass(number), showAnswer();
  picked = picked.includes(number) ? picked.filter(one => one !== number) : [...picked, number];
  showAnswer();
}

function accept() {
  const guess = guessed();
  if (!guess?.classes.length || broken) return;
  if (form === "class") return answer({classes: [guess.classes[0][0]]});
  if (form === "classes") {
    picked = guess.classes.filter(([, chance]) => chance >= likely).map(([number]) => number);
    return showAnswer();
  }
  const box = guessedBox();
  if (!box) return;
  boxes.guess = null;
  boxes.change(() => { boxes.list.push(box); boxes.selected = boxes.list.length - 1; });
}

function finish() {
  if (form !== "class") return answer(draft());
  return queue.answers[current] ? skip() : accept();
}

const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

// [key, what it does, is it there]
const keys = [
  [[classKeys.slice(0, Math.min(classes.length, 10)).join(" ") + (classes.length > 10 ? " Q W E ..." : "")],
   {class: "the class of the image", classes: "a class of the image, on or off",
    boxes: "the class of the next box, and of the selected one"}[form]],
  [["Enter"], form === "class" ? "take the program's guess, or go on" : "done: save, and the next image"],
  [["U", "Ctrl Z"], "undo, as often as you like"],
  [["Space"], "skip: the image comes again at the end"],
  [["\u2190", "\u2192"], form === "boxes" ? "back and forward; with a selected box: move it" : "back and forward"],
  ...(form === "boxes" ? [
    [["drag"], "draw a box, in another one too; move it at an edge, resize it at a corner"],
    [["click"], "select the box"],
    [["arrows"], "move the selected box, with Shift by 10 pixels, with Ctrl resize it"],
    [["Tab"], "select the next box"],
    [["Delete"], "remove the selected box"],
    [["Esc"], "select none"]] : []),
  ...(told.suggests ? [[["G"], "take the program's guess"]] : []),
  [["+", "\u2212", "wheel"], "zoom"],
  [["Z"], "pixel by pixel, and back"],
  [[form === "boxes" ? "Shift drag" : "drag"], "move the image"],
  [["F"], "filter by a part of the name"],
  [["H"], "these keys"],
];

function press(event) {
  if (byId("help").open) return;
  if (event.target.matches("input, select")) {
    if (event.key === "Escape" || event.key === "Enter") event.target.blur();
    return;
  }
  if (event.metaKey || event.altKey) return;
  const arrow = arrows[event.key], key = event.key.toLowerCase();
  if (arrow) {
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    if (form === "boxes" && boxes.nudge(arrow[0] * far, arrow[1] * far, event.ctrlKey)) return;
    if (arrow[0]) leave(queue.neighbour(current, arrow[0]));
    return;
  }
  if (event.ctrlKey && key !== "z") return;
  // A key that is held down says nothing of the images that follow.
  if (event.repeat && !["+", "-", "="].includes(key)) return event.preventDefault();
  const does = {
    "z": () => event.ctrlKey ? undo() : stage.toggle(),
    "u": undo, "backspace": undo,
    " ": skip, "s": skip,
    "g": accept, "enter": finish,
    "+": () => stage.zoom(1.25), "=": () => stage.zoom(1.25), "-": () => stage.zoom(0.8),
    "f": () => byId("text-filter").focus(), "/": () => byId("text-filter").focus(),
    "h": help, "?": help,
    ...(form === "boxes" && {
      "delete": () => boxes.remove(), "escape": () => boxes.select(-1), "tab": () => boxes.selectNext()}),
  }[key];
  const number = classKeys.indexOf(key);
  if (!does && number < 0) return;
  event.preventDefault();
  if (does) does();
  else chooseClass(number);
}

function help() { byId("help").showModal(); }

const classButtons = classes.map((name, number) => {
  const item = document.createElement("li"), button = document.createElement("button");
  const parts = {key: classKeys[number]?.toUpperCase() ?? "", title: name, number: "", chance: ""};
  for (const [kind, text] of Object.entries(parts)) {
    const part = document.createElement(kind === "key" ? "kbd" : "span");
    part.className = kind;
    part.textContent = text;
    button.append(part);
  }
  button.title = name;
  button.style.setProperty("--colour", colour(number));
  button.addEventListener("click", () => chooseClass(number));
  item.append(button);
  byId("classes").append(item);
  byId("class-filter").append(new Option(name, number));
  return button;
});

for (const [names, text] of keys) {
  const term = document.createElement("dt"), meaning = document.createElement("dd");
  for (const name of names.flatMap(each => each.split(" "))) {
    const key = document.createElement("kbd");
    key.textContent = name.length === 1 ? name.toUpperCase() : name;
    term.append(key);
  }
  meaning.textContent = text;
  byId("help-keys").append(term, meaning);
}

function refilter() {
  queue.filter = {status: byId("status").value, class: byId("class-filter").value, text: byId("text-filter").value};
  queue.order = byId("order").value;
  queue.skipped.clear();
  queue.update();
  const [next] = current === null || !queue.places.has(current) ? queue.next(-1) : [current];
  leave(next ?? queue.view[0] ?? current);
}

for (const id of ["status", "class-filter", "order"])
  byId(id).addEventListener("change", event => { event.target.blur(); refilter(); });
byId("text-filter").addEventListener("input", refilter);
for (const [id, does] of Object.entries({
  "accept": accept, "finish": finish, "undo": undo, "skip": skip,
  "back": () => leave(queue.neighbour(current, -1)), "forward": () => leave(queue.neighbour(current, 1)),
  "zoom-in": () => stage.zoom(1.25), "zoom-out": () => stage.zoom(0.8), "zoom-fit": () => stage.toggle(),
  "help-open": help, "help-close": () => byId("help").close(), "banner-close": () => { byId("banner").hidden = true; },
})) {
  // Focus stays with the page, where the keys are.
  byId(id).addEventListener("click", event => { event.currentTarget.blur(); does(); });
}
byId("classes").addEventListener("click", event => event.target.closest("button")?.blur());
byId("strip").addEventListener("click", () => document.activeElement?.blur());
addEventListener("keydown", press);
addEventListener("beforeunload", event => { if (isChanged()) event.preventDefault(); });

// ---- Guesses, as they come ----

async function listen() {
  let known = 0;
  for (let done = false; !done;) {
    const found = await server.suggestions(known).catch(() => null);
    if (!found) return;
    known += found.guesses.length;
    done = found.done;
    for (const guess of found.guesses) queue.guesses.set(guess.image, guess);
    byId("guessing").textContent = done ? "" : `guessing: ${count(known)} of ${count(queue.names.length)}`;
    if (found.guesses.length > 0) {
      queue.update();
      if (form === "boxes" && queue.answers[current] === null && boxes.history.length === 0) takeUp();
      strip.show(current);
      showAnswer();
      showProgress();
      if (current !== null) for (const next of queue.next(current, ahead)) stage.load(next);
    }
    if (!done) await new Promise(wake => setTimeout(wake, pollMilliseconds));
  }
}

document.body.dataset.form = form;
byId("folder").textContent = told.folder.split("/").at(-1);
byId("folder").title = told.folder;
byId("task").textContent =
  {class: "Which class is it?", classes: "Which classes are in it?", boxes: "Draw a box around each"}[form];
byId("finish").hidden = form === "class";
byId("accept").hidden = !told.suggests;
for (const part of [byId("order"), byId("status").options[3]]) part.hidden = !told.suggests;
if (told.suggests) {
  byId("order").value = queue.order = "uncertainty";
  // The first guesses say what comes first.
  const first = await server.suggestions(0).catch(() => ({guesses: []}));
  for (const guess of first.guesses) queue.guesses.set(guess.image, guess);
  queue.update();
  listen();
}
await show(queue.next(-1)[0] ?? null);
if (current === null) await show(queue.view[0]).then(() => { byId("finished").hidden = false; finished(); });
document.body.classList.add("ready");
