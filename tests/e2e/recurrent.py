"""Recurrent layers train as Keras's do: losses of gradient descent from equal weights, data and
batches. What Keras gave, in float64, was stored by benchmarks/recurrent.py."""

import json
import math
from array import array

from support import Arguments, Case, DATA, main, write_weights

MODEL = """
model: recurrent
input: {{shape: [{values}]}}
layers:
  - reshape: {{target_shape: {shape}, name: steps}}{layers}
train:
  loss: mean_squared_error
  optimizer: {{sgd: {{learning_rate: {rate}}}}}
  batch_size: {batch}
  lanes: {lanes}
data: {{train: {{csv: {{path: {folder}/rows.csv, header: false, target: {values}}}}}}}
"""

# What stops where the longest sample ends: products of steps, loops both ways, gradients of all of them.
LENGTHS = """
model: lengths
input: {{shape: [{steps}, 2], lengths: true}}
layers:
  - bidirectional: {{layer: {{lstm: {{units: 5, return_sequences: true}}}}}}
  - dense: {{units: 6, activation: tanh}}
  - bidirectional: {{layer: {{gru: {{units: 4, return_sequences: true}}}}, merge_mode: sum}}
  - simple_rnn: {{units: 6, return_sequences: true, name: plain}}
  - lstm: {{units: 3, name: end}}
  - bidirectional: {{layer: {{lstm: {{units: 3}}}}, inputs: plain, name: ends}}
  - global_max_pool1d: {{inputs: plain, name: most}}
  - global_avg_pool1d: {{inputs: plain, name: mean}}
  - concatenate: {{inputs: [end, ends, most, mean]}}
  - dense: {{units: 2, activation: softmax}}
train: {{loss: sparse_categorical_crossentropy, optimizer: {{sgd: {{learning_rate: 0.3}}}}, batch_size: 4, lanes: 2}}
data: {{train: {{sequence_csv: {{path: {folder}/lengths.csv, columns: [kind], label: kind, features: 2}}}}}}
"""


class Recurrent(Case):
    stored = json.loads((DATA / "recurrent.json").read_text())

    def compiled(self, name, network, lanes, more):
        rows = network["rows"]
        (self.folder / "rows.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
        write_weights(self.folder / "start.safetensors", network["weights"])
        model = self.folder / f"{name}.yaml"
        model.write_text(MODEL.format(folder=self.folder, values=math.prod(network["shape"]), shape=network["shape"], lanes=lanes,
                                      layers=network["layers"].rstrip(), rate=self.stored["rate"], batch=len(rows) + more))
        self.run_program([Arguments.nncc, "compile", model, "-o", self.folder / name, "-Werror"])
        return self.folder / name

    def trained(self, program, out, *options):
        return self.train(program, out, "--weights-in", self.folder / "start.safetensors", "--no-shuffle",
                          "--epochs", self.stored["steps"], *options)

    def follows(self, name, lanes=8, more=0):
        """`more`: by how many samples a batch is larger than there are."""
        network = self.stored["networks"][name]
        program = self.compiled(name, network, lanes, more)
        _, steps, weights = self.trained(program, "run")
        losses = network["losses"]
        self.assertEqual(len(steps), len(losses))
        self.assertLess(losses[-1], 0.7 * losses[0], "Keras's network does not learn")
        for i, (step, loss) in enumerate(zip(steps, losses)):
            self.assertAlmostEqual(step["loss"], loss, delta=2e-5 * losses[0], msg=f"step {i + 1}")
        for threads in 1, 2, 3:
            _, _, again = self.trained(program, f"threads{threads}", "--threads", threads)
            self.same_weights(again, weights, f"{threads} threads")

    def test_lstm(self):
        self.follows("lstm")

    def test_long_slices(self):
        self.follows("lstm", lanes=1)

    def test_gru(self):
        self.follows("gru", lanes=2)

    def test_partial_batch(self):
        self.follows("gru", lanes=3, more=5)

    def test_simple_rnn(self):
        self.follows("simple_rnn")

    def test_bidirectional(self):
        self.follows("bidirectional", lanes=3)

    def test_states(self):
        self.follows("states", lanes=4)

    def test_padding_changes_nothing(self):
        """Samples of 1 to 6 steps give the same losses and weights in a model for 6 steps and in one for 23."""
        rows = [[sample % 2, 1 + sample % 6, *(round(math.sin(7 * sample + i), 3) for i in range(2 * (1 + sample % 6)))]
                for sample in range(14)]
        (self.folder / "lengths.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
        found = []
        for steps in 6, 23:
            model = self.folder / f"lengths{steps}.yaml"
            model.write_text(LENGTHS.format(folder=self.folder, steps=steps))
            program = self.folder / f"lengths{steps}"
            self.run_program([Arguments.nncc, "compile", model, "-o", program, "-Werror"])
            _, log, weights = self.train(program, f"run{steps}", "--epochs", 6)
            found.append(([step["loss"] for step in log], weights))
            for threads in 1, 2, 3:
                _, _, again = self.train(program, f"run{steps}-{threads}", "--epochs", 6, "--threads", threads)
                self.same_weights(again, weights, f"{steps} steps, {threads} threads")
        (short, a), (long, b) = found
        self.assertGreater(max(short) - min(short), 0.1, "nothing happens")
        for i, (x, y) in enumerate(zip(short, long, strict=True)):
            self.assertAlmostEqual(x, y, delta=1e-5, msg=f"step {i + 1}")
        for name in a:
            for x, y in zip(array("f", a[name]), array("f", b[name]), strict=True):
                self.assertAlmostEqual(x, y, delta=1e-4, msg=name)


if __name__ == "__main__":
    main()
