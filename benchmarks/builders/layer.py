"""One layer of a description, as builders read it. Standard library only."""

from typing import NamedTuple


class Unsupported(Exception):
    """The model has something that a builder does not know; str() is one line for the user."""


STATISTICS = {"mean", "variance", "moving_mean", "moving_variance"}
CELLS = {"lstm", "gru"}
# Layers that make a step of each step by itself.
STEPWISE = {"activation", "add", "average", "concatenate", "dense", "dropout", "elu", "leaky_relu", "layer_normalization",
            "maximum", "minimum", "multiply", "normalization", "subtract", "unit_normalization", "unfold_steps"}
# Layers that make one of all steps of a sample, as many as it has.
OVER_STEPS = {"global_avg_pool1d", "global_max_pool1d", "last_step"}


class Cells(NamedTuple):
    """Of a recurrent layer. `directions`: (what its weights' names begin with behind the owner's, whether it goes
    backwards), one or, where `both`, two."""

    kind: str
    units: int
    sequences: bool
    both: bool
    directions: list


class Layer:
    """`owner`: what its weights' names begin with; several layers with one owner share them. `lengths`: the
    column that says how many steps of a sample are data, None where all are. `repeats`: how often it runs for
    a sample."""

    def __init__(self, entry, owner=None, repeats=1):
        self.name = entry["name"]
        self.owner = owner or self.name
        self.repeats = repeats
        self.lengths = None
        self.kind = entry["kind"]
        self.inputs = entry["inputs"]
        self.output_shape = entry["output_shape"]
        self.parameters = entry.get("parameters", [])
        self._options = entry.get("options", {})

    def options(self, known):
        """The options with the defaults of `known` filled in; others must not be there."""
        # Initializers do not matter here: weights are given. Builders ask for `regularizers`.
        ignored = {"kernel_initializer", "depthwise_initializer", "pointwise_initializer",
                   "bias_initializer", "embeddings_initializer", "trainable", "kernel_regularizer",
                   "depthwise_regularizer", "pointwise_regularizer", "bias_regularizer",
                   "embeddings_regularizer"}
        for key, value in self._options.items():
            if key not in known and key not in ignored:
                raise Unsupported(f"layer '{self.name}' ({self.kind}): the peers' builders do not "
                                  f"know the option {key}: {value}")
        return {**known, **{k: v for k, v in self._options.items() if k in known}}

    @property
    def trainable(self):
        """Of the whole layer, as Keras has it. Statistics are never trained."""
        kinds = {parameter["trainable"] for parameter in self.parameters
                 if parameter["name"].rsplit(".", 1)[1] not in STATISTICS}
        if len(kinds) > 1:
            raise Unsupported(f"layer '{self.name}': the peers' builders do not know a layer of "
                              "which only some weights are frozen")
        return kinds != {False}

    @property
    def regularizers(self):
        """name of a parameter -> (l1, l2), for those that have a penalty."""
        found = {}
        for suffix in ("kernel", "bias", "embeddings"):
            name, numbers = self.weight(suffix), self._options.get(f"{suffix}_regularizer")
            if name and numbers and (numbers["l1"] or numbers["l2"]):
                found[name] = (numbers["l1"], numbers["l2"])
        return found

    @property
    def activation(self):
        return self._options.get("activation") or "linear"

    def recurrent(self):
        """Of an lstm or gru, or of two by `bidirectional`: Cells."""
        nested, mode, directions = self, None, None
        if self.kind == "bidirectional":
            o = self.options({"layer": None, "merge_mode": "concat"})
            (entry,), mode = o["layer"], o["merge_mode"]
            nested = Layer({"name": self.name, "kind": entry["kind"], "inputs": self.inputs,
                            "output_shape": self.output_shape, "options": entry["options"]})
            directions = [(f"forward_{entry['kind']}.", False), (f"backward_{entry['kind']}.", True)]
        if nested.kind not in CELLS or mode not in (None, "concat"):
            raise Unsupported(f"layer '{self.name}': of recurrent layers the peers' builders know lstm and gru, and two "
                              f"of them only joined by concat, not {nested.kind} and {mode}")
        plain = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "return_state": False,
                 "dropout": 0, "recurrent_dropout": 0, "recurrent_regularizer": None}
        o = nested.options({"units": None, "return_sequences": False, "go_backwards": False, "recurrent_initializer": None,
                            "unit_forget_bias": None, **plain})
        for option, value in plain.items():
            if o[option] != value:
                raise Unsupported(f"layer '{self.name}': the peers' builders know {nested.kind} with {option}: {value} "
                                  "only")
        return Cells(nested.kind, o["units"], bool(o["return_sequences"]), mode is not None,
                     directions or [("", bool(o["go_backwards"]))])

    @property
    def keeps_steps(self):
        """Does it give a step for each that it reads?"""
        if self.kind in CELLS or self.kind == "bidirectional":
            return self.recurrent().sequences
        if self.kind == "conv1d":
            return self._options["strides"] == 1 and self._options["padding"] != "valid"
        return self.kind in STEPWISE

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
        name = f"{self.owner}.{suffix}"
        return name if any(p["name"] == name for p in self.parameters) else None
