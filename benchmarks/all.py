"""One table of all models: `nncc bench` of each in turn.

    python all.py NNCC [MODEL.yaml...] [--save] [--against tensorflow,pytorch,jax] [--rounds N] ...

Without names the models of models/. Options that are not this script's go to every `nncc bench`.
Each model's own table is printed when it is measured, at last that of all. A model that cannot be
measured is named below the table with the reason; the exit status is 1 where that is an error.
Standard library only.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import report

MODELS = pathlib.Path(__file__).resolve().parents[1] / "models"


def bench(nncc, model, options):
    """(result, None), or (None, the line that says why there is none), and whether it failed."""
    with tempfile.TemporaryDirectory(prefix="nncc-bench-all-") as folder:
        path = pathlib.Path(folder) / "results.json"
        run = subprocess.run([nncc, "bench", model, "--results", path, *options],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(run.stdout, flush=True)
        if run.returncode == 0 and path.exists():
            return json.loads(path.read_text(encoding="utf-8")), None, False
    words = run.stdout.strip().splitlines() or [f"ended with status {run.returncode}"]
    return None, f"{model.stem}: {words[-1].removeprefix('bench: ')}", run.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nncc", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path, nargs="*", metavar="MODEL.yaml")
    parser.add_argument("--save", action="store_true", help="also write a page under results/")
    options, rest = parser.parse_known_args()
    results, left_out, failed = [], [], False
    for model in options.models or sorted(MODELS.glob("*.yaml")):
        result, reason, wrong = bench(options.nncc, model, rest)
        (left_out if result is None else results).append(reason if result is None else result)
        failed = failed or wrong
    if results:
        print(report.tables(results, left_out))
        if options.save:
            command = shlex.join(["python", "benchmarks/all.py", *sys.argv[1:]])
            print(f"\nwritten to {report.save_all(results, left_out, command)}")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
