"""What `nncc bench` measures with, without the frameworks: the trainers read the data that
benchmarks/workload.py writes, and of tables the batches that the peers would get, from the same
weights. (That the peers compute the same losses, bench.py checks whenever it runs.)"""

import json
import math
import pathlib
import sys

import support
from support import Arguments, Case, main, steps_of

sys.path.insert(0, str(support.ROOT / "benchmarks"))

import workload
from builders import tensors
from builders.description import Description

MODELS = support.ROOT / "models"


def outputs_of(layer, weights, x):
    """Of one sample; what the tables' models consist of."""
    get = lambda suffix: weights[layer.weight(suffix)][1]
    if layer.kind == "normalization":
        deviations = [math.sqrt(variance) for variance in get("variance")]
        if layer.options({"invert": False})["invert"]:
            return [v * d + m for v, d, m in zip(x, deviations, get("mean"))]
        return [(v - m) / d for v, d, m in zip(x, deviations, get("mean"))]
    assert layer.kind == "dense" and layer.activation in ("linear", "relu"), layer.name
    kernel, bias = get("kernel"), get("bias")
    sums = [math.fsum(v * k for v, k in zip(x, kernel[i::len(bias)])) + b for i, b in enumerate(bias)]
    return [max(0, value) for value in sums] if layer.activation == "relu" else sums


def first_loss(description, folder):
    """Mean squared error of the first batch, of the files that the peers read."""
    weights, batches = (tensors.read(folder / f"{name}.safetensors") for name in ("weights", "batches"))
    samples, targets = (batches[name][1] for name in description.columns)
    width, total = description.inputs[0]["shape"][0], 0
    for i in range(description.batch_size):
        x = samples[i * width:(i + 1) * width]
        for layer in description.layers:
            x = outputs_of(layer, weights, x)
        total += (x[0] - targets[i]) ** 2
    return total / description.batch_size


class Bench(Case):
    def train(self, name):
        """(description, folder, losses of the steps that bench.py compares) of a model of models/."""
        path, folder = MODELS / f"{name}.yaml", self.folder / name
        folder.mkdir()
        self.run_program([Arguments.nncc, "compile", path, "--emit=json", "-o", folder / "json"])
        self.run_program([Arguments.nncc, "compile", path, "-o", folder / "trainer"])
        description = Description.load(folder / "json")
        epoch = workload.write(folder, description, folder / "trainer")
        self.assertGreaterEqual(epoch["batches"], workload.CHECKED_STEPS)
        self.run_program([folder / "trainer", "train", "--data", folder / "data", "--weights-in",
                          folder / "weights.safetensors", "--steps", workload.CHECKED_STEPS, "--log", folder / "log", "--out", folder / "run"])
        losses = [step["loss"] for step in steps_of(folder / "log")]
        self.assertEqual(len(losses), workload.CHECKED_STEPS)
        return description, folder, losses

    def test_tables(self):
        for name in ("crow_count", "house_prices"):
            with self.subTest(model=name):
                description, folder, losses = self.train(name)
                wanted = first_loss(description, folder)
                self.assertAlmostEqual(losses[0], wanted, delta=1e-5 * wanted)

    def test_idx_files(self):
        self.train("mnist")

    def test_classes_of_an_image_folder_with_a_limit(self):
        description, folder, _ = self.train("transfer")
        (reader,) = [part for part in description.data.values() if part.get("limit_per_class")]
        for name in reader["classes"]:
            found = len(list((folder / "data" / reader["path"] / name).iterdir()))
            self.assertLessEqual(found, reader["limit_per_class"])

    def test_whole_run(self):
        self.run_program([Arguments.nncc, "bench", MODELS / "crow_count.yaml", "--against", "",
                          "--rounds", 1, "--results", "results.json"])
        (row,) = json.loads(pathlib.Path(self.folder / "results.json").read_text())["rows"]
        self.assertEqual(row["name"], "nncc")
        self.assertGreater(row["train_us"], 0)

    def test_real_data_of_two_lengths(self):
        """What peers get are the trainer's own batches: full ones of an epoch, shuffled and cut to length."""
        rows = [(label, [label + step / 10 for step in range(3 + label % 4)]) for label in range(20)]
        (self.folder / "rows.csv").write_text("".join(
            f"{label % 2},{len(steps)},{','.join(map(str, steps))}\n" for label, steps in rows))
        (self.folder / "model.yaml").write_text("""
model: sequences
input: {shape: [8, 1], lengths: true}
layers:
  - lstm: {units: 3}
  - dense: {units: 2, activation: softmax}
train: {loss: sparse_categorical_crossentropy, optimizer: adam, batch_size: 3, epochs: 1, metrics: [accuracy]}
data:
  train: {sequence_csv: {path: rows.csv, columns: [label], label: label, features: 1}}
""")
        result = self.folder / "results.json"
        self.run_program([Arguments.nncc, "bench", "model.yaml", "--against", "", "--rounds", 1, "--data", self.folder,
                          "--results", result])
        self.assertEqual(json.loads(result.read_text())["batch"], 3)
        trainer, file = self.folder / "sequences", self.folder / "batches.safetensors"
        self.run_program([Arguments.nncc, "compile", "model.yaml", "-o", trainer])
        found = json.loads(self.run_program([trainer, "batches", "--data", self.folder, "--batches", 100, "--to",
                                             file]).stdout)
        self.assertEqual(found, {"batches": 6, "batches_per_epoch": 7, "samples_per_epoch": 20})
        batches = tensors.read(file)
        self.assertEqual({name: shape for name, (shape, _) in batches.items()},
                         {"input": [18, 8, 1], "input.lengths": [18], "labels": [18]})
        values, lengths, labels = (batches[name][1] for name in ("input", "input.lengths", "labels"))
        seen = []
        for sample, length in enumerate(lengths):
            steps = [round(value, 3) for value in values[8 * sample:8 * sample + 8]]
            self.assertEqual(steps[length:], [0] * (8 - length))
            seen.append((labels[sample], steps[:length]))
        wanted = [(label % 2, [round(step, 3) for step in steps]) for label, steps in rows]
        self.assertNotEqual(seen, wanted[:18])
        for sample in seen:
            self.assertIn(sample, wanted)
            wanted.remove(sample)

    def test_a_data_set_that_needs_real_files(self):
        run = self.run_program([Arguments.nncc, "bench", MODELS / "siamese.yaml", "--against", ""], status=1)
        self.assertIn("--data DIR", run.stderr)

    def test_a_model_without_training(self):
        run = self.run_program([Arguments.nncc, "bench", MODELS / "edge_features.yaml", "--against", ""])
        self.assertEqual(run.stdout, "bench: 'edge_features' is not trained: there is no step to compare\n")


if __name__ == "__main__":
    main()
