"""Samples that lack some of their targets: what is trained, logged and evaluated of the others, against plain loops."""

import json
import math
import random
import struct

from support import Arguments, Case, HERE, main, weights_of, write_weights

HEADER = "kind,box.x,box.y,box.width,box.height,speed"
INPUTS = [[1, 0, 0.5], [0, 1, -1], [0.5, 2, 1], [-1, 1, 0], [2, 0, 1], [0, 0.5, 0]]
# The fourth has a box alone, the second batch of four nothing but its kind.
TARGETS = [(1, [0.1, 0.2, 0.5, 0.4], 2.0), (0, None, None), (1, [0.3, 0, 0.25, 0.5], 0.5),
           (0, [0.5, 0.5, 0.1, 0.1], None), (1, None, None), (0, None, None)]


def npy(rows):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}\n".encode()
    data = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def table(targets):
    lines = [HEADER]
    for kind, box, speed in targets:
        cells = [kind, *(box or [""] * 4), "" if speed is None else speed]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def sign(value):
    return (value > 0) - (value < 0)


class Linear:
    """The model, in plain loops."""

    def __init__(self, weights):
        self.weights = weights

    def of(self, name, x):
        (rows, units), kernel = self.weights[f"{name}.kernel"]
        bias = self.weights[f"{name}.bias"][1]
        return [sum(x[i] * kernel[i * units + u] for i in range(rows)) + bias[u] for u in range(units)]

    def step(self, samples, rate):
        """The mean of each loss over the samples that have the target (None without any), before the update."""
        slopes, losses = {}, {}
        for name, place in (("kind", 0), ("box", 1), ("speed", 2)):
            present = [(x, t[place]) for x, t in samples if t[place] is not None]
            weight = 2 if name == "box" else 1
            terms = []
            for x, target in present:
                output, target = self.of(name, x), target if name == "box" else [target]
                if name == "kind":
                    p = 1 / (1 + math.exp(-output[0]))
                    terms.append(-math.log(p if target[0] else 1 - p))
                    diffs = [p - target[0]]
                elif name == "box":
                    terms.append(sum((o - t) ** 2 for o, t in zip(output, target)) / 4)
                    diffs = [2 * (o - t) / 4 for o, t in zip(output, target)]
                else:
                    terms.append(abs(output[0] - target[0]))
                    diffs = [sign(output[0] - target[0])]
                for u, diff in enumerate(diffs):
                    share = weight * diff / len(present)
                    for i, value in enumerate(x):
                        key = (f"{name}.kernel", i * len(diffs) + u)
                        slopes[key] = slopes.get(key, 0) + share * value
                    key = (f"{name}.bias", u)
                    slopes[key] = slopes.get(key, 0) + share
            losses[name] = sum(terms) / len(terms) if terms else None
        for (name, place), slope in slopes.items():
            self.weights[name][1][place] -= rate * slope
        return losses


def overlap(a, b):
    shared = 1
    for side in (0, 1):
        shared *= max(0, min(a[side] + a[side + 2], b[side] + b[side + 2]) - max(a[side], b[side]))
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


class Missing(Case):
    def setUp(self):
        super().setUp()
        self.program = self.folder / "missing"
        (self.folder / "x.npy").write_bytes(npy(INPUTS))
        (self.folder / "x.csv").write_text(table(TARGETS))

    def compile(self):
        self.run_program([Arguments.nncc, "compile", HERE / "missing.yaml", "-o", self.program, "-Werror"])

    def start(self):
        generator = random.Random(3)
        weights = {}
        for name, units in (("kind", 1), ("box", 4), ("speed", 1)):
            weights[f"{name}.kernel"] = ([3, units], [round(generator.uniform(-0.1, 0.1), 3) for _ in range(3 * units)])
            weights[f"{name}.bias"] = ([units], [0.3] * units)  # boxes with something in them
        write_weights(self.folder / "start.safetensors", weights)
        return weights

    def train(self, out, *options):
        return self.run_program([self.program, "train", "--data", self.folder, "--out", self.folder / out,
                                 "--no-shuffle", "--weights-in", self.folder / "start.safetensors", *options])

    def refused(self):
        """What a training says that ends with an error."""
        return self.run_program([self.program, "train", "--data", self.folder, "--out", self.folder / "bad"], 1).stderr

    def test_steps_are_those_of_plain_loops(self):
        self.compile()
        linear = Linear(self.start())
        samples = list(zip(INPUTS, TARGETS))
        expected = [linear.step(samples[:4], 0.1), linear.step(samples[4:], 0.1)]
        self.train("run")
        trained = weights_of(self.folder / "run" / "weights.safetensors")
        for name, (_, numbers) in linear.weights.items():
            for own, wanted in zip(struct.unpack(f"<{len(numbers)}f", trained[name]), numbers):
                self.assertAlmostEqual(own, wanted, places=6)
        records = [json.loads(line) for line in (self.folder / "run" / "log.jsonl").read_text().splitlines()]
        for record, losses in zip([r for r in records if "step" in r], expected, strict=True):
            for name, loss in losses.items():
                if loss is None:
                    self.assertIsNone(record[f"{name}_loss"])
                else:
                    self.assertAlmostEqual(record[f"{name}_loss"], loss, places=5)
            # A loss that is a metric too has both places.
            self.assertEqual(record["speed_mean_absolute_error"], record["speed_loss"])
            total = sum((2 if name == "box" else 1) * (loss or 0) for name, loss in losses.items())
            self.assertAlmostEqual(record["loss"], total, places=5)
        epoch = [r for r in records if "step" not in r][0]
        self.assertAlmostEqual(epoch["box_loss"], expected[0]["box"], places=5)
        self.assertAlmostEqual(epoch["kind_loss"], (4 * expected[0]["kind"] + 2 * expected[1]["kind"]) / 6, places=5)

        # What it says of the test is what follows from its predictions.
        out = ["--out", self.folder / "run"]
        lines = self.run_program([self.program, "predict", *out, "--json", self.folder / "x.npy"]).stdout.splitlines()
        predicted = [json.loads(line)["outputs"] for line in lines]
        boxes = [(p["box"]["values"], t[1]) for p, t in zip(predicted, TARGETS, strict=True) if t[1]]
        speeds = sorted(abs(p["speed"]["values"][0] - t[2]) / t[2] for p, t in zip(predicted, TARGETS) if t[2])
        output = self.run_program([self.program, "evaluate", "--data", self.folder, *out]).stdout
        iou = sum(overlap(a, b) for a, b in boxes) / 3
        self.assertGreater(iou, 0.01)
        self.assertIn(f"Box iou on unseen test samples: {iou:.4f}", output)
        self.assertIn(f"Speed median relative error on unseen test samples: {50 * sum(speeds):.2f}%", output)
        mae = sum(abs(o - t) for a, b in boxes for o, t in zip(a, b)) / 12
        self.assertIn(f"Box mean absolute error on unseen test samples: {mae:.4f}", output)

    def test_same_bits_on_any_threads_and_after_a_resume(self):
        self.compile()
        self.start()
        wanted = None
        for threads in (1, 2, 3):
            self.train(f"run{threads}", "--threads", threads, "--epochs", 5)
            weights = weights_of(self.folder / f"run{threads}" / "weights.safetensors")
            wanted = wanted or weights
            self.assertEqual(weights, wanted)
        # The sums of an epoch under way, and how many samples they are of, go on too.
        self.train("part", "--epochs", 5, "--steps", 5)
        self.run_program([self.program, "train", "--data", self.folder, "--out", self.folder / "part", "--resume",
                          self.folder / "part", "--epochs", 5])
        self.assertEqual(weights_of(self.folder / "part" / "weights.safetensors"), wanted)
        last = [[json.loads(line) for line in (self.folder / run / "log.jsonl").read_text().splitlines()][-1]
                for run in ("run1", "part")]
        for name in ("loss", "box_loss", "speed_mean_absolute_error"):
            self.assertEqual(last[0][name], last[1][name])

    def test_gradients(self):
        run = self.run_program([Arguments.nncc, "check-grad", HERE / "missing.yaml", "-Werror"])
        self.assertIn("all 6 gradients are right", run.stdout)

    def test_a_bad_table_ends_with_its_line(self):
        self.compile()
        good = (self.folder / "x.csv").read_text().splitlines()
        for line, row, message in (
                (3, "0,0.1,,,,", "column 'box.y' is empty; expected all of the 4 columns of 'box' to be filled, or "
                                 "none"),
                (2, ",,,,,", "column 'kind' is empty; expected a number, or 'kind' among missing_targets"),
                (4, "1,,,,,fast", "column 'speed' is 'fast'; expected a number for the model's target 'speed'")):
            rows = list(good)
            rows[line - 1] = row
            (self.folder / "x.csv").write_text("\n".join(rows) + "\n")
            self.assertIn(f"x.csv:{line}: {message}", self.refused())
        (self.folder / "x.csv").write_text("\n".join(good).replace("box.y", "y") + "\n")
        self.assertIn("the model's target 'box' is [4], but 3 columns are called 'box.' and on; expected 4",
                      self.refused())
        (self.folder / "x.csv").write_text(table([(1, [0, 0, 1, 1], None)] * 6))
        self.assertIn("no row has the model's target 'speed'", self.refused())


if __name__ == "__main__":
    main()
