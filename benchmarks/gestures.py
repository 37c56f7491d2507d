"""models/gestures.yaml with each user left out in turn, beside PyTorch and the nearest neighbour: one page.

    PYTHON gestures.py NNCC --data DIR [--threads N] [--seed N] [--pytorch USER...] [--gru USER...]
                       [--keep FILE] [--save]

PYTHON is that of the PyTorch environment (environment.py); nncc-dtw is taken from beside NNCC. First both take the
same steps from equal weights on equal batches, without dropout and augmentation, and the losses are compared. Then for
each user a program is compiled whose test part is this one and trained on the other seven, from its own first weights.
PyTorch trains the same network from those of the comparison for the users of --pytorch (all), on gestures varied by the
same rules, in an order of its own that also puts samples of nearly equal length together; for those of --gru (1) nncc's model has GRUs in the place of
its LSTMs, too. All these go on beside PyTorch, one after the other, with N threads: this page is not about speed. The
nearest neighbour by dynamic time warping needs no training. FILE keeps what is counted, so that a run that was cut off
goes on behind its last training.
"""

import argparse
import concurrent.futures
import json
import math
import pathlib
import re
import sys
import tempfile
import threading

import numpy
import torch

from builders.tensors import read_numpy
from equal_start import parameters_of, write_start
from script import machine, publish, run, today

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "gestures.yaml"
USERS, STEPS, LONGEST = range(1, 9), 10, 315
UNTOUCHED = [2, 3, 4, 5]  # users whose accuracy nothing in the model was chosen by


def reversed_within(steps, lengths):
    """The steps of each sample from its last to its first; what is behind the last doesn't matter."""
    order = (lengths[:, None] - 1 - torch.arange(steps.shape[1])).clamp(min=0)
    return steps.gather(1, order[:, :, None].expand_as(steps))


class Bidirectional(torch.nn.Module):
    """An LSTM for each way over padded samples. That is five times as fast here as a packed bidirectional one."""

    def __init__(self, width, units):
        super().__init__()
        self.forwards = torch.nn.LSTM(width, units, batch_first=True)
        self.backwards = torch.nn.LSTM(width, units, batch_first=True)

    def forward(self, steps, lengths):
        back = self.backwards(reversed_within(steps, lengths))[0]
        return torch.cat([self.forwards(steps)[0], reversed_within(back, lengths)], 2)

    def load(self, weights, name):
        """From nncc's names and Keras's layouts."""
        for lstm, way in ((self.forwards, "forward"), (self.backwards, "backward")):
            get = lambda part: torch.tensor(weights[f"{name}.{way}_lstm.{part}"].T.copy())
            lstm.weight_ih_l0.copy_(get("kernel"))
            lstm.weight_hh_l0.copy_(get("recurrent_kernel"))
            lstm.bias_ih_l0.copy_(get("bias"))
            lstm.bias_hh_l0.zero_().requires_grad_(False)  # one bias a gate, as in Keras


class Network(torch.nn.Module):
    def __init__(self, units, between, behind):
        """With the dropout between the layers and that behind them."""
        super().__init__()
        self.first = Bidirectional(3, units)
        self.second = Bidirectional(2 * units, units)
        self.between, self.behind = torch.nn.Dropout(between), torch.nn.Dropout(behind)
        self.dense = torch.nn.Linear(2 * units, 8)

    def forward(self, steps, lengths):
        every = self.second(self.between(self.first(steps, lengths)), lengths)
        padding = torch.arange(every.shape[1]) >= lengths[:, None]
        return self.dense(self.behind(every.masked_fill(padding[:, :, None], -torch.inf).amax(1)))

    @torch.no_grad()
    def load(self, weights):
        self.first.load(weights, "bidirectional")
        self.second.load(weights, "bidirectional_1")
        self.dense.weight.copy_(torch.tensor(weights["dense.kernel"].T.copy()))
        self.dense.bias.copy_(torch.tensor(weights["dense.bias"]))
        return self


def setting_of(text):
    """What the model says that PyTorch has to be told."""
    number = lambda key: re.search(rf"\b{key}: ([\d.]+)", text)[1]
    return {**{key: int(number(key)) for key in ("units", "batch_size", "epochs")},
            **{key: float(number(key)) for key in ("initial_learning_rate", "time_stretch", "rotation",
                                          "label_smoothing")},
            "dropout": [float(rate) for rate in re.findall(r"dropout: {rate: ([\d.]+)", text)]}


def samples_of(path):
    """(steps, gesture, user) of each line."""
    samples = []
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            cells = line.split(",")
            steps = torch.tensor(numpy.array(cells[5:], numpy.float32).reshape(-1, 3))
            samples.append((steps, int(cells[0]) - 1, int(cells[1])))
    return samples


def batch_of(samples):
    lengths = torch.tensor([len(steps) for steps, _, _ in samples])
    steps = torch.nn.utils.rnn.pad_sequence([steps for steps, _, _ in samples], batch_first=True)
    return steps, lengths, torch.tensor([label for _, label, _ in samples])


def varied(steps, setting, generator):
    """A gesture as the model's `augment` says: slower or faster, turned about any axis."""
    around = lambda most: most * (2 * torch.rand((), generator=generator).item() - 1)
    length = min(max(round(len(steps) * (1 + around(setting["time_stretch"]))), 1), LONGEST)
    places = torch.linspace(0, len(steps) - 1, length)
    before = places.long().clamp(max=max(len(steps) - 2, 0))
    after = (before + 1).clamp(max=len(steps) - 1)
    steps = torch.lerp(steps[before], steps[after], (places - before)[:, None])
    x, y, z = torch.nn.functional.normalize(torch.randn(3, generator=generator), dim=0).tolist()
    turn = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]]) * math.radians(around(setting["rotation"]))
    return steps @ torch.linalg.matrix_exp(turn).T


def batches_by_length(samples, size, generator):
    order = torch.randperm(len(samples), generator=generator).tolist()
    batches = []
    for begin in range(0, len(order), 32 * size):
        run_of_batches = sorted(order[begin:begin + 32 * size], key=lambda i: len(samples[i][0]))
        batches += [run_of_batches[i:i + size] for i in range(0, len(run_of_batches), size)]
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


def adam(network, setting, steps):
    """Adam, and the schedule by which its rate falls to nothing in so many steps."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=setting["initial_learning_rate"], eps=1e-7)
    return optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)


def step(network, optimizer, schedule, samples, smoothing):
    steps, lengths, labels = batch_of(samples)
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(steps, lengths), labels, label_smoothing=smoothing)
    loss.backward()
    optimizer.step()
    schedule.step()
    return loss.item()


def train_torch(start, samples, setting, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = Network(setting["units"], *setting["dropout"]).load(read_numpy(start))
    size, epochs = setting["batch_size"], setting["epochs"]
    optimizer, schedule = adam(network, setting, epochs * -(-len(samples) // size))
    for _ in range(epochs):
        for batch in batches_by_length(samples, size, generator):
            chosen = ((varied(samples[i][0], setting, generator), *samples[i][1:]) for i in batch)
            step(network, optimizer, schedule, list(chosen), setting["label_smoothing"])
    return network.eval()


def right_of_torch(network, samples):
    right = 0
    with torch.no_grad():
        for begin in range(0, len(samples), 128):
            steps, lengths, labels = batch_of(samples[begin:begin + 128])
            right += int((network(steps, lengths).argmax(1) == labels).sum())
    return right


class Counts:
    """How many gestures each one names right, by (who, user); kept in a file, for one model and seed."""

    def __init__(self, file, *settings):
        self.file, self.settings, self.found, self.lock = file, list(settings), {}, threading.Lock()
        if file and file.exists():
            kept = json.loads(file.read_text())
            if kept["settings"] != self.settings:
                sys.exit(f"error: {file}: of another model or seed; name another file with --keep")
            self.found = {(who, user): count for who, user, count in kept["counts"]}

    def add(self, who, user, count):
        print(f"{who}, user {user}: {count} right", flush=True)
        with self.lock:
            self.found[who, user] = count
            if self.file:
                kept = {"settings": self.settings, "counts": [[*key, each] for key, each in self.found.items()]}
                self.file.write_text(json.dumps(kept))


def count_neighbours(counts, program, file, threads):
    for line in run([program, file, "--threads", threads]).splitlines():
        user, right, _ = map(int, line.split())
        counts.add("nearest by DTW", user, right)


def program_of(options, folder, name, text):
    (folder / f"{name}.yaml").write_text(text)
    run([options.nncc, "compile", folder / f"{name}.yaml", "-o", folder / name, "-Werror"])
    return folder / name


def count_program(counts, who, user, program, options, tested):
    out = run([program, "train", "--data", options.data, "--out", program.with_suffix(".run"), "--seed", options.seed,
               "--threads", options.threads])
    accuracy = float(re.search(r"^Accuracy on unseen test samples: (\S+)%$", out, re.MULTILINE)[1])
    counts.add(who, user, round(accuracy / 100 * tested))


def compare_losses(options, folder, start, samples, text, setting):
    """The relative differences of the losses of STEPS steps in the data's order: the first, and the largest."""
    plain = re.sub(r"(dropout: {rate:) [\d.]+", r"\1 0", text).replace("  batch_by: length\n", "")
    plain = re.sub(r"    augment: .*\n", "", plain)
    program = program_of(options, folder, "steps", plain)
    run([program, "train", "--data", options.data, "--out", folder / "steps.run", "--weights-in", start, "--no-shuffle",
         "--steps", STEPS, "--log", folder / "steps.jsonl"])
    found = [record["loss"] for record in map(json.loads, (folder / "steps.jsonl").read_text().splitlines())
             if "step" in record]
    network = Network(setting["units"], 0, 0).load(read_numpy(start))
    size = setting["batch_size"]
    optimizer, schedule = adam(network, setting, setting["epochs"] * -(-len(samples) // size))
    wanted = [step(network, optimizer, schedule, samples[i * size:][:size], setting["label_smoothing"])
              for i in range(STEPS)]
    assert len(found) == STEPS
    off = [abs(a - b) / abs(b) for a, b in zip(found, wanted)]
    return off[0], max(off)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nncc", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pytorch", type=int, nargs="*", choices=USERS, default=list(USERS), metavar="N")
    parser.add_argument("--gru", type=int, nargs="*", choices=USERS, default=[1], metavar="N")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    file = options.data / "sequences" / "uwave.csv"
    samples, text = samples_of(file), MODEL.read_text()
    setting, counts = setting_of(text), Counts(options.keep, re.sub("#.*\n", "", text), options.seed)
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(1) as beside:
        folder = pathlib.Path(name)
        start = folder / "start.safetensors"
        write_start(start, parameters_of(options.nncc, MODEL), options.seed)
        first, worst = compare_losses(options, folder, start, [s for s in samples if s[2] != 1], text, setting)
        tests = {user: [sample for sample in samples if sample[2] == user] for user in USERS}
        waiting = []
        for who, users, kind in (("nncc", USERS, "lstm"), ("nncc, GRU", options.gru, "gru")):
            for user in users:
                if (who, user) not in counts.found:
                    mine = text.replace("values: [1]", f"values: [{user}]").replace("lstm", kind)
                    program = program_of(options, folder, f"{kind}{user}", mine)
                    waiting.append(beside.submit(count_program, counts, who, user, program, options, len(tests[user])))
        if not all(("nearest by DTW", user) in counts.found for user in USERS):
            waiting.append(beside.submit(count_neighbours, counts, options.nncc.parent / "nncc-dtw", file,
                                         options.threads))
        for user in options.pytorch:
            if ("PyTorch", user) not in counts.found:
                network = train_torch(start, [each for each in samples if each[2] != user], setting, options.seed)
                counts.add("PyTorch", user, right_of_torch(network, tests[user]))
        for each in waiting:
            each.result()

    users_of = {"nncc": USERS, "nncc, GRU": options.gru, "PyTorch": options.pytorch, "nearest by DTW": USERS}
    users_of = {who: users for who, users in users_of.items() if users}

    def row(name, users):
        """The part that is right of all gestures of these users, for the programs that were tried on each of them."""
        total = sum(len(tests[user]) for user in users)
        cells = (f"{sum(counts.found[who, user] for user in users) / total:.1%}" if set(users) <= set(tried) else ""
                 for who, tried in users_of.items())
        return f"| {name} | {total} | {' | '.join(cells)} |"

    compared = [row(f"those of PyTorch: {', '.join(map(str, options.pytorch))}", options.pytorch)] if (
        0 < len(options.pytorch) < len(USERS)) else []
    page = "\n".join([f"# models/gestures.yaml with each user left out, {today()}", "",
                      "Accuracy on the gestures of a user that was left out of the training.", "",
                      "| user | gestures | " + " | ".join(users_of) + " |", "|---|--:|" + "--:|" * len(users_of),
                      *(row(user, [user]) for user in USERS), row("all", list(USERS)),
                      row(f"those that nothing was chosen by: {', '.join(map(str, UNTOUCHED))}", UNTOUCHED),
                      *compared, "",
                      "From equal weights, without dropout and augmentation, the losses of the first step differ by "
                      f"{first:.1e} of them, those of the first {STEPS} by at most {worst:.1e}.", "",
                      "The nearest neighbour is that of all gestures of the other seven users, none left out; its "
                      "distance is warped without a limit.", "",
                      f"`gestures.py NNCC --data DIR --seed {options.seed} --threads {options.threads} "
                      f"{' '.join(map(str, ['--pytorch', *options.pytorch, '--gru', *options.gru]))}`, "
                      f"{machine()}, PyTorch {torch.__version__}", ""])
    publish("gestures", page, options.save)


if __name__ == "__main__":
    main()
