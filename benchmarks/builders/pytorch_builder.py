"""PyTorch: a module, a loop with autograd and the fused CPU Adam; eager or `torch.compile`d.

Images are kept as bytes and go through the network in channels_last memory format, which is
what PyTorch's CPU convolutions (oneDNN) want; README.md has the measurements of the variants.
A final softmax under the loss is left to `cross_entropy`, as PyTorch's users do.

Weights come in Keras's layouts and are turned: HWIO -> OIHW, [in, out] -> [out, in]; a dense
layer behind a flatten sees Keras's order (height, width, channels).

Adam: Keras computes p -= lr * sqrt(1-b2^t)/(1-b1^t) * m / (sqrt(v) + eps), PyTorch
p -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps'). They are the same with
eps' = eps / sqrt(1-b2^t), which `step` sets before each update.
"""

import math
import time

import numpy
import torch
import torch.nn.functional as F

from . import batches
from .layer import CELLS, Unsupported

DISTRIBUTION = "torch"


def versions():
    return {"torch": torch.__version__}


def set_threads(threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)


def _same(size, kernel, stride):
    """Keras's padding 'same' of one dimension: (before, after)."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _padding(layer, mode, size, kernel, strides):
    """(left, right, top, bottom) for F.pad, None where there is nothing to pad."""
    if mode == "valid":
        return None
    if mode != "same":
        raise Unsupported(f"layer '{layer.name}': the PyTorch builder does not know the padding "
                          f"{mode}")
    height, width = (_same(*args) for args in zip(size, kernel, strides))
    return (*width, *height) if any(height + width) else None


def _as_it_is(values):
    return values


def _turned(*order):
    return lambda values: values.transpose(order)


def _list(value, dims):
    return list(value) if isinstance(value, (list, tuple)) else [value] * dims


class Convolution(torch.nn.Module):
    """conv1d, conv2d, depthwise_conv2d and separable_conv2d. Sequences come as [N,W,C] and are
    turned for the convolution alone."""

    OWN = {"conv1d": {"filters": None, "dilation_rate": 1, "groups": 1},
           "conv2d": {"filters": None, "dilation_rate": 1, "groups": 1},
           "depthwise_conv2d": {"dilation_rate": 1, "depth_multiplier": 1},
           "separable_conv2d": {"filters": None, "dilation_rate": 1, "depth_multiplier": 1}}

    def __init__(self, layer, shape):
        super().__init__()
        o = layer.options({"kernel_size": None, "strides": 1, "padding": "valid",
                           "use_bias": True, "activation": "linear", **self.OWN[layer.kind]})
        self.dims = len(shape) - 1
        kernel, strides, dilation = (_list(o[key], self.dims)
                                     for key in ("kernel_size", "strides", "dilation_rate"))
        extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
        if o["padding"] == "causal":
            pad = (extents[0] - 1, 0)
        elif self.dims == 1:
            pad = _same(shape[0], extents[0], strides[0]) if o["padding"] == "same" else None
        else:
            pad = _padding(layer, o["padding"], shape[:2], extents, strides)
        symmetric = pad is None or all(before == after for before, after in zip(pad[::2], pad[1::2]))
        self.pad = None if symmetric else pad
        channels, bias = shape[-1], bool(o["use_bias"])
        self.depthwise = depthwise = "depth_multiplier" in o
        separable = layer.kind == "separable_conv2d"
        filters = channels * o["depth_multiplier"] if depthwise else o["filters"]
        make = torch.nn.Conv1d if self.dims == 1 else torch.nn.Conv2d
        self.convolution = make(
            channels, filters, tuple(kernel), tuple(strides), dilation=tuple(dilation),
            padding=tuple(pad[::2][::-1]) if pad and symmetric else 0,
            groups=channels if depthwise else o["groups"], bias=bias and not separable)
        self.pointwise = torch.nn.Conv2d(filters, o["filters"], 1, bias=bias) if separable else None
        self.activation = _activation(layer, o["activation"] or "linear")

    def forward(self, x):
        if self.dims == 1:
            x = x.transpose(1, 2)
        if self.pad:
            x = F.pad(x, self.pad)
        x = self.convolution(x)
        if self.pointwise:
            x = self.pointwise(x)
        if self.dims == 1:
            x = x.transpose(1, 2)
        return self.activation(x)

    def places(self, suffix):
        """[(torch parameter, function that makes its values of Keras's array, but for the shape)]"""
        if suffix == "bias":
            return [((self.pointwise or self.convolution).bias, _as_it_is)]
        if suffix == "pointwise_kernel":
            return [(self.pointwise.weight, _turned(3, 2, 0, 1))]
        if self.dims == 1:
            return [(self.convolution.weight, _turned(2, 1, 0))]
        # A depthwise kernel [kh,kw,channels,multiplier] -> [channels x multiplier,1,kh,kw].
        return [(self.convolution.weight, _turned(2, 3, 0, 1) if self.depthwise else _turned(3, 2, 0, 1))]


class TransposedConvolution(torch.nn.Module):
    """conv1d_transpose and conv2d_transpose: all that PyTorch's reaches, cut to Keras's size."""

    def __init__(self, layer, shape):
        super().__init__()
        o = layer.options({"filters": None, "kernel_size": None, "strides": 1, "padding": "valid",
                           "use_bias": True, "activation": "linear"})
        self.dims = len(shape) - 1
        kernel, strides = _list(o["kernel_size"], self.dims), _list(o["strides"], self.dims)
        self.cut, missing = [], []
        for n, k, s in zip(shape, kernel, strides):
            before = max(k - s, 0) // 2 if o["padding"] == "same" else 0
            size = n * s + (max(k - s, 0) if o["padding"] == "valid" else 0)
            self.cut.append((before, size))
            missing.append(max(size - (n - 1) * s - k, 0))
        make = torch.nn.ConvTranspose1d if self.dims == 1 else torch.nn.ConvTranspose2d
        self.convolution = make(shape[-1], o["filters"], tuple(kernel), tuple(strides),
                                output_padding=tuple(missing), bias=bool(o["use_bias"]))
        self.activation = _activation(layer, o["activation"] or "linear")

    def forward(self, x):
        if self.dims == 1:
            x = x.transpose(1, 2)
        x = self.convolution(x)
        for i, (before, size) in enumerate(self.cut):
            x = x.narrow(2 + i, before, size)
        if self.dims == 1:
            x = x.transpose(1, 2)
        return self.activation(x)

    def places(self, suffix):
        if suffix == "bias":
            return [(self.convolution.bias, _as_it_is)]
        return [(self.convolution.weight, _turned(2, 1, 0) if self.dims == 1 else _turned(3, 2, 0, 1))]


def _mask(x, lengths):
    """[N,steps,1]: is the step data?"""
    return (torch.arange(x.shape[1]) < lengths[:, None])[:, :, None]


class Pool(torch.nn.Module):
    """max_pool2d, global_avg_pool1d and the others; sequences as images one column wide."""

    def __init__(self, layer, shape):
        super().__init__()
        self.sequence = len(shape) == 2
        self.maximum = "max" in layer.kind
        size, strides, mode = layer.pool()
        height, width = shape[0], 1 if self.sequence else shape[1]
        self.shape = layer.output_shape if size is None else None
        self.reads_lengths = size is None and self.sequence
        if size is None:
            size = strides = [height, width]
        elif self.sequence:
            size, strides = [*size, 1], [*strides, 1]
        self.size, self.strides = tuple(size), tuple(strides)
        self.pad = _padding(layer, mode, (height, width), size, strides)
        if self.pad and not self.maximum:  # what a window sees of its elements
            ones = F.pad(torch.ones(1, 1, height, width), self.pad)
            self.register_buffer("seen", F.avg_pool2d(ones, self.size, self.strides), False)

    def forward(self, x, lengths=None):
        if lengths is not None:
            padding = ~_mask(x, lengths)
            if self.maximum:
                return x.masked_fill(padding, -math.inf).amax(1)
            return x.masked_fill(padding, 0).sum(1) / lengths[:, None]
        if self.sequence:
            x = x.transpose(1, 2).unsqueeze(3)
        if self.pad:
            x = F.pad(x, self.pad, value=-math.inf if self.maximum else 0.0)
        x = (F.max_pool2d if self.maximum else F.avg_pool2d)(x, self.size, self.strides)
        if self.pad and not self.maximum:
            x = x / self.seen
        if self.shape is not None:
            return _from_keras(x.flatten(1).reshape(-1, *self.shape))
        return x.squeeze(3).transpose(1, 2) if self.sequence else x


class Dense(torch.nn.Module):
    def __init__(self, layer, shape):
        super().__init__()
        o = layer.options({"units": None, "use_bias": True, "activation": "linear"})
        if len(shape) > 2:
            raise Unsupported(f"layer '{layer.name}': the PyTorch builder knows dense layers of "
                              f"vectors and sequences, not {shape}")
        self.linear = torch.nn.Linear(shape[-1], o["units"], bias=bool(o["use_bias"]))
        self.activation = _activation(layer, o["activation"] or "linear")

    def forward(self, x):
        return self.activation(self.linear(x))

    def places(self, suffix):
        if suffix == "bias":
            return [(self.linear.bias, _as_it_is)]
        return [(self.linear.weight, _turned(1, 0))]


class Recurrent(torch.nn.Module):
    """lstm, gru and bidirectional. PyTorch's LSTM has two biases where Keras's has one: the second stays at zero.
    Its GRU has the gates reset, update, new where Keras's has update, reset, new."""

    reads_lengths = True

    def __init__(self, layer, shape):
        super().__init__()
        self.cells = cells = layer.recurrent()
        self.backwards = not cells.both and cells.directions[0][1]
        if self.backwards and layer.lengths:
            raise Unsupported(f"layer '{layer.name}': the PyTorch builder does not know sequences of different lengths "
                              "backwards")
        make = torch.nn.LSTM if cells.kind == "lstm" else torch.nn.GRU
        self.inner = make(shape[1], cells.units, batch_first=True, bidirectional=cells.both)
        if cells.kind == "lstm":
            for name, parameter in self.inner.named_parameters():
                if name.startswith("bias_hh"):
                    torch.nn.init.zeros_(parameter).requires_grad_(False)

    def forward(self, x, lengths=None):
        if self.backwards:
            x = x.flip(1)
        if lengths is not None:
            x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        sequences, last = self.inner(x)
        if self.cells.sequences:
            if lengths is not None:
                sequences, _ = torch.nn.utils.rnn.pad_packed_sequence(sequences, batch_first=True)
            return sequences
        last = last[0] if self.cells.kind == "lstm" else last
        return torch.cat((last[0], last[1]), 1) if self.cells.both else last[0]

    def places(self, suffix):
        prefix, name = suffix.rsplit(".", 1) if "." in suffix else ("", suffix)
        turned = "_reverse" if prefix.startswith("backward") else ""
        get = lambda kind: getattr(self.inner, f"{kind}_l0{turned}")
        if self.cells.kind == "gru":
            if name == "bias":
                return [(get("bias_ih"), lambda values: self.gates(values[0])),
                        (get("bias_hh"), lambda values: self.gates(values[1]))]
            return [(get("weight_ih" if name == "kernel" else "weight_hh"), lambda values: self.gates(values.T))]
        if name == "bias":
            return [(get("bias_ih"), _as_it_is)]
        return [(get("weight_ih" if name == "kernel" else "weight_hh"), _turned(1, 0))]

    def gates(self, values):
        update, reset, new = numpy.split(values, 3)
        return numpy.concatenate([reset, update, new])


class LastStep(torch.nn.Module):
    reads_lengths = True

    def __init__(self, layer, shape):
        super().__init__()
        layer.options({})

    def forward(self, x, lengths=None):
        return x[:, -1] if lengths is None else x[torch.arange(len(x)), lengths.long() - 1]


class Fold(torch.nn.Module):
    """Samples of steps."""

    def __init__(self, layer, shape):
        super().__init__()
        self.shape = layer.output_shape

    def forward(self, x):
        return _from_keras(_to_keras(x).reshape(-1, *self.shape))


class Unfold(torch.nn.Module):
    """Steps of samples again, as many as those that were folded had."""

    def __init__(self, layer, shape):
        super().__init__()

    def forward(self, folded, x):
        folded, x = _to_keras(folded), _to_keras(x)
        return _from_keras(x.reshape(*folded.shape[:2], *x.shape[1:]))


class Distance(torch.nn.Module):
    def __init__(self, layer, shape):
        super().__init__()
        if (metric := layer.options({"metric": "euclidean"})["metric"]) != "euclidean":
            raise Unsupported(f"layer '{layer.name}': the PyTorch builder does not know the distance {metric}")

    def forward(self, a, b):
        return torch.linalg.vector_norm(a - b, dim=1, keepdim=True)


class Embedding(torch.nn.Module):
    """Indices come as the floats that all inputs are."""

    def __init__(self, layer, shape):
        super().__init__()
        o = layer.options({"input_dim": None, "output_dim": None})
        self.table = torch.nn.Embedding(o["input_dim"], o["output_dim"])
        self.image = len(shape) == 2  # which gets channels in front of its points here

    def forward(self, x):
        x = self.table(x.to(torch.int64))
        return x.permute(0, 3, 1, 2) if self.image else x

    def places(self, suffix):
        return [(self.table.weight, _as_it_is)]


def _to_keras(x):
    """Images in Keras's order of dimensions; a view in channels_last memory. Sequences are
    [N, steps, channels] here as there."""
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def _from_keras(x):
    return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


class Flatten(torch.nn.Module):
    def __init__(self, layer, shape):
        super().__init__()
        layer.options({})

    def forward(self, x):
        return _to_keras(x).flatten(1)


class Simple(torch.nn.Module):
    """A layer without weights: a function of tensors in PyTorch's order of dimensions."""

    def __init__(self, layer, shape):
        super().__init__()
        known, make = SIMPLE[layer.kind]
        self.function = make(layer.options(dict.fromkeys(known)), len(shape) + 1)

    def forward(self, *inputs):
        return self.function(*inputs)


class Border(torch.nn.Module):
    """Zero padding, or cropping as padding by less than nothing."""

    def __init__(self, layer, shape):
        super().__init__()
        crops = layer.kind.startswith("cropping")
        border = layer.border("cropping" if crops else "padding")
        sides = [side for pair in reversed(border) for side in pair]
        if len(shape) == 2:
            sides = [0, 0, *sides]  # channels are last here
        self.sides = [-side if crops else side for side in sides]

    def forward(self, x):
        return F.pad(x, self.sides)


def _axis(axis, rank):
    """Keras's axis in PyTorch's order."""
    axis %= rank
    return {1: 2, 2: 3, 3: 1}[axis] if rank == 4 else axis


def _maximum(*terms):
    """Where two are equal the gradient is the first's, as in Keras; torch.maximum halves it."""
    result = terms[0]
    for term in terms[1:]:
        result = torch.where(result >= term, result, term)
    return result


def _product(*factors):
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


# {kind: (options, (options, rank of the input) -> function)}
SIMPLE = {
    "add": ((), lambda o, rank: lambda *terms: sum(terms[1:], terms[0])),
    "average": ((), lambda o, rank: lambda *terms: sum(terms[1:], terms[0]) / len(terms)),
    "maximum": ((), lambda o, rank: _maximum),
    "minimum": ((), lambda o, rank: lambda *terms: -_maximum(*(-term for term in terms))),
    "multiply": ((), lambda o, rank: _product),
    "subtract": ((), lambda o, rank: lambda a, b: a - b),
    "concatenate": (("axis",),
                    lambda o, rank: lambda *parts: torch.cat(parts, _axis(o["axis"], rank))),
    "dropout": (("rate",), lambda o, rank: torch.nn.Dropout(o["rate"])),
    "unit_normalization": ((), lambda o, rank: lambda x: F.normalize(x, dim=-1)),
    "elu": (("alpha",), lambda o, rank: lambda x: F.elu(x, o["alpha"])),
    "leaky_relu": (("negative_slope",),
                   lambda o, rank: lambda x: F.leaky_relu(x, o["negative_slope"])),
    "reshape": (("target_shape",), lambda o, rank: lambda x: _from_keras(
        _to_keras(x).reshape(x.shape[0], *o["target_shape"]))),
    "permute": (("dims",), lambda o, rank: lambda x: _from_keras(
        _to_keras(x).permute(0, *o["dims"]))),
    "up_sampling1d": (("size",), lambda o, rank: lambda x: x.repeat_interleave(o["size"], 1)),
    "up_sampling2d": (("size",), lambda o, rank: lambda x: F.interpolate(
        x, scale_factor=tuple(o["size"]), mode="nearest")),
}


class Normalization(torch.nn.Module):
    """batch_normalization and layer_normalization over the channels, and the normalization of
    inputs and outputs by stored statistics."""

    IGNORED = dict.fromkeys(("beta_initializer", "gamma_initializer", "moving_mean_initializer",
                             "moving_variance_initializer"))

    def __init__(self, layer, shape):
        super().__init__()
        self.kind, self.frozen = layer.kind, not layer.trainable
        channels, self.image = shape[-1], len(shape) == 3
        if self.kind == "batch_normalization":
            o = layer.options({"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True,
                               **self.IGNORED})
            make = torch.nn.BatchNorm2d if self.image else torch.nn.BatchNorm1d
            self.inner = make(channels, o["epsilon"], 1 - o["momentum"])
            for weight, used in ((self.inner.weight, o["scale"]), (self.inner.bias, o["center"])):
                weight.requires_grad_(bool(used))
        elif self.kind == "layer_normalization":
            o = layer.options({"epsilon": 1e-3, **self.IGNORED})
            self.inner = torch.nn.LayerNorm(channels, o["epsilon"])
        else:
            self.invert = layer.options({"invert": False})["invert"]
            self.mean = torch.nn.Parameter(torch.zeros(channels), requires_grad=False)
            self.variance = torch.nn.Parameter(torch.ones(channels), requires_grad=False)

    def forward(self, x):
        if self.kind == "normalization":
            shape = (1, -1, 1, 1) if self.image else (-1,)
            mean = self.mean.view(shape)
            deviation = self.variance.sqrt().clamp_min(1e-7).view(shape)
            return x * deviation + mean if self.invert else (x - mean) / deviation
        last = self.kind == "layer_normalization" and self.image
        sequence = self.kind == "batch_normalization" and x.dim() == 3
        if last:
            return self.inner(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return self.inner(x.transpose(1, 2)).transpose(1, 2) if sequence else self.inner(x)

    def train(self, mode=True):
        """As in Keras, what is frozen normalizes by its moving statistics in training too."""
        return super().train(mode and not self.frozen)

    def places(self, suffix):
        if self.kind == "normalization":
            return [(getattr(self, suffix), _as_it_is)]
        name = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
                "moving_variance": "running_var"}[suffix]
        return [(getattr(self.inner, name), _as_it_is)]


class Activation(torch.nn.Module):
    def __init__(self, layer, shape):
        super().__init__()
        self.activation = _activation(layer, layer.options({"activation": None})["activation"])

    def forward(self, x):
        return self.activation(x)


KINDS = {**dict.fromkeys(Convolution.OWN, Convolution), **dict.fromkeys((*CELLS, "bidirectional"), Recurrent),
         "last_step": LastStep, "fold_steps": Fold, "unfold_steps": Unfold, "distance": Distance,
         "conv1d_transpose": TransposedConvolution, "conv2d_transpose": TransposedConvolution,
         "dense": Dense, "embedding": Embedding, "flatten": Flatten, "activation": Activation,
         **dict.fromkeys(("batch_normalization", "layer_normalization", "normalization"), Normalization),
         **dict.fromkeys(SIMPLE, Simple),
         **{f"{what}{d}d": Border for what in ("zero_padding", "cropping") for d in (1, 2)},
         **{f"{scope}{what}_pool{d}d": Pool for scope in ("", "global_") for what in ("max", "avg")
            for d in (1, 2)}}


def _softmax(x):
    return F.softmax(x, dim=-1)


def _activation(layer, name):
    known = {"linear": lambda x: x, "relu": F.relu, "softmax": _softmax, "elu": F.elu, "gelu": F.gelu,
             "leaky_relu": lambda x: F.leaky_relu(x, 0.2), "sigmoid": torch.sigmoid, "silu": F.silu,
             "softplus": F.softplus, "tanh": torch.tanh}
    if name not in known:
        raise Unsupported(f"layer '{layer.name}': the PyTorch builder does not know the "
                          f"activation {name}")
    return known[name]


class Criterion:
    """The loss of each sample, [N], as nncc defines it, and what its metrics cost: the first one."""

    def __init__(self, judged):
        self.loss, self.name, self.weight = judged.loss, judged.name, judged.weight
        self.column, self.present = judged.column, judged.present
        self.logits = judged.reads_logits or judged.strips_activation
        self.smoothing = self.loss.get("label_smoothing", 0)
        self.metric_name = next(iter(judged.metrics()), None)
        self.k = next((m["k"] for m in judged.step_metrics if "k" in m), None)
        # An activation that the loss contains is not applied: probabilities are logits here.
        self.threshold = 0 if self.logits else judged.threshold

    def __call__(self, output, targets):
        if self.name == "triplet":
            return self._triplets(output, targets)
        if self.name == "contrastive":
            lacks = F.relu(self.loss["margin"] - output)
            return (torch.where(targets > 0.5, output, lacks) ** 2 / 2).flatten(1).mean(1)
        if self.name.endswith("categorical_crossentropy"):
            if self.logits:
                return F.cross_entropy(output, targets, label_smoothing=self.smoothing, reduction="none")
            return F.nll_loss(torch.log(output), targets, reduction="none")
        return self._elements(output, targets).flatten(1).mean(1) * (
            output.shape[-1] if self.name == "kl_divergence" else 1)

    def _triplets(self, x, classes):
        """The same number for each sample: the mean of the batch's triplets."""
        distances = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        if self.loss["distance"] == "squared":
            distances = distances ** 2
        same = classes[:, None] == classes
        positive = same & ~torch.eye(len(x), dtype=torch.bool)
        if self.loss["mining"] == "hard":
            farthest = distances.masked_fill(~positive, -math.inf).amax(1)
            nearest = distances.masked_fill(same, math.inf).amin(1)
            return F.relu(self.loss["margin"] + farthest - nearest).mean().expand(len(x))
        anchors, others = positive.nonzero(as_tuple=True)
        near, far = distances[anchors, others], distances[anchors]
        if self.loss["mining"] == "semi_hard":
            taken = far.masked_fill(same[anchors] | (far <= near[:, None]), math.inf).amin(1)
            farthest = far.masked_fill(same[anchors], -math.inf).amax(1)
            losses = F.relu(self.loss["margin"] + near - torch.where(taken.isinf(), farthest, taken))
            return losses.mean().expand(len(x))
        losses = F.relu(self.loss["margin"] + near[:, None] - far).masked_fill(same[anchors], 0)
        return (losses.sum() / (losses > 0).sum().clamp_min(1)).expand(len(x))

    def _elements(self, output, targets):
        if self.name == "mean_squared_error":
            return F.mse_loss(output, targets, reduction="none")
        if self.name == "mean_absolute_error":
            return F.l1_loss(output, targets, reduction="none")
        if self.name == "huber":
            return F.huber_loss(output, targets, reduction="none", delta=self.loss["delta"])
        if self.name == "hinge":
            return F.relu(1 - output * torch.where(targets == 0, -1.0, targets))
        if self.name == "kl_divergence":
            output, targets = output.clamp(1e-7, 1), targets.clamp(1e-7, 1)
            return targets * torch.log(targets / output)
        assert self.name == "binary_crossentropy"
        smoothed = targets * (1 - self.smoothing) + self.smoothing / 2
        function = F.binary_cross_entropy_with_logits if self.logits else F.binary_cross_entropy
        return function(output, smoothed, reduction="none")

    def metric(self, output, targets):
        if self.metric_name is None:
            return torch.zeros(())
        if self.metric_name == "binary_accuracy":
            return ((output > self.threshold) == (targets > 0.5)).float().mean(1).sum()
        if self.metric_name.endswith("_error"):
            function = F.l1_loss if self.metric_name == "mean_absolute_error" else F.mse_loss
            return function(output, targets) * len(output)
        labels = targets.argmax(1) if targets.is_floating_point() else targets
        if self.metric_name == "top_k_categorical_accuracy":
            return (output.topk(min(self.k, output.shape[1]), 1).indices == labels[:, None]).sum()
        return (output.argmax(1) == labels).sum()


class Network(torch.nn.Module):
    """A batch's input columns -> the outputs that have a loss, or the logits of those whose activation the loss
    contains. Images come as bytes or floats [N,H,W,C]."""

    def __init__(self, description):
        super().__init__()
        self.inputs = [(entry["name"], entry.get("scale", 1), entry.get("offset", 0)) for entry in description.inputs]
        self.columns, self.input_count = [*description.columns, "factors"], len(description.input_columns)
        self.outputs = [judged.output.name for judged in description.judged]
        self.layers = torch.nn.ModuleDict()  # by owner
        self.steps = []
        shapes = {entry["name"]: entry["shape"] for entry in description.inputs}
        for layer in description.layers:
            if layer.kind not in KINDS:
                raise Unsupported(f"layer '{layer.name}': the PyTorch builder does not know the "
                                  f"layer kind {layer.kind}")
            key = _key(layer.owner)
            if key not in self.layers:
                self.layers[key] = KINDS[layer.kind](layer, shapes[layer.inputs[0]])
            shapes[layer.name] = layer.output_shape
            reads = layer.lengths if getattr(self.layers[key], "reads_lengths", False) else None
            self.steps.append((layer.name, key, layer.inputs, reads))
        self.criteria = [Criterion(judged) for judged in description.judged]
        for judged in description.judged:
            if judged.strips_activation:
                self.layers[_key(judged.output.owner)].activation = lambda x: x

    def forward(self, *columns):
        values = dict(zip(self.columns, columns))
        kind = next(self.parameters()).dtype
        for name, scale, offset in self.inputs:
            x = values[name].to(kind)
            if scale != 1:
                x = x * scale
            if offset:
                x = x + offset
            values[name] = _from_keras(x)  # NHWC bytes are channels_last already
        for name, key, inputs, lengths in self.steps:
            lengths = [] if lengths is None else [values[lengths]]
            values[name] = self.layers[key](*(values[i] for i in inputs), *lengths)
        return [values[name] for name in self.outputs]

    def loss(self, *columns):
        """(mean loss, sum of the first metric over the samples) of the description's columns and, behind them, the
        samples' factors, if there are any."""
        values = dict(zip(self.columns, columns))
        total, metric = 0, torch.zeros(())
        for criterion, output in zip(self.criteria, self(*columns[:self.input_count])):
            target = values[criterion.column]
            losses = criterion(output, target)
            if "factors" in values:
                losses = losses * values["factors"]
            if criterion.present:
                present = values[criterion.present]
                loss = (losses * present).sum() / present.sum()
            else:
                loss = losses.mean()
            total = total + criterion.weight * loss
            metric = metric + criterion.metric(output, target)
        return total, metric


def _key(owner):
    return owner.replace(".", "/")  # a module's name has no dots


def _places(network, name):
    """As of a layer's `places`, of the weight of this full name."""
    owner = name
    while _key(owner) not in network.layers:
        owner = owner.rpartition(".")[0]
    return network.layers[_key(owner)].places(name[len(owner) + 1:])


def build(description, weights, dtype=torch.float32):
    """The network with the given weights: name -> numpy array in Keras's layout."""
    network = Network(description)
    for parameter in description.parameters():
        name = parameter["name"]
        if name not in weights:
            raise Unsupported(f"the weights file has no '{name}'")
        for target, values in _places(network, name):
            given = torch.from_numpy(numpy.ascontiguousarray(values(weights[name])))
            with torch.no_grad():
                target.copy_(given.reshape(target.shape))
            if isinstance(target, torch.nn.Parameter):  # moving statistics are buffers
                target.requires_grad_(parameter["trainable"])
    return network.to(dtype=dtype, memory_format=torch.channels_last)


class KerasAdam(torch.optim.Adam):
    """torch.optim.Adam with Keras's epsilon; see the top of this file."""

    def __init__(self, parameters, options):
        super().__init__([p for p in parameters if p.requires_grad], lr=options["learning_rate"],
                         betas=(options["beta_1"], options["beta_2"]), fused=True)
        self.keras_epsilon = options["epsilon"]
        self.done = 0

    def step(self, closure=None):
        self.done += 1
        for group in self.param_groups:
            group["eps"] = self.keras_epsilon / math.sqrt(1 - group["betas"][1] ** self.done)
        return super().step(closure)


class KerasAdamW(KerasAdam):
    """With decoupled decay in front of Adam's step, as Keras and PyTorch both have it."""

    def __init__(self, parameters, options):
        super().__init__(parameters, options)
        self.decay = options["weight_decay"]

    def step(self, closure=None):
        with torch.no_grad():
            for group in self.param_groups:
                torch._foreach_mul_(group["params"], 1 - group["lr"] * self.decay)
        return super().step(closure)


class _Rooted(torch.optim.Optimizer):
    """Optimizers that divide by sqrt(x + epsilon) as Keras does; PyTorch's add epsilon outside.
    `scaled` gives the steps lr g / sqrt(x + epsilon) of a subclass."""

    def __init__(self, parameters, options, initial=0.0):
        parameters = [p for p in parameters if p.requires_grad]
        super().__init__(parameters, {"lr": options["learning_rate"]})
        self.options = options
        self.sums = [torch.full_like(p, initial) for p in parameters]
        self.moved = [torch.zeros_like(p) for p in parameters]
        self.means = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self, closure=None):
        (group,) = self.param_groups
        steps = self.scaled([p.grad for p in group["params"]], group["lr"])
        momentum = self.options.get("momentum", 0)
        if momentum:
            torch._foreach_mul_(self.moved, momentum)
            torch._foreach_add_(self.moved, steps)
            steps = self.moved
        torch._foreach_sub_(group["params"], steps)

    def divided(self, gradients, squares, rate):
        roots = torch._foreach_add(squares, self.options["epsilon"])
        torch._foreach_sqrt_(roots)
        return torch._foreach_div(torch._foreach_mul(gradients, rate), roots)


class KerasAdagrad(_Rooted):
    def __init__(self, parameters, options):
        super().__init__(parameters, options, options["initial_accumulator_value"])

    def scaled(self, gradients, rate):
        torch._foreach_addcmul_(self.sums, gradients, gradients)
        return self.divided(gradients, self.sums, rate)


class KerasRMSprop(_Rooted):
    def scaled(self, gradients, rate):
        rho = self.options["rho"]
        torch._foreach_mul_(self.sums, rho)
        torch._foreach_addcmul_(self.sums, gradients, gradients, 1 - rho)
        squares = self.sums
        if self.options["centered"]:
            torch._foreach_mul_(self.means, rho)
            torch._foreach_add_(self.means, gradients, alpha=1 - rho)
            squares = torch._foreach_addcmul(self.sums, self.means, self.means, -1)
        return self.divided(gradients, squares, rate)


class SGD(torch.optim.SGD):
    """The same rule in both: PyTorch keeps the gradients' sum, Keras that times -lr. With a
    schedule they differ, which `Trainer` refuses."""

    def __init__(self, parameters, options):
        super().__init__([p for p in parameters if p.requires_grad], lr=options["learning_rate"],
                         momentum=options["momentum"],
                         nesterov=options["nesterov"] and options["momentum"] != 0)


OPTIMIZERS = {"adagrad": KerasAdagrad, "adam": KerasAdam, "adamw": KerasAdamW,
              "rmsprop": KerasRMSprop, "sgd": SGD}


class Trainer:
    """What peer.py drives; the same interface in each builder."""

    VARIANTS = {"eager": False, "compile": True}

    def __init__(self, description, weights, arrays, epoch, variant, dtype=torch.float32):
        self.network = build(description, weights, dtype)
        self.batches = [[self._tensor(column, dtype) for column in batch] for batch in batches.load(description, arrays)]
        options = dict(description.train["optimizer"])
        if isinstance(options["learning_rate"], dict) and options.get("momentum"):
            raise Unsupported("the PyTorch builder does not know momentum with a learning-rate "
                              "schedule")
        self.rate = description.learning_rate(epoch)
        options["learning_rate"] = self.rate(0)
        self.optimizer = OPTIMIZERS[options["name"]](self.network.parameters(), options)
        self.clip = options.get("clipvalue"), options.get("global_clipnorm")
        self.accumulation = description.accumulation_steps
        self.steps = 0
        self.penalized = [(_places(self.network, name)[0][0], l1, l2)
                          for name, (l1, l2) in description.regularizers().items()]
        self.loss = self.penalized_loss if self.penalized else self.network.loss
        if self.VARIANTS[variant]:
            self.loss = torch.compile(self.loss)
        self.done = {"train": 0, "evaluate": 0}

    @staticmethod
    def _tensor(column, dtype):
        """Class numbers are long, as cross_entropy wants them; floats are of the network's type; bytes stay."""
        tensor = torch.from_numpy(column)
        return tensor if tensor.dtype == torch.uint8 else tensor.to(dtype if tensor.is_floating_point() else torch.long)

    def _next(self, what):
        self.done[what] += 1
        return self.batches[(self.done[what] - 1) % len(self.batches)]

    def penalized_loss(self, *batch):
        loss, correct = self.network.loss(*batch)
        for parameter, l1, l2 in self.penalized:
            if l1:
                loss = loss + l1 * parameter.abs().sum()
            if l2:
                loss = loss + l2 * parameter.square().sum()
        return loss, correct

    def update(self):
        """Every so many steps, with the mean of their gradients."""
        self.steps += 1
        if self.steps % self.accumulation:
            return
        group = self.optimizer.param_groups[0]
        group["lr"] = self.rate(self.steps // self.accumulation - 1)
        if self.accumulation > 1:
            torch._foreach_div_([p.grad for p in group["params"]], self.accumulation)
        value, norm = self.clip
        if value is not None:
            torch.nn.utils.clip_grad_value_(group["params"], value)
        if norm is not None:
            # clip_grad_norm_ adds 1e-6 to the norm, which Keras does not.
            gradients = [p.grad for p in group["params"]]
            total = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            torch._foreach_mul_(gradients, torch.clamp(norm / total, max=1.0))
        self.optimizer.step()
        self.optimizer.zero_grad()

    def train(self, steps):
        """Runs the next `steps` batches: (seconds, mean loss)."""
        start = time.perf_counter()
        self.network.train()
        total, right = 0.0, 0
        for _ in range(steps):
            loss, correct = self.loss(*self._next("train"))
            loss.backward()
            self.update()
            total += loss.item()
            right += correct.item()
        return time.perf_counter() - start, total / steps

    def evaluate(self, steps):
        start = time.perf_counter()
        self.network.eval()
        total, right = 0.0, 0
        with torch.inference_mode():
            for _ in range(steps):
                loss, correct = self.loss(*self._next("evaluate"))
                total += loss.item()
                right += correct.item()
        return time.perf_counter() - start, total / steps
