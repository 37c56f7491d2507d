"""Whole trainings, for the accuracy that seeds reach: Keras's and nncc's on the same images.

    python accuracy.py keras MODEL.json --data DIR --seeds 3 --out keras.json [--threads 1]
    python accuracy.py nncc TRAINER     --data DIR --seeds 3 --out nncc.json  [--threads 2]
    python accuracy.py table keras.json nncc.json > results/DATE-accuracy-MODEL.md

`keras` wants the TensorFlow peer's interpreter (see README.md), the others only the standard
library. MODEL.json is what `nncc compile --emit=json` prints; the image folders in it are
relative to DIR. Weights are each framework's own random ones, the epochs the model's. The out
file is rewritten after each epoch, so that a run that is cut short leaves what it has.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time


def save(path, result):
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    os.replace(part, path)


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def new_result(program, versions, options):
    return {"program": program, "versions": versions, "threads": options.threads,
            "cpu": cpu_name(), "date": datetime.date.today().isoformat(),
            "command": " ".join([pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]), "runs": []}


def read_image_folder(folder):
    """Classes by name, then files by name, as nncc's reader has them."""
    import numpy
    from PIL import Image

    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    images, labels = [], []
    for label, directory in enumerate(classes):
        for file in sorted(directory.iterdir()):
            with Image.open(file) as image:
                images.append(numpy.asarray(image.convert("RGB")))
            labels.append(label)
    return numpy.stack(images), numpy.array(labels, numpy.int32)


def keras_runs(options):
    from builders import tensorflow_builder
    from builders.description import Description

    import keras
    import tensorflow as tf

    tensorflow_builder.set_threads(options.threads)
    description = Description.load(options.model)
    parts = {}
    for part in ("train", "test"):
        reader = description.data[part]
        if "augment" in reader:
            sys.exit("accuracy: this model varies its training images (augment), which Keras's side "
                     "does not; take augment out of the model for a comparison")
        if reader["name"] != "image_folder":
            sys.exit(f"accuracy: the {part} data is read by {reader['name']}; "
                     "this script knows image_folder")
        parts[part] = read_image_folder(options.data / reader["path"])
        print(f"{part}: {len(parts[part][0])} images", flush=True)
    train_images, train_labels = parts["train"]
    order = tf.data.Dataset.from_tensor_slices((train_images, train_labels))
    batches = (order.shuffle(len(train_images)).batch(description.batch_size)
               .prefetch(tf.data.AUTOTUNE))
    test = (tf.data.Dataset.from_tensor_slices(parts["test"]).batch(description.batch_size)
            .cache().prefetch(tf.data.AUTOTUNE))
    result = new_result("Keras", tensorflow_builder.versions(), options)
    for seed in range(1, options.seeds + 1):
        keras.utils.set_random_seed(seed)
        model = tensorflow_builder.build(description)
        run = {"seed": seed, "epochs": []}
        result["runs"].append(run)
        for epoch in range(1, description.train["epochs"] + 1):
            start = time.perf_counter()
            history = model.fit(batches, epochs=1, verbose=0, validation_data=test).history
            run["epochs"].append({"epoch": epoch, "loss": history["loss"][0],
                                  "accuracy": history["accuracy"][0],
                                  "test_loss": history["val_loss"][0],
                                  "test_accuracy": history["val_accuracy"][0],
                                  "seconds": time.perf_counter() - start})
            save(options.out, result)
            print(seed, run["epochs"][-1], flush=True)


def nncc_runs(options):
    result = new_result("nncc", {}, options)
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log.jsonl"
            start = time.perf_counter()
            subprocess.run([options.trainer, "train", "--data", options.data, "--seed", str(seed),
                            "--threads", str(options.threads), "--log", log, "--out", folder],
                           check=True)
            seconds = time.perf_counter() - start
            lines = [json.loads(line) for line in log.read_text().splitlines()]
        epochs = [line for line in lines if "step" not in line and "val_accuracy" in line]
        if not epochs:
            sys.exit(f"accuracy: {options.trainer} logged no epoch with val_accuracy; the model needs validation data")
        result["runs"].append({"seed": seed, "seconds": seconds, "epochs": [
            {"epoch": line["epoch"], "loss": line["loss"], "accuracy": line["accuracy"],
             "test_loss": line["val_loss"], "test_accuracy": line["val_accuracy"]}
            for line in epochs]})
        save(options.out, result)


def table(options):
    results = [json.loads(pathlib.Path(path).read_text()) for path in options.results]
    print("# Accuracy on the test images after the last epoch\n")
    for result in results:
        versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
        print(f"- {result['program']}{' (' + versions + ')' if versions else ''}: "
              f"`{result['command']}`, {result['cpu']}, {result['threads']} threads, "
              f"{result['date']}")
    print("\n| program | seed | epochs | test accuracy | best | test loss | training accuracy |")
    print("|---|---|---|---|---|---|---|")
    for result in results:
        last = []
        for run in result["runs"]:
            end = run["epochs"][-1]
            last.append(end["test_accuracy"])
            best = max(epoch["test_accuracy"] for epoch in run["epochs"])
            print(f"| {result['program']} | {run['seed']} | {len(run['epochs'])} | "
                  f"{end['test_accuracy']:.2%} | {best:.2%} | {end['test_loss']:.4f} | "
                  f"{end['accuracy']:.2%} |")
        print(f"| {result['program']} | mean | | {statistics.mean(last):.2%} | | | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, function, what in (("keras", keras_runs, "model"), ("nncc", nncc_runs, "trainer")):
        command = commands.add_parser(name)
        command.set_defaults(run=function)
        command.add_argument(what, type=pathlib.Path)
        command.add_argument("--data", type=pathlib.Path, required=True)
        command.add_argument("--seeds", type=int, default=3)
        command.add_argument("--out", type=pathlib.Path, required=True)
        command.add_argument("--threads", type=int, default=os.cpu_count())
    command = commands.add_parser("table")
    command.set_defaults(run=table)
    command.add_argument("results", nargs="+")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
