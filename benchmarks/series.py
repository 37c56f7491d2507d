"""models/series_forecast.yaml beside an autoregression and the last value: one page.

    PYTHON series.py NNCC --data DIR [--threads N] [--seeds N] [--save]

PYTHON is one that has NumPy: that of the PyTorch environment (environment.py). The window is chosen by the
validation part: of WINDOWS the one from which a least-squares autoregression, fitted on the training part, forecasts
the next month best; the model has to have that one. Then for one month ahead and for twelve a program trains with
several seeds, `predict` forecasts from every window of the file, and the errors of those of the test part are
compared with those of autoregressions fitted on the same training part, one for each month ahead. --save also keeps
the picture of forecast and truth that the median seed's training left.
"""

import argparse
import csv
import pathlib
import re
import shutil
import tempfile

import numpy

from report import RESULTS
from script import machine, publish, run, today

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "series_forecast.yaml"
WINDOWS = (6, 12, 24, 36, 48, 60, 84, 132)


def rmse(errors):
    return float(numpy.sqrt(numpy.mean(numpy.square(errors))))


class Series:
    """The file's numbers and where its parts begin, as the reader cuts them."""

    def __init__(self, path, validation, test):
        with open(path, newline="") as file:
            self.values = numpy.array([float(row[1]) for row in list(csv.reader(file))[1:]])
        self.test = len(self.values) - round(test * len(self.values))
        self.validation = self.test - round(validation * len(self.values))

    def samples(self, begin, end, window, ahead):
        """Windows and what follows them, where that is from `begin` to before `end`."""
        firsts = range(max(begin, window), end - ahead + 1)
        return (numpy.array([self.values[i - window:i] for i in firsts]),
                numpy.array([self.values[i:i + ahead] for i in firsts]))

    def regression_errors(self, begin, end, window, ahead):
        with_one = lambda windows: numpy.hstack([windows, numpy.ones((len(windows), 1))])
        windows, targets = self.samples(0, self.validation, window, ahead)
        weights = numpy.linalg.lstsq(with_one(windows), targets, rcond=None)[0]
        windows, targets = self.samples(begin, end, window, ahead)
        return with_one(windows) @ weights - targets


def forecasts_of(program, options, file, out):
    """{line of a window's last row: forecasts}."""
    told = run([program, "predict", file, "--out", out, "--threads", options.threads])
    found = re.findall(r":(\d+)\n  \w+:((?: \S+)+)$", told, re.MULTILINE)
    return {int(line): numpy.array([float(word) for word in words.split()]) for line, words in found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nncc", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    text = MODEL.read_text()
    window = int(re.search(r"shape: \[(\d+), 1\]", text)[1])
    validation, test = (float(re.search(rf"{part}: {{last: ([\d.]+)}}", text)[1]) for part in ("validation", "test"))
    file = options.data / "timeseries" / "monthly-sunspots.csv"
    series = Series(file, validation, test)
    choices = {each: rmse(series.regression_errors(series.validation, series.test, each, 1)) for each in WINDOWS}
    assert min(choices, key=choices.get) == window, f"the validation part chooses another window: {choices}"
    end, name = len(series.values), f"{today()}-series"
    rows, reached = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for ahead in (1, 12):
            model, program = folder / f"ahead{ahead}.yaml", folder / f"ahead{ahead}"
            model.write_text(text.replace("units: 12", f"units: {ahead}"))
            run([options.nncc, "compile", model, "-o", program, "-Werror"])
            windows, targets = series.samples(series.test, end, window, ahead)
            errors = {"least-squares autoregression": series.regression_errors(series.test, end, window, ahead),
                      "last value": windows[:, -1:] - targets}
            ours = []
            for seed in range(1, options.seeds + 1):
                out = folder / f"run{ahead}-{seed}"
                told = run([program, "train", "--data", options.data, "--out", out, "--seed", seed, "--threads",
                            options.threads])
                forecasts = forecasts_of(program, options, file, out)
                # The window before row i of the values ends in line i + 1 of the file.
                found = numpy.array([forecasts[i + 1] for i in range(series.test, end - ahead + 1)]) - targets
                said = float(re.search(r"^Root mean squared error in units of .*: (\S+)$", told, re.MULTILINE)[1])
                assert abs(said - rmse(found)) < 1e-3 * said, f"the trainer says {said}, its forecasts {rmse(found)}"
                ours.append((rmse(found), seed, found))
            ours.sort(key=lambda each: each[0])
            _, seed, errors["nncc"] = ours[(len(ours) - 1) // 2]
            reached.append(f"{ahead} ahead: {ours[0][0]:.2f} to {ours[-1][0]:.2f}")
            if options.save and ahead == 12:
                shutil.copy(folder / f"run12-{seed}" / "forecast_plot.svg", RESULTS / f"{name}.svg")
            for who in ("nncc", "least-squares autoregression", "last value"):
                rows.append(f"| {ahead} | {who} | {rmse(errors[who]):.2f} | {rmse(errors[who][:, -1]):.2f} |")
                print(rows[-1], flush=True)
    chosen = ", ".join(f"{each}: {error:.2f}" for each, error in choices.items())
    page = "\n".join([f"# models/series_forecast.yaml, {today()}", "",
                      "Root mean squared errors in sunspots on the last fifth of the months; of nncc those of the median "
                      f"of {options.seeds} seeds ({'; '.join(reached)}).", "",
                      "| months ahead | | of all | of the last |", "|--:|---|--:|--:|", *rows, "",
                      f"The autoregression's error one month ahead on the validation part, by window: {chosen}.", "",
                      f"![Forecast and truth, the median seed]({name}.svg)", "",
                      f"`series.py NNCC --data DIR --seeds {options.seeds}`, "
                      f"{machine()}", ""])
    publish("series", page, options.save)


if __name__ == "__main__":
    main()
