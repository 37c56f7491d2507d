"""The checked model that `nncc compile --emit=json` prints, as the builders read it.

Guarantees to a builder: the layers stand in an order in which every input is known, and
`options(layer, ...)` refuses what the builder would otherwise ignore, so that no peer can
train a network that differs from nncc's without anybody noticing.
Standard library only.
"""

import json
import math


LOSSES = {"binary_crossentropy", "categorical_crossentropy", "hinge", "huber", "kl_divergence",
          "mean_absolute_error", "mean_squared_error", "sparse_categorical_crossentropy"}
REGRESSION_LOSSES = {"huber", "mean_absolute_error", "mean_squared_error"}
VALUE_READERS = {"csv", "npy", "npz"}
METRICS = {"accuracy", "binary_accuracy", "mean_absolute_error", "mean_squared_error",
           "top_k_categorical_accuracy"}
OVERALL_METRICS = {"auc", "confusion_matrix", "f1_score", "precision", "r2_score", "recall",
                   "root_mean_squared_error"}


class Unsupported(Exception):
    """The model has something that a builder does not know; str() is one line for the user."""


class NotTrained(Unsupported):
    """There is nothing to compare."""


STATISTICS = {"mean", "variance", "moving_mean", "moving_variance"}
OPTIMIZERS = {"adagrad", "adam", "adamw", "rmsprop", "sgd"}


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
        """[(suffix of its weights' names, whether it goes backwards)] of an lstm or of a bidirectional
        one, what joins the two ("concat", None for one) and the options of one."""
        nested, mode, prefixes = self, None, [("", None)]
        if self.kind == "bidirectional":
            o = self.options({"layer": None, "merge_mode": "concat"})
            (entry,), mode = o["layer"], o["merge_mode"]
            nested = Layer({"name": self.name, "kind": entry["kind"], "inputs": self.inputs,
                            "output_shape": self.output_shape, "options": entry["options"]})
            prefixes = [(f"forward_{entry['kind']}.", False), (f"backward_{entry['kind']}.", True)]
        if nested.kind != "lstm" or mode not in (None, "concat"):
            raise Unsupported(f"layer '{self.name}': of recurrent layers the peers' builders know lstm, and two of "
                              f"them only joined by concat, not {nested.kind} and {mode}")
        o = nested.options({"units": None, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
                            "return_sequences": False, "return_state": False, "go_backwards": False, "dropout": 0.0,
                            "recurrent_dropout": 0.0, "recurrent_initializer": None, "unit_forget_bias": None,
                            "recurrent_regularizer": None})
        plain = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "return_state": False,
                 "dropout": 0, "recurrent_dropout": 0, "recurrent_regularizer": None}
        for option, value in plain.items():
            if o[option] != value:
                raise Unsupported(f"layer '{self.name}': the peers' builders know lstm with {option}: {value} only")
        if mode is None:
            prefixes = [("", o["go_backwards"])]
        return prefixes, mode, o

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
        if self.train is None:
            raise NotTrained(f"'{self.name}' is not trained: there is no step to compare")
        optimizer = self.train["optimizer"]
        if optimizer["name"] not in OPTIMIZERS:
            raise Unsupported(f"the peers' builders do not know the optimizer {optimizer['name']}")
        if any("rate_multiplier" in parameter for parameter in self.parameters()):
            raise Unsupported("the peers' builders do not know learning_rate_multipliers")
        loss = self.train["loss"]
        if "name" not in loss:
            raise Unsupported("the peers' builders know one loss, not losses by output")
        if loss["name"] not in LOSSES:
            raise Unsupported(f"the peers' builders do not know the loss {loss['name']}")
        for metric in self.train["metrics"]:
            if metric["name"] not in METRICS and metric["name"] not in OVERALL_METRICS:
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
        """Of the samples' labels; a single unit tells two apart."""
        return max(2, self.output_layer.output_shape[-1])

    @property
    def loss(self):
        return self.train["loss"]

    @property
    def class_weights(self):
        """One number a class, None where all count the same."""
        weights = self.train.get("class_weight")
        return weights and weights + [1.0] * (self.classes - len(weights))

    @property
    def target(self):
        """What a sample has as target: "values", or a class, which becomes its "number", a "unit"
        of 0 or 1, or a "one_hot" row."""
        reader = self.data.get("train", {})
        # A table with one column for several outputs holds class names.
        outputs = math.prod(self.output_layer.output_shape)
        if (self.loss["name"] in REGRESSION_LOSSES and reader.get("name") in VALUE_READERS
                and len(reader.get("target", [])) in (0, outputs)):
            return "values"
        if self.loss["name"].startswith("sparse_"):
            return "number"
        return "unit" if self.output_layer.output_shape == [1] else "one_hot"

    def step_metrics(self):
        """The metrics of a training step. Those over all samples are of evaluations and cost no
        step anything."""
        return [metric for metric in self.train["metrics"] if metric["name"] not in OVERALL_METRICS]

    def metrics(self):
        """Names of these; "accuracy" by what the target is."""
        picked = "binary_accuracy" if self.target == "unit" else "categorical_accuracy"
        return [picked if metric["name"] == "accuracy" else metric["name"]
                for metric in self.step_metrics()]

    @property
    def threshold(self):
        """Of a single unit: between its two classes."""
        return 0 if self.loss_reads_logits or self.loss["name"] == "hinge" else 0.5

    @property
    def output_layer(self):
        return next(layer for layer in self.layers if layer.name == self.outputs[0])

    @property
    def loss_reads_logits(self):
        return bool(self.train["loss"].get("from_logits", False))

    @property
    def accumulation_steps(self):
        """Batches whose gradients are averaged for one update."""
        return self.train.get("gradient_accumulation_steps", 1)

    def regularizers(self):
        """name of a parameter -> (l1, l2)."""
        return {name: factors for layer in self.layers
                for name, factors in layer.regularizers.items()}

    def learning_rate(self, batches):
        """function(updates done) -> rate, for epochs of so many batches: what
        runtime/train/LearningRate.cpp computes, written once more."""
        option = self.train["optimizer"]["learning_rate"]
        if not isinstance(option, dict):
            return lambda step: option
        per_epoch = batches / self.accumulation_steps
        whole = self.train["epochs"] * per_epoch

        def length(name, otherwise):
            steps = option.get(f"{name}_steps")
            if steps is None and option.get(f"{name}_epochs") is not None:
                steps = option[f"{name}_epochs"] * per_epoch
            return max(1, round(otherwise if steps is None else steps))

        def half_wave(start, end, part):
            return end + (start - end) / 2 * (1 + math.cos(math.pi * part))

        kind = option["name"]
        if kind == "exponential_decay":
            decay = length("decay", whole)

            def exponential(step):
                part = step / decay
                return option["initial_learning_rate"] * option["decay_rate"] ** (
                    math.floor(part) if option["staircase"] else part)

            return exponential
        if kind == "cosine_decay":
            first = option["initial_learning_rate"]
            warm = option.get("warmup_target") is not None
            top, warmup = (option["warmup_target"], length("warmup", 0)) if warm else (first, 0)
            decay = length("decay", whole - warmup)

            def cosine(step):
                if step < warmup:
                    return first + (top - first) * step / warmup
                part = min((step - warmup) / decay, 1)
                return top * ((1 - option["alpha"]) * half_wave(1, 0, part) + option["alpha"])

            return cosine
        if kind == "one_cycle":
            top, total = option["max_learning_rate"], length("total", whole)
            first = top / option["div_factor"]
            last, peak = first / option["final_div_factor"], option["pct_start"] * total - 1

            def one_cycle(step):
                step = min(step, total - 1)
                if step < peak:
                    return half_wave(first, top, step / peak)
                start = max(peak, 0)
                return half_wave(top, last, (step - start) / (total - 1 - start))

            return one_cycle
        if kind == "piecewise_constant_decay":
            scale = per_epoch if option["unit"] == "epochs" else 1
            boundaries = [round(boundary * scale) for boundary in option["boundaries"]]
            return lambda step: option["values"][sum(step > b for b in boundaries)]
        raise Unsupported(f"the peers' builders do not know the learning-rate schedule {kind}")

    @property
    def random(self):
        """Whether a step draws random numbers, which no two programs draw alike."""
        return self.augmented or any(layer.kind == "dropout" for layer in self.layers)

    @property
    def augmented(self):
        """Whether nncc changes the training images; the peers' builders do not."""
        return bool(self.data.get("train", {}).get("augment"))

    def parameters(self):
        return [parameter for layer in self.layers for parameter in layer.parameters]

    def strips_activation(self):
        """Whether the loss is computed from what the last layer's activation would be given."""
        wanted = {"binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
                  "sparse_categorical_crossentropy": "softmax"}.get(self.loss["name"])
        return not self.loss_reads_logits and self.output_layer.activation == wanted

    def flops(self):
        """(training, evaluation): multiplications and additions of one sample's direct
        convolutions and dense layers. Training counts forward, weight gradient and input
        gradient, the latter not for layers that see nothing trainable below them."""
        has_gradient = {entry["name"]: False for entry in self.inputs}
        shapes = {entry["name"]: entry["shape"] for entry in self.inputs}
        training = evaluation = 0
        for layer in self.layers:
            below = any(has_gradient[name] for name in layer.inputs)
            forward = 0
            for parameter in layer.parameters:
                # Each weight of a kernel multiplies once at each point: of the result, or of
                # the input where the convolution is transposed.
                points = 1
                if layer.kind.endswith("_transpose"):
                    points = math.prod(shapes[layer.inputs[0]][:-1])
                elif "conv" in layer.kind:
                    points = math.prod(layer.output_shape[:-1])
                # A recurrent layer's in each step.
                recurrent = layer.kind in ("lstm", "bidirectional")
                if recurrent:
                    points = shapes[layer.inputs[0]][0]
                if parameter["name"].endswith("kernel") and (recurrent or "conv" in layer.kind or layer.kind == "dense"):
                    forward += 2 * points * math.prod(parameter["shape"])
            shapes[layer.name] = layer.output_shape
            learns = any(parameter["trainable"] for parameter in layer.parameters)
            evaluation += forward
            training += forward * (1 + learns + below)
            has_gradient[layer.name] = below or learns
        return training, evaluation
