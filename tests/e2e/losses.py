"""Losses and metrics in whole programs: several outputs, two classes on one unit, metrics over
all samples."""

import csv
import json
import math
import random
import struct
import zlib

from support import Arguments, Case, HERE, main


def png(width, height, pixels):
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body +
                struct.pack(">I", zlib.crc32(kind + body)))

    rows = b"".join(b"\0" + bytes(pixels[y * width:(y + 1) * width]) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_images(folder, counts, seed):
    """Images of 6 x 6 bytes: bright at the top in class `day`, at the bottom in class `night`."""
    generator = random.Random(seed)
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = [generator.randrange(90) + (120 if (y < 3) == (name == "day") else 0)
                      for y in range(6) for _ in range(6)]
            (folder / name / f"{number:03}.png").write_bytes(png(6, 6, pixels))


def write_zeros(path, parameters):
    """A safetensors file with zeros for each of the parameters."""
    header, end = {}, 0
    for parameter in parameters:
        begin, end = end, end + 4 * math.prod(parameter["shape"])
        header[parameter["name"]] = {"dtype": "F32", "shape": parameter["shape"],
                                     "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


TWO_CLASSES = """
model: daylight
input: {shape: [6, 6, 1], scale: 1/255}
layers:
  - flatten:
  - dense: {units: UNITS, activation: ACTIVATION}
train:
  loss: LOSS
  class_weight: {1: 2}
  metrics: [accuracy, auc, precision, recall, f1_score, confusion_matrix]
  optimizer: {adam: {learning_rate: 0.05}}
  batch_size: 16
  epochs: 12
data:
  train: {image_folder: train}
  validation: {image_folder: test}
  test: {image_folder: test}
"""


class Losses(Case):
    def test_gradients_of_two_outputs(self):
        run = self.run_program([Arguments.nncc, "check-grad", HERE / "outputs.yaml"])
        self.assertIn("all 8 gradients are right", run.stdout)

    def test_two_outputs_are_predicted_by_name(self):
        path, image = self.folder / "outputs", self.folder / "a.png"
        self.run_program([Arguments.nncc, "compile", HERE / "outputs.yaml", "-o", path, "-Werror"])
        write_images(self.folder / "images", {"day": 1, "night": 1, "noon": 1}, 1)
        image.write_bytes(png(6, 6, range(36)))
        model = json.loads(self.run_program([Arguments.nncc, "compile", HERE / "outputs.yaml",
                                             "--emit=json"]).stdout)
        weights = self.folder / "zeros.safetensors"
        write_zeros(weights, [p for layer in model["layers"] for p in layer["parameters"]])
        lines = self.run_program([path, "predict", "--weights", weights, image]).stdout.splitlines()
        self.assertEqual(lines[1:], ["  place: 0 0", "  kind:"] +
                         [f"   33.33%  class {i}" for i in range(3)] + ["  trunk: 0 0 0 0 0 0 0 0"])
        # An image folder has one class a sample and no places.
        run = self.run_program([path, "train", "--data", self.folder], status=1)
        self.assertIn("the model has 3 inputs and targets", run.stderr)

    def two_classes(self, loss, units, activation=""):
        write_images(self.folder / "train", {"day": 40, "night": 24}, 1)
        write_images(self.folder / "test", {"day": 10, "night": 6}, 2)
        model, path, out = (self.folder / name for name in ("two.yaml", "two", "run"))
        model.write_text(TWO_CLASSES.replace("UNITS", str(units)).replace("LOSS", loss)
                         .replace("ACTIVATION", activation))
        self.run_program([Arguments.nncc, "compile", model, "-o", path, "-Werror"])
        output = self.run_program([path, "train", "--data", self.folder, "--out", out]).stdout
        self.assertIn("Accuracy on unseen test images: 100.00%", output)
        for name in ("Auc", "Precision", "Recall", "F1 score"):
            self.assertIn(f"{name} on unseen test images: 1.0000", output)
        self.assertRegex(output, r"day +10 +0\n")
        with open(out / "confusion_matrix.csv", newline="", encoding="utf-8") as file:
            self.assertEqual(list(csv.reader(file)),
                             [["class", "day", "night"], ["day", "10", "0"], ["night", "0", "6"]])
        records = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        steps, epochs = ([r for r in records if ("step" in r) == wanted] for wanted in (True, False))
        self.assertNotIn("auc", steps[0])
        self.assertEqual(epochs[-1]["val_auc"], 1)
        self.assertLess(epochs[-1]["loss"], epochs[0]["loss"] / 2)
        evaluated = self.run_program([path, "evaluate", "--data", self.folder, "--out", out]).stdout
        self.assertIn("Auc on unseen test images: 1.0000", evaluated)
        predicted = self.run_program([path, "predict", "--out", out,
                                      self.folder / "test" / "night" / "000.png"]).stdout
        self.assertRegex(predicted.splitlines()[1], r"^ +\d+\.\d\d%  night$")

    def test_one_unit(self):
        self.two_classes("binary_crossentropy", 1, "sigmoid")

    def test_one_score(self):
        self.two_classes("{binary_crossentropy: {from_logits: true}}", 1)

    def test_one_hot_targets(self):
        self.two_classes("categorical_crossentropy", 2, "softmax")

    def test_class_numbers(self):
        self.two_classes("{sparse_categorical_crossentropy: {from_logits: true}}", 2)


if __name__ == "__main__":
    main()
