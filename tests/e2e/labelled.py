"""Training from a folder with a label file, and `nncc data label --suggest` with what came out of it."""

import json
import random
import shutil

from browser import READY, Browser
from labelling import LabelCase, png
from support import Arguments, main, program, weights_of

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (50, 60, 230)}
WIDTH, HEIGHT = 48, 36


def picture(boxes):
    """A PNG file, grey, with a rectangle of each (colour, x, y, width, height)."""
    rows = [bytearray((90, 90, 90) * WIDTH) for _ in range(HEIGHT)]
    for name, x, y, width, height in boxes:
        for row in rows[y:y + height]:
            row[3 * x:3 * (x + width)] = bytes(COLOURS[name]) * width
    return png(WIDTH, HEIGHT, rows=rows)


def overlap(a, b):
    """Of two boxes (x, y, width, height): their common area by that of both."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(across, 0) * max(down, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


class LabelledCase(LabelCase):
    """`self.folder` has what the YAML names: images and labels.csv."""

    def setUp(self):
        super().setUp()
        self.images.rmdir()
        self.images = self.folder / "images"
        self.images.mkdir()

    def draw(self, count, seed, most=1):
        """{name: [(colour, x, y, width, height)]} of new images, with one box, or up to `most` of other colours."""
        numbers, made = random.Random(seed), {}
        for number in range(count):
            boxes = []
            for name in numbers.sample(sorted(COLOURS), numbers.randint(0, most) if most > 1 else 1):
                width, height = numbers.randint(8, 24), numbers.randint(8, 20)
                x, y = numbers.randint(0, WIDTH - width), numbers.randint(0, HEIGHT - height)
                boxes.append((name, x, y, width, height))
            made[f"{seed}, {number:03}.png"] = boxes
            (self.images / f"{seed}, {number:03}.png").write_bytes(picture(boxes))
        return made

    def write(self, text, name="labels.csv"):
        (self.folder / name).write_text(text)

    def write_boxes(self, made):
        rows = [f'"{name}",{",".join(map(str, box))}\n' for name, boxes in made.items() for box in boxes]
        random.Random(3).shuffle(rows)
        self.write("file,label,x,y,width,height\n" + "".join(rows))

    def train(self, path, *options, status=0):
        out = self.folder / "run"
        return self.run_program([path, "train", "--data", self.folder, "--out", out, "--seed", 1, *options], status)

    def predictions(self, path, names):
        files = [self.images / name for name in names]
        run = self.run_program([path, "predict", "--json", "--out", self.folder / "run", *files])
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual([line["sample"] for line in lines], list(map(str, files)))
        return [line["outputs"] for line in lines]

    def failure(self, path, *options):
        run = self.train(path, *options, status=1)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertFalse((self.folder / "run" / "weights.safetensors").exists())
        return run.stderr

    def compile(self, name, data, last="dense: {units: 3, activation: softmax}",
                loss="sparse_categorical_crossentropy"):
        """A small program with this `data` section."""
        model = self.folder / f"{name}.yaml"
        model.write_text(f"""
model: {name}
input: {{shape: [24, 24, 3], scale: 1/255}}
layers:
  - flatten:
  - {last}
train: {{loss: {loss}, optimizer: sgd, batch_size: 8, epochs: 2}}
data:
  train: {data}
""")
        self.run_program([Arguments.nncc, "compile", model, "-o", self.folder / name, "-Werror"])
        return self.folder / name


class Training(LabelledCase):
    def test_class_and_box(self):
        path = program("labelled")
        self.write_boxes(self.draw(400, seed=1))
        self.train(path)
        unseen = self.draw(60, seed=2)
        right, overlaps = 0, []
        for outputs, [(name, *box)] in zip(self.predictions(path, unseen), unseen.values()):
            classes, shares = outputs["kind"]["classes"], outputs["box"]["values"]
            self.assertEqual(sorted(classes), sorted(COLOURS))
            right += max(classes, key=classes.get) == name
            overlaps.append(overlap([share * size for share, size in zip(shares, (WIDTH, HEIGHT) * 2)], box))
        overlaps.sort()
        self.assertGreaterEqual(right, 57)
        # A box of the usual size in the middle overlaps by 0.2 on average.
        self.assertGreater(sum(overlaps) / len(overlaps), 0.45, overlaps)

    def test_several_classes(self):
        path = program("labelled-multiple")
        made = self.draw(300, seed=1, most=3)
        rows = [f'"{name}",{";".join(box[0] for box in boxes)}\n' for name, boxes in made.items()]
        self.write("file,labels\n" + "".join(rows))
        self.train(path)
        unseen = self.draw(60, seed=2, most=3)
        right = 0
        for outputs, boxes in zip(self.predictions(path, unseen), unseen.values()):
            [classes] = [output["classes"] for output in outputs.values()]
            self.assertEqual(list(classes), ["green", "blue", "red"])
            right += {name for name, chance in classes.items() if chance > 0.5} == {box[0] for box in boxes}
        self.assertGreaterEqual(right, 54)
        run = self.run_program([path, "predict", "--out", self.folder / "run", self.images / next(iter(unseen))])
        self.assertRegex(run.stdout, r"%  (red|green|blue)\n")

    def test_same_bits_as_class_folders(self):
        rows = []
        for name, boxes in self.draw(40, seed=1).items():
            kind = boxes[0][0]
            (self.images / kind).mkdir(exist_ok=True)
            (self.images / name).rename(self.images / kind / name)
            rows.append(f'"{kind}/{name}",{kind}\n')
        random.Random(1).shuffle(rows)
        self.write("file,label\n" + "".join(rows))
        weights = []
        for name, options in (("folders", ""), ("labels", ", labels: labels.csv")):
            self.train(self.compile(name, f"{{image_folder: {{path: images, resize: true{options}}}}}"))
            weights.append(weights_of(self.folder / "run" / "weights.safetensors"))
        self.same_weights(*weights, "the same images by class folders and by a label file")

    def test_refused(self):
        made = self.draw(12, seed=1)
        self.write_boxes(made)
        good = (self.folder / "labels.csv").read_text()
        header, first, second, *rest = good.splitlines(keepends=True)
        name = first.split('"')[1]
        boxes, several = program("labelled"), program("labelled-multiple")

        def with_first(line, *more):
            self.write(header + line + "".join(more) + second + "".join(rest))
        with_first('"other.png",red,1,2,3,4\n')
        self.assertIn("labels.csv:2: 'other.png' is no file in ", failed := self.failure(boxes))
        self.assertIn("label file of another folder?", failed)
        with_first(f'"{name}",red,30,2,19,4\n')
        self.assertIn("labels.csv:2: the box of 19 x 4 pixels at 30, 2 reaches beyond its image of 48 x 36",
                      self.failure(boxes))
        with_first(f'"{name}",red,3,30,5,6.5\n')
        self.assertIn("reaches beyond its image", self.failure(boxes))
        with_first(f'"{name}",red,-1,2,3,4\n')
        self.assertIn("labels.csv:2: no box in an image", self.failure(boxes))
        with_first(f'"{name}",red,a,2,3,4\n')
        self.assertIn("labels.csv:2: column 'x': 'a' is no number", self.failure(boxes))
        with_first(f'"{name}",,,,,\n')
        self.assertIn(f"labels.csv:2: '{name}' has no box, but the model's outputs tell of one", self.failure(boxes))
        with_first(first, first)
        self.assertIn("has 2 boxes", self.failure(boxes))
        with_first('"../images/a.png",red,1,2,3,4\n')
        self.assertIn("may lead out of the folder", self.failure(boxes))
        with_first(f'"{name}",pink,1,2,3,4\n')
        self.assertIn("found 4 classes", self.failure(boxes))
        self.write(header)
        self.assertIn("labels.csv: there are no rows behind its header", self.failure(boxes))
        (self.folder / "labels.csv").unlink()
        self.assertIn("labels.csv: can't open the file", self.failure(boxes))
        self.write("file,label\n" + f'"{name}",red\n')
        self.assertIn("tells one target of the kind of 'kind', but the model has 'box' of it too", self.failure(boxes))
        self.write("file,labels\n" + f'"{name}",red;pink\n')
        self.assertIn("labels.csv:2: class 'pink' is not among the reader's `classes` (green, blue, red)",
                      self.failure(several))
        self.write("file,labels\n" + f'"{name}",red;red\n')
        self.assertIn("has 'red' twice", self.failure(several))
        self.write("file,label\n" + f'"{name}",red\n')
        self.train(several, "--steps", 1)  # one class of three is several too
        self.write(good)
        flipped = self.compile("flipped", "{image_folder: {path: images, resize: true, labels: labels.csv}, "
                                          "augment: {horizontal_flip: true}}",
                               "dense: {units: 4}", "mse")
        shutil.rmtree(self.folder / "run")
        self.assertIn("its boxes stay where they are when `augment` flips", self.failure(flipped))
        cropped = self.compile("cropped", "{image_folder: {path: images, resize: true, fit: crop, labels: labels.csv}}",
                               "dense: {units: 4}", "mse")
        self.assertIn("expected fit: stretch", self.failure(cropped))
        single = self.compile("single", "{image_folder: {path: images, resize: true, labels: labels.csv}}")
        self.write("file,labels\n" + f'"{name}",red\n')
        self.assertIn("an image has any number of 1 classes, but the model's target 'labels' is i32 []",
                      self.failure(single))


class Suggesting(LabelledCase):
    def start(self, *options):
        return super().start("--classes", "blue,red,green", "--suggest", program("labelled"),
                             "--weights", self.folder / "run" / "weights.safetensors", *options)

    def guesses(self, labelling):
        found = []
        while True:
            answer = json.loads(labelling.ask(f"suggestions/{len(found)}")[1])
            found += answer["guesses"]
            if answer["done"]:
                return found

    def test_guesses(self):
        self.write_boxes(self.draw(400, seed=1))
        self.train(program("labelled"))
        for path in self.images.iterdir():
            path.unlink()
        made = self.draw(80, seed=2)
        # Half of one colour, half of another, which is hard to tell; and one that can't be read.
        names = sorted(made)
        halves = bytes(COLOURS["red"]) * (WIDTH // 2) + bytes(COLOURS["blue"]) * (WIDTH // 2)
        (self.images / names[40]).write_bytes(png(WIDTH, HEIGHT, rows=[halves] * HEIGHT))
        (self.images / names[41]).write_bytes(b"\x89PNG\r\n\x1a\n and no more")
        out = self.folder / "mine.csv"
        labelling = self.start("--out", out)
        guesses = {guess["image"]: guess for guess in self.guesses(labelling)}
        self.assertEqual(sorted(guesses), [image for image in range(80) if image != 41])
        classes = ["blue", "red", "green"]
        right = sum(classes[guess["classes"][0][0]] == made[names[image]][0][0] for image, guess in guesses.items())
        self.assertGreaterEqual(right, 74)
        expected = self.predictions(program("labelled"), [names[0]])[0]["kind"]["classes"]
        for number, chance in guesses[0]["classes"]:
            self.assertEqual(chance, expected[classes[number]])
        first, second = (chance for _, chance in guesses[0]["classes"][:2])
        self.assertAlmostEqual(guesses[0]["uncertainty"], 1 - (first - second), places=6)

        browser = Browser()
        self.addCleanup(browser.__exit__)
        browser.open(labelling.address)
        browser.until(READY)
        order = sorted(guesses, key=lambda image: (-guesses[image]["uncertainty"], image))
        for place, image in enumerate(order[:3]):
            browser.until(f"document.querySelector('#name').textContent === {names[image]!r}", 10)
            self.assertEqual(browser.text("#classes .guessed .title"), classes[guesses[image]["classes"][0][0]])
            browser.key("g")
            browser.until(f"document.querySelector('#count').textContent === '{place + 1} of 80'")
        self.assertEqual(self.rows(path=out),
                         [[names[image], classes[guesses[image]["classes"][0][0]]] for image in order[:3]])

        # Boxes: the guess is drawn, taken, and saved in pixels.
        boxes = self.start("--boxes")
        browser.open(boxes.address)
        browser.until(READY)
        name = browser.run("document.querySelector('#name').textContent")
        browser.until("document.querySelectorAll('rect.guess').length === 1")
        browser.key("g")
        browser.key("Enter")
        browser.until("document.querySelector('#count').textContent === '1 of 80'")
        [row] = self.rows("boxes")
        shares = guesses[names.index(name)]
        box = self.predictions(program("labelled"), [name])[0]["box"]["values"]
        self.assertEqual(row[:2], [name, classes[shares["classes"][0][0]]])
        for text, share, size in zip(row[2:], box, (WIDTH, HEIGHT) * 2):
            self.assertAlmostEqual(float(text), share * size, delta=1)

    def test_refused(self):
        self.draw(3, seed=1)
        path = program("labelled")
        self.assertIn("--suggest ", failed := self.refused("--suggest", path))
        self.assertIn("weights", failed)
        self.assertIn("No such file or directory; expected a trained program", self.refused("--suggest", "nowhere"))
        (self.folder / "no program").write_text("text")
        self.assertIn("can't run the program", self.refused("--suggest", self.folder / "no program"))
        (self.folder / "other").write_text("#!/bin/sh\necho no JSON\n")
        (self.folder / "other").chmod(0o755)
        self.assertIn("printed no line of JSON", self.refused("--suggest", self.folder / "other"))
        (self.folder / "other").write_text("#!/bin/sh\necho 'error: it broke' >&2\nexit 1\n")
        self.assertIn("it broke", self.refused("--suggest", self.folder / "other"))
        self.write_boxes(self.draw(12, seed=2))
        self.train(path, "--steps", 1, "--weights-out", self.folder / "w.safetensors")
        weights = ("--suggest", path, "--weights", self.folder / "w.safetensors")
        self.assertIn("none of its classes (blue, green, red) is among --classes", self.refused(*weights))
        labelling = super().start("--classes", "red,pink", *weights)
        self.guesses(labelling)
        labelling.end()
        self.assertEqual(labelling.errors.count("is not among --classes; it is never suggested"), 2)


if __name__ == "__main__":
    main()
