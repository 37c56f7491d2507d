"""The checked model that `nncc compile --emit=json` prints, as the builders read it.

Guarantees to a builder: the layers stand in an order in which every input is known, and
`options(layer, ...)` refuses what the builder would otherwise ignore, so that no peer can
train a network that differs from nncc's without anybody noticing.
Standard library only.
"""

import json
import math

from .expansion import expanded
from .judged import Judged
from .layer import OVER_STEPS, Unsupported


REGRESSION_LOSSES = {"huber", "mean_absolute_error", "mean_squared_error"}
VALUE_READERS = {"csv", "npy", "npz", "series"}


class NotTrained(Unsupported):
    """There is nothing to compare."""


OPTIMIZERS = {"adagrad", "adam", "adamw", "rmsprop", "sgd"}


class Description:
    """`inputs`, `layers`, `outputs`, `train` and `data` of the JSON."""

    def __init__(self, model):
        if model.get("nncc") != 1:
            raise Unsupported("this is not the JSON that `nncc compile --emit=json` prints "
                              f"(expected \"nncc\": 1, found {model.get('nncc')!r})")
        self.name = model["model"]
        self.inputs = model["inputs"]
        self.layers = expanded(model)
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
        if self.train is None:
            raise NotTrained(f"'{self.name}' is not trained: there is no step to compare")
        optimizer = self.train["optimizer"]
        if optimizer["name"] not in OPTIMIZERS:
            raise Unsupported(f"the peers' builders do not know the optimizer {optimizer['name']}")
        if any("rate_multiplier" in parameter for parameter in self.parameters()):
            raise Unsupported("the peers' builders do not know learning_rate_multipliers")
        self.judged = self._judged()
        self._follow_lengths()

    def _judged(self):
        train, by_name = self.train, {layer.name: layer for layer in self.layers}
        if "name" in train["loss"]:
            return [Judged(by_name[self.outputs[0]], "labels", train["loss"], 1, train["metrics"])]
        missing = train.get("missing_targets", [])
        return [Judged(by_name[name], name, loss, train["loss_weights"][name], train["metrics"][name],
                       f"{name}.present" if name in missing else None)
                for name, loss in train["loss"].items()]

    def _follow_lengths(self):
        """Which layers read sequences of different lengths."""
        lengths = {entry["name"]: f"{entry['name']}.lengths" for entry in self.inputs if entry.get("lengths")}
        for layer in self.layers:
            layer.lengths = lengths.get(layer.inputs[0])
            if not layer.lengths:
                continue
            zeros_behind = any(entry["name"] == layer.inputs[0] and not entry.get("offset") for entry in self.inputs)
            if layer.keeps_steps and (layer.kind != "conv1d" or zeros_behind):
                lengths[layer.name] = layer.lengths
            elif layer.kind not in {"bidirectional", "fold_steps", "gru", "lstm", *OVER_STEPS}:
                raise Unsupported(f"layer '{layer.name}': the peers' builders do not know {layer.kind} over sequences of "
                                  "different lengths")

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    @property
    def batch_size(self):
        return self.train["batch_size"]

    @property
    def columns(self):
        """Names of what a batch holds, as nncc's training step has it: inputs, each with its lengths, and targets, each
        with which samples have it."""
        return [*self.input_columns, *(name for judged in self.judged
                                       for name in (judged.column, judged.present) if name)]

    @property
    def input_columns(self):
        return [name for entry in self.inputs
                for name in (entry["name"], *([f"{entry['name']}.lengths"] if entry.get("lengths") else []))]

    @property
    def classes(self):
        """Of the labels of one output's samples; a single unit tells two apart."""
        return max(2, self.output_layer.output_shape[-1])

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
        loss = self.judged[0]
        if (loss.name in REGRESSION_LOSSES and reader.get("name") in VALUE_READERS
                and len(reader.get("target") or []) in (0, outputs)):
            return "values"
        if loss.reads_numbers:
            return "number"
        return "unit" if self.output_layer.output_shape == [1] else "one_hot"

    @property
    def output_layer(self):
        """The one of a model that has one."""
        return self.judged[0].output

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
        return any(layer.kind == "dropout" for layer in self.layers)

    @property
    def mined(self):
        """Whether a step picks samples by comparing numbers that it computed."""
        return any(judged.name == "triplet" for judged in self.judged)

    @property
    def augmented(self):
        """Whether nncc changes the training samples."""
        return bool(self.data.get("train", {}).get("augment"))

    def parameters(self):
        """Each once, whoever shares it."""
        return list({parameter["name"]: parameter for layer in self.layers
                     for parameter in layer.parameters}.values())

    def flops(self):
        """(training, evaluation): multiplications and additions of one sample's direct
        convolutions and dense layers. Training counts forward, weight gradient and input
        gradient, the latter not for layers that see nothing trainable below them."""
        has_gradient = {entry["name"]: False for entry in self.inputs}
        shapes = {entry["name"]: entry["shape"] for entry in self.inputs}
        training = evaluation = 0
        for layer in self.layers:
            below = any(has_gradient[name] for name in layer.inputs)
            forward = of_states = 0
            for parameter in layer.parameters:
                # Each weight of a kernel multiplies once at each point: of the result, or of
                # the input where the convolution is transposed.
                points = 1
                if layer.kind.endswith("_transpose"):
                    points = math.prod(shapes[layer.inputs[0]][:-1])
                elif "conv" in layer.kind:
                    points = math.prod(layer.output_shape[:-1])
                # A recurrent layer's in each step.
                recurrent = layer.kind in ("lstm", "gru", "bidirectional")
                if recurrent:
                    points = shapes[layer.inputs[0]][0]
                if parameter["name"].endswith("kernel") and (recurrent or "conv" in layer.kind or layer.kind == "dense"):
                    forward += 2 * points * layer.repeats * math.prod(parameter["shape"])
                    # The states that a recurrent kernel multiplies have gradients, whatever is below.
                    if parameter["name"].endswith("recurrent_kernel") and not below:
                        of_states += 2 * points * layer.repeats * math.prod(parameter["shape"])
            shapes[layer.name] = layer.output_shape
            learns = any(parameter["trainable"] for parameter in layer.parameters)
            evaluation += forward
            training += forward * (1 + learns + below) + of_states * learns
            has_gradient[layer.name] = below or learns
        return training, evaluation
