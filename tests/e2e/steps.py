"""Layers over the steps of sequences against plain loops in double: losses and weights of a few steps of
gradient descent from equal weights."""

import json
import math
import random
import struct

from support import Arguments, Case, main, weights_of

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


def write_weights(path, weights):
    """{name: (shape, numbers)} as safetensors."""
    header, data = {}, b""
    for name, (shape, numbers) in weights.items():
        content = struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


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


if __name__ == "__main__":
    main()
