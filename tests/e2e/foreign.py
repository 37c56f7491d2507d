"""Weights of PyTorch and Keras: loaded by a mapping or converted, they give what the framework
gave. data/make_foreign.py made the files."""

import json
import struct
import sys
import tarfile
import unittest

import support
from features import png
from support import Case, main

sys.path.insert(0, str(support.DATA))
import make_foreign

RECURRENT = """
model: recurrent
input: {shape: [5, 6, 6]}
layers:
  - time_distributed:
      name: frames
      layer:
        - reshape: {target_shape: [6, 6, 1]}
        - conv2d: {filters: 3, kernel_size: 3, activation: relu}
        - flatten
  - bidirectional: {name: both, layer: {lstm: {units: 4, return_sequences: true}}}
  - gru: {name: first, units: 5, return_sequences: true}
  - gru: {name: second, units: 5, return_sequences: true}
  - simple_rnn: {name: rnn, units: 3}
  - dense: {name: head, units: 2}
train: {loss: mean_squared_error, optimizer: adam}
data: {train: {npy: {inputs: clips.npy, targets: targets.npy}}}
"""

PYTORCH = ["--layout", "pytorch", "--rename", "0=first", "--rename", "2=second", "--rename", "4=hidden",
           "--rename", "6=head"]


class Foreign(Case):
    def setUp(self):
        super().setUp()
        with tarfile.open(support.DATA / "foreign.tar.xz") as archive:
            archive.extractall(self.folder)
        rows = [[value for point in row for value in point] for row in make_foreign.image()]
        png(self.folder / "image.png", rows, channels=3)
        self.text = (support.HERE / "foreign.yaml").read_text()

    def compile(self, name="foreign", text=None):
        path = self.folder / f"{name}.yaml"
        path.write_text(text or self.text)
        self.run_program([support.Arguments.nncc, "compile", path, "-o", self.folder / name, "-Werror"])
        return self.folder / name

    def expect_outputs(self, command, expected):
        line = self.run_program(command).stdout.splitlines()[1]
        outputs = [float(word) for word in line.split(":")[1].split()]
        wanted = json.loads((self.folder / expected).read_text())
        self.assertEqual(len(outputs), len(wanted))
        for output, value in zip(outputs, wanted):
            self.assertAlmostEqual(output, value, delta=1e-5)

    def test_pytorch(self):
        """By options, as an export of our own names, and by the YAML: channels before and behind the
        flatten change places."""
        path = self.compile()
        self.expect_outputs([path, "predict", "image.png", "--weights-in", "pytorch.safetensors", *PYTORCH],
                            "pytorch.json")
        self.run_program([path, "export", "--from", "pytorch.safetensors", *PYTORCH, "-o", "ours.safetensors"])
        self.assertEqual(sorted(support.weights_of(self.folder / "ours.safetensors")),
                         sorted(f"{layer}.{weight}" for layer in ("first", "second", "hidden", "head")
                                for weight in ("kernel", "bias")))
        self.expect_outputs([path, "predict", "image.png", "--weights-in", "ours.safetensors"], "pytorch.json")
        section = ("weights: {path: pytorch.safetensors, layout: pytorch,\n"
                   "          rename: {'0.*': 'first.*', '2': second, '4': hidden, '6': head}}\n")
        self.expect_outputs([self.compile("named", self.text + section), "predict", "image.png"], "pytorch.json")

    def test_recurrent_layers_of_pytorch(self):
        """Frames through convolutions, an LSTM both ways, stacked GRUs and a simple RNN: gates, the two biases,
        and layers that PyTorch numbers."""
        stored = json.loads((support.DATA / "recurrent-pytorch.json").read_text())
        path = self.compile("recurrent", RECURRENT)
        header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5, 6, 6), }".ljust(117) + "\n"
        (self.folder / "clips.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                                                + struct.pack(f"<{3 * 5 * 36}f", *stored["clips"]))
        support.write_weights(self.folder / "recurrent.safetensors", stored["weights"])
        names = {"conv": "frames.conv2d", "both.*_reverse": "both.backward_lstm.*", "both.*_l0": "both.forward_lstm.*",
                 "gru.*_l0": "first.*", "gru.*_l1": "second.*"}
        mapping = ["--layout", "pytorch", *(word for name in names.items() for word in ("--rename", "=".join(name)))]
        told = self.run_program([path, "predict", "clips.npy", "--weights-in", "recurrent.safetensors", *mapping]).stdout
        rows = [[float(word) for word in line.split(":")[1].split()] for line in told.splitlines()[1::2]]
        self.assertEqual(len(rows), 3)
        for row, wanted in zip(rows, stored["outputs"]):
            for output, value in zip(row, wanted):
                self.assertAlmostEqual(output, value, delta=2e-6)
        # One of two biases alone is not enough.
        weights = {name: value for name, value in stored["weights"].items() if name != "rnn.bias_hh_l0"}
        support.write_weights(self.folder / "recurrent.safetensors", weights)
        refused = self.run_program([path, "predict", "clips.npy", "--weights-in", "recurrent.safetensors", *mapping], 1)
        self.assertIn("it has no tensors for 'rnn.bias' [3]", refused.stderr)

    def test_keras(self):
        path = self.compile()
        for name in ("keras.weights.h5", "keras.keras", "legacy.h5"):
            with self.subTest(name):
                self.run_program([support.Arguments.nncc, "convert", name, "out.safetensors"])
                self.expect_outputs([path, "predict", "image.png", "--weights-in", "out.safetensors"], "keras.json")

    def test_names(self):
        """Variables that a Keras file only numbers: those of normalizations."""
        run = self.run_program([support.Arguments.nncc, "convert", "normalized.weights.h5"])
        for line in ("normal.gamma [2]", "normal.moving_variance [2]", "rows.gamma [2]", "rows.beta [2]",
                     "in_front.kernel [4,2]", "dense.bias [1]"):
            self.assertIn(f"  {line}\n", run.stdout)
        weights = support.weights_of(self.folder / "normalized.weights.safetensors")
        self.assertEqual(weights["normal.moving_variance"], struct.pack("<2f", 1, 1))
        self.assertEqual(weights["normal.moving_mean"], bytes(8))
        self.assertNotEqual(weights["normal.gamma"], struct.pack("<2f", 1, 1))

    def test_damaged(self):
        for name, size in (("keras.weights.h5", 3000), ("keras.keras", 9000), ("legacy.h5", 0)):
            with self.subTest(name):
                (self.folder / "cut").write_bytes((self.folder / name).read_bytes()[:size])
                run = self.run_program([support.Arguments.nncc, "convert", "cut", "out.safetensors"], status=1)
                self.assertRegex(run.stderr, "^nncc: error: 'cut' is no [^\n]*\n$")
                self.assertFalse((self.folder / "out.safetensors").exists())

    def test_mistakes(self):
        path = self.compile()
        cases = [
            (["--layout", "pytorch"], ["no tensors for 'first.kernel' [3, 3, 3, 4]", "the file's '0.bias' [4]",
                                       "rename what has another name (0.weight to first.kernel?)"]),
            (PYTORCH[2:], ["'first.kernel'", "with layout pytorch"]),
            ([*PYTORCH, "--rename", "7=tail"], ["rename names '7'", "no tensor or layer of the file is called so"]),
            ([*PYTORCH, "--skip", "tail*"], ["skip names 'tail*'", "fits no weight"]),
            ([*PYTORCH[:-1], "6=hidden"], ["'4.bias' and '6.bias' are both 'hidden.bias'"]),
            ([*PYTORCH[:2], "--rename", "0=second", "--rename", "2=first", *PYTORCH[6:]],
             ["tensor '2.weight' has shape [5, 4, 2, 3], but 'first.kernel' of the model expects [4, 3, 3, 3], "
              "which is [3, 3, 3, 4] here"]),
        ]
        for options, parts in cases:
            with self.subTest(options):
                run = self.run_program([path, "predict", "image.png", "--weights-in", "pytorch.safetensors", *options],
                                       status=1)
                self.assertRegex(run.stderr, "^error: 'pytorch.safetensors': [^\n]*\n$")
                for part in parts:
                    self.assertIn(part, run.stderr)
        for options in (["--rename", "a"], ["--rename", "a*=b**"], ["--layout", "caffe"]):
            run = self.run_program([path, "predict", "image.png", "--weights-in", "pytorch.safetensors", *options],
                                   status=2)
        self.run_program([path, "predict", "image.png", *PYTORCH], status=2)  # of which file?

    def test_new_head(self):
        """Training starts from the file, with a new head; what is frozen stays as it was."""
        text = self.text.replace("[8, 6, 3]", "[32, 32, 3]").replace("units: 3, trainable: false", "units: 10")
        text = text.replace("  - dense: {name: hidden, units: 6, activation: relu, trainable: false}\n", "")
        text += (f"weights:\n  path: {self.folder}/pytorch.safetensors\n  layout: pytorch\n  rename: {{'0': first, '2': second}}\n"
                 "  skip: ['4.*', '6.*', 'head*']\n"
                 "train: {loss: {sparse_categorical_crossentropy: {from_logits: true}}, optimizer: adam}\n"
                 f"data: {{train: {{cifar10_binary: {support.DATA / 'cifar10-320.bin'}}}}}\n")
        path = self.compile("head", text)
        untouched = support.weights_of(self.folder / "pytorch.safetensors")
        _, _, weights = self.train(path, "run", "--steps", 2)
        self.assertEqual(weights["first.bias"], untouched["0.bias"])
        kernel = struct.unpack("<108f", untouched["0.weight"])
        ours = struct.unpack("<108f", weights["first.kernel"])
        self.assertEqual([kernel[((o * 3 + c) * 3 + y) * 3 + x]
                          for y in range(3) for x in range(3) for c in range(3) for o in range(4)], list(ours))
        self.assertNotEqual(weights["head.bias"], bytes(40))
        (self.folder / "pytorch.safetensors").unlink()
        run = self.run_program([path, "train", "--steps", 1], status=1)
        self.assertIn("which the model 'foreign' starts from", run.stderr)


if __name__ == "__main__":
    main()
