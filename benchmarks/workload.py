"""Equal weights and equal batches for all: what bench.py gives to nncc and to the peers.

`write` fills a folder with
    weights.safetensors   from a fixed seed: glorot uniform kernels, the others as their
                          initializers say, statistics of a table's columns made up
    data/...              samples in the files that the model's reader reads (see formats.py)
    batches, batches.labels   the same samples for the peers (see peer.py): the first
                          CHECKED_STEPS batches in the reader's order, in which nncc's losses are
                          compared with theirs, then the others mixed
Samples are noise with targets that say nothing of them. They are mixed because an image folder
gives its classes one after the other: batches of one class are learned at once, and what is
left of the gradients are denormal numbers, which some CPUs take ten times as long to multiply.
A `weights` section's file is not written: all begin with the weights above.
Standard library only.
"""

import dataclasses
import math
import pathlib
import random
from array import array

from builders import tensors
from builders.description import Unsupported
from formats import FORMATS, Samples, Table, class_name, draw_numbers

CHECKED_STEPS = 5
# So large is the training part: more would only take longer to read, and show in the memory that
# programs need; of tables, whose steps are short, fewer would end an epoch every millisecond.
BYTES, FEWEST_BATCHES, MOST_BATCHES = 4_000_000, 10, 400


def initial_values(parameter, generator):
    shape, count = parameter["shape"], math.prod(parameter["shape"])
    initializer = parameter["initializer"]
    if initializer["name"] in ("zeros", "ones"):
        return array("f", [initializer["name"] == "ones"] * count)
    if initializer["name"] == "adapt":
        limits = (0.5, 1.5) if initializer["variance"] else (-0.5, 0.5)
    else:
        field = math.prod(shape[:-2])
        limit = math.sqrt(6 / (field * sum(shape[-2:])))
        limits = (-limit, limit)
    return array("f", (generator.uniform(*limits) for _ in range(count)))


def initial_weights(description, seed=1):
    generator = random.Random(seed)
    return {parameter["name"]: (parameter["shape"], initial_values(parameter, generator))
            for parameter in description.parameters()}


def fractions_of(data):
    """{"validation" and "test": its share}, of those that are splits of the training data."""
    if any(part["name"] == "group" for part in data.values()):
        raise Unsupported("bench cannot write data in groups")
    return {name: part["fraction"] for name, part in data.items() if part["name"] == "fraction"}


def batch_count(description):
    """Whole batches, and no more than the readers take."""
    entry, batch, classes = description.inputs[0], description.batch_size, description.classes
    size = math.prod(entry["shape"]) * {"u8": 1, "f32": 4}[entry["type"]] * batch
    count = min(max(BYTES // size, FEWEST_BATCHES), MOST_BATCHES)
    count = max(count, math.ceil(classes / batch))
    limits = [part["limit_per_class"] for part in description.data.values()
              if part.get("limit_per_class")]
    count = min([count, *(limit * classes // batch for limit in limits)])
    if count < CHECKED_STEPS:
        raise Unsupported(f"limit_per_class leaves {count} batches; bench needs {CHECKED_STEPS}")
    return count


def draw_targets(description, count, generator):
    if description.target != "values":
        return [number * description.classes // count for number in range(count)]
    size = math.prod(description.output_layer.output_shape)
    return [draw_numbers(size, generator) for _ in range(count)]


def cells_of(description, target):
    """The target as a table's cells."""
    if description.target == "values":
        return [str(number) for number in target]
    return [str(target) if description.target == "unit" else class_name(target)]


def draw(description, seed=1):
    """The Samples of the training part, as its reader orders them."""
    if "train" not in description.data:
        raise Unsupported(f"'{description.name}' has no training data to write")
    entry, reader = description.inputs[0], description.data["train"]
    generator, fractions = random.Random(seed), fractions_of(description.data)
    count, size = batch_count(description) * description.batch_size, math.prod(entry["shape"])
    targets, lines = draw_targets(description, count, generator), []
    if reader["name"] == "csv":
        table = Table(reader, size, fractions)
        values = [table.draw(generator, number, cells_of(description, target))
                  for number, target in enumerate(targets)]
        lines = table.lines
    elif fractions:
        raise Unsupported(f"bench cannot write data of the reader {reader['name']} for a split")
    elif entry["type"] == "u8":
        values = [generator.randbytes(size) for _ in targets]
    else:
        values = [draw_numbers(size, generator) for _ in targets]
    classes = None if description.target == "values" else description.classes
    return Samples(entry["shape"], entry["type"], values, targets, classes, lines)


def mixed(samples, first, seed):
    """The samples in another order, but for the `first` ones."""
    order = list(range(first, len(samples.values)))
    random.Random(seed).shuffle(order)
    order = [*range(first), *order]
    return dataclasses.replace(samples, values=[samples.values[i] for i in order],
                               targets=[samples.targets[i] for i in order])


def write_data(folder, data, samples):
    """The files of all parts: the same samples in each."""
    written = set()
    for part, reader in data.items():
        if reader["name"] == "fraction":
            continue
        if reader["name"] not in FORMATS:
            raise Unsupported(f"bench cannot write data for the reader {reader['name']} of "
                              f"data: {part}; it knows {', '.join(FORMATS)}")
        options, write_files = FORMATS[reader["name"]]
        paths = [folder / reader[option] for option in options]
        for path in paths:
            if folder not in path.parents:
                raise Unsupported(f"bench needs data paths relative to --data, not {path}")
        if written.isdisjoint(paths):
            write_files(paths, reader, samples)
        written.update(paths)


def write(folder, description, seed=1):
    folder = pathlib.Path(folder)
    samples = draw(description, seed)
    tensors.write(folder / "weights.safetensors", initial_weights(description, seed))
    shared = mixed(samples, CHECKED_STEPS * description.batch_size, seed)
    (folder / "batches").write_bytes(shared.bytes())
    (folder / "batches.labels").write_bytes(shared.target_numbers().tobytes())
    write_data(folder / "data", description.data, samples)
