"""Writes what tests/e2e/trajectory.py compares nncc with: initial weights and the losses of 50
training steps by PyTorch in float32 and float64, and by Keras in float32.

    python trajectory.py data IMAGES tests/e2e/data/cifar10-320.bin
    python trajectory.py pytorch MODEL.json DATA.bin tests/e2e/data/NAME
    python trajectory.py keras   MODEL.json DATA.bin tests/e2e/data/NAME
    (both: [WEIGHTS.safetensors], to share those of another model with the same weights)

`data` picks 32 images of each class from IMAGES/CLASS/*.jpg (the first by name) and mixes them,
as a file of CIFAR-10's binary format. `pytorch` draws NAME.safetensors (glorot uniform kernels,
biases uniform in +-0.1, so that nothing starts at zero) unless it is given weights, and writes
NAME.json; `keras` starts from the same weights and adds its losses to NAME.json. The batches are the
file's samples in their order, epoch after epoch. Each wants the interpreter of its framework
(see README.md); `data` wants Pillow, which TensorFlow's has. MODEL.json is what
`nncc compile --emit=json` prints.
"""

import hashlib
import json
import math
import pathlib
import platform
import random
import sys

STEPS = 50
PER_CLASS = 32


def write_data(images, target):
    from PIL import Image

    records = []
    for label, folder in enumerate(sorted(p for p in images.iterdir() if p.is_dir())):
        for file in sorted(folder.iterdir())[:PER_CLASS]:
            pixels = Image.open(file).convert("RGB")
            planes = [channel.tobytes() for channel in pixels.split()]
            records.append(bytes([label]) + b"".join(planes))
    random.Random(1).shuffle(records)
    target.write_bytes(b"".join(records))


def read_data(path):
    import numpy

    records = numpy.frombuffer(path.read_bytes(), numpy.uint8).reshape(-1, 3073)
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return numpy.ascontiguousarray(images), records[:, 0].astype(numpy.int32)


def columns(description, images, labels):
    """As nncc's training step has them."""
    return dict(zip(description.columns, (images, labels), strict=True))


def batches_of(description, labels):
    return -(-len(labels) // description.batch_size)  # the last may be smaller


def initial_weights(description):
    import numpy

    generator = numpy.random.Generator(numpy.random.Philox(1))
    weights = {}
    for parameter in description.parameters():
        shape = parameter["shape"]
        if parameter["name"].endswith(".bias"):
            limit = 0.1
        else:
            field = math.prod(shape[:-2])
            limit = math.sqrt(6 / (field * (shape[-2] + shape[-1])))
        weights[parameter["name"]] = generator.uniform(-limit, limit, shape).astype(numpy.float32)
    return weights


def record(target, model, data, weights, **new):
    """Adds entries to NAME.json."""
    path = target.with_suffix(".json")
    result = json.loads(path.read_text()) if path.exists() else {}
    result.update({
        "model": json.loads(model.read_text())["model"], "steps": STEPS, "data": data.name,
        "data_sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        "weights": weights.name,
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest()})
    result.setdefault("versions", {}).update(new.pop("versions"))
    result["versions"]["python"] = platform.python_version()
    result.setdefault("commands", {})[sys.argv[1]] = (
        f"python benchmarks/trajectory.py {sys.argv[1]} {model.name} {data.name} {target.name}" +
        (f" {weights.name}" if weights.stem != target.name else ""))
    result.update(new)
    path.write_text(json.dumps(result, indent=1) + "\n")


def with_pytorch(description, model, data, target, given=None):
    import torch
    from safetensors.numpy import load_file, save_file

    from builders import pytorch_builder

    file = given or target.with_suffix(".safetensors")
    if not given:
        save_file(initial_weights(description), file)
    weights = load_file(file)
    images, labels = read_data(data)
    losses = {}
    for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        trainer = pytorch_builder.Trainer(description, weights, columns(description, images, labels),
                                          batches_of(description, labels), "eager", dtype)
        losses[f"pytorch_{name}"] = [trainer.train(1)[1] for _ in range(STEPS)]
    record(target, model, data, file, versions=pytorch_builder.versions(), **losses)


def with_keras(description, model, data, target, given=None):
    from builders import tensorflow_builder, tensors

    file = given or target.with_suffix(".safetensors")
    weights = tensors.read_numpy(file)
    images, labels = read_data(data)
    trainer = tensorflow_builder.Trainer(description, weights, columns(description, images, labels),
                                         batches_of(description, labels), "fit")
    losses = [trainer.train(1)[1] for _ in range(STEPS)]
    record(target, model, data, file, versions=tensorflow_builder.versions(), keras_float32=losses)


def main():
    command, *paths = sys.argv[1:]
    paths = [pathlib.Path(path) for path in paths]
    if command == "data":
        write_data(*paths)
        return
    from builders.description import Description

    run = {"pytorch": with_pytorch, "keras": with_keras}[command]
    run(Description.load(paths[0]), *paths)


if __name__ == "__main__":
    main()
