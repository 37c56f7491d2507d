"""Writes python.safetensors beside itself with Python's safetensors package (numpy flavour).

pip install safetensors==0.8.0 numpy; python3 make_python_safetensors.py
"""

import pathlib

import numpy
from safetensors.numpy import save_file

save_file(
    {
        "dense.kernel": (0.5 + numpy.arange(6, dtype=numpy.float32)).reshape(2, 3),
        "dense.bias": -1 / numpy.arange(1, 4, dtype=numpy.float32),
    },
    pathlib.Path(__file__).with_name("python.safetensors"),
    metadata={"class_names": '["cat","dog"]'},
)
