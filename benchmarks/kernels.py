"""What `nncc bench MODEL.yaml --kernels` runs: every kernel of the training step, in the step.

    python kernels.py --json MODEL.json --trainer ./model --table kernels.json [--peak nncc-peak]
                      [--level x86-64-v4] [--threads N] [--rounds N] [--entry train|evaluate]
                      [--no-onednn] [--save]

The trainer counts the ticks of each kernel where it runs in its stage, with the caches as the kernels
before it left them; kernels.json says which they are (compiler/driver/KernelTable.h). A kernel's
time is what it takes of a step on all threads together, divided by the samples and the threads. Its
roofline is what its FLOPs take at the measured multiply-add peak or its bytes at the measured
bandwidth of the caches, whichever is longer.

Beside it stands oneDNN's primitive for the kernel's anchor at the batch's shape (primitives.py): the
anchor alone, without the pool, the normalization or the update that nncc's kernel does with it, in the
layouts that oneDNN likes best, again and again on the same operands.

Rounds go around the peaks, the trainer and the primitives; medians count. Without nncc-peak there are no
rooflines, without oneDNN no column of it. Standard library only.
"""

import json
import pathlib
import statistics
import sys

import bench
import environment
import report
from bench import Failed
from primitives import Primitives, shape_of

HERE = pathlib.Path(__file__).resolve().parent
ENTRIES = {"train": "train_step", "evaluate": "evaluate"}
WARMUP = 5
TRIAL_STEPS, MOST_STEPS = 3, 1000


class Row:
    """One call of a kernel, or several alike that are no sample's: what they take in us a sample, each
    round, and what they could take at least."""

    def __init__(self, numbers, kernels, batch, threads):
        self.numbers, self.kernels = numbers, kernels
        self.workers = 1 if kernels[0]["over"] == "nothing" else threads
        self.share = self.workers / threads
        self.flops = sum(kernel["flops"] * units(kernel, batch) for kernel in kernels) / batch
        self.bytes = sum(bytes_of(kernel, batch) for kernel in kernels) / batch
        self.shape = shape_of(kernels[0]["spec"], batch) if len(kernels) == 1 else None
        self.times, self.onednn_times, self.onednn_error = [], [], None

    @property
    def name(self):
        first = self.kernels[0]
        if len(self.kernels) > 1:
            return f"{first['kernel']} ({len(self.kernels)} kernels)"
        return first["kernel"] + (f" ({first['layer']})" if first["layer"] else "")

    def add_round(self, times):
        self.times.append(sum(times[number] for number in self.numbers) / self.workers)

    def add_onednn_round(self, answer, batch):
        if "error" in answer:
            self.onednn_error = answer["error"]
        else:
            self.onednn_times.append(answer["us"] / batch)

    def roofline(self, peak):
        """us a sample that it takes at least, and what bounds it."""
        compute = self.flops / (peak["gflops"] * self.share) * 1e-3
        memory = self.bytes / (peak["cache_gbs"] * self.share) * 1e-3
        return max((compute, "FMA"), (memory, "memory"))

    def result(self, peak):
        least, bound = self.roofline(peak) if peak else (None, None)
        return {"name": self.name, "schedule": self.kernels[0]["schedule"], "flops": self.flops,
                "us": statistics.median(self.times), "range_us": [min(self.times), max(self.times)],
                "roofline_us": least, "bound": bound, "onednn_error": self.onednn_error,
                "onednn_us": statistics.median(self.onednn_times) if self.onednn_times else None}


def units(kernel, batch):
    """Of what the stage cuts, in a step."""
    if kernel["over"] == "samples":
        return batch
    if kernel["over"] == "nothing":
        return 1
    return max(argument["shape"][argument["sliced"]] for argument in kernel["spec"]["arguments"]
               if argument["sliced"] >= 0)


def bytes_of(kernel, batch):
    """Read and written in a step."""
    calls = batch / kernel["slice"] if kernel["over"] == "samples" else 1
    return kernel["sample_bytes"] * units(kernel, batch) + kernel["call_bytes"] * calls


def rows_of(table, entry, batch, threads):
    """In the order of the step. The many kernels beside the samples (updates of weights) that have the same
    name and schedule share a row."""
    groups = {}
    for number, kernel in enumerate(table):
        if kernel["entry"] == entry:
            alike = number if kernel["over"] == "samples" else (kernel["kernel"], kernel["schedule"], kernel["over"])
            groups.setdefault(alike, []).append(number)
    return [Row(numbers, [table[number] for number in numbers], batch, threads) for numbers in groups.values()]


def run_steps(options, steps):
    return json.loads(bench.output_of(
        [options.trainer, "bench", "--entry", options.entry, "--steps", str(steps), "--warmup", str(WARMUP),
         "--threads", str(options.threads)]))


def steps_of_a_round(options, kernels):
    """(steps, samples of one, threads) of a trainer that counts so many kernels."""
    trial = run_steps(options, TRIAL_STEPS)
    counted = len(trial.get("kernels_us_per_sample", []))
    if counted != kernels:
        raise Failed(f"{options.trainer} counts {counted} kernels, {options.table} has {kernels}")
    seconds = trial["us_per_sample"]["median"] * trial["batch"] * 1e-6
    return min(max(round(bench.ROUND_SECONDS / seconds), TRIAL_STEPS), MOST_STEPS), trial["batch"], trial["threads"]


def onednn(options):
    """(the program or None, why there is none)."""
    if not options.onednn:
        return None, None
    try:
        return Primitives(options.peak.parent, options.threads, options.level), None
    except environment.SetupFailed as reason:
        return None, f"No times of oneDNN: {reason}."


def measure(options):
    model, table = (json.loads(path.read_text(encoding="utf-8")) for path in (options.json, options.table))
    if not any(kernel["entry"] == ENTRIES[options.entry] for kernel in table):
        raise Failed(f"'{model['model']}' is not trained: there is no step to measure")
    primitives, missing = onednn(options)
    notes = [missing] if missing else []
    if not options.peak.is_file():
        notes.append(f"No rooflines: {options.peak} is not built.")
        options.peak = None
    count, batch, threads = steps_of_a_round(options, len(table))
    rows = rows_of(table, ENTRIES[options.entry], batch, threads)
    steps, peaks, versions = [], [], {}
    disturbance = bench.Disturbance()
    for _ in range(options.rounds):
        peaks.append(bench.measure_peak(options))
        result = run_steps(options, count)
        steps.append(result["us_per_sample"]["median"])
        for row in rows:
            row.add_round(result["kernels_us_per_sample"])
        if primitives:
            versions.update(onednn_round(primitives, rows, batch))
    peak = {key: statistics.median(p[key] for p in peaks) for key in ("gflops", "cache_gbs")} if peaks[0] else None
    return {"model": model["model"], "batch": batch, "entry": options.entry, **bench.circumstances(options),
            "others_cpus": disturbance.cpus(), "rows": [row.result(peak) for row in rows], "peak": peak,
            "step_us": statistics.median(steps), "onednn": primitives is not None, "versions": versions,
            "notes": notes}


def onednn_round(primitives, rows, batch):
    """The times of all rows that have a shape; returns the library's version."""
    compared = [row for row in rows if row.shape]
    versions = {}
    for row, answer in zip(compared, primitives.measure([row.shape for row in compared]), strict=True):
        row.add_onednn_round(answer, batch)
        if "version" in answer:
            versions["oneDNN"] = answer["version"]
    return versions


def main():
    parser = bench.parser_of(__doc__, rounds=5)
    parser.add_argument("--trainer", type=bench.existing_file, required=True)
    parser.add_argument("--table", type=bench.existing_file, required=True)
    parser.add_argument("--peak", type=pathlib.Path, default=HERE.parent / "build" / "bin" / "nncc-peak",
                        help="nncc-onednn-primitives is looked for beside it")
    parser.add_argument("--entry", default="train", choices=sorted(ENTRIES))
    parser.add_argument("--no-onednn", dest="onednn", action="store_false", help="nncc's kernels alone")
    options = parser.parse_args()
    try:
        result = measure(options)
    except (Failed, OSError) as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return 1
    print(report.kernels(result))
    if options.save:
        print(f"\nwritten to {report.save_kernels(result, options.command)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
