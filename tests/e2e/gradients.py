"""Through whole networks: every parameter's gradient against central differences, in f64; and by
what share of the learning rate an update follows it."""

import struct

from support import Arguments, Case, DATA, HERE, main, weights_of


class Gradients(Case):
    def all_right(self, model, count, *options):
        run = self.run_program([Arguments.nncc, "check-grad", HERE / model, "-Werror",
                                "--elements", 12, *options])
        self.assertIn(f"all {count} gradients are right", run.stdout)

    def test_layers(self):
        self.all_right("layers.yaml", 14, "--data", DATA)

    def test_convolutions(self):
        self.all_right("convolutions.yaml", 18, "--data", DATA, "--seed", 2)

    def test_sequences(self):
        self.all_right("sequences.yaml", 8)

    def test_steps(self):
        """Dense on each step of a sequence, statistics over all of them."""
        self.all_right("steps.yaml", 11, "--data", DATA)

    def test_recurrent(self):
        """Recurrent layers of all kinds, both ways."""
        self.all_right("recurrent.yaml", 14)

    def test_recurrent_lengths(self):
        """Sequences of different lengths through recurrent layers both ways, and initial states."""
        self.all_right("recurrent-lengths.yaml", 23)

    def test_frames(self):
        """The same layers on each frame, and what comes of all frames."""
        self.all_right("frames.yaml", 12, "--data", DATA)

    def test_lengths(self):
        """What looks at the steps that count, of random lengths."""
        self.all_right("lengths.yaml", 6)

    def test_windows(self):
        """Windows over sequences of random lengths, and statistics of the steps that count."""
        self.all_right("windows.yaml", 20)

    def test_embedding(self):
        """Two tables, one with a penalty, by random indices; and the ways of a maximum."""
        self.all_right("embedding.yaml", 6)

    def test_penalties(self):
        """L1 and L2 on kernels and a bias: they belong to the loss that is differentiated."""
        self.all_right("tiny-sgd.yaml", 11, "--data", DATA)


LINEAR = """
model: linear
input: {shape: [2]}
layers:
  - dense: {units: 1, kernel_initializer: zeros}
train:
  loss: mean_squared_error
  optimizer: {sgd: {learning_rate: 0.5}}
  batch_size: 4
"""


class Rates(Case):
    def one_step(self, name, multipliers):
        """The weights after one step of gradient descent from zero."""
        rows = [(1, 2, 3), (-1, 0.5, 2), (0.25, 1, -1), (2, -3, 0.5)]
        (self.folder / "rows.csv").write_text("".join(f"{a},{b},{y}\n" for a, b, y in rows))
        model = self.folder / f"{name}.yaml"
        model.write_text(f"{LINEAR}{multipliers}data: {{train: {{csv: {{path: rows.csv, header: false, target: 2}}}}}}\n")
        self.run_program([Arguments.nncc, "compile", model, "-o", self.folder / name, "-Werror"])
        self.run_program([self.folder / name, "train", "--data", self.folder, "--out", self.folder / "run",
                          "--steps", 1])
        weights = weights_of(self.folder / "run" / "weights.safetensors")
        return {key: struct.unpack(f"<{len(data) // 4}f", data) for key, data in weights.items()}

    def test_multipliers(self):
        plain = self.one_step("plain", "")
        self.assertTrue(all(abs(value) > 0.1 for values in plain.values() for value in values), plain)
        slow = self.one_step("slow", "  learning_rate_multipliers: {'*.kernel': 0.1}\n")
        self.assertEqual(slow["dense.bias"], plain["dense.bias"])
        for value, whole in zip(slow["dense.kernel"], plain["dense.kernel"]):
            self.assertAlmostEqual(value, whole / 10, delta=1e-7 * abs(whole))


if __name__ == "__main__":
    main()
