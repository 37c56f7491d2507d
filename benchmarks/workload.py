"""Equal weights and equal batches for all: what bench.py gives to nncc and to the peers.

`write` fills a folder with
    weights.safetensors   from a fixed seed: glorot uniform kernels, the others as their
                          initializers say, statistics of a table's columns made up
    data/...              samples in the files that the model's reader reads (see formats.py),
                          unless there are real ones
    batches.safetensors   the first batches of a training on these, as the trainer gathers them:
                          shuffled, grouped, augmented
Made-up samples are noise with targets that say nothing of them.
A `weights` section's file is not written: all begin with the weights above.
Standard library only.
"""

import json
import math
import pathlib
import random
import subprocess
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
        raise Unsupported("bench cannot make up data in groups; give it real data: --data DIR")
    return {name: part["fraction"] for name, part in data.items() if part["name"] == "fraction"}


def most_batches(description):
    """That peers get: more would only take longer to read."""
    size = description.batch_size * sum(math.prod(entry["shape"]) * {"u8": 1, "f32": 4}[entry["type"]]
                                        for entry in description.inputs)
    return min(max(BYTES // size, FEWEST_BATCHES), MOST_BATCHES)


def batch_count(description):
    """That data are made up for: whole batches, and no more than the readers take."""
    batch, classes = description.batch_size, description.classes
    count = max(most_batches(description), math.ceil(classes / batch))
    limits = [part["limit_per_class"] for part in description.data.values()
              if part.get("limit_per_class")]
    return min([count, *(limit * classes // batch for limit in limits)])


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
    """The Samples of all parts together, as their reader orders them."""
    if "train" not in description.data:
        raise Unsupported(f"'{description.name}' has no training data to write")
    if len(description.inputs) > 1 or len(description.judged) > 1 or description.inputs[0].get("lengths"):
        raise Unsupported("bench makes up data of one input and one target, all of one length; give it real data: "
                          "--data DIR")
    entry, reader = description.inputs[0], description.data["train"]
    generator, fractions = random.Random(seed), fractions_of(description.data)
    # Some more than the training's share, which hashes of the samples decide.
    share = 1 - 1.1 * sum(fractions.values())
    count = math.ceil(batch_count(description) * description.batch_size / share)
    size = math.prod(entry["shape"])
    targets, lines = draw_targets(description, count, generator), []
    if reader["name"] == "csv":
        table = Table(reader, size)
        values = [table.draw(generator, number, cells_of(description, target))
                  for number, target in enumerate(targets)]
        lines = table.lines
    elif entry["type"] == "u8":
        values = [generator.randbytes(size) for _ in targets]
    else:
        values = [draw_numbers(size, generator) for _ in targets]
    classes = None if description.target == "values" else description.classes
    return Samples(entry["shape"], entry["type"], values, targets, classes, lines)


def write_data(folder, data, samples):
    """The files of all parts: the same samples in each."""
    written = set()
    for part, reader in data.items():
        if reader["name"] == "fraction":
            continue
        if reader["name"] not in FORMATS:
            raise Unsupported(f"bench cannot write data for the reader {reader['name']} of "
                              f"data: {part}; it knows {', '.join(FORMATS)}. Give it real data: --data DIR")
        options, write_files = FORMATS[reader["name"]]
        if any(reader[option] is None for option in options):
            raise Unsupported(f"bench cannot make up what data: {part} reads; give it real data: --data DIR")
        paths = [folder / reader[option] for option in options]
        for path in paths:
            if folder not in path.parents:
                raise Unsupported(f"bench needs data paths relative to --data, not {path}")
        if written.isdisjoint(paths):
            write_files(paths, reader, samples)
        written.update(paths)


def write_batches(folder, description, trainer, data):
    """{"batches": how many there are, "batches_per_epoch": of a training on all data}. Throws
    CalledProcessError, which has what the trainer said."""
    run = subprocess.run([trainer, "batches", "--data", data, "--batches", str(most_batches(description)), "--to",
                          folder / "batches.safetensors"], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def write(folder, description, trainer, data=None, seed=1):
    """As `write_batches`. `data`: the folder of real data, as of `train --data`."""
    folder = pathlib.Path(folder)
    tensors.write(folder / "weights.safetensors", initial_weights(description, seed))
    if data is None:
        data = folder / "data"
        write_data(data, description.data, draw(description, seed))
    found = write_batches(folder, description, trainer, data)
    if found["batches"] < CHECKED_STEPS:
        raise Unsupported(f"an epoch of the training data has {found['batches']} whole batches; bench needs "
                          f"{CHECKED_STEPS}")
    return found
