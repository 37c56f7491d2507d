"""Layers over the steps of sequences against plain loops in double: losses and weights of a few steps of
gradient descent from equal weights."""

import math
import random
import struct
import zipfile

from support import Arguments, Case, main, weights_of, write_weights

DENSE = """
model: dense
input: {shape: [6]}
layers:
  - reshape: {target_shape: [3, 2]}
  - dense: {units: 4, activation: tanh, name: steps}
  - flatten:
  - dense: {units: 1, name: last}
train:
  loss: mean_squared_error
  optimizer: {sgd: {learning_rate: 0.05}}
  batch_size: 4
data: {train: {csv: {path: ROWS, header: false, target: 6}}}
"""


class Dense(Case):
    STEPS, FEATURES, UNITS, RATE = 3, 2, 4, 0.05

    def epoch(self, rows, weights):
        """One step over all rows: its loss; `weights` are updated."""
        kernel, bias, last, offset = (weights[name][1] for name in
                                      ("steps.kernel", "steps.bias", "last.kernel", "last.bias"))
        gradients = {name: [0.0] * len(numbers) for name, (_, numbers) in weights.items()}
        loss = 0
        for row in rows:
            hidden = [math.tanh(bias[u] + sum(row[t * self.FEATURES + f] * kernel[f * self.UNITS + u]
                                              for f in range(self.FEATURES)))
                      for t in range(self.STEPS) for u in range(self.UNITS)]
            error = offset[0] + sum(h * w for h, w in zip(hidden, last)) - row[-1]
            loss += error * error / len(rows)
            seed = 2 * error / len(rows)
            gradients["last.bias"][0] += seed
            for i, h in enumerate(hidden):
                gradients["last.kernel"][i] += seed * h
                t, u = divmod(i, self.UNITS)
                inner = seed * last[i] * (1 - h * h)
                gradients["steps.bias"][u] += inner
                for f in range(self.FEATURES):
                    gradients["steps.kernel"][f * self.UNITS + u] += inner * row[t * self.FEATURES + f]
        for name, (_, numbers) in weights.items():
            for i, gradient in enumerate(gradients[name]):
                numbers[i] -= self.RATE * gradient
        return loss

    def test_dense(self):
        numbers = random.Random(5)
        rows = [[round(numbers.uniform(-1, 1), 3) for _ in range(7)] for _ in range(4)]
        (self.folder / "rows.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
        shapes = {"steps.kernel": [2, 4], "steps.bias": [4], "last.kernel": [12, 1], "last.bias": [1]}
        weights = {name: (shape, [numbers.uniform(-0.7, 0.7) for _ in range(math.prod(shape))])
                   for name, shape in shapes.items()}
        write_weights(self.folder / "start.safetensors", weights)
        (self.folder / "dense.yaml").write_text(DENSE.replace("ROWS", f"{self.folder}/rows.csv"))
        self.run_program([Arguments.nncc, "compile", self.folder / "dense.yaml", "-o", self.folder / "dense",
                          "-Werror"])
        _, steps, after = self.train(self.folder / "dense", "run", "--weights-in",
                                     self.folder / "start.safetensors", "--epochs", 12)
        losses = [self.epoch(rows, weights) for _ in range(12)]
        self.assertLess(losses[-1], 0.5 * losses[0], "the reference does not learn")
        for step, loss in zip(steps, losses, strict=True):
            self.assertAlmostEqual(step["loss"], loss, delta=1e-5 * losses[0])
        for name, (_, wanted) in weights.items():
            found = struct.unpack(f"<{len(wanted)}f", after[name])
            for a, b in zip(found, wanted, strict=True):
                self.assertAlmostEqual(a, b, delta=1e-5, msg=name)


LENGTHS = """
model: lengths
inputs:
  steps: {shape: [5, 2], lengths: true}
  whole: {shape: [3]}
layers:
  - last_step: {inputs: steps, name: last}
  - global_avg_pool1d: {inputs: steps, name: mean}
  - global_max_pool1d: {inputs: steps, name: most}
  - concatenate: {inputs: [last, mean, most, whole]}
  - dense: {units: 1, name: out}
train:
  loss: mean_squared_error
  optimizer: {sgd: {learning_rate: 0.05}}
  batch_size: 4
data: {train: {npz: ARRAYS}}
"""


def write_npz(path, arrays):
    """{name: (NumPy's type, struct's letter, shape, numbers)}"""
    with zipfile.ZipFile(path, "w") as file:
        for name, (kind, letter, shape, numbers) in arrays.items():
            header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}\n".encode()
            file.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
                          struct.pack(f"<{len(numbers)}{letter}", *numbers))


class Lengths(Case):
    SAMPLES, STEPS, FEATURES, RATE = 10, 5, 2, 0.05

    def arrays(self, lengths):
        numbers = random.Random(3)
        draw = lambda count: [numbers.uniform(-1, 1) for _ in range(count)]
        steps = draw(self.SAMPLES * self.STEPS * self.FEATURES)
        for n, length in enumerate(lengths):  # steps behind the end are zeros
            for i in range(length * self.FEATURES, self.STEPS * self.FEATURES):
                steps[n * self.STEPS * self.FEATURES + i] = 0.0
        return {"steps": ("<f4", "f", [self.SAMPLES, self.STEPS, self.FEATURES], steps),
                "steps.lengths": ("<i4", "i", [self.SAMPLES], lengths),
                "whole": ("<f4", "f", [self.SAMPLES, 3], draw(self.SAMPLES * 3)),
                "labels": ("<f4", "f", [self.SAMPLES, 1], draw(self.SAMPLES))}

    def features(self, arrays, n):
        """What the model's last layer sees of a sample."""
        size, length = self.STEPS * self.FEATURES, arrays["steps.lengths"][3][n]
        values = arrays["steps"][3][n * size:(n + 1) * size]
        steps = [values[t * self.FEATURES:(t + 1) * self.FEATURES] for t in range(length)]
        columns = list(zip(*steps))
        return [*steps[-1], *(sum(c) / length for c in columns), *map(max, columns), *arrays["whole"][3][n * 3:n * 3 + 3]]

    def compiled(self, lengths):
        arrays = self.arrays(lengths)
        write_npz(self.folder / "arrays.npz", arrays)
        (self.folder / "lengths.yaml").write_text(LENGTHS.replace("ARRAYS", f"{self.folder}/arrays.npz"))
        self.run_program([Arguments.nncc, "compile", self.folder / "lengths.yaml", "-o", self.folder / "lengths",
                          "-Werror"])
        return arrays

    def test_lengths(self):
        """Two inputs and what comes of the steps that count, one of one step and one of all."""
        arrays = self.compiled([3, 1, 5, 2, 4, 5, 1, 3, 2, 4])
        weights, bias = [0.1 * (i - 4) for i in range(9)], [0.2]
        write_weights(self.folder / "start.safetensors", {"out.kernel": ([9, 1], weights), "out.bias": ([1], bias)})
        _, steps, after = self.train(self.folder / "lengths", "run", "--weights-in", self.folder / "start.safetensors",
                                     "--epochs", 3, "--no-shuffle")
        losses = []
        for first in (0, 4, 8) * 3:
            batch = range(first, min(first + 4, self.SAMPLES))
            errors = [bias[0] + sum(w * x for w, x in zip(weights, self.features(arrays, n))) - arrays["labels"][3][n]
                      for n in batch]
            losses.append(sum(e * e for e in errors) / len(batch))
            seeds = [2 * e / len(batch) for e in errors]
            for i in range(9):
                weights[i] -= self.RATE * sum(s * self.features(arrays, n)[i] for s, n in zip(seeds, batch))
            bias[0] -= self.RATE * sum(seeds)
        self.assertEqual(len(steps), len(losses))
        for step, loss in zip(steps, losses):
            self.assertAlmostEqual(step["loss"], loss, delta=1e-5 * max(losses))
        for a, b in zip(struct.unpack("<9f", after["out.kernel"]), weights, strict=True):
            self.assertAlmostEqual(a, b, delta=1e-5)

    def test_bad_length(self):
        for length in (0, 6):
            self.compiled([3, 1, 5, length, 4, 5, 1, 3, 2, 4])
            run = self.run_program(self.train_command(self.folder / "lengths", "run"), status=1)
            self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
            self.assertRegex(run.stderr, rf"arrays\.npz.*{length}")


if __name__ == "__main__":
    main()
