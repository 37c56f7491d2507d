"""Layers with windows over sequences with lengths, and statistics of such: in a padded batch each sequence gives what
it gives alone, by plain loops in double."""

import json
import math
import random
import struct

from steps import write_npz
from support import Arguments, Case, main, write_weights

STEPS, FEATURES, CHANNELS = 12, 2, 3
LENGTHS = [12, 1, 7, 2, 3, 5, 8, 11, 4, 6]

# Name, layer, steps that it makes of so many.
CONVOLUTIONS = {
    "valid": ("conv1d: {filters: 2, kernel_size: 4, strides: 2", lambda n: max(1, (n - 4) // 2 + 1)),
    "dilated": ("conv1d: {filters: 2, kernel_size: 3, dilation_rate: 2", lambda n: max(1, n - 4)),
    "same": ("conv1d: {filters: 2, kernel_size: 4, padding: same", lambda n: n),
    "strided": ("conv1d: {filters: 2, kernel_size: 3, strides: 3, padding: same", lambda n: -(-n // 3)),
    "causal": ("conv1d: {filters: 2, kernel_size: 3, strides: 2, padding: causal", lambda n: -(-n // 2)),
    "wide": ("conv1d_transpose: {filters: 2, kernel_size: 4, strides: 2", lambda n: 2 * n + 2),
    "wide_same": ("conv1d_transpose: {filters: 2, kernel_size: 4, strides: 2, padding: same", lambda n: 2 * n),
}
POOLS = {
    "most": ("max_pool1d: {pool_size: 3", max),
    "most_same": ("max_pool1d: {pool_size: 3, strides: 2, padding: same", max),
    "mean": ("avg_pool1d: {pool_size: 3, strides: 2", lambda values: sum(values) / len(values)),
    "mean_same": ("avg_pool1d: {pool_size: 3, strides: 1, padding: same", lambda values: sum(values) / len(values)),
}
OTHERS = {
    "padded": "zero_padding1d: {padding: [1, 2]",
    "cropped": "cropping1d: {cropping: [1, 2]",
    "repeated": "up_sampling1d: {size: 2",
    "twice": "max_pool1d: {pool_size: 2, inputs: strided",
    "reshaped": f"reshape: {{target_shape: [{STEPS}, 1, {CHANNELS}]",
}


def windows_yaml(path):
    layers = []
    texts = {name: layer for name, (layer, _) in (CONVOLUTIONS | POOLS).items()} | OTHERS
    for name, text in texts.items():
        source = ", inputs: base" if "inputs" not in text else ""
        fixed = ", trainable: false" if name in CONVOLUTIONS else ""
        layers.append(f"  - {text}{source}{fixed}, name: {name}}}")
        shown = name
        if name == "reshaped":
            shown = "flat"
            layers.append(f"  - time_distributed: {{layer: flatten, inputs: reshaped, name: {shown}}}")
        layers += [f"  - last_step: {{inputs: {shown}, name: {name}_last}}",
                   f"  - global_avg_pool1d: {{inputs: {shown}, name: {name}_mean}}",
                   f"  - global_max_pool1d: {{inputs: {shown}, name: {name}_most}}"]
    names = [f"{name}_{what}" for name in texts for what in ("last", "mean", "most")]
    return "\n".join([
        "model: windows", f"input: {{shape: [{STEPS}, {FEATURES}], lengths: true}}", "layers:",
        f"  - dense: {{units: {CHANNELS}, activation: tanh, trainable: false, name: base}}", *layers,
        f"  - concatenate: {{inputs: [{', '.join(names)}], name: all}}", "  - dense: {units: 1, name: out}",
        "outputs: [all, out]", "train:", "  loss: {out: mean_squared_error}", "  optimizer: sgd", "  batch_size: 8",
        f"data: {{train: {{npz: {path}}}}}", ""])


def convolved(steps, kernel, bias, count, stride, dilation, before):
    """kernel[k][c][f]; beyond the sequence there are zeros."""
    return [[bias[f] + sum(kernel[k][c][f] * steps[t][c]
                           for k in range(len(kernel)) for t in [i * stride - before + k * dilation]
                           if 0 <= t < len(steps) for c in range(CHANNELS)) for f in range(len(bias))]
            for i in range(count)]


def transposed(steps, kernel, bias, count, stride, before):
    """kernel[k][f][c]"""
    result = [list(bias) for _ in range(count)]
    for i, step in enumerate(steps):
        for k, weights in enumerate(kernel):
            if 0 <= i * stride + k - before < count:
                for f, row in enumerate(weights):
                    result[i * stride + k - before][f] += sum(w * x for w, x in zip(row, step))
    return result


def pooled(steps, merge, size, stride, before, count):
    return [[merge([steps[t][c] for t in range(i * stride - before, i * stride - before + size) if 0 <= t < len(steps)])
             for c in range(len(steps[0]))] for i in range(count)]


class Windows(Case):
    def random_weights(self, numbers):
        shapes = {"base.kernel": [FEATURES, CHANNELS], "base.bias": [CHANNELS]}
        for name, (layer, _) in CONVOLUTIONS.items():
            size = int(layer.split("kernel_size: ")[1][0])
            shapes[f"{name}.kernel"] = [size, 2, CHANNELS] if "transpose" in layer else [size, CHANNELS, 2]
            shapes[f"{name}.bias"] = [2]
        width = 3 * sum(2 if name in CONVOLUTIONS or name == "twice" else CHANNELS
                        for name in CONVOLUTIONS | POOLS | OTHERS)
        shapes |= {"out.kernel": [width, 1], "out.bias": [1]}
        return {name: (shape, [numbers.uniform(-1, 1) for _ in range(math.prod(shape))])
                for name, shape in shapes.items()}

    def alone(self, steps, weights):
        """What the model's layer `all` gives for one sequence, which is as long as it is."""
        def nested(name):
            (a, b, c), flat = weights[name]
            return [[flat[(i * b + j) * c:(i * b + j + 1) * c] for j in range(b)] for i in range(a)]
        kernel, bias = weights["base.kernel"][1], weights["base.bias"][1]
        base = [[math.tanh(bias[u] + sum(step[f] * kernel[f * CHANNELS + u] for f in range(FEATURES)))
                 for u in range(CHANNELS)] for step in steps]
        n, results = len(base), {}
        # Zeros before the sequence, as for one of all STEPS.
        before = {"same": 1, "strided": 0, "causal": 2, "wide_same": 1}
        for name, (layer, steps_of) in CONVOLUTIONS.items():
            arguments = (base, nested(f"{name}.kernel"), weights[f"{name}.bias"][1], steps_of(n))
            stride = int(layer.split("strides: ")[1][0]) if "strides" in layer else 1
            results[name] = (transposed(*arguments, stride, before.get(name, 0)) if "transpose" in layer else
                             convolved(*arguments, stride, 2 if name == "dilated" else 1, before.get(name, 0)))
        results["most"] = pooled(base, max, 3, 3, 0, max(1, n // 3))
        results["most_same"] = pooled(base, max, 3, 2, 0, -(-n // 2))
        results["mean"] = pooled(base, POOLS["mean"][1], 3, 2, 0, max(1, (n - 3) // 2 + 1))
        results["mean_same"] = pooled(base, POOLS["mean_same"][1], 3, 1, 1, n)
        zeros = [0.0] * CHANNELS
        results["padded"] = [zeros, *base, zeros, zeros]
        results["cropped"] = (base[1:] or [zeros])[:max(1, n - 3)]
        results["repeated"] = [step for step in base for _ in (0, 1)]
        strided = results["strided"]
        results["twice"] = pooled(strided, max, 2, 2, 0, max(1, len(strided) // 2))
        results["reshaped"] = base
        values = []
        for name in CONVOLUTIONS | POOLS | OTHERS:
            columns = list(zip(*results[name]))
            values += [*results[name][-1], *(sum(c) / len(c) for c in columns), *map(max, columns)]
        return values

    def test_each_as_alone(self):
        numbers = random.Random(11)
        sequences = [[[numbers.uniform(-1, 1) for _ in range(FEATURES)] for _ in range(n)] for n in LENGTHS]
        zeros = [0.0] * FEATURES
        padded = [x for steps in sequences for t in range(STEPS) for x in (steps[t] if t < len(steps) else zeros)]
        write_npz(self.folder / "arrays.npz", {
            "input": ("<f4", "f", [len(LENGTHS), STEPS, FEATURES], padded),
            "input.lengths": ("<i4", "i", [len(LENGTHS)], LENGTHS),
            "out": ("<f4", "f", [len(LENGTHS), 1], [0.0] * len(LENGTHS))})
        weights = self.random_weights(numbers)
        write_weights(self.folder / "start.safetensors", weights)
        (self.folder / "windows.yaml").write_text(windows_yaml(self.folder / "arrays.npz"))
        self.run_program([Arguments.nncc, "compile", self.folder / "windows.yaml", "-Werror"])
        run = self.run_program([self.folder / "windows", "predict", "--json", "--weights-in",
                                self.folder / "start.safetensors", self.folder / "arrays.npz"])
        lines = run.stdout.splitlines()
        self.assertEqual(len(lines), len(LENGTHS))
        for line, steps in zip(lines, sequences):
            found, wanted = json.loads(line)["outputs"]["all"]["values"], self.alone(steps, weights)
            self.assertEqual(len(found), len(wanted))
            for i, (a, b) in enumerate(zip(found, wanted)):
                self.assertAlmostEqual(a, b, delta=1e-5, msg=f"{len(steps)} steps, value {i}")


STATISTICS = """
model: statistics
input: {shape: [6, 4, 2], lengths: true}
layers:
  - normalization: {name: known}
  - reshape: {inputs: input, target_shape: [6, 8], name: steps}
  - batch_normalization: {momentum: 0.25, name: whole}
  - conv1d: {filters: 2, kernel_size: 2, strides: 2, padding: same, trainable: false, name: pairs}
  - batch_normalization: {momentum: 0.25, name: strided}
  - global_avg_pool1d: {name: mean}
  - time_distributed: {inputs: known, name: each, layer: [{batch_normalization: {momentum: 0.25}}, flatten]}
  - last_step: {name: last}
  - concatenate: {inputs: [mean, last]}
  - dense: {units: 1, name: out}
train:
  loss: mean_squared_error
  optimizer: {sgd: {learning_rate: 0.01}}
  batch_size: 4
data: {train: {npz: ARRAYS}}
"""


def moments(rows):
    """Mean and biased variance of each column."""
    columns = list(zip(*rows))
    means = [sum(c) / len(c) for c in columns]
    return means, [sum((x - m) ** 2 for x in c) / len(c) for c, m in zip(columns, means)]


class Statistics(Case):
    LENGTHS = [6, 1, 3, 2, 5, 4, 1, 2, 6, 3]

    def test_of_steps_that_count(self):
        numbers = random.Random(4)
        # Far from 0, which padding is.
        clips = [[[[5 + numbers.uniform(-1, 1), numbers.uniform(-3, 1)] for _ in range(4)] for _ in range(n)]
                 for n in self.LENGTHS]
        padded = [x for clip in clips for t in range(6) for row in (clip[t] if t < len(clip) else [[0.0, 0.0]] * 4)
                  for x in row]
        count = len(clips)
        targets = [numbers.uniform(-1, 1) for _ in clips]
        write_npz(self.folder / "arrays.npz", {"input": ("<f4", "f", [count, 6, 4, 2], padded),
                                               "input.lengths": ("<i4", "i", [count], self.LENGTHS),
                                               "labels": ("<f4", "f", [count, 1], targets)})
        (self.folder / "statistics.yaml").write_text(STATISTICS.replace("ARRAYS", f"{self.folder}/arrays.npz"))
        self.run_program([Arguments.nncc, "compile", self.folder / "statistics.yaml", "-Werror"])
        _, _, after = self.train(self.folder / "statistics", "run", "--epochs", 1, "--no-shuffle")
        weights = {name: struct.unpack(f"<{len(data) // 4}f", data) for name, data in after.items()}

        known = moments([row for clip in clips for step in clip for row in step])
        kernel, bias = weights["pairs.kernel"], weights["pairs.bias"]
        moving = {"whole": ([0.0] * 8, [1.0] * 8), "strided": ([0.0] * 2, [1.0] * 2),
                  "each.batch_normalization": ([0.0] * 2, [1.0] * 2)}
        for first in (0, 4, 8):
            batch = clips[first:first + 4]
            wholes = [[x for row in step for x in row] for clip in batch for step in clip]
            rows = {"whole": moments(wholes),
                    "each.batch_normalization": moments([[(x - m) / math.sqrt(v) for x, m, v in zip(row, *known)]
                                                         for clip in batch for step in clip for row in step])}
            for name, statistics in rows.items():
                for old, new in zip(moving[name], statistics):
                    old[:] = [0.25 * a + 0.75 * b for a, b in zip(old, new)]
            if first == 0:  # later `whole` is trained
                outputs = []
                for clip in batch:
                    steps = [[(x - m) / math.sqrt(v + 1e-3)
                              for x, m, v in zip([x for row in step for x in row], *rows["whole"])] for step in clip]
                    for i in range(0, len(steps), 2):
                        outputs.append([bias[f] + sum(kernel[(k * 8 + c) * 2 + f] * steps[i + k][c] for k in (0, 1)
                                                      if i + k < len(steps) for c in range(8)) for f in (0, 1)])
                once = moments(outputs)
        for name, wanted in moving.items():
            if name != "strided":
                self.close(weights[f"{name}.moving_mean"], wanted[0], name)
                self.close(weights[f"{name}.moving_variance"], wanted[1], name)
        self.close(weights["known.mean"], known[0], "known")
        self.close(weights["known.variance"], known[1], "known")
        _, _, after = self.train(self.folder / "statistics", "once", "--steps", 1, "--no-shuffle")
        for weight, number, old in (("mean", 0, 0.0), ("variance", 1, 1.0)):
            data = after[f"strided.moving_{weight}"]
            self.close(struct.unpack("<2f", data), [0.25 * old + 0.75 * x for x in once[number]], "strided")

    def close(self, found, wanted, name):
        self.assertEqual(len(found), len(wanted), name)
        for a, b in zip(found, wanted):
            self.assertAlmostEqual(a, b, delta=2e-5 * max(1, abs(b)), msg=name)


if __name__ == "__main__":
    main()
