"""The checked model that `nncc compile --emit=json` prints, as the builders read it.

Guarantees to a builder: the layers stand in an order in which every input is known, and
`options(layer, ...)` refuses what the builder would otherwise ignore, so that no peer can
train a network that differs from nncc's without anybody noticing.
Standard library only.
"""

import json
import math


class Unsupported(Exception):
    """The model has something that a builder does not know; str() is one line for the user."""


class Layer:
    def __init__(self, entry):
        self.name = entry["name"]
        self.kind = entry["kind"]
        self.inputs = entry["inputs"]
        self.output_shape = entry["output_shape"]
        self.parameters = entry.get("parameters", [])
        self._options = entry.get("options", {})

    def options(self, known):
        """The options with the defaults of `known` filled in; others must not be there."""
        # Initializers and regularizer-free defaults do not matter here: weights are given.
        ignored = {"kernel_initializer", "bias_initializer", "trainable"}
        for key, value in self._options.items():
            if key not in known and key not in ignored:
                raise Unsupported(f"layer '{self.name}' ({self.kind}): the peers' builders do not "
                                  f"know the option {key}: {value}")
        return {**known, **{k: v for k, v in self._options.items() if k in known}}

    @property
    def trainable(self):
        return all(parameter["trainable"] for parameter in self.parameters)

    @property
    def activation(self):
        return self._options.get("activation") or "linear"

    def pool(self):
        """(pool_size, strides, padding) of a pooling layer of one or two dimensions; a global
        pool, which takes all that there is, has no size and no strides."""
        if self.kind.startswith("global_"):
            self.options({"keepdims": False})
            return None, None, "valid"
        o = self.options({"pool_size": None, "strides": None, "padding": "valid"})
        as_list = lambda value: list(value) if isinstance(value, list) else [value]
        return as_list(o["pool_size"]), as_list(o["strides"] or o["pool_size"]), o["padding"]

    def border(self, name):
        """[before, after] of each spatial dimension, of zero_padding and cropping layers."""
        numbers = self.options({name: None})[name]
        return [tuple(numbers[i:i + 2]) for i in range(0, len(numbers), 2)]

    def weight(self, suffix):
        """The full name of the parameter `suffix`, None if the layer has none of this name."""
        name = f"{self.name}.{suffix}"
        return name if any(p["name"] == name for p in self.parameters) else None


class Description:
    """`inputs`, `layers`, `outputs`, `train` and `data` of the JSON."""

    def __init__(self, model):
        if model.get("nncc") != 1:
            raise Unsupported("this is not the JSON that `nncc compile --emit=json` prints "
                              f"(expected \"nncc\": 1, found {model.get('nncc')!r})")
        self.name = model["model"]
        self.inputs = model["inputs"]
        self.layers = [Layer(entry) for entry in model["layers"]]
        self.outputs = model["outputs"]
        self.train = model["train"]
        self.data = model.get("data", {})
        known = {entry["name"] for entry in self.inputs}
        for layer in self.layers:
            for name in layer.inputs:
                if name not in known:
                    raise Unsupported(f"layer '{layer.name}' reads '{name}', which no layer "
                                      "before it makes")
            known.add(layer.name)
        if len(self.inputs) != 1 or len(self.outputs) != 1:
            raise Unsupported(f"the peers' builders know models of one input and one output; "
                              f"'{self.name}' has {len(self.inputs)} and {len(self.outputs)}")
        optimizer = self.train["optimizer"]
        if optimizer["name"] != "adam":
            raise Unsupported(f"the peers' builders do not know the optimizer {optimizer['name']}")
        loss = self.train["loss"]
        if loss["name"] != "sparse_categorical_crossentropy":
            raise Unsupported(f"the peers' builders do not know the loss {loss['name']}")
        for metric in self.train.get("metrics", []):
            if metric["name"] != "accuracy":
                raise Unsupported(f"the peers' builders do not know the metric {metric['name']}")

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    @property
    def batch_size(self):
        return self.train["batch_size"]

    @property
    def classes(self):
        return self.output_layer.output_shape[-1]

    @property
    def output_layer(self):
        return next(layer for layer in self.layers if layer.name == self.outputs[0])

    @property
    def loss_reads_logits(self):
        return bool(self.train["loss"].get("from_logits", False))

    def parameters(self):
        return [parameter for layer in self.layers for parameter in layer.parameters]

    def ends_in_softmax(self):
        """Whether the loss of probabilities can be computed from the last layer's logits."""
        return self.output_layer.activation == "softmax"

    def flops(self):
        """(training, evaluation): multiplications and additions of one sample's direct
        convolutions and dense layers. Training counts forward, weight gradient and input
        gradient, the latter not for layers that see nothing trainable below them."""
        has_gradient = {entry["name"]: False for entry in self.inputs}
        training = evaluation = 0
        for layer in self.layers:
            below = any(has_gradient[name] for name in layer.inputs)
            kernel = next((p for p in layer.parameters if p["name"].endswith(".kernel")), None)
            forward = 0
            if kernel and layer.kind == "conv2d":
                height, width, _ = layer.output_shape
                forward = 2 * height * width * math.prod(kernel["shape"])
            elif kernel and layer.kind == "dense":
                forward = 2 * math.prod(kernel["shape"])
            learns = bool(layer.parameters) and layer.trainable
            evaluation += forward
            training += forward * (1 + learns + below)
            has_gradient[layer.name] = below or learns
        return training, evaluation
