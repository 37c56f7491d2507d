"""The figures that the models of models/ reach on real data, one page.

    python figures.py NNCC --data DIR [--only MODEL ...] [--threads N] [--save]

Compiles each model, trains it with its own program, seed by seed, and collects the lines that
the program prints about unseen data. DIR is where `../shared/data/unpack DIR` has unpacked the
data sets. Standard library only; regressions are compared with other programs by tabular.py.
"""

import argparse
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

from script import publish, today

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent / "models"

# model, seeds, the score that counts, what it is to reach
ROWS = [("crow_count", 3, "Root mean squared error", "see tabular.py"),
        ("house_prices", 3, "Root mean squared error", "see tabular.py"),
        ("mnist", 3, "Accuracy", "99.2%"),
        ("vowels", 5, "Accuracy", "96%"),
        ("siamese", 3, "Pair accuracy", "85%"),
        ("one_shot", 1, "One shot accuracy", "93%"),
        ("gesture_one_shot", 3, "One shot accuracy", "75%"),
        ("security_camera", 1, "Accuracy", "95%"),
        ("speeding_car", 1, "Car accuracy", "97%, box IoU 0.75, speed within 5%"),
        ("cifar10_regularized", 1, "Accuracy", "84%")]

# Programs of the build tree that make a model's data, called with DIR.
MAKERS = {"speeding_car": "nncc-car-clips"}


def scores(text):
    """{"Accuracy": "99.21%", ...} from the lines "Accuracy on unseen test images: 99.21%"."""
    return dict(re.findall(r"^(.+) on unseen test \w+: (\S+)$", text, re.MULTILINE))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("nncc", type=pathlib.Path)
    arguments.add_argument("--data", type=pathlib.Path, required=True)
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--threads", type=int)
    arguments.add_argument("--save", action="store_true")
    options = arguments.parse_args()
    page = [f"# Figures of the models, {today()}", "",
            "| model | seeds | reached | to reach | all scores of the median seed | a training, s |",
            "|---|---|--:|--:|---|--:|"]
    for name, seeds, score, wanted in ROWS:
        if options.only and name not in options.only:
            continue
        if name in MAKERS:
            subprocess.run([options.nncc.parent / MAKERS[name], options.data], check=True)
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / name
            subprocess.run([options.nncc, "compile", MODELS / f"{name}.yaml", "-o", program, "-Werror"], check=True)
            runs = []
            for seed in range(1, seeds + 1):
                start = time.monotonic()
                command = [program, "train", "--data", options.data, "--out", f"{folder}/run", "--seed", str(seed)]
                if options.threads:
                    command += ["--threads", str(options.threads)]
                run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found = scores(run.stdout)
                runs.append((float(found[score].rstrip("%")), found, time.monotonic() - start))
                print(name, seed, found, f"{runs[-1][2]:.0f} s", flush=True)
            value = statistics.median_low(value for value, _, _ in runs)
            median = next(run for run in runs if run[0] == value)
            everything = ", ".join(f"{key.lower()} {text}" for key, text in median[1].items())
            spread = "" if seeds == 1 else f" ({min(r[0] for r in runs):g} to {max(r[0] for r in runs):g})"
            page.append(f"| {name} | {', '.join(map(str, range(1, seeds + 1)))} | {median[1][score]}{spread} | {wanted} | "
                        f"{everything} | {statistics.median(r[2] for r in runs):.0f} |")
    page += ["", f"- command: `python3 benchmarks/figures.py build/bin/nncc --data build/data"
                 + (f" --only {' '.join(options.only)}" if options.only else "") + "`",
             f"- {platform.system()} {platform.machine()}"]
    text = "\n".join(page) + "\n"
    publish("figures", text, options.save)


if __name__ == "__main__":
    main()
