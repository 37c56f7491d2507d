"""Weights and batches as safetensors: weights are written with the standard library (bench.py runs without numpy),
read into numpy arrays by the peers. The format: an 8-byte little-endian length, a JSON header
of name -> dtype, shape, byte range, then the bytes."""

import json
import math
import struct
from array import array


def write(path, tensors):
    """tensors: name -> (shape, array('f') in row-major order)."""
    header, offset = {}, 0
    for name, (shape, values) in tensors.items():
        size = 4 * math.prod(shape)
        assert values.typecode == "f" and len(values) * 4 == size, name
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            values.tofile(file)


TYPES = {"F32": "f", "F64": "d", "I32": "i", "I64": "q", "U8": "B"}


def read(path):
    """name -> (shape, array). Reads what `write` and nncc's trainers write."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = (entry["shape"], array(TYPES[entry["dtype"]], data[begin:end]))
    return tensors


def read_numpy(path):
    import numpy

    return {name: numpy.array(values).reshape(shape)
            for name, (shape, values) in read(path).items()}
