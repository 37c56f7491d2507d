"""oneDNN's primitive that does what a kernel's anchor does, and how long it takes.

A kernel's `spec` (compiler/schedule/KernelSpec.h) names the op that decides its loops; of convolutions,
dense layers and pools nncc-onednn-primitives (onednn/Primitives.cpp) can time the same shape in the same
direction. What else the kernel does is not in the primitive. Standard library only.
"""

import json
import os

import bench
import environment

PROGRAM = "nncc-onednn-primitives"
SECONDS = 0.1  # of a shape in a round
DIRECTIONS = {"": "forward", "_bwd": "backward", "_bwd_data": "backward_data", "_bwd_weights": "backward_weights",
              "_bwd_weights_whole": "backward_weights"}
OPERATIONS = {"conv2d": "convolution", "dense": "dense", "max_pool2d": "max_pool", "avg_pool2d": "avg_pool"}


def integers(numbers):
    return [int(number) for number in numbers]


def anchor_of(spec):
    """(index of the node, oneDNN's operation, direction), or None where there is no such primitive."""
    index = spec["anchor"]
    if index < 0:
        if len(spec["nodes"]) != 1:
            return None
        index = 0
    op = spec["nodes"][index]["op"]
    for name, operation in OPERATIONS.items():
        if op.startswith(name) and op.removeprefix(name) in DIRECTIONS:
            return index, operation, DIRECTIONS[op.removeprefix(name)]
    return None


def layer_shapes(spec, node, direction):
    """(source, result, weights) of the layer forward; of a pool the last means nothing."""
    def shape(value):  # an argument [i], or result r of a node [n, r]
        if len(value) == 1:
            return spec["arguments"][value[0]]["shape"]
        return spec["nodes"][value[0]]["results"][value[1]]["shape"]

    first, second, *_ = [*map(shape, node["operands"]), None]
    made = node["results"][0]["shape"]
    if direction == "forward":
        return first, made, second
    if direction == "backward_weights":
        return first, second, made
    return made, first, second


def has_bias(spec, index, direction):
    """Whether the layer's bias is read here, or its gradient made."""
    if direction == "backward_weights":
        return any(result["value"] == [index, 1] for result in spec["results"])
    return direction == "forward" and len(spec["nodes"][index]["operands"]) == 3


def makes_weights(spec, index):
    return any(result["value"] == [index, 0] for result in spec["results"])


def shape_of(spec, batch):
    """What nncc-onednn-primitives is to time beside this kernel, or None."""
    found = anchor_of(spec)
    if found is None:
        return None
    index, operation, direction = found
    if direction == "backward_weights" and not makes_weights(spec, index):
        return None  # a bias's gradient alone
    node = spec["nodes"][index]
    source, result, weights = layer_shapes(spec, node, direction)
    shape = {"operation": operation, "direction": direction, "batch": source[0], "in": source[-1]}
    if operation in ("convolution", "dense"):
        shape.update(out=result[-1], bias=has_bias(spec, index, direction))
    if operation == "dense":
        return shape
    attributes = {name: integers(numbers) for name, numbers in node["attributes"].items()}
    shape.update(height=source[1], width=source[2], strides=attributes["strides"], padding=attributes["pads"],
                 kernel=attributes.get("pool_size") or weights[:2])
    if operation == "convolution":
        shape.update(dilation=attributes["dilations"], groups=attributes["groups"][0])
    return shape


class Primitives:
    """The program that times them, held to the trainer's threads and instruction set."""

    def __init__(self, programs, threads, level):
        path = environment.onednn_program(programs, PROGRAM)
        self.command = [path, "--threads", str(threads), "--seconds", str(SECONDS)]
        self.environment = {**os.environ, **environment.isa_limits(level)}

    def measure(self, shapes):
        """An answer for each shape; equal shapes are timed once."""
        lines = [json.dumps(shape) for shape in shapes]
        asked = list(dict.fromkeys(lines))
        text = bench.output_of(self.command, input="\n".join(asked), env=self.environment)
        answers = dict(zip(asked, map(json.loads, text.splitlines()), strict=True))
        return [answers[line] for line in lines]
