"""Files that nncc's readers read, holding samples made up by workload.py. Standard library only.

A sample is its values in row-major order: bytes (u8), or a list of numbers (f32).
"""

import dataclasses
import gzip
import io
import struct
import zipfile
from array import array

from builders.description import Unsupported


@dataclasses.dataclass
class Samples:
    """What a reader's files hold, in its order. `targets`: class numbers or, where `classes` is
    None, a list of numbers for each sample. `lines`: a csv file's, the header first."""

    shape: list
    type: str
    values: list
    targets: list
    classes: int | None
    lines: list = dataclasses.field(default_factory=list)

    def bytes(self):
        """Of all values, as a reader's or a peer's memory holds them."""
        if self.type == "u8":
            return b"".join(self.values)
        return array("f", (number for sample in self.values for number in sample)).tobytes()

    def target_numbers(self):
        """Class numbers as int32, else floats."""
        if self.classes is not None:
            return array("i", self.targets)
        return array("f", (number for sample in self.targets for number in sample))


def write_file(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)


def class_name(label):
    """Names whose order is that of the labels."""
    return f"class{label:04}"


def write_image_folder(paths, reader, samples):
    height, width, channels = samples.shape if len(samples.shape) == 3 else (*samples.shape, 1)
    if channels not in (1, 3):
        raise Unsupported(f"bench writes images of 1 or 3 channels, not {channels}")
    names = reader["classes"] or [class_name(label) for label in range(samples.classes)]
    # Not compressed, as the peers' batches are not: noise would not shrink anyway.
    header = b"P%d\n%d %d\n255\n" % ({1: 5, 3: 6}[channels], width, height)
    ending = {1: "pgm", 3: "ppm"}[channels]
    for name in names:
        (paths[0] / name).mkdir(parents=True)
    for number, (pixels, label) in enumerate(zip(samples.values, samples.targets)):
        (paths[0] / names[label] / f"{number:06}.{ending}").write_bytes(header + pixels)


def write_cifar10_binary(paths, reader, samples):
    if samples.shape != [32, 32, 3] or samples.classes > 10:
        raise Unsupported("CIFAR-10's binary files hold 10 classes of images of 32x32x3")
    write_file(paths[0], b"".join(bytes([label]) + pixels[0::3] + pixels[1::3] + pixels[2::3]
                                  for pixels, label in zip(samples.values, samples.targets)))


def idx(code, shape, content):
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + content


def write_idx(paths, reader, samples):
    count = len(samples.values)
    if samples.classes is None or samples.classes > 256 or samples.type != "u8":
        raise Unsupported("bench writes idx files of u8 samples in up to 256 classes")
    write_file(paths[0], idx(0x08, [count, *samples.shape], samples.bytes()))
    write_file(paths[1], idx(0x08, [count], bytes(samples.targets)))


def npy(kind, shape, content):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content


def npy_pair(samples):
    """(inputs, targets) as npy files."""
    count, targets = len(samples.values), samples.target_numbers()
    width = [] if samples.classes is not None else [len(samples.targets[0])]
    return (npy({"u8": "|u1", "f32": "<f4"}[samples.type], [count, *samples.shape], samples.bytes()),
            npy(f"<{targets.typecode}4", [count, *width], targets.tobytes()))


def write_npy(paths, reader, samples):
    for path, content in zip(paths, npy_pair(samples)):
        write_file(path, content)


def write_npz(paths, reader, samples):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in zip((reader["inputs"], reader["targets"]), npy_pair(samples)):
            file.writestr(f"{name}.npy", content)
    write_file(paths[0], archive.getvalue())


def draw_numbers(count, generator):
    """With so few digits that their texts are the same numbers."""
    return [round(generator.uniform(-1, 1), 4) for _ in range(count)]


class Table:
    """A csv file as it grows: the columns that the model names, and as many more as its input has
    places for. Dropped ones hold nothing; no cell of a feature is empty, as what fills it is not
    part of any step."""

    def __init__(self, reader, places):
        if not reader["header"]:
            raise Unsupported("bench writes csv files with a header")
        self.separator = {"tab": "\t", "space": " "}.get(reader["separator"], reader["separator"])
        self.dropped = reader["drop"]
        self.features = self.columns(reader, places)
        names = [name for name, _ in self.features]
        self.lines = [self.separator.join([*names, *self.dropped, *reader["target"]])]

    @staticmethod
    def columns(reader, places):
        """[(name, its categories, which are a place each; 0: it is a number)]"""
        one_hot = reader["one_hot"]
        numbers = [name for name in reader["features"]
                   if name not in one_hot and name not in reader["drop"]]
        if not reader["features"]:  # half of the places, or all, are numbers
            numbers = [f"number{i}" for i in range(places - (places // 2 if one_hot else 0))]
        left = places - len(numbers)
        if not numbers or (left < len(one_hot) if one_hot else left):
            raise Unsupported(f"bench finds no columns of numbers and categories that make the "
                              f"model's input of {places}")
        share, more = divmod(left, len(one_hot)) if one_hot else (0, 0)
        return ([(name, share + (i < more)) for i, name in enumerate(one_hot)] +
                [(name, 0) for name in numbers])

    def draw(self, generator, number, targets):
        """The values of sample `number`."""
        values, cells = [], []
        for _, categories in self.features:
            if categories:
                category = number % categories  # all turn up
                values += [float(i == category) for i in range(categories)]
                cells.append(class_name(category))
            else:
                values += draw_numbers(1, generator)
                cells.append(str(values[-1]))
        self.lines.append(self.separator.join([*cells, *("0" for _ in self.dropped), *targets]))
        return values


def write_ts(paths, reader, samples):
    """Sequences of full length, a dimension after the other."""
    steps, values = samples.shape
    names = [class_name(label) for label in range(samples.classes)]
    lines = ["@problemName made_up", "@timestamps false", "@univariate false", f"@dimensions {values}",
             "@equalLength false", f"@classLabel true {' '.join(names)}", "@data"]
    for numbers, label in zip(samples.values, samples.targets):
        rows = [",".join(map(str, numbers[value::values])) for value in range(values)]
        lines.append(":".join([*rows, names[label]]))
    write_file(paths[0], ("\n".join(lines) + "\n").encode())


def write_csv(paths, reader, samples):
    write_file(paths[0], ("\n".join(samples.lines) + "\n").encode())


# Of each reader: the options that are paths, and what writes its files.
FORMATS = {"cifar10_binary": (("path",), write_cifar10_binary),
           "csv": (("path",), write_csv),
           "idx": (("images", "labels"), write_idx),
           "image_folder": (("path",), write_image_folder),
           "npy": (("inputs", "targets"), write_npy),
           "npz": (("path",), write_npz),
           "ts": (("path",), write_ts)}
