"""Equal weights and equal batches for all: what bench.py gives to nncc and to the peers.

`write` fills a folder with
    weights.safetensors   glorot uniform kernels from a fixed seed, biases 0, normalizations that
                          change nothing
    data/...              samples in the files that the model's reader reads
    batches, batches.labels   the same samples for the peers (see peer.py): the first
                          CHECKED_STEPS batches in the reader's order, in which nncc's losses are
                          compared with theirs, then the others mixed
Images are noise with labels that say nothing of them. They are mixed because an image folder
gives its classes one after the other: batches of one class are learned at once, and what is
left of the gradients are denormal numbers, which some CPUs take ten times as long to multiply.
Standard library only.
"""

import math
import pathlib
import random
import struct
import zlib
from array import array

from builders import tensors
from builders.description import Unsupported

BATCHES = 40
CHECKED_STEPS = 5


def initial_weights(description, seed=1):
    generator = random.Random(seed)
    result = {}
    for parameter in description.parameters():
        shape, count = parameter["shape"], math.prod(parameter["shape"])
        if len(shape) == 1:  # biases and a normalization's numbers
            first = 1 if parameter["name"].endswith((".gamma", ".moving_variance")) else 0
            values = array("f", [first]) * count
        else:
            field = math.prod(shape[:-2])
            limit = math.sqrt(6 / (field * shape[-2] + field * shape[-1]))
            values = array("f", (generator.uniform(-limit, limit) for _ in range(count)))
        result[parameter["name"]] = (shape, values)
    return result


def png(width, height, channels, pixels):
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body +
                struct.pack(">I", zlib.crc32(kind + body)))

    row = width * channels
    rows = b"".join(b"\0" + pixels[y * row:(y + 1) * row] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def write_image_folder(path, shape, classes, samples, labels):
    height, width, channels = shape if len(shape) == 3 else (*shape, 1)
    if channels not in (1, 3):
        raise Unsupported(f"bench writes images of 1 or 3 channels, not {channels}")
    for label in range(classes):
        (path / f"class{label:04}").mkdir(parents=True)
    for number, (pixels, label) in enumerate(zip(samples, labels)):
        file = path / f"class{label:04}" / f"{number:06}.png"
        file.write_bytes(png(width, height, channels, pixels))


def write_cifar10_binary(path, shape, classes, samples, labels):
    assert list(shape) == [32, 32, 3] and classes <= 10
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for pixels, label in zip(samples, labels):
            file.write(bytes([label]))
            for channel in range(3):
                file.write(pixels[channel::3])


WRITERS = {"image_folder": write_image_folder, "cifar10_binary": write_cifar10_binary}


def write(folder, description, seed=1):
    folder = pathlib.Path(folder)
    entry = description.inputs[0]
    if entry["type"] != "u8":
        raise Unsupported(f"bench knows models that read images (u8); the input "
                          f"'{entry['name']}' is {entry['type']}")
    batch, classes = description.batch_size, description.classes
    batches = max(BATCHES, math.ceil(classes / batch))
    count = batches * batch
    generator = random.Random(seed)
    size = math.prod(entry["shape"])
    samples = [generator.randbytes(size) for _ in range(count)]
    labels = [i * classes // count for i in range(count)]
    order = list(range(count))
    mixed = order[CHECKED_STEPS * batch:]
    generator.shuffle(mixed)
    order[CHECKED_STEPS * batch:] = mixed
    tensors.write(folder / "weights.safetensors", initial_weights(description, seed))
    with open(folder / "batches", "wb") as file:
        file.writelines(samples[i] for i in order)
    with open(folder / "batches.labels", "wb") as file:
        array("i", [labels[i] for i in order]).tofile(file)
    for part in ("train", "validation", "test"):
        reader = description.data.get(part)
        if not reader:
            continue
        if reader["name"] not in WRITERS:
            raise Unsupported(f"bench cannot write data for the reader {reader['name']} of "
                              f"data: {part}; it knows {', '.join(WRITERS)}")
        path = folder / "data" / reader["path"]
        if path.is_absolute() and folder not in path.parents:
            raise Unsupported(f"bench needs data paths relative to --data, not {path}")
        if not path.exists():
            WRITERS[reader["name"]](path, entry["shape"], classes, samples, labels)
