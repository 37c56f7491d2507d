"""Weights that a program of nncc and a network of PyTorch both start from. Needs NumPy."""

import json
from array import array

import numpy

from builders import tensors
from script import run


def parameters_of(nncc, model):
    """{name: shape} of a model's weights."""
    described = json.loads(run([nncc, "compile", model, "--emit=json"]))
    return {each["name"]: each["shape"] for layer in described["layers"] for each in layer["parameters"]}


def write_start(path, parameters, seed):
    """First weights, as Keras makes them, for both: glorot_uniform, orthogonal, zeros and a forget bias of 1."""
    random = numpy.random.default_rng(seed)
    start = {}
    for name, shape in parameters.items():
        if name.endswith(".recurrent_kernel"):
            values = numpy.linalg.qr(random.normal(size=shape[::-1]))[0].T
        elif len(shape) == 1:
            values = numpy.zeros(shape)
            if name.rpartition(".")[0].endswith("lstm"):
                values[shape[0] // 4:shape[0] // 2] = 1
        else:
            values = random.uniform(-1, 1, shape) * (6 / (numpy.prod(shape[:-2]) * (shape[-2] + shape[-1]))) ** 0.5
        start[name] = (shape, array("f", values.astype(numpy.float32).tobytes()))
    tensors.write(path, start)
