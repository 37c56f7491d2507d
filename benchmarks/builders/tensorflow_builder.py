"""Keras 3 on TensorFlow: a functional model, `compile`, and `fit` / `evaluate` over a tf.data
pipeline, as its guides write it.

Made as fast as that idiom gets on a CPU: the data set is batched once and cached in memory
(`batch().cache().repeat().prefetch()`), several steps are run at a call
(`steps_per_execution`), and TensorFlow may run independent ops side by side. XLA
(`jit_compile`) is slower here; README.md has the measurements.
Keras's optimizers are the definition of the update rules, nothing to map.
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import tensorflow as tf

from .description import Unsupported
from .targets import sample_weights, targets

DISTRIBUTION = "tensorflow-cpu"
ACTIVATIONS = {"linear", "relu", "softmax", "elu", "gelu", "leaky_relu", "sigmoid", "silu", "softplus",
               "tanh"}


def versions():
    return {"tensorflow": tf.__version__, "keras": keras.__version__}


def set_threads(threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)


def _activation(layer, name):
    if name not in ACTIVATIONS:
        raise Unsupported(f"layer '{layer.name}': the TensorFlow builder does not know the "
                          f"activation {name}")
    return name


# Layers with a namesake in Keras: {kind: (options, how it is made)}.
SIMPLE = {
    "add": ((), lambda o, name: keras.layers.Add(name=name)),
    "average": ((), lambda o, name: keras.layers.Average(name=name)),
    "maximum": ((), lambda o, name: keras.layers.Maximum(name=name)),
    "minimum": ((), lambda o, name: keras.layers.Minimum(name=name)),
    "multiply": ((), lambda o, name: keras.layers.Multiply(name=name)),
    "subtract": ((), lambda o, name: keras.layers.Subtract(name=name)),
    "concatenate": (("axis",), lambda o, name: keras.layers.Concatenate(o["axis"], name=name)),
    "dropout": (("rate",), lambda o, name: keras.layers.Dropout(o["rate"], name=name)),
    "elu": (("alpha",), lambda o, name: keras.layers.ELU(o["alpha"], name=name)),
    "leaky_relu": (("negative_slope",),
                   lambda o, name: keras.layers.LeakyReLU(o["negative_slope"], name=name)),
    "reshape": (("target_shape",),
                lambda o, name: keras.layers.Reshape(tuple(o["target_shape"]), name=name)),
    "permute": (("dims",), lambda o, name: keras.layers.Permute(tuple(o["dims"]), name=name)),
    "up_sampling1d": (("size",), lambda o, name: keras.layers.UpSampling1D(o["size"], name=name)),
    "up_sampling2d": (("size",),
                      lambda o, name: keras.layers.UpSampling2D(tuple(o["size"]), name=name)),
}
# Options that only say how weights begin.
_IGNORED = dict.fromkeys(("beta_initializer", "gamma_initializer", "moving_mean_initializer",
                          "moving_variance_initializer"))


@keras.saving.register_keras_serializable("nncc")
class StoredNormalization(keras.layers.Layer):
    """Keras's Normalization with its statistics as two weights that are given."""

    def __init__(self, invert, **options):
        super().__init__(**options)
        self.invert = invert

    def build(self, shape):
        self.mean = self.add_weight(name="mean", shape=shape[-1:], trainable=False)
        self.variance = self.add_weight(name="variance", shape=shape[-1:], trainable=False)

    def call(self, x):
        deviation = keras.ops.maximum(keras.ops.sqrt(self.variance), 1e-7)
        return x * deviation + self.mean if self.invert else (x - self.mean) / deviation


def _normalization(layer):
    if layer.kind == "batch_normalization":
        o = layer.options({"momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True, **_IGNORED})
        return keras.layers.BatchNormalization(momentum=o["momentum"], epsilon=o["epsilon"], center=o["center"],
                                               scale=o["scale"], name=layer.name)
    if layer.kind == "layer_normalization":
        o = layer.options({"epsilon": 1e-3, **_IGNORED})
        return keras.layers.LayerNormalization(epsilon=o["epsilon"], name=layer.name)
    return StoredNormalization(layer.options({"invert": False})["invert"], name=layer.name)


BORDERS = {
    "zero_padding1d": ("padding", keras.layers.ZeroPadding1D),
    "zero_padding2d": ("padding", keras.layers.ZeroPadding2D),
    "cropping1d": ("cropping", keras.layers.Cropping1D),
    "cropping2d": ("cropping", keras.layers.Cropping2D),
}
POOLS = {
    "max_pool1d": keras.layers.MaxPooling1D,
    "max_pool2d": keras.layers.MaxPooling2D,
    "avg_pool1d": keras.layers.AveragePooling1D,
    "avg_pool2d": keras.layers.AveragePooling2D,
    "global_max_pool1d": keras.layers.GlobalMaxPooling1D,
    "global_max_pool2d": keras.layers.GlobalMaxPooling2D,
    "global_avg_pool1d": keras.layers.GlobalAveragePooling1D,
    "global_avg_pool2d": keras.layers.GlobalAveragePooling2D,
}


def _make_pool(layer):
    if layer.kind not in POOLS:
        raise Unsupported(f"layer '{layer.name}': the TensorFlow builder does not know the layer "
                          f"kind {layer.kind}")
    size, strides, padding = layer.pool()
    if size is None:
        keepdims = layer.options({"keepdims": False})["keepdims"]
        return POOLS[layer.kind](keepdims=keepdims, name=layer.name)
    one = len(size) == 1
    return POOLS[layer.kind](size[0] if one else tuple(size),
                             strides[0] if one else tuple(strides), padding, name=layer.name)


def _regularizers(layer):
    """The arguments kernel_regularizer, bias_regularizer, ... of a layer that has such."""
    def argument(name):
        weight = name.rsplit(".", 1)[1].removesuffix("_kernel")
        depthwise = layer.kind == "depthwise_conv2d" and weight == "kernel"
        return f"{'depthwise' if depthwise else weight}_regularizer"

    return {argument(name): keras.regularizers.L1L2(l1, l2)
            for name, (l1, l2) in layer.regularizers.items()}


class _Rate(keras.optimizers.schedules.LearningRateSchedule):
    """The description's rates as a table, which a graph can look up."""

    def __init__(self, rates):
        self.rates = rates

    def __call__(self, step):
        table = tf.constant(self.rates, tf.float32)
        return tf.gather(table, tf.minimum(tf.cast(step, tf.int32), len(self.rates) - 1))


def _optimizer(description, batches):
    o = dict(description.train["optimizer"])
    if isinstance(o["learning_rate"], dict):
        rate = description.learning_rate(batches)
        updates = description.train["epochs"] * batches // description.accumulation_steps
        o["learning_rate"] = _Rate([rate(step) for step in range(updates + 1)])
    kinds = {"adagrad": keras.optimizers.Adagrad, "adam": keras.optimizers.Adam,
             "adamw": keras.optimizers.AdamW, "rmsprop": keras.optimizers.RMSprop,
             "sgd": keras.optimizers.SGD}
    ema = description.train.get("ema")
    if ema:
        o.update(use_ema=True, ema_momentum=ema["decay"])
    if description.accumulation_steps > 1:
        o["gradient_accumulation_steps"] = description.accumulation_steps
    return kinds[o.pop("name")](**o)


# Keras's layer, and the options that not all convolutions have.
CONVOLUTIONS = {
    "conv1d": (keras.layers.Conv1D, {"filters": None, "dilation_rate": 1, "groups": 1}),
    "conv2d": (keras.layers.Conv2D, {"filters": None, "dilation_rate": 1, "groups": 1}),
    "conv1d_transpose": (keras.layers.Conv1DTranspose, {"filters": None}),
    "conv2d_transpose": (keras.layers.Conv2DTranspose, {"filters": None}),
    "depthwise_conv2d": (keras.layers.DepthwiseConv2D,
                         {"dilation_rate": 1, "depth_multiplier": 1}),
    "separable_conv2d": (keras.layers.SeparableConv2D,
                         {"filters": None, "dilation_rate": 1, "depth_multiplier": 1}),
}


def _recurrent(layer):
    _, mode, o = layer.recurrent()
    lstm = keras.layers.LSTM(o["units"], return_sequences=o["return_sequences"], go_backwards=o["go_backwards"],
                             name=layer.name if mode is None else "lstm")
    return lstm if mode is None else keras.layers.Bidirectional(lstm, merge_mode=mode, name=layer.name)


def _make(layer):
    """The Keras layer; its name is the model's, so that weights can be found again."""
    if layer.kind in CONVOLUTIONS:
        kind, own = CONVOLUTIONS[layer.kind]
        o = layer.options({"kernel_size": None, "strides": 1, "padding": "valid", "use_bias": True,
                           "activation": "linear", **own})
        o["activation"] = _activation(layer, o["activation"] or "linear")
        return kind(**o, name=layer.name, **_regularizers(layer))
    if "_pool" in layer.kind:
        return _make_pool(layer)
    if layer.kind == "dense":
        o = layer.options({"units": None, "use_bias": True, "activation": "linear"})
        return keras.layers.Dense(o["units"], use_bias=bool(o["use_bias"]),
                                  activation=_activation(layer, o["activation"] or "linear"),
                                  name=layer.name, **_regularizers(layer))
    if layer.kind in ("lstm", "bidirectional"):
        return _recurrent(layer)
    if layer.kind == "embedding":
        o = layer.options({"input_dim": None, "output_dim": None})
        return keras.layers.Embedding(o["input_dim"], o["output_dim"], name=layer.name,
                                      **_regularizers(layer))
    if layer.kind == "flatten":
        layer.options({})
        return keras.layers.Flatten(name=layer.name)
    if layer.kind.endswith("normalization"):
        return _normalization(layer)
    if layer.kind in SIMPLE:
        known, make = SIMPLE[layer.kind]
        return make(layer.options(dict.fromkeys(known)), layer.name)
    if layer.kind in BORDERS:
        option, make = BORDERS[layer.kind]
        border = layer.border(option)
        return make(border[0] if len(border) == 1 else tuple(border), name=layer.name)
    if layer.kind == "activation":
        o = layer.options({"activation": None})
        return keras.layers.Activation(_activation(layer, o["activation"]), name=layer.name)
    raise Unsupported(f"layer '{layer.name}': the TensorFlow builder does not know the layer "
                      f"kind {layer.kind}")


def _loss(loss):
    options = {key: value for key, value in loss.items() if key != "name"}
    if loss["name"] == "sparse_categorical_crossentropy":
        if options.pop("label_smoothing", 0):
            raise Unsupported("Keras's SparseCategoricalCrossentropy knows no label_smoothing")
    kinds = {"binary_crossentropy": keras.losses.BinaryCrossentropy,
             "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
             "hinge": keras.losses.Hinge,
             "huber": keras.losses.Huber,
             "kl_divergence": keras.losses.KLDivergence,
             "mean_absolute_error": keras.losses.MeanAbsoluteError,
             "mean_squared_error": keras.losses.MeanSquaredError,
             "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy}
    return kinds[loss["name"]](**options)


def _metric(description, kind, metric):
    """Called what nncc calls it, so that histories can be compared."""
    options = {key: value for key, value in metric.items() if key == "k"}
    if kind == "binary_accuracy":
        options["threshold"] = description.threshold
    sparse = description.target == "number"
    kinds = {"binary_accuracy": keras.metrics.BinaryAccuracy,
             "categorical_accuracy": keras.metrics.SparseCategoricalAccuracy if sparse
             else keras.metrics.CategoricalAccuracy,
             "mean_absolute_error": keras.metrics.MeanAbsoluteError,
             "mean_squared_error": keras.metrics.MeanSquaredError,
             "top_k_categorical_accuracy": keras.metrics.SparseTopKCategoricalAccuracy if sparse
             else keras.metrics.TopKCategoricalAccuracy}
    return kinds[kind](name=metric["name"], **options)


def build(description, weights=None, batches=1, jit_compile=False, steps_per_execution=1):
    """The compiled Keras model. `weights`: name -> numpy array, None: Keras's own random.
    `batches` of an epoch: for learning-rate schedules."""
    entry = description.inputs[0]
    input_tensor = keras.Input(tuple(entry["shape"]), dtype=
                               "uint8" if entry["type"] == "u8" else "float32",
                               name=entry["name"])
    value = input_tensor
    if entry["type"] == "u8" or entry.get("scale", 1) != 1 or entry.get("offset", 0) != 0:
        value = keras.layers.Rescaling(entry.get("scale", 1), entry.get("offset", 0))(value)
    values = {entry["name"]: value}
    for layer in description.layers:
        inputs = [values[name] for name in layer.inputs]
        made = _make(layer)
        made.trainable = layer.trainable
        values[layer.name] = made(inputs[0] if len(inputs) == 1 else inputs)
    model = keras.Model(input_tensor, values[description.outputs[0]], name=description.name)
    if weights is not None:
        set_weights(model, weights)
    model.compile(
        optimizer=_optimizer(description, batches),
        loss=_loss(description.loss), metrics=[
            _metric(description, name, metric) for name, metric in
            zip(description.metrics(), description.step_metrics())],
        jit_compile=jit_compile, steps_per_execution=steps_per_execution)
    return model


def set_weights(model, weights):
    given = dict(weights)
    for layer in model.layers:
        for variable in layer.weights:
            # bidirectional/forward_lstm/lstm_cell/kernel: cells have no name here.
            inside = [part for part in variable.path.split("/")[:-1] if part.startswith(("forward_", "backward_"))]
            name = ".".join([layer.name, *inside, variable.name])
            if name not in given:
                raise Unsupported(f"the weights file has no '{name}'")
            variable.assign(given.pop(name))
    if given:
        raise Unsupported(f"the weights file has '{next(iter(given))}', which no layer knows")


class _Clock(keras.callbacks.Callback):
    """Seconds between the begin and the end of an epoch or an evaluation, without what `fit`
    and `evaluate` do once a call."""

    def __init__(self):
        super().__init__()
        self.seconds = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.start

    def on_test_begin(self, logs=None):
        self.start = time.perf_counter()

    def on_test_end(self, logs=None):
        self.seconds = time.perf_counter() - self.start


class Trainer:
    """What peer.py drives; the same interface in each builder."""

    VARIANTS = {"fit": {}, "fit-xla": {"jit_compile": True},
                "fit-32": {"steps_per_execution": 32}}

    def __init__(self, description, weights, images, labels, variant):
        self.batch = description.batch_size
        self.batches = -(-len(images) // self.batch)  # the last may be smaller
        self.model = build(description, weights, self.batches, **self.VARIANTS[variant])
        samples = [images, targets(description, labels)]
        if description.class_weights is not None:
            samples.append(sample_weights(description, labels))
        self.data = (tf.data.Dataset.from_tensor_slices(tuple(samples))
                     .batch(self.batch).cache())
        for _ in self.data:  # a cache is kept once it was read to its end
            pass
        self.data = self.data.repeat()
        self.done = {"train": 0, "evaluate": 0}

    def _next(self, what, steps):
        first = self.done[what] % self.batches
        self.done[what] += steps
        return self.data.skip(first).take(steps).prefetch(tf.data.AUTOTUNE)

    def train(self, steps):
        """Runs the next `steps` batches: (seconds, mean loss)."""
        clock = _Clock()
        history = self.model.fit(self._next("train", steps), epochs=1, steps_per_epoch=steps,
                                 verbose=0, callbacks=[clock])
        return clock.seconds, float(history.history["loss"][0])

    def evaluate(self, steps):
        clock = _Clock()
        found = self.model.evaluate(self._next("evaluate", steps), steps=steps, verbose=0, callbacks=[clock])
        # A list where there are metrics.
        return clock.seconds, float(found[0] if isinstance(found, list) else found)
