"""What `nncc bench MODEL.yaml --against ...` runs: one table of nncc and its peers.

    python bench.py --json MODEL.json --trainer ./model [--peak nncc-peak] [--level x86-64-v4]
                    [--against tensorflow,pytorch,jax,onednn] [--threads N] [--rounds N]
                    [--data DIR] [--results FILE.json] [--save]

MODEL.json is what `nncc compile --emit=json` prints, the trainer what `nncc compile` made. The data are
made up, or those that the model names, in DIR.

How it measures. Every program trains the same network from the same weights on the same
batches, which nncc's trainer shuffles, groups and augments; the first five losses must agree (roughly, where
dropout draws), or nothing is printed. Each framework
is one process that lives through the whole run and computes only when told to. After a warm-up,
rounds go around all programs, a fixed number of steps each (about half a second), and the median
over the rounds counts: what disturbs the machine for a while disturbs all. The FMA peak is
measured between the rounds on the same threads. Peers are held to the instruction set the trainer
was compiled for. Start-up is from the start of the process until its first training step is done
(nncc's: until the process has ended), files in the page cache, compiled kernels of earlier runs
in the frameworks' own caches. Size is the installed packages against the trainer. Of a model
without `train` it says so, which is no error. Standard library only.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import environment
import report
import workload
from builders.description import Description, NotTrained, Unsupported

HERE = pathlib.Path(__file__).resolve().parent


class Way(NamedTuple):
    """One that users of a framework have to train a model."""

    name: str  # in the table
    framework: str
    variant: str  # of its builder
    steps_at_once: int = 1
    for_short_steps: bool = False  # only where calls are what steps cost


WAYS = (Way("TensorFlow (Keras fit)", "tensorflow", "fit-32", 32),
        Way("PyTorch (eager)", "pytorch", "eager"),
        Way("PyTorch (torch.compile)", "pytorch", "compile"),
        Way("JAX (jit)", "jax", "jit"),
        Way("JAX (jit, scan)", "jax", "scan-32", 32, for_short_steps=True),
        Way("oneDNN (hand-written loop)", "onednn", "primitives"))
SHORT_STEP_FLOPS = 2e7
LOSS_TOLERANCE = 1e-3
RANDOM_LOSS_TOLERANCE = 0.3  # with dropout each program draws its own numbers
MINED_LOSS_TOLERANCE = 0.02  # rounding decides between triplets that are nearly alike
ROUND_SECONDS = 0.5
WARMUP = 20  # of nncc, whose rounds are processes of their own


class Failed(Exception):
    """str() is one line for the user."""


def ways(frameworks, description):
    training, _ = description.flops()
    short = training * description.batch_size < SHORT_STEP_FLOPS
    return [way for way in WAYS if way.framework in frameworks and (short or not way.for_short_steps)]


def output_of(command, **options):
    """The standard output of a program that has to end well."""
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if run.returncode:
        raise Failed(f"{' '.join(map(str, command))} ended with status {run.returncode}: "
                     f"{run.stderr.strip()}")
    return run.stdout


class Peer:
    """A framework's process; see peer.py for the lines it understands."""

    most_steps = math.inf  # of a round

    def __init__(self, way, options, folder, epoch):
        self.name, self.framework, self.steps_at_once = way.name, way.framework, way.steps_at_once
        self.programs = options.programs
        log = folder / f"{way.framework}-{way.variant}.log"
        self.log = open(log, "w+", encoding="utf-8", errors="replace")
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [*environment.command(way.framework, way.variant, options.programs), options.json,
             folder / "weights.safetensors", folder / "batches.safetensors", str(epoch), str(options.threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **environment.isa_limits(options.level)})
        self.losses = [self.answer()["loss"]]
        self.startup = time.perf_counter() - start

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.log.seek(0)
            tail = "".join(self.log.readlines()[-15:])
            raise Failed(f"{self.name} ended with status {self.process.returncode}:\n{tail}")
        result = json.loads(line)
        if "error" in result:
            raise Failed(result["error"])
        return result

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def seconds(self, what, steps):
        return self.ask(do=what, steps=steps)["seconds"]

    def check(self):
        while len(self.losses) < workload.CHECKED_STEPS:
            self.losses.append(self.ask(do="train", steps=1)["loss"])

    def prepare(self, batch):
        for what in ("train", "evaluate"):
            self.seconds(what, 2 + self.steps_at_once)

    def status(self):
        status = self.ask(do="status")
        return status["peak_bytes"], status["versions"]

    def installed_bytes(self):
        return environment.installed_bytes(self.framework, self.programs)

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Trainer:
    """nncc's side: `train` for start-up, losses, training times and memory; the hidden `bench`
    for evaluation."""

    name, framework, steps_at_once = "nncc", "nncc", 1

    def __init__(self, options, folder, data, epoch):
        self.path, self.threads, self.folder = options.trainer, options.threads, folder
        self.steps_per_epoch, self.samples_per_epoch = epoch["batches_per_epoch"], epoch["samples_per_epoch"]
        # What the end of an epoch takes (a checkpoint) is no step's time, but it is the user's.
        self.most_steps = 50 * self.steps_per_epoch
        self.data = data
        self.startup = statistics.median(self.first_step() for _ in range(3))
        self.losses, self.peak = [], 0

    def command(self, log, steps, threads=None):
        return [self.path, "train", "--data", self.data, "--weights-in",
                self.folder / "weights.safetensors", "--steps", str(steps),
                "--threads", str(threads or self.threads), "--log", log, "--out", self.folder / "out"]

    def first_step(self):
        """Seconds of a whole `train --steps 1`, the checkpoint and the weights included."""
        start = time.perf_counter()
        output_of(self.command(self.folder / "first.jsonl", 1))
        return time.perf_counter() - start

    def check(self):
        log = self.folder / "losses.jsonl"
        output_of(self.command(log, workload.CHECKED_STEPS))
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.losses = [line["loss"] for line in lines if "step" in line][:workload.CHECKED_STEPS]

    def prepare(self, batch):
        self.batch = batch

    def seconds(self, what, steps, threads=None):
        if what == "evaluate":
            result = json.loads(output_of(
                [self.path, "bench", "--entry", what, "--steps", str(steps), "--warmup",
                 str(WARMUP), "--threads", str(self.threads), "--batches", self.folder / "batches.safetensors"]))
            return result["us_per_sample"]["mean"] * 1e-6 * steps * self.batch
        # The real thing: shuffled batches of the data set, gathered while the step before runs.
        log = self.folder / "round.jsonl"
        output_of(self.command(log, WARMUP + steps, threads))
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        taken = [line["seconds"] for line in lines if "step" in line]
        if len(taken) != WARMUP + steps:
            raise Failed(f"{log} has {len(taken)} steps, not {WARMUP + steps}")
        # The last batch of an epoch may be smaller.
        samples = [self.batch] * (self.steps_per_epoch - 1) + [self.samples_per_epoch -
                                                               self.batch * (self.steps_per_epoch - 1)]
        seen = sum(samples[step % self.steps_per_epoch] for step in range(WARMUP, WARMUP + steps))
        return sum(taken[WARMUP:]) * steps * self.batch / seen

    def status(self):
        """The peak of a training of two epochs, the validation in between included, read from
        /proc while it runs."""
        command = self.command(self.folder / "memory.jsonl", 2 * self.steps_per_epoch)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            try:
                text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                found = [line for line in text.splitlines() if line.startswith("VmHWM:")]
                peak = max(peak, int(found[0].split()[1]) * 1024 if found else 0)
            except OSError:
                break
            time.sleep(0.001)
        if process.wait():
            raise Failed(f"{self.path} train ended with status {process.returncode}")
        return peak, {}

    def installed_bytes(self):
        return self.path.stat().st_size

    def end(self):
        pass


def busy_seconds():
    """CPU seconds that all processes of the machine have used."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds(programs):
    """Those of this run: this process, its ended children and the peers' processes."""
    total = sum(os.times()[:4])
    for program in programs:
        if isinstance(program, Peer):
            text = pathlib.Path(f"/proc/{program.process.pid}/stat").read_text()
            total += sum(map(int, text.rsplit(")", 1)[1].split()[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


class Disturbance:
    """How many CPUs the machine's other processes keep busy from now on."""

    def __init__(self, programs=()):
        self.programs = programs
        self.began, self.busy, self.own = time.perf_counter(), busy_seconds(), own_seconds(programs)

    def cpus(self):
        others = (busy_seconds() - self.busy) - (own_seconds(self.programs) - self.own)
        return others / (time.perf_counter() - self.began)


def check_losses(programs, description):
    """All programs must compute the same thing before their times are compared."""
    reference = programs[0]
    tolerance = (RANDOM_LOSS_TOLERANCE if description.random else
                 MINED_LOSS_TOLERANCE if description.mined else LOSS_TOLERANCE)
    for program in programs[1:]:
        for step, (a, b) in enumerate(zip(reference.losses, program.losses, strict=True)):
            if not abs(a - b) <= tolerance * max(1, abs(a)):
                raise Failed(f"the losses of {reference.name} and {program.name} differ at step "
                             f"{step + 1}: {a} and {b}")


def measure_peak(options, threads=None):
    """GFLOP/s of multiply-adds at the best level up to options.level."""
    if not options.peak:
        return None
    return json.loads(output_of([options.peak, "--threads", str(threads or options.threads), "--level",
                                 options.level, "--seconds", "0.2"]))


def measure(options):
    description = Description.load(options.json)
    batch = description.batch_size
    with tempfile.TemporaryDirectory(prefix="nncc-bench-") as name:
        folder = pathlib.Path(name)
        data = options.data or folder / "data"
        try:
            epoch = workload.write(folder, description, options.trainer, options.data)
        except subprocess.CalledProcessError as error:
            raise Failed(error.stderr.strip().splitlines()[-1].removeprefix("error: ")) from error
        programs = []
        try:
            programs.append(Trainer(options, folder, data, epoch))
            for way in ways(options.against, description):
                # The first start fills the page cache and the framework's own caches.
                Peer(way, options, folder, epoch["batches_per_epoch"]).end()
                programs.append(Peer(way, options, folder, epoch["batches_per_epoch"]))
            for program in programs:
                program.check()
            check_losses(programs, description)
            times, peaks, single, others = rounds(options, programs, batch)
            rows = [row(program, times[program.name], batch) for program in programs]
        finally:
            for program in programs:
                program.end()
    return {"model": description.name, "batch": batch, **circumstances(options),
            "others_cpus": others, "rows": rows, "roofline": roofline(description, peaks),
            "scaling": scaling(times, peaks, single), "notes": notes(description)}


def circumstances(options):
    """Of a result: when, where and how it was measured."""
    return {"threads": options.threads, "level": options.level, "cpu": cpu_name(),
            "system": platform.platform(), "python": platform.python_version(),
            "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            "rounds": options.rounds}


def steps_of_a_round(program, what):
    """About ROUND_SECONDS of them, in whole calls; what each round costs once must not hide how
    short they are."""
    steps, most = 10, program.most_steps if what == "train" else math.inf
    while (seconds := program.seconds(what, steps)) < ROUND_SECONDS / 5 and steps < most:
        steps = min(10 * steps, math.ceil(steps * ROUND_SECONDS / seconds), most)
    steps = min(max(10, round(steps * ROUND_SECONDS / seconds)), most)
    return max(steps - steps % program.steps_at_once, min(steps, program.steps_at_once))


def notes(description):
    """What a reader of the numbers must know, a sentence each."""
    found = []
    if description.random:
        found.append("The losses are compared roughly: each program draws its own random numbers.")
    if description.augmented:
        found.append("nncc augments its training samples while it trains; the others get samples that are "
                     "augmented already, the same ones again and again.")
    return found


def rounds(options, programs, batch):
    """Times of all programs, peaks, and of one thread alone nncc's time and the peak, round by round."""
    steps, times, peaks, single = {}, {}, [], []
    disturbance = Disturbance(programs)
    for program in programs:
        program.prepare(batch)
        times[program.name] = {"train": [], "evaluate": []}
        for what in ("train", "evaluate"):
            steps[program.name, what] = steps_of_a_round(program, what)
    for _ in range(options.rounds):
        peaks.append(measure_peak(options))
        for what in ("train", "evaluate"):
            for program in programs:
                time.sleep(0.05)  # lets the last one's threads fall asleep
                count = steps[program.name, what]
                times[program.name][what].append(program.seconds(what, count) / count / batch)
        if options.peak and options.threads > 1:
            count = max(10, steps[programs[0].name, "train"] // options.threads)
            single.append((programs[0].seconds("train", count, threads=1) / count / batch,
                           measure_peak(options, threads=1)["gflops"]))
    return times, [peak for peak in peaks if peak], single, disturbance.cpus()


def scaling(times, peaks, single):
    """How many times faster all threads are than one: nncc's training, and multiply-adds alone."""
    if not single:
        return None
    alone, peak = (statistics.median(values) for values in zip(*single))
    return {"training": alone / statistics.median(times["nncc"]["train"]),
            "peak": statistics.median(entry["gflops"] for entry in peaks) / peak}


def row(program, times, batch):
    peak, versions = program.status()
    spread = {what: [min(values) * 1e6, max(values) * 1e6] for what, values in times.items()}
    return {"name": program.name, "versions": versions,
            "train_us": statistics.median(times["train"]) * 1e6,
            "evaluate_us": statistics.median(times["evaluate"]) * 1e6, "range_us": spread,
            "peak_bytes": peak, "startup_seconds": program.startup,
            "disk_bytes": program.installed_bytes(), "losses": program.losses}


def roofline(description, peaks):
    if not peaks:
        return None
    best = max(peaks, key=lambda peak: peak["gflops"])
    training, evaluation = description.flops()
    return {"isa": best["isa"], "gflops": best["gflops"],
            "train_us": training / best["gflops"] * 1e-3,
            "evaluate_us": evaluation / best["gflops"] * 1e-3,
            "train_flops": training, "evaluate_flops": evaluation}


def usable_cpus():
    return len(os.sched_getaffinity(0))


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def existing_file(text):
    path = pathlib.Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"'{text}' is not there")
    return path


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of at least 1")
    return int(text)


def parser_of(doc, rounds):
    """What this script's command line and that of kernels.py have in common."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=existing_file, required=True)
    parser.add_argument("--level", default="x86-64-v4",
                        choices=["x86-64", "x86-64-v3", "x86-64-v4"])
    parser.add_argument("--threads", type=positive, default=usable_cpus())
    parser.add_argument("--rounds", type=positive, default=rounds)
    parser.add_argument("--save", action="store_true", help="also write a page under results/")
    parser.add_argument("--command", default=" ".join(sys.argv), help="as shown in that page")
    return parser


def main():
    parser = parser_of(__doc__, rounds=7)
    parser.add_argument("--trainer", type=existing_file, required=True)
    parser.add_argument("--data", type=pathlib.Path, help="folder of the model's data (default: made-up ones)")
    parser.add_argument("--peak", type=existing_file)
    parser.add_argument("--against", default="tensorflow,pytorch,jax",
                        type=lambda text: [name for name in text.split(",") if name])
    parser.add_argument("--results", type=pathlib.Path, help="also write the numbers here (JSON)")
    options = parser.parse_args()
    # oneDNN's loop stands beside the program that measures the peak.
    options.programs = options.peak.parent if options.peak else HERE.parent / "build" / "bin"
    try:
        for name in options.against:
            if name not in environment.FRAMEWORKS:
                raise Failed(f"--against knows {', '.join(environment.FRAMEWORKS)}, not {name}")
        result = measure(options)
    except NotTrained as reason:
        print(f"bench: {reason}")
        return 0
    except (Failed, Unsupported, environment.SetupFailed) as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return 1
    print(report.table(result))
    if options.results:
        options.results.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.save:
        print(f"\nwritten to {report.save(result, options.command)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
