"""Weights that a program of nncc and a network of PyTorch both start from. Needs NumPy."""

import json
import struct
import subprocess
import sys

import numpy


def run(command):
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def weights_of(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header.pop("__metadata__", None)
    data = content[8 + length:]
    return {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
            for name, entry in header.items()}


def parameters_of(nncc, model):
    """{name: shape} of a model's weights."""
    described = json.loads(run([nncc, "compile", model, "--emit=json"]))
    return {each["name"]: each["shape"] for layer in described["layers"] for each in layer["parameters"]}


def write_start(path, parameters, seed):
    """First weights, as Keras makes them, for both: glorot_uniform, orthogonal, zeros and a forget bias of 1."""
    random = numpy.random.default_rng(seed)
    header, data = {}, b""
    for name, shape in parameters.items():
        if name.endswith(".recurrent_kernel"):
            values = numpy.linalg.qr(random.normal(size=shape[::-1]))[0].T
        elif len(shape) == 1:
            values = numpy.zeros(shape)
            if name.rpartition(".")[0].endswith("lstm"):
                values[shape[0] // 4:shape[0] // 2] = 1
        else:
            values = random.uniform(-1, 1, shape) * (6 / (numpy.prod(shape[:-2]) * (shape[-2] + shape[-1]))) ** 0.5
        content = values.astype(numpy.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
