"""What `nncc bench MODEL.yaml --kernels` runs: every kernel of the training step, in the step.

    python kernels.py --trainer ./model --table kernels.json [--peak nncc-peak] [--level x86-64-v4]
                      [--threads N] [--rounds N] [--entry train|evaluate]

The trainer counts the ticks of each kernel where it runs in its stage, with the caches as the kernels
before it left them; kernels.json says which they are (compiler/driver/KernelTable.h). A kernel's
time is what it takes of a step on all threads together, divided by the samples and the threads. Its
roofline is what its FLOPs take at the measured multiply-add peak or its bytes at the measured
bandwidth of the caches, whichever is longer. Medians of rounds; the peaks are measured between them.
Standard library only.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

import bench

ENTRIES = {"train": "train_step", "evaluate": "evaluate"}


def run_steps(options):
    run = subprocess.run([options.trainer, "bench", "--entry", options.entry, "--steps", str(options.steps),
                          "--warmup", "5", "--threads", str(options.threads)],
                         check=True, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


class Row:
    """One kernel call: its times in us a sample, and what it could take at least."""

    def __init__(self, kernel, batch, threads):
        self.name = kernel["kernel"] + (f" ({kernel['layer']})" if kernel["layer"] else "")
        self.schedule = kernel["schedule"]
        self.workers = 1 if kernel["over"] == "nothing" else threads
        sliced = kernel["over"] == "samples"
        self.flops = kernel["flops"] if sliced else kernel["flops"] / batch
        calls = 1 / kernel["slice"] if sliced else 1 / batch
        self.bytes = kernel["call_bytes"] * calls + kernel["sample_bytes"] * (1 if sliced else calls)
        if kernel["over"] == "elements":
            self.bytes = (kernel["call_bytes"] + kernel["sample_bytes"] * elements(kernel["spec"])) / batch
        self.times = []

    def us(self):
        return statistics.median(self.times)

    def roofline(self, peak, threads):
        """us a sample that the kernel takes at least, and what bounds it."""
        share = self.workers / threads
        compute = self.flops / (peak["gflops"] * share) * 1e-3
        memory = self.bytes / (peak["cache_gbs"] * share) * 1e-3
        return (compute, "FMA") if compute >= memory else (memory, "memory")


def elements(spec):
    return max(argument["shape"][argument["sliced"]] for argument in spec["arguments"] if argument["sliced"] >= 0)


def measure(options):
    table = json.loads(options.table.read_text())
    wanted = [i for i, kernel in enumerate(table) if kernel["entry"] == ENTRIES[options.entry]]
    rows, peaks, steps = None, [], []
    for _ in range(options.rounds):
        peaks.append(bench.measure_peak(options))
        result = run_steps(options)
        steps.append(result["us_per_sample"]["median"])
        if rows is None:
            rows = [Row(table[i], result["batch"], result["threads"]) for i in wanted]
        for row, i in zip(rows, wanted, strict=True):
            row.times.append(result["kernels_us_per_sample"][i] / row.workers)
    peak = {key: statistics.median(p[key] for p in peaks) for key in ("gflops", "cache_gbs")} if peaks[0] else None
    return rows, peak, statistics.median(steps)


def table(options, rows, peak, step):
    lines = ["| kernel | schedule | us/sample | of the step | GFLOP/s | of its roofline |", "|---|---|--:|--:|--:|--:|"]
    for row in rows:
        roof, bound = row.roofline(peak, options.threads)
        rate = f"{row.flops / row.us() * 1e-3:.0f}" if row.flops else ""
        lines.append(f"| {row.name} | {row.schedule} | {row.us():.2f} | {row.us() / step:.1%} | {rate} | "
                     f"{roof / row.us():.0%} {bound} |")
    total = sum(row.us() for row in rows)
    lines += ["", f"Kernels {total:.1f} us a sample of a step's {step:.1f}; peak {peak['gflops']:.0f} GFLOP/s, "
              f"caches {peak['cache_gbs']:.0f} GB/s, {options.threads} threads."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=bench.existing_file, required=True)
    parser.add_argument("--table", type=bench.existing_file, required=True)
    parser.add_argument("--json", type=bench.existing_file, help="the model, as bench.py takes it")
    parser.add_argument("--peak", type=bench.existing_file)
    parser.add_argument("--level", default="x86-64-v4", choices=["x86-64", "x86-64-v3", "x86-64-v4"])
    parser.add_argument("--threads", type=int, default=bench.usable_cpus())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--entry", default="train", choices=sorted(ENTRIES))
    parser.add_argument("--command", default=" ".join(sys.argv), help="as shown in a saved page")
    options = parser.parse_args()
    print(table(options, *measure(options)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
