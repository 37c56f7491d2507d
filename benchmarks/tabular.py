"""Regression on tables: nncc beside Keras and scikit-learn's MLPRegressor with the same layers.

    python tabular.py MODEL.json --trainer ./model --data DIR --seeds 3 [--save PAGE.md]

MODEL.json is what `nncc compile --emit=json` prints: a chain `normalization`, dense layers,
`normalization: {invert: true}` on a `csv` reader, with the test part a fraction of the training
data. All three see the same rows on each side (the split is a hash of a row's text, which this
script computes again), the same one-hot columns, inputs and targets scaled by the mean and
deviation of the training part, the same layers, optimizer, batch size and number of epochs.
Prints the RMSE on the test rows, in units of the target, for each seed. Wants the interpreter of
the TensorFlow peer, which has scikit-learn (see README.md).
"""

import argparse
import csv
import datetime
import json
import math
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

import numpy

from split import is_training


def read(reader, fraction, folder):
    """(features, targets) of the training and the test part, as nncc's reader makes them."""
    lines = (folder / reader["path"]).read_text(encoding="utf-8-sig").splitlines()
    names = next(csv.reader(lines[:1]))
    target = reader["target"][0] if isinstance(reader["target"], list) else reader["target"]
    dropped = set(reader.get("drop") or []) | {target}
    one_hot = reader.get("one_hot") or []
    parts = ([], [])
    for line in lines[1:]:
        parts[not is_training(line, test=fraction)].append(dict(zip(names, next(csv.reader([line])))))
    train, _ = parts
    columns = []
    for name in names:
        if name in dropped:
            continue
        if name in one_hot:
            columns += [(lambda row, name=name, category=category: float(row[name] == category))
                        for category in sorted({row[name] for row in train})]
        else:
            known = [float(row[name]) for row in train if row[name] != ""]
            fill = statistics.fmean(known)
            columns.append(lambda row, name=name, fill=fill: float(row[name]) if row[name] else fill)
    return [(numpy.array([[column(row) for column in columns] for row in part]),
             numpy.array([float(row[target]) for row in part])) for part in parts]


def rmse(predicted, wanted):
    return math.sqrt(numpy.mean((numpy.asarray(predicted).ravel() - wanted) ** 2))


def hidden_units(model):
    kinds = [layer["kind"] for layer in model["layers"]]
    if kinds[0] != "normalization" or kinds[-1] != "normalization" or set(kinds[1:-1]) != {"dense"}:
        sys.exit("tabular: expected a chain of normalization, dense layers and normalization")
    return [layer["options"]["units"] for layer in model["layers"][1:-2]]


def with_keras(model, parts, seed):
    import keras

    keras.utils.set_random_seed(seed)
    (x, y), (test_x, test_y) = parts
    optimizer = model["train"]["optimizer"]
    network = keras.Sequential([keras.Input((x.shape[1],))] +
                               [keras.layers.Dense(units, activation="relu") for units in hidden_units(model)] +
                               [keras.layers.Dense(1)])
    network.compile(keras.optimizers.Adam(optimizer["learning_rate"]), "mse")
    network.fit(x, (y - y.mean()) / y.std(), batch_size=model["train"]["batch_size"],
                epochs=model["train"]["epochs"], verbose=0)
    return rmse(network.predict(test_x, verbose=0) * y.std() + y.mean(), test_y)


def with_sklearn(model, parts, seed):
    import sklearn.neural_network

    (x, y), (test_x, test_y) = parts
    optimizer = model["train"]["optimizer"]
    network = sklearn.neural_network.MLPRegressor(
        hidden_layer_sizes=hidden_units(model), solver="adam", alpha=0, batch_size=model["train"]["batch_size"],
        learning_rate_init=optimizer["learning_rate"], max_iter=model["train"]["epochs"],
        n_iter_no_change=model["train"]["epochs"], random_state=seed)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that all epochs were used
        network.fit(x, (y - y.mean()) / y.std())
    return rmse(network.predict(test_x) * y.std() + y.mean(), test_y)


def with_nncc(trainer, folder, seed):
    with tempfile.TemporaryDirectory() as out:
        run = subprocess.run([trainer, "train", "--data", folder, "--out", out, "--seed", str(seed)],
                             check=True, stdout=subprocess.PIPE, text=True)
    return float(re.search(r"Root mean squared error on .*: ([\d.]+)", run.stdout)[1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("model", type=pathlib.Path)
    arguments.add_argument("--trainer", type=pathlib.Path, required=True)
    arguments.add_argument("--data", type=pathlib.Path, required=True)
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--save", type=pathlib.Path)
    options = arguments.parse_args()
    model = json.loads(options.model.read_text())
    parts = read(model["data"]["train"], model["data"]["test"]["fraction"], options.data)
    mean, deviation = parts[0][0].mean(0), parts[0][0].std(0)
    scaled = [((x - mean) / numpy.maximum(deviation, 1e-7), y) for x, y in parts]
    seeds = range(1, options.seeds + 1)
    import keras
    import sklearn

    rows = [("nncc", [with_nncc(options.trainer.resolve(), options.data, seed) for seed in seeds]),
            (f"Keras {keras.__version__}", [with_keras(model, scaled, seed) for seed in seeds]),
            (f"scikit-learn {sklearn.__version__} MLPRegressor",
             [with_sklearn(model, scaled, seed) for seed in seeds])]
    rows.append(("mean of the training part", [rmse(parts[0][1].mean(), parts[1][1])]))
    page = [f"# {model['model']}: RMSE on the test rows, {datetime.date.today().isoformat()}", "",
            f"{len(parts[0][1])} training rows, {len(parts[1][1])} test rows, {parts[0][0].shape[1]} features, "
            f"{model['train']['epochs']} epochs, {platform.machine()}.", "",
            "| program | " + " | ".join(f"seed {seed}" for seed in seeds) + " | median |",
            "|---|" + "--:|" * (len(seeds) + 1)]
    for name, values in rows:
        cells = [f"{value:.6g}" for value in values] + [""] * (len(seeds) - len(values))
        page.append(f"| {name} | " + " | ".join(cells) + f" | {statistics.median(values):.6g} |")
    page += ["", f"- command: `python benchmarks/tabular.py {' '.join(pathlib.Path(a).name if '/' in a else a for a in sys.argv[1:])}`"]
    text = "\n".join(page) + "\n"
    print(text)
    if options.save:
        options.save.write_text(text)


if __name__ == "__main__":
    main()
