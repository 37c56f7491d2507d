"""Networks applied more than once, losses of pairs and of whole batches, and classes that training never
saw: gradients, equal bits, and the commands enroll and forget."""

import random
import re
import struct

from support import Arguments, Case, main, weights_of

SIAMESE = """
model: siamese
input: {shape: [72]}
networks:
  leg:
    layers:
      - conv2d: {filters: 5, kernel_size: 3, activation: tanh, inputs: input}
      - flatten:
      - dense: {units: 7, activation: tanh}
      - unit_normalization:
layers:
  - reshape: {target_shape: [2, 36], name: both}
  - cropping1d: {cropping: [0, 1]}
  - reshape: {target_shape: [6, 6, 1], name: left}
  - cropping1d: {cropping: [1, 0], inputs: both}
  - reshape: {target_shape: [6, 6, 1], name: right}
  - leg: {inputs: left, name: a}
  - leg: {inputs: right, name: b}
  - distance: {inputs: [a, b], metric: METRIC}
train: {loss: LOSS, optimizer: {sgd: {learning_rate: 0.1}}, batch_size: 12, epochs: 2, metrics: [pair_accuracy]}
data:
  train: {csv: {path: pairs.csv, header: false, target: 72}}
  test: {csv: {path: pairs.csv, header: false, target: 72}}
"""

PICTURES = """
model: pictures
inputs:
  left: {shape: [12, 12, 1], scale: 1/255}
  right: {shape: [12, 12, 1], scale: 1/255}
networks:
  leg:
    layers:
      - conv2d: {filters: 6, kernel_size: 3, activation: tanh}
      - max_pool2d:
      - flatten:
      - dense: {units: 6}
layers:
  - leg: {inputs: left, name: a}
  - leg: {inputs: right, name: b}
  - distance: {inputs: [a, b]}
train: {loss: contrastive, optimizer: {adam: {learning_rate: 0.01}}, batch_size: 20, epochs: 6, metrics: [pair_accuracy]}
data:
  train: {pairs: {of: {image_folder: train}, count: 200}}
  test: {pairs: {of: {image_folder: test}, evaluation_count: 100}}
"""

TRIPLETS = """
model: triplets
input: {shape: [12, 12, 1], scale: 1/255}
layers:
  - conv2d: {filters: 6, kernel_size: 3, activation: tanh}
  - max_pool2d:
  - flatten:
  - dense: {units: 6}
  - unit_normalization:
train:
  loss: {triplet: {margin: 0.3, mining: MINING, distance: DISTANCE}}
  optimizer: adam
  batch_size: 20
  epochs: 4
  lanes: 4
  metrics: [{one_shot_accuracy: {ways: 3, episodes: 100}}, {raw_one_shot_accuracy: {ways: 3, episodes: 100}}]
data:
  train: {image_folder: train}
  test: {image_folder: test}
"""


def picture(kind, number):
    """12 x 12 grey: a bar whose place and direction is the kind, with noise."""
    dice = random.Random(f"{kind}/{number}")
    pixels = [dice.randrange(60) for _ in range(144)]
    for step in range(12):
        at = kind % 6 * 2
        for wide in (0, 1):
            place = step * 12 + at + wide if kind < 6 else (at + wide) * 12 + step
            pixels[place] = 190 + dice.randrange(60)
    return b"P5 12 12 255\n" + bytes(pixels)


class Metric(Case):
    def make(self, name, text, **words):
        for word, value in words.items():
            text = text.replace(word, value)
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return path

    def pictures(self):
        for part, kinds in (("train", (0, 2, 4, 7, 9)), ("test", (1, 3, 6, 8))):
            for kind in kinds:
                folder = self.folder / part / f"kind{kind}"
                folder.mkdir(parents=True, exist_ok=True)
                for number in range(7):
                    (folder / f"{number}.pgm").write_bytes(picture(kind, number))

    def compile(self, model):
        program = self.folder / model.stem
        self.run_program([Arguments.nncc, "compile", model, "-o", program, "-Werror"])
        return program

    def test_gradients_of_shared_weights(self):
        for metric, loss in (("euclidean", "{contrastive: {margin: 1.3}}"), ("manhattan", "contrastive"),
                             ("cosine", "{cosine_embedding: {margin: 0.1}}")):
            model = self.make("siamese", SIAMESE, METRIC=metric, LOSS=loss)
            run = self.run_program([Arguments.nncc, "check-grad", model, "-Werror", "--elements", 12])
            self.assertIn("all 4 gradients are right", run.stdout)

    def test_gradients_of_triplets(self):
        self.pictures()
        for mining in ("all", "hard", "semi_hard"):
            # A margin that the first weights violate.
            model = self.make("triplets", TRIPLETS.replace("0.3", "1.7"), MINING=mining, DISTANCE="squared" if mining == "hard" else "euclidean")
            run = self.run_program([Arguments.nncc, "check-grad", model, "-Werror", "--elements", 12, "--data", self.folder])
            self.assertIn("all 4 gradients are right", run.stdout)

    def test_pairs(self):
        """Equal bits on any number of threads; pairs are told apart at a limit that is said."""
        dice = random.Random(3)
        with (self.folder / "pairs.csv").open("w") as rows:
            for number in range(100):
                pattern = [dice.random() for _ in range(36)]
                other = pattern if number % 2 else [dice.random() for _ in range(36)]
                noisy = [value + dice.random() / 5 for value in other]
                rows.write(",".join(map(str, pattern + noisy + [number % 2])) + "\n")
        program = self.compile(self.make("siamese", SIAMESE, METRIC="euclidean", LOSS="contrastive"))
        outputs = set()
        for threads in (1, 2, 3):
            out = self.folder / f"run{threads}"
            said = self.run_program([program, "train", "--data", self.folder, "--out", out, "--threads", threads]).stdout
            self.assertRegex(said, r"Largest distance of a pair of one class, for pair_accuracy: [\d.]+, found on training")
            self.assertRegex(said, r"Pair accuracy on unseen test samples: [\d.]+%")
            outputs.add(tuple(sorted(weights_of(out / "weights.safetensors").items())))
        self.assertEqual(len(outputs), 1)
        self.assertEqual({name for name, _ in outputs.pop()},
                         {"leg.conv2d.kernel", "leg.conv2d.bias", "leg.dense.kernel", "leg.dense.bias"})
        summary = self.run_program([program, "summary"]).stdout
        self.assertIn("617", summary)  # 50 + 567 weights, once

    def test_triplets_and_new_classes(self):
        self.pictures()
        for mining in ("all", "hard", "semi_hard"):
            program = self.compile(self.make("triplets", TRIPLETS, MINING=mining, DISTANCE="euclidean"))
            outputs = set()
            for threads in (1, 2, 3):
                out = self.folder / f"{mining}{threads}"
                said = self.run_program([program, "train", "--data", self.folder, "--out", out, "--threads", threads]).stdout
                self.assertRegex(said, r"One shot accuracy on unseen test images: [\d.]+%")
                outputs.add(tuple(sorted(weights_of(out / "weights.safetensors").items())))
            self.assertEqual(len(outputs), 1, mining)
        out = self.folder / "semi_hard1"
        use = lambda *words, **more: self.run_program([program, *words, "--out", out], **more)
        said = use("evaluate", "--data", self.folder).stdout
        self.assertRegex(said, r"Unknown beyond a distance of [\d.]+: kept in ")
        image = lambda kind, number: self.folder / "test" / f"kind{kind}" / f"{number}.pgm"
        said = use("enroll", "three", image(3, 0), image(3, 1)).stdout
        self.assertIn("Enrolled 2 examples of 'three'", said)
        self.assertIn("eight (1 example), three (2 examples)", use("enroll", "eight", image(8, 0)).stdout)
        said = use("predict", image(3, 5), image(8, 4)).stdout.splitlines()
        self.assertRegex(said[1], r"^ +[\d.]+  three$|unknown .*three")
        self.assertRegex(said[3], r"^ +[\d.]+  eight$|unknown .*eight")
        said = use("predict", image(3, 0)).stdout.splitlines()
        self.assertRegex(said[1], r"^ +0.0000  three$")
        self.assertIn("no class 'nine' is enrolled", use("forget", "nine", status=1).stderr)
        self.assertIn("Forgot 2 examples of 'three'", use("forget", "three").stdout)
        self.assertRegex(use("predict", image(3, 0)).stdout, "eight")
        # References of other weights, and a damaged file, are refused by name.
        references = out / "references.safetensors"
        other = self.run_program([program, "predict", image(3, 0), "--references", references,
                                  "--out", self.folder / "semi_hard1", "--weights",
                                  self.folder / "semi_hard1" / "weights.safetensors"]).stdout
        self.assertIn("eight", other)
        content = bytearray((out / "weights.safetensors").read_bytes())
        content[-1] ^= 1
        (self.folder / "other.safetensors").write_bytes(content)
        refused = use("predict", image(3, 0), "--weights", self.folder / "other.safetensors", "--references", references,
                      status=1).stderr
        self.assertIn("references that other weights made", refused)
        content = bytearray(references.read_bytes())
        content[-3] ^= 16
        references.write_bytes(content)
        refused = use("predict", image(3, 0), status=1).stderr
        self.assertIn(f"'{references}' is damaged", refused)

    def test_pairs_of_files_and_new_classes(self):
        """A model of pairs compares two files, and names one by the nearest of enrolled classes, by its distance."""
        self.pictures()
        program = self.compile(self.make("pictures", PICTURES))
        out = self.folder / "run"
        self.run_program([program, "train", "--data", self.folder, "--out", out])
        use = lambda *words, **more: self.run_program([program, *words, "--out", out], **more)
        image = lambda kind, number: self.folder / "test" / f"kind{kind}" / f"{number}.pgm"
        run = use("predict", image(3, 0), image(3, 1))
        self.assertRegex(run.stdout, r"^.*kind3/0.pgm, .*kind3/1.pgm\n +[\d.]+  apart\n$")
        self.assertIn("note: no distance is known up to which", run.stderr)
        said = use("evaluate", "--data", self.folder).stdout
        limit = float(re.search(r"The same up to a distance of ([\d.]+): kept in ", said)[1])
        words = use("predict", *(picture for kind in (1, 3, 6, 8) for picture in
                                 (image(kind, 0), image(kind, 1), image(kind, 2), image(8 if kind < 8 else 1, 3)))).stdout
        answers = re.findall(r"^ +([\d.]+)  (same|different)$", words, re.MULTILINE)
        self.assertEqual(len(answers), 8)
        for distance, answer in answers:
            self.assertEqual(answer == "same", float(distance) <= limit)
        self.assertGreaterEqual(sum(answer == wanted for (_, answer), wanted in zip(answers, ["same", "different"] * 4)), 6)
        self.assertIn("compares two files at a time, but 1 is named", use("predict", image(3, 0), status=1).stderr)
        self.assertIn("Enrolled 2 examples of 'three'", use("enroll", "three", image(3, 0), image(3, 1)).stdout)
        use("enroll", "eight", image(8, 0))
        said = use("predict", image(3, 0), image(8, 4)).stdout.splitlines()
        self.assertRegex(said[1], r"^ +0.0000  three$")
        self.assertRegex(said[3], r"^ +[\d.]+  eight$|unknown .*eight")
        # The distance to the nearest example is what the model says of the two files.
        nearest = float(re.search(r"([\d.]+)  eight|at ([\d.]+)", said[3]).group(0).split()[-1 if "at" in said[3] else 0])
        for name in ("three", "eight"):
            use("forget", name)
        told = use("predict", image(8, 4), image(8, 0)).stdout
        self.assertAlmostEqual(nearest, float(re.search(r"^ +([\d.]+) ", told, re.MULTILINE)[1]), delta=1e-4)

    def test_other_models_enroll_nothing(self):
        program = self.compile(self.make("siamese", SIAMESE, METRIC="euclidean", LOSS="contrastive"))
        self.assertIn("--help", self.run_program([program, "enroll", "a", "b.pgm"], status=2).stderr)


if __name__ == "__main__":
    main()
