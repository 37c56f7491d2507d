"""From equal weights and equal batches, nncc's losses are PyTorch's, up to rounding.

Stored by benchmarks/trajectory.py: losses of 50 steps by PyTorch in float32 and float64 and by
Keras. Rounding differences grow from step to step (threefold a step while Adam has seen little;
a unit that is off in one run and on in the other makes the next loss differ), so: the first five
losses agree closely with PyTorch's, and none of the 50 is farther from float64's than four times
what float32 has been with PyTorch.
"""

import hashlib
import json

from support import Case, DATA, main, program


class Trajectory(Case):
    def follows(self, name, *options):
        stored = json.loads((DATA / f"{name}.json").read_text())
        weights = DATA / stored.get("weights", f"{name}.safetensors")
        for path, key in ((DATA / stored["data"], "data_sha256"), (weights, "weights_sha256")):
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), stored[key],
                             f"{path.name} is not the file that the stored losses were made with")
        count = stored["steps"]
        _, steps, _ = self.train(program(name), "run", "--weights-in", weights, "--no-shuffle",
                                 "--steps", count, *options)
        losses = [step["loss"] for step in steps]
        single, double = stored["pytorch_float32"], stored["pytorch_float64"]
        keras = stored["keras_float32"]
        self.assertEqual(len(losses), count)
        self.assertEqual(len(single), count)
        report = "\n".join(f"{i + 1:3} {loss:.9f} float64 {double[i]:.9f} off {loss - double[i]:+.1e}"
                           f" PyTorch {single[i] - double[i]:+.1e}"
                           for i, loss in enumerate(losses))
        for i in range(5):
            self.assertLessEqual(abs(losses[i] - single[i]), 1e-5 * abs(single[i]),
                                 f"step {i + 1} differs from PyTorch's float32\n{report}")
        allowed = 4 * max(abs(a - b) for a, b in zip(single, double))
        worst = max(abs(a - b) for a, b in zip(losses, double))
        self.assertLessEqual(worst, allowed, f"too far from float64\n{report}")
        # The same from step to step: differences may grow as fast as those of the two
        # frameworks, or three steps earlier, not faster.
        for i, loss in enumerate(losses):
            seen = [abs(run[j] - double[j]) for run in (single, keras)
                    for j in range(min(i + 4, count))]
            bound = 4 * max(*seen, 1e-6)
            self.assertLessEqual(abs(loss - double[i]), bound,
                                 f"differences grow too fast: step {i + 1}\n{report}")

    def test_cifar10(self):
        self.follows("cifar10")

    def test_tiny(self):
        self.follows("tiny")

    def test_layers(self):
        self.follows("layers")

    def test_convolutions(self):
        self.follows("convolutions")

    def test_sgd(self):
        self.follows("tiny-sgd")

    def test_adamw(self):
        self.follows("tiny-adamw")

    def test_rmsprop(self):
        self.follows("tiny-rmsprop")

    def test_adagrad(self):
        self.follows("tiny-adagrad")


if __name__ == "__main__":
    main()
