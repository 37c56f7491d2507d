"""JAX: pure functions over a dictionary of weights, one jitted training step that donates its
state, Keras's optimizers written out (a few lines each; no second library needed).

A step takes a batch; `scan-32` takes 32 at a call (lax.scan) of a data set that lies on the
device: what a user does whose steps are shorter than a call. A layer's function gets a Pass, which
holds the weights, and its inputs; one over sequences of different lengths gets these too.

A shape is compiled once, so sequences are cut to multiples of BUCKET steps.

NHWC activations and HWIO weights are Keras's layouts, and the ones XLA's CPU convolution wants.
A final softmax under the loss is left to log_softmax, as JAX's users do.
"""

import functools
import math
import time

import jax
import jax.numpy as jnp
import numpy
from jax import lax

from . import batches
from .layer import CELLS, OVER_STEPS, Unsupported

DISTRIBUTION = "jax"
SEED = 1  # of dropout
BUCKET = 32


def versions():
    import jaxlib

    return {"jax": jax.__version__, "jaxlib": jaxlib.__version__}


def set_threads(threads):
    """XLA's CPU client sizes its pool by the process's affinity, which peer.py sets."""


ACTIVATIONS = {"linear": lambda x: x, "relu": jax.nn.relu, "softmax": jax.nn.softmax,
               "elu": jax.nn.elu, "gelu": functools.partial(jax.nn.gelu, approximate=False),
               "leaky_relu": functools.partial(jax.nn.leaky_relu, negative_slope=0.2),
               "sigmoid": jax.nn.sigmoid, "silu": jax.nn.silu, "softplus": jax.nn.softplus,
               "tanh": jnp.tanh}


def _activation(layer, name):
    if name not in ACTIVATIONS:
        raise Unsupported(f"layer '{layer.name}': the JAX builder does not know the activation "
                          f"{name}")
    return ACTIVATIONS[name]


class Pass:
    """One pass through the network: what its layers read, and the moving statistics they update."""

    def __init__(self, weights, key=None):
        self.weights = weights
        self.key = key  # of a training step's random numbers; None in an evaluation
        self.updates = {}

    @property
    def training(self):
        return self.key is not None

    def next_key(self):
        self.key, key = jax.random.split(self.key)
        return key


def _bias(layer, run, x):
    name = layer.weight("bias")
    return x + run.weights[name] if name else x


def _dropout(layer):
    keep = 1 - layer.options({"rate": None})["rate"]

    def dropout(run, x):
        if not run.training or keep == 1:
            return x
        return jnp.where(jax.random.bernoulli(run.next_key(), keep, x.shape), x / keep, 0)

    return dropout


INITIALIZERS = dict.fromkeys(("beta_initializer", "gamma_initializer", "moving_mean_initializer",
                              "moving_variance_initializer"))


def _batch_normalization(layer):
    o = layer.options({"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True,
                       **INITIALIZERS})
    names = [layer.weight("moving_mean"), layer.weight("moving_variance")]

    def normalization(run, x):
        statistics = [run.weights[name] for name in names]
        if run.training and layer.trainable:
            axes = tuple(range(x.ndim - 1))
            mean = x.mean(axes)
            old, statistics = statistics, [mean, (x * x).mean(axes) - mean * mean]
            for name, moving, new in zip(names, old, statistics):
                run.updates[name] = moving * o["momentum"] + new * (1 - o["momentum"])
        mean, variance = statistics
        factor = lax.rsqrt(variance + o["epsilon"])
        if gamma := layer.weight("gamma"):
            factor = factor * run.weights[gamma]
        x = (x - mean) * factor
        return x + run.weights[layer.weight("beta")] if layer.weight("beta") else x

    return normalization


def _layer_normalization(layer):
    epsilon = layer.options({"epsilon": 1e-3, **INITIALIZERS})["epsilon"]

    def normalization(run, x):
        gamma, beta = (run.weights[layer.weight(suffix)] for suffix in ("gamma", "beta"))
        deviations = x - x.mean(-1, keepdims=True)
        return deviations * lax.rsqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta

    return normalization


def _normalization(layer):
    invert = layer.options({"invert": False})["invert"]

    def normalization(run, x):
        mean, variance = (run.weights[layer.weight(suffix)] for suffix in ("mean", "variance"))
        deviation = jnp.maximum(jnp.sqrt(variance), 1e-7)
        return x * deviation + mean if invert else (x - mean) / deviation

    return normalization


POOLS = {f"{scope}{what}_pool{d}d" for scope in ("", "global_") for what in ("max", "avg")
         for d in (1, 2)}


def _pool(layer):
    maximum = "max" in layer.kind
    size, strides, padding = layer.pool()
    if layer.lengths:
        def over_steps(run, x, lengths):
            data = (jnp.arange(x.shape[1]) < lengths[:, None])[:, :, None]
            if maximum:
                return jnp.where(data, x, -jnp.inf).max(1)
            return jnp.where(data, x, 0).sum(1) / lengths[:, None]

        return over_steps
    if size is None:
        keepdims = layer.options({"keepdims": False})["keepdims"]
        reduce = jnp.max if maximum else jnp.mean
        return lambda run, x: reduce(x, tuple(range(1, x.ndim - 1)), keepdims=keepdims)
    window, strides, padding = (1, *size, 1), (1, *strides, 1), padding.upper()
    if maximum:
        return lambda run, x: lax.reduce_window(x, -jnp.inf, lax.max, window, strides, padding)

    def average(run, x):
        sums = lax.reduce_window(x, 0.0, lax.add, window, strides, padding)
        if padding == "VALID":
            return sums / math.prod(window)
        seen = numpy.ones((1, *x.shape[1:-1], 1), x.dtype)  # padding is not counted
        return sums / lax.reduce_window(seen, 0.0, lax.add, window, strides, padding)

    return average


def _border(layer):
    if layer.kind.startswith("zero"):
        border = [(0, 0), *layer.border("padding"), (0, 0)]
        return lambda run, x: jnp.pad(x, border)
    border = layer.border("cropping")
    return lambda run, x: x[(slice(None), *(slice(before, size - after) for (before, after), size
                                                in zip(border, x.shape[1:])))]


def _repeat(x, sizes):
    for axis, size in enumerate(sizes, 1):
        x = jnp.repeat(x, size, axis)
    return x


def _maximum(a, b):
    """Where both are equal the gradient is the first's, as in Keras; jnp.maximum halves it."""
    return jnp.where(a >= b, a, b)


# {kind: (options, options -> function of the inputs)}
SIMPLE = {
    "add": ((), lambda o: lambda *terms: functools.reduce(jnp.add, terms)),
    "average": ((), lambda o: lambda *terms: functools.reduce(jnp.add, terms) / len(terms)),
    "maximum": ((), lambda o: lambda *terms: functools.reduce(_maximum, terms)),
    "minimum": ((), lambda o: lambda *terms: -functools.reduce(_maximum, (-term for term in terms))),
    "multiply": ((), lambda o: lambda *factors: functools.reduce(jnp.multiply, factors)),
    "subtract": ((), lambda o: lambda a, b: a - b),
    "concatenate": (("axis",), lambda o: lambda *parts: jnp.concatenate(parts, o["axis"])),
    "unit_normalization": ((), lambda o: lambda x: x / jnp.maximum(jnp.linalg.norm(x, axis=-1, keepdims=True), 1e-12)),
    "elu": (("alpha",), lambda o: lambda x: jax.nn.elu(x, o["alpha"])),
    "leaky_relu": (("negative_slope",),
                   lambda o: lambda x: jax.nn.leaky_relu(x, o["negative_slope"])),
    "reshape": (("target_shape",),
                lambda o: lambda x: x.reshape(x.shape[0], *o["target_shape"])),
    "permute": (("dims",), lambda o: lambda x: x.transpose(0, *o["dims"])),
    "up_sampling1d": (("size",), lambda o: lambda x: _repeat(x, [o["size"]])),
    "up_sampling2d": (("size",), lambda o: lambda x: _repeat(x, o["size"])),
}


def _list(value, dims):
    return list(value) if isinstance(value, (list, tuple)) else [value] * dims


def _convolution(layer):
    """As _make, of all kinds of convolutions."""
    known = {"conv1d": {"filters": None, "dilation_rate": 1, "groups": 1},
             "conv2d": {"filters": None, "dilation_rate": 1, "groups": 1},
             "conv1d_transpose": {"filters": None}, "conv2d_transpose": {"filters": None},
             "depthwise_conv2d": {"dilation_rate": 1, "depth_multiplier": 1},
             "separable_conv2d": {"filters": None, "dilation_rate": 1, "depth_multiplier": 1}}
    if layer.kind not in known:
        raise Unsupported(f"layer '{layer.name}': the JAX builder does not know the layer kind "
                          f"{layer.kind}")
    o = layer.options({"kernel_size": None, "strides": 1, "padding": "valid", "use_bias": True,
                       "activation": "linear", **known[layer.kind]})
    dims = 1 if "1d" in layer.kind else 2
    spatial = "HW"[2 - dims:]
    numbers = (f"N{spatial}C", f"{spatial}IO", f"N{spatial}C")
    kernel, strides = _list(o["kernel_size"], dims), _list(o["strides"], dims)
    dilation = _list(o.get("dilation_rate", 1), dims)

    def padding(size):
        extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
        if o["padding"] == "causal":
            return [(extents[0] - 1, 0)]
        if o["padding"] == "valid":
            return [(0, 0)] * dims
        totals = [max((-(-n // s) - 1) * s + e - n, 0) for n, s, e in zip(size, strides, extents)]
        return [(total // 2, total - total // 2) for total in totals]

    def transposed(run, x):
        # The convolution of the input with zeros between its points, by the kernel turned around.
        w = run.weights[layer.weight("kernel")]
        size = x.shape[1:-1]
        if o["padding"] == "same":
            out = [n * s for n, s in zip(size, strides)]
        else:
            out = [n * s + max(k - s, 0) for n, s, k in zip(size, strides, kernel)]
        pads = padding(out)
        around = [(k - 1 - before, n - (m - 1) * s - 1 + before)
                  for k, (before, _), n, m, s in zip(kernel, pads, out, size, strides)]
        w = jnp.flip(w, tuple(range(dims))).swapaxes(-1, -2)
        y = lax.conv_general_dilated(x, w, [1] * dims, around, lhs_dilation=strides,
                                     dimension_numbers=numbers)
        return _bias(layer, run, y)

    def convolution(run, x):
        groups = o.get("groups", 1)
        if "depth_multiplier" in o:
            groups = x.shape[-1]
            name = "kernel" if layer.kind == "depthwise_conv2d" else "depthwise_kernel"
            w = run.weights[layer.weight(name)]
            w = w.reshape(*w.shape[:dims], 1, -1)
        else:
            w = run.weights[layer.weight("kernel")]
        y = lax.conv_general_dilated(x, w, strides, padding(x.shape[1:-1]), rhs_dilation=dilation,
                                     dimension_numbers=numbers, feature_group_count=groups)
        if layer.kind == "separable_conv2d":
            y = y @ run.weights[layer.weight("pointwise_kernel")][0, 0]
        return _bias(layer, run, y)

    function = transposed if layer.kind.endswith("_transpose") else convolution
    return function, _activation(layer, o["activation"] or "linear")


def _recurrent(layer):
    """A scan over the steps, the inputs' products before it at once. Behind a sample's last step its state stays."""
    cells = layer.recurrent()

    def lstm(run, prefix):
        recurrent = run.weights[f"{layer.owner}.{prefix}recurrent_kernel"]
        bias = run.weights[f"{layer.owner}.{prefix}bias"]

        def step(state, gates):
            h, c = state
            i, f, g, out = jnp.split(gates + h @ recurrent, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return jax.nn.sigmoid(out) * jnp.tanh(c), c

        return step, bias

    def gru(run, prefix):
        recurrent = run.weights[f"{layer.owner}.{prefix}recurrent_kernel"]
        bias, recurrent_bias = run.weights[f"{layer.owner}.{prefix}bias"]

        def step(state, gates):
            h, _ = state
            update, reset, new = jnp.split(gates, 3, axis=1)
            of_update, of_reset, of_new = jnp.split(h @ recurrent + recurrent_bias, 3, axis=1)
            update = jax.nn.sigmoid(update + of_update)
            new = jnp.tanh(new + jax.nn.sigmoid(reset + of_reset) * of_new)
            return update * h + (1 - update) * new, h

        return step, bias

    def one(run, x, prefix, backwards, lengths):
        cell, bias = {"lstm": lstm, "gru": gru}[cells.kind](run, prefix)
        inputs = jnp.swapaxes(x @ run.weights[f"{layer.owner}.{prefix}kernel"] + bias, 0, 1)
        steps = jnp.arange(x.shape[1])

        def step(state, now):
            gates, number = now
            new = cell(state, gates)
            if lengths is not None:
                data = (number < lengths)[:, None]
                new = tuple(jnp.where(data, a, b) for a, b in zip(new, state))
            return new, new[0] if cells.sequences else None

        zeros = jnp.zeros((x.shape[0], cells.units), x.dtype)
        (h, _), sequence = lax.scan(step, (zeros, zeros), (inputs, steps), reverse=bool(backwards))
        if not cells.sequences:
            return h
        sequence = jnp.swapaxes(sequence, 0, 1)
        # Keras leaves the steps of one that goes backwards in the order in which it made them.
        return sequence[:, ::-1] if backwards and not cells.both else sequence

    if layer.lengths and cells.sequences and not cells.both and cells.directions[0][1]:
        raise Unsupported(f"layer '{layer.name}': the JAX builder does not know sequences of different lengths backwards")
    return lambda run, x, lengths=None: jnp.concatenate([one(run, x, *each, lengths) for each in cells.directions], axis=-1)


def _last_step(layer):
    layer.options({})
    if not layer.lengths:
        return lambda run, x: x[:, -1]
    return lambda run, x, lengths: x[jnp.arange(len(x)), lengths - 1]


def _distance(layer):
    if (metric := layer.options({"metric": "euclidean"})["metric"]) != "euclidean":
        raise Unsupported(f"layer '{layer.name}': the JAX builder does not know the distance {metric}")
    return lambda run, a, b: _root(jnp.square(a - b).sum(1, keepdims=True))


def _root(x):
    """Whose slope at 0 is 0."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1)), 0)


# Layers that are no function of their inputs alone.
OF_A_PASS = {"batch_normalization": _batch_normalization, "dropout": _dropout,
             "layer_normalization": _layer_normalization, "normalization": _normalization,
             "last_step": _last_step, "distance": _distance,
             "fold_steps": lambda layer: lambda run, x: x.reshape(-1, *layer.output_shape),
             "unfold_steps": lambda layer: lambda run, folded, x: x.reshape(*folded.shape[:2], *x.shape[1:]),
             **dict.fromkeys((*CELLS, "bidirectional"), _recurrent)}


def _make(layer):
    """function(run, *inputs) of one layer without its activation, and the activation."""
    if "conv" in layer.kind:
        return _convolution(layer)
    if layer.kind in POOLS:
        return _pool(layer), ACTIVATIONS["linear"]
    if layer.kind in OF_A_PASS:
        return OF_A_PASS[layer.kind](layer), ACTIVATIONS["linear"]
    if layer.kind in SIMPLE:
        known, make = SIMPLE[layer.kind]
        function = make(layer.options(dict.fromkeys(known)))
        return (lambda run, *inputs: function(*inputs)), ACTIVATIONS["linear"]
    if layer.kind.startswith(("zero_padding", "cropping")):
        return _border(layer), ACTIVATIONS["linear"]
    if layer.kind == "dense":
        o = layer.options({"units": None, "use_bias": True, "activation": "linear"})
        return (lambda run, x: _bias(layer, run, x @ run.weights[layer.weight("kernel")]),
                _activation(layer, o["activation"] or "linear"))
    if layer.kind == "embedding":
        layer.options({"input_dim": None, "output_dim": None})
        return (lambda run, x: run.weights[layer.weight("embeddings")][x.astype(jnp.int32)],
                ACTIVATIONS["linear"])
    if layer.kind == "flatten":
        layer.options({})
        return (lambda run, x: x.reshape(x.shape[0], -1)), ACTIVATIONS["linear"]
    if layer.kind == "activation":
        o = layer.options({"activation": None})
        return (lambda run, x: x), _activation(layer, o["activation"])
    raise Unsupported(f"layer '{layer.name}': the JAX builder does not know the layer kind "
                      f"{layer.kind}")


def _optimizer(o):
    """(names of what is kept for each weight, update(p, g, slots, rate, t) -> (p, slots))."""
    if o["name"] in ("adam", "adamw"):
        decay = o.get("weight_decay", 0)

        def adam(p, g, slots, rate, t):
            m, v = slots
            alpha = rate * jnp.sqrt(1 - o["beta_2"] ** t) / (1 - o["beta_1"] ** t)
            m = m + (g - m) * (1 - o["beta_1"])
            v = v + (g * g - v) * (1 - o["beta_2"])
            return p - p * decay * rate - m * alpha / (jnp.sqrt(v) + o["epsilon"]), (m, v)

        return 2, adam
    if o["name"] == "sgd":
        def sgd(p, g, slots, rate, t):
            if not slots:
                return p - rate * g, ()
            m = o["momentum"] * slots[0] - rate * g
            return p + (o["momentum"] * m - rate * g if o["nesterov"] else m), (m,)

        return int(o["momentum"] != 0), sgd
    if o["name"] == "adagrad":
        def adagrad(p, g, slots, rate, t):
            total = slots[0] + g * g
            return p - rate * g / jnp.sqrt(total + o["epsilon"]), (total,)

        return 1, adagrad
    if o["name"] == "rmsprop":
        def rmsprop(p, g, slots, rate, t):
            v = o["rho"] * slots[0] + (1 - o["rho"]) * g * g
            kept, square = [v], v
            if o["centered"]:
                mean = o["rho"] * slots[-1] + (1 - o["rho"]) * g
                square = v - mean * mean
            step = rate * g / jnp.sqrt(square + o["epsilon"])
            if o["momentum"]:
                step = o["momentum"] * slots[1] + step
                kept.append(step)
            if o["centered"]:
                kept.append(mean)
            return p - step, tuple(kept)

        return 1 + (o["momentum"] != 0) + o["centered"], rmsprop
    raise Unsupported(f"the JAX builder does not know the optimizer {o['name']}")


def _clipped(o, gradients):
    if o.get("clipvalue") is not None:
        return jax.tree.map(lambda g: jnp.clip(g, -o["clipvalue"], o["clipvalue"]), gradients)
    if o.get("global_clipnorm") is not None:
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradients)))
        scale = jnp.minimum(o["global_clipnorm"] / norm, 1)
        return jax.tree.map(lambda g: g * scale, gradients)
    return gradients


def _triplets(options, x, classes):
    """The mean of the batch's triplets."""
    squares = jnp.square(x[:, None] - x).sum(-1)
    distances = squares if options["distance"] == "squared" else _root(squares)
    same = classes[:, None] == classes
    positive = same & ~jnp.eye(len(x), dtype=bool)
    if options["mining"] == "hard":
        farthest = jnp.where(positive, distances, -jnp.inf).max(1)
        nearest = jnp.where(same, jnp.inf, distances).min(1)
        return jax.nn.relu(options["margin"] + farthest - nearest).mean()
    # [anchor, positive, negative]
    near, far, other = distances[:, :, None], distances[:, None, :], ~same[:, None, :]
    if options["mining"] == "semi_hard":
        taken = jnp.where(other & (far > near), far, jnp.inf).min(2)
        farthest = jnp.where(same, -jnp.inf, distances).max(1, keepdims=True)
        losses = jax.nn.relu(options["margin"] + distances - jnp.where(jnp.isinf(taken), farthest, taken))
        return jnp.where(positive, losses, 0).sum() / positive.sum()
    losses = jnp.where(positive[:, :, None] & other, jax.nn.relu(options["margin"] + near - far), 0)
    return losses.sum() / jnp.maximum((losses > 0).sum(), 1)


def _criteria(judged):
    """(loss of each sample, sum of the first metric), functions of output and targets."""
    options = judged.loss
    name, smoothing = options["name"], options.get("label_smoothing", 0)
    logits = judged.reads_logits or judged.strips_activation
    threshold = 0 if logits else judged.threshold

    def elements(x, t):
        if name == "mean_squared_error":
            return (x - t) ** 2
        if name == "mean_absolute_error":
            return jnp.abs(x - t)
        if name == "huber":
            delta, d = options["delta"], jnp.abs(x - t)
            return jnp.where(d <= delta, d * d / 2, delta * (d - delta / 2))
        if name == "hinge":
            return jax.nn.relu(1 - x * jnp.where(t == 0, -1.0, t))
        if name == "kl_divergence":
            x, t = jnp.clip(x, 1e-7, 1), jnp.clip(t, 1e-7, 1)
            return t * jnp.log(t / x)
        assert name == "binary_crossentropy"
        t = t * (1 - smoothing) + smoothing / 2
        if logits:
            return jax.nn.relu(x) - x * t + jnp.log1p(jnp.exp(-jnp.abs(x)))
        return -t * jnp.log(x) - (1 - t) * jnp.log(1 - x)

    def criterion(output, targets):
        if name == "triplet":
            return jnp.full(len(output), _triplets(options, output, targets))
        if name == "contrastive":
            lacks = jax.nn.relu(options["margin"] - output)
            return (jnp.where(targets > 0.5, output, lacks) ** 2 / 2).reshape(len(output), -1).mean(1)
        if name.endswith("categorical_crossentropy"):
            logs = jax.nn.log_softmax(output) if logits else jnp.log(output)
            if name.startswith("sparse_"):
                picked = jnp.take_along_axis(logs, targets[:, None], axis=1)[:, 0]
            else:
                picked = (logs * targets).sum(1)
            return -(1 - smoothing) * picked - smoothing * logs.mean(1)
        loss = elements(output, targets).reshape(len(output), -1).mean(1)
        return loss * output.shape[-1] if name == "kl_divergence" else loss

    wanted = next(iter(judged.metrics()), None)
    k = next((m["k"] for m in judged.step_metrics if "k" in m), None)

    def metric(output, targets):
        if wanted is None:
            return jnp.zeros(())
        if wanted == "binary_accuracy":
            return ((output > threshold) == (targets > 0.5)).mean(1).sum()
        if wanted == "mean_absolute_error":
            return jnp.abs(output - targets).mean(1).sum()
        if wanted == "mean_squared_error":
            return ((output - targets) ** 2).mean(1).sum()
        labels = targets.argmax(1) if targets.ndim > 1 else targets
        if wanted == "top_k_categorical_accuracy":
            return (lax.top_k(output, min(k, output.shape[1]))[1] == labels[:, None]).sum()
        return (output.argmax(1) == labels).sum()

    return criterion, metric


def build(description):
    """(evaluation, training step, the same of several batches), all pure and jitted:
    evaluation(weights, *columns) -> (mean loss, sum of the first metric);
    step(state, rate, *columns) -> (state, mean loss, sum of the first metric), which gives up the old state's
    memory. Columns are the description's and, behind them, the samples' factors, if there are any.
    steps(state, rates, numbers of batches, columns) -> the same, of each step."""
    layers = []
    for layer in description.layers:
        over_steps = layer.lengths if layer.kind in (*CELLS, "bidirectional", *OVER_STEPS) else None
        layers.append((layer.name, [*layer.inputs, *([over_steps] if over_steps else [])], *_make(layer)))
    criteria = [(judged, *_criteria(judged)) for judged in description.judged]
    stripped = {judged.output.name for judged in description.judged if judged.strips_activation}
    columns = [*description.columns, "factors"]
    penalties = description.regularizers()
    if description.accumulation_steps > 1:
        raise Unsupported("the JAX builder does not know gradient_accumulation_steps")

    def loss(run, *batch):
        given = dict(zip(columns, batch))
        values = dict(given)
        for entry in description.inputs:
            scaled = values[entry["name"]].astype(jnp.float32) * entry.get("scale", 1) + entry.get("offset", 0)
            values[entry["name"]] = scaled
        for name, inputs, function, activation in layers:
            value = function(run, *(values[i] for i in inputs))
            values[name] = value if name in stripped else activation(value)
        value = right = 0
        for judged, criterion, metric in criteria:
            output, target = values[judged.output.name], given[judged.column]
            losses = criterion(output, target)
            if "factors" in given:
                losses = losses * given["factors"]
            if judged.present:
                present = given[judged.present]
                value += judged.weight * (losses * present).sum() / present.sum()
            else:
                value += judged.weight * losses.mean()
            right += metric(output, target)
        for name, (l1, l2) in penalties.items():
            weight = run.weights[name]
            value += l1 * jnp.abs(weight).sum() + l2 * jnp.square(weight).sum()
        return value, right

    def evaluation(weights, *batch):
        return loss(Pass(weights), *batch)

    o = description.train["optimizer"]
    _, update = _optimizer(o)

    def training_loss(trained, fixed, key, batch):
        run = Pass({**trained, **fixed}, key)
        value, right = loss(run, *batch)
        return value, (right, run.updates)

    def step(state, rate, *batch):
        trained, fixed, slots, t = state
        key = jax.random.fold_in(jax.random.key(SEED), t.astype(jnp.uint32))
        (value, (right, updates)), gradients = jax.value_and_grad(training_loss, has_aux=True)(
            trained, fixed, key, batch)
        t, gradients = t + 1, _clipped(o, gradients)
        new = {name: update(trained[name], gradients[name], slots[name], rate, t)
               for name in trained}
        return ({name: p for name, (p, _) in new.items()}, {**fixed, **updates},
                {name: kept for name, (_, kept) in new.items()}, t), value, right

    def steps(state, rates, numbers, columns):
        def one(state, now):
            rate, number = now
            batch = (lax.dynamic_index_in_dim(column, number, keepdims=False) for column in columns)
            state, *results = step(state, rate, *batch)
            return state, results

        state, (values, right) = lax.scan(one, state, (rates, numbers))
        return state, values, right

    return jax.jit(evaluation), jax.jit(step, donate_argnums=0), jax.jit(steps, donate_argnums=0)


def initial_state(description, weights):
    """(trained weights, fixed ones and moving statistics, what the optimizer keeps of each, steps
    done)."""
    trained, fixed = {}, {}
    for parameter in description.parameters():
        name = parameter["name"]
        (trained if parameter["trainable"] else fixed)[name] = weights[name]
    o = description.train["optimizer"]
    count, _ = _optimizer(o)
    initial = o.get("initial_accumulator_value", 0)
    slots = {name: tuple(numpy.full_like(value, initial) for _ in range(count))
             for name, value in trained.items()}
    return jax.tree.map(jnp.array, (trained, fixed, slots, numpy.float32(0)))


class Trainer:
    """What peer.py drives; the same interface in each builder."""

    # Batches of a call.
    VARIANTS = {"jit": 1, "scan-32": 32}

    def __init__(self, description, weights, arrays, epoch, variant):
        self.evaluation, self.step, self.steps = build(description)
        self.at_once = self.VARIANTS[variant]
        self.batches = batches.load(description, arrays, BUCKET if self.at_once == 1 else None)
        self.rate = description.learning_rate(epoch)
        self.done = {"train": 0, "evaluate": 0}
        if self.at_once > 1:
            if len({len(batch[0]) for batch in self.batches}) > 1:
                raise Unsupported(f"the JAX builder's {variant} knows whole batches only")
            self.on_device = [jnp.array(numpy.stack(column)) for column in zip(*self.batches)]
        else:
            # What a shape costs once is no part of any step's time.
            for batch in {tuple(column.shape for column in batch): batch for batch in self.batches}.values():
                self.step(initial_state(description, weights), numpy.float32(0), *batch)
        self.state = initial_state(description, weights)

    def _next(self, what):
        self.done[what] += 1
        return self.batches[(self.done[what] - 1) % len(self.batches)]

    def _call(self):
        """The next steps, as many as a call takes."""
        done, self.done["train"] = self.done["train"], self.done["train"] + self.at_once
        numbers = range(done, done + self.at_once)
        rates = numpy.float32([self.rate(number) for number in numbers])
        return self.steps(self.state, rates, numpy.int32(numbers) % len(self.batches), self.on_device)

    def train(self, steps):
        """Runs the next `steps` batches: (seconds, mean loss). Losses stay on the device until
        the end, so that steps are dispatched ahead."""
        start = time.perf_counter()
        losses, right, left = [], [], steps
        while left:
            if left < self.at_once or self.at_once == 1:
                rate = numpy.float32(self.rate(self.done["train"]))
                self.state, loss, correct = self.step(self.state, rate, *self._next("train"))
            else:
                self.state, loss, correct = self._call()
            left -= max(1, loss.size)
            losses.append(loss)
            right.append(correct)
        mean = sum(float(loss.sum()) for loss in losses) / steps
        jax.block_until_ready((self.state, right))
        return time.perf_counter() - start, mean

    def evaluate(self, steps):
        start = time.perf_counter()
        weights = {**self.state[0], **self.state[1]}
        results = [self.evaluation(weights, *self._next("evaluate")) for _ in range(steps)]
        mean = sum(float(loss) for loss, _ in results) / steps
        jax.block_until_ready(results)
        return time.perf_counter() - start, mean
