"""models/video.yaml over its five folds, beside PyTorch: one page.

    PYTHON video.py NNCC --data DIR [--threads N] [--seeds N] [--save]

PYTHON is that of the PyTorch environment (environment.py). Each fold's program is compiled from the model with
another `index`. First both take the same steps from equal weights on equal batches, and the losses are compared;
then both train from equal weights, PyTorch in an order of its own, and the accuracy is that of all clips, each
judged by the program that has not seen it.
"""

import argparse
import csv
import json
import pathlib
import re
import tempfile

import numpy
import torch

from builders.tensors import read_numpy
from equal_start import parameters_of, write_start
from script import machine, publish, run, today
from split import hash_number

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "video.yaml"
FOLDS, BATCH, EPOCHS, STEPS = 5, 16, 40, 10


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = torch.nn.ModuleList(torch.nn.Conv2d(i, o, 3) for i, o in ((1, 8), (8, 16), (16, 32)))
        self.lstm = torch.nn.LSTM(32 * 2 * 4, 32, batch_first=True)
        self.dense = torch.nn.Linear(32, 4)

    def forward(self, clips):
        x = clips.reshape(-1, 1, 24, 32)
        for i, convolution in enumerate(self.convolutions):
            x = torch.relu(convolution(x))
            if i < 2:
                x = torch.max_pool2d(x, 2)
        x = x.permute(0, 2, 3, 1).reshape(len(clips), 10, -1)  # Keras flattens channels last
        return self.dense(self.lstm(x)[0][:, -1])

    def load(self, weights):
        """From nncc's names and Keras's layouts."""
        with torch.no_grad():
            for i, convolution in enumerate(self.convolutions):
                name = "time_distributed.conv2d" + (f"_{i}" if i else "")
                convolution.weight.copy_(torch.tensor(weights[f"{name}.kernel"].transpose(3, 2, 0, 1).copy()))
                convolution.bias.copy_(torch.tensor(weights[f"{name}.bias"]))
            self.lstm.weight_ih_l0.copy_(torch.tensor(weights["lstm.kernel"].T.copy()))
            self.lstm.weight_hh_l0.copy_(torch.tensor(weights["lstm.recurrent_kernel"].T.copy()))
            self.lstm.bias_ih_l0.copy_(torch.tensor(weights["lstm.bias"]))
            self.lstm.bias_hh_l0.zero_()
            self.dense.weight.copy_(torch.tensor(weights["dense.kernel"].T.copy()))
            self.dense.bias.copy_(torch.tensor(weights["dense.bias"]))
        self.lstm.bias_hh_l0.requires_grad_(False)  # one bias a gate, as in Keras
        return self


def clips_of(folder):
    """Clips, classes by name, and each clip's fold: the sources by their hashes, dealt out in turns."""
    clips = torch.tensor(numpy.load(folder / "clips_f32.npy") * numpy.float32(0.1) - numpy.float32(2.5))
    with open(folder / "clips.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["label"] for row in rows})
    labels = torch.tensor([names.index(row["label"]) for row in rows])
    sources = sorted({row["source"] for row in rows}, key=lambda source: (hash_number(source), source))
    folds = numpy.array([sources.index(row["source"]) % FOLDS for row in rows])
    return clips, labels, folds


def step(network, optimizer, clips, labels):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(clips), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def adam(network):
    return torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=0.001, eps=1e-7)


def compare_losses(program, folder, data, start, clips, labels):
    """The relative differences of the losses of STEPS steps in the data's order: the first, and the largest."""
    run([program, "train", "--data", data, "--out", folder / "steps", "--weights-in", start, "--no-shuffle", "--steps",
         STEPS, "--log", folder / "steps.jsonl"])
    found = [record["loss"] for record in map(json.loads, (folder / "steps.jsonl").read_text().splitlines())
             if "step" in record]
    network = Network().load(read_numpy(start))
    optimizer = adam(network)
    batches = -(-len(clips) // BATCH)
    wanted = [step(network, optimizer, clips[i % batches * BATCH:][:BATCH], labels[i % batches * BATCH:][:BATCH])
              for i in range(len(found))]
    assert len(found) == STEPS
    off = [abs(a - b) / abs(b) for a, b in zip(found, wanted)]
    return numpy.array([off[0], max(off)])


def train_torch(start, seed, clips, labels):
    generator = torch.Generator().manual_seed(seed)
    network = Network().load(read_numpy(start))
    optimizer = adam(network)
    for _ in range(EPOCHS):
        order = torch.randperm(len(clips), generator=generator)
        for batch in order.split(BATCH):
            step(network, optimizer, clips[batch], labels[batch])
    return network


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nncc", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clips, labels, folds = clips_of(options.data / "thermal_falls")
    text = MODEL.read_text()
    right = {"nncc": [0] * options.seeds, "PyTorch": [0] * options.seeds}
    parameters = parameters_of(options.nncc, MODEL)
    worst = numpy.zeros(2)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for fold in range(FOLDS):
            model = folder / f"video{fold}.yaml"
            model.write_text(text.replace("index: 0", f"index: {fold}"))
            program = folder / f"video{fold}"
            run([options.nncc, "compile", model, "-o", program, "-Werror"])
            test = torch.tensor(folds == fold)
            for seed in range(1, options.seeds + 1):
                start = folder / "start.safetensors"
                write_start(start, parameters, seed)
                if seed == 1:
                    worst = numpy.maximum(worst, compare_losses(program, folder, options.data, start, clips[~test],
                                                                labels[~test]))
                out = run([program, "train", "--data", options.data, "--out", folder / "run", "--seed", seed,
                           "--weights-in", start, "--threads", options.threads])
                accuracy = float(re.search(r"^Accuracy on unseen test samples: (\S+)%$", out, re.MULTILINE)[1])
                ours = round(accuracy / 100 * int(test.sum()))
                network = train_torch(start, seed, clips[~test], labels[~test])
                with torch.no_grad():
                    theirs = int((network(clips[test]).argmax(1) == labels[test]).sum())
                right["nncc"][seed - 1] += ours
                right["PyTorch"][seed - 1] += theirs
                rows.append(f"| {fold} | {seed} | {int(test.sum())} | {ours} | {theirs} |")
                print(rows[-1], flush=True)
    pooled = {name: sum(counts) / len(counts) / len(clips) for name, counts in right.items()}
    page = "\n".join([f"# models/video.yaml in five folds, {today()}", "",
                      f"From equal weights the losses of the first step differ by at most {worst[0]:.1e} of them, those of the "
                      f"first {STEPS} by {worst[1]:.1e}.", "",
                      "| | accuracy over all folds |", "|---|--:|",
                      *(f"| {name} | {value:.1%} |" for name, value in pooled.items()), "",
                      "| fold | seed | clips | right: nncc | PyTorch |", "|---|---|--:|--:|--:|", *rows, "",
                      f"`video.py NNCC --data DIR --seeds {options.seeds} --threads {options.threads}`, {machine()}, "
                      f"{options.threads} threads, PyTorch {torch.__version__}", ""])
    publish("video", page, options.save)


if __name__ == "__main__":
    main()
