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

from . import batches
from .layer import CELLS, OVER_STEPS, Unsupported

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
    "unit_normalization": ((), lambda o, name: keras.layers.UnitNormalization(name=name)),
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
                                               scale=o["scale"], name=layer.owner)
    if layer.kind == "layer_normalization":
        o = layer.options({"epsilon": 1e-3, **_IGNORED})
        return keras.layers.LayerNormalization(epsilon=o["epsilon"], name=layer.owner)
    return StoredNormalization(layer.options({"invert": False})["invert"], name=layer.owner)


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
        return POOLS[layer.kind](keepdims=keepdims, name=layer.owner)
    one = len(size) == 1
    return POOLS[layer.kind](size[0] if one else tuple(size),
                             strides[0] if one else tuple(strides), padding, name=layer.owner)


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
    cells = layer.recurrent()
    inner = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cells.kind](
        cells.units, return_sequences=cells.sequences, go_backwards=not cells.both and cells.directions[0][1],
        name=cells.kind if cells.both else layer.owner)
    return keras.layers.Bidirectional(inner, merge_mode="concat", name=layer.owner) if cells.both else inner


class Mask(keras.layers.Layer):
    """Which steps are data, of the steps and their numbers."""

    def call(self, x, lengths):
        return tf.sequence_mask(lengths, tf.shape(x)[1])

    def compute_output_spec(self, x, lengths):
        return keras.KerasTensor(x.shape[:2], "bool")


class GlobalMax(keras.layers.Layer):
    """keras.layers.GlobalMaxPooling1D takes no mask."""

    def call(self, x, mask):
        return tf.reduce_max(tf.where(mask[:, :, None], x, x.dtype.min), 1)

    def compute_output_spec(self, x, mask):
        return keras.KerasTensor((x.shape[0], x.shape[2]), x.dtype)


class LastStep(keras.layers.Layer):
    def call(self, x, mask=None):
        if mask is None:
            return x[:, -1]
        return tf.gather(x, tf.reduce_sum(tf.cast(mask, tf.int32), 1) - 1, batch_dims=1)

    def compute_output_spec(self, x, mask=None):
        return keras.KerasTensor((x.shape[0], x.shape[2]), x.dtype)


class Fold(keras.layers.Layer):
    """Samples of steps."""

    def __init__(self, shape, **options):
        super().__init__(**options)
        self.shape = shape

    def call(self, x):
        return tf.reshape(x, (-1, *self.shape))

    def compute_output_spec(self, x):
        return keras.KerasTensor((None, *self.shape), x.dtype)


class Unfold(keras.layers.Layer):
    """Steps of samples again, as many as those that were folded had."""

    def call(self, folded, x):
        return tf.reshape(x, (tf.shape(folded)[0], tf.shape(folded)[1], *x.shape[1:]))

    def compute_output_spec(self, folded, x):
        return keras.KerasTensor((*folded.shape[:2], *x.shape[1:]), x.dtype)


class Distance(keras.layers.Layer):
    def call(self, a, b):
        return _root(tf.reduce_sum(tf.square(a - b), 1, keepdims=True))

    def compute_output_spec(self, a, b):
        return keras.KerasTensor((a.shape[0], 1), a.dtype)


def _root(x):
    """Whose slope at 0 is 0."""
    return tf.where(x > 0, tf.sqrt(tf.where(x > 0, x, 1.0)), 0.0)


OWN = {"fold_steps": lambda layer: Fold(layer.output_shape, name=layer.owner),
       "unfold_steps": lambda layer: Unfold(name=layer.owner),
       "last_step": lambda layer: LastStep(name=layer.owner),
       "distance": lambda layer: Distance(name=layer.owner)}


def _make(layer):
    """The Keras layer; its name is the owner's, so that weights can be found again."""
    if layer.kind in CONVOLUTIONS:
        kind, own = CONVOLUTIONS[layer.kind]
        o = layer.options({"kernel_size": None, "strides": 1, "padding": "valid", "use_bias": True,
                           "activation": "linear", **own})
        o["activation"] = _activation(layer, o["activation"] or "linear")
        return kind(**o, name=layer.owner, **_regularizers(layer))
    if layer.kind == "distance" and layer.options({"metric": "euclidean"})["metric"] != "euclidean":
        raise Unsupported(f"layer '{layer.name}': the TensorFlow builder knows euclidean distances only")
    if layer.kind in OWN:
        return OWN[layer.kind](layer)
    if layer.kind == "global_max_pool1d" and layer.lengths:
        layer.options({"keepdims": False})
        return GlobalMax(name=layer.owner)
    if "_pool" in layer.kind:
        return _make_pool(layer)
    if layer.kind == "dense":
        o = layer.options({"units": None, "use_bias": True, "activation": "linear"})
        return keras.layers.Dense(o["units"], use_bias=bool(o["use_bias"]),
                                  activation=_activation(layer, o["activation"] or "linear"),
                                  name=layer.owner, **_regularizers(layer))
    if layer.kind in (*CELLS, "bidirectional"):
        return _recurrent(layer)
    if layer.kind == "embedding":
        o = layer.options({"input_dim": None, "output_dim": None})
        return keras.layers.Embedding(o["input_dim"], o["output_dim"], name=layer.owner,
                                      **_regularizers(layer))
    if layer.kind == "flatten":
        layer.options({})
        return keras.layers.Flatten(name=layer.owner)
    if layer.kind.endswith("normalization") and layer.kind not in SIMPLE:
        return _normalization(layer)
    if layer.kind in SIMPLE:
        known, make = SIMPLE[layer.kind]
        return make(layer.options(dict.fromkeys(known)), layer.owner)
    if layer.kind in BORDERS:
        option, make = BORDERS[layer.kind]
        border = layer.border(option)
        return make(border[0] if len(border) == 1 else tuple(border), name=layer.owner)
    if layer.kind == "activation":
        o = layer.options({"activation": None})
        return keras.layers.Activation(_activation(layer, o["activation"]), name=layer.owner)
    raise Unsupported(f"layer '{layer.name}': the TensorFlow builder does not know the layer "
                      f"kind {layer.kind}")


def _contrastive(margin):
    def loss(targets, distances):
        lacks = tf.nn.relu(margin - distances)
        return tf.reduce_mean(tf.where(targets > 0.5, distances, lacks) ** 2 / 2, -1)

    return loss


def _triplet(margin, mining, distance):
    """Gives each sample the mean of the batch's triplets."""
    def loss(classes, x):
        classes = tf.reshape(classes, [-1])
        squares = tf.reduce_sum(tf.square(x[:, None] - x), -1)
        distances = squares if distance == "squared" else _root(squares)
        same = classes[:, None] == classes
        positive = same & ~tf.eye(tf.shape(x)[0], dtype=tf.bool)
        farthest = tf.reduce_max(tf.where(same, -x.dtype.max, distances), 1, keepdims=True)
        if mining == "hard":
            worst = tf.reduce_max(tf.where(positive, distances, -x.dtype.max), 1)
            nearest = tf.reduce_min(tf.where(same, x.dtype.max, distances), 1)
            return tf.nn.relu(margin + worst - nearest)
        # [anchor, positive, negative]
        near, far, other = distances[:, :, None], distances[:, None, :], ~same[:, None, :]
        if mining == "semi_hard":
            taken = tf.reduce_min(tf.where(other & (far > near), far, x.dtype.max), 2)
            losses = tf.nn.relu(margin + distances - tf.where(taken == x.dtype.max, farthest, taken))
            count = tf.reduce_sum(tf.cast(positive, x.dtype))
            mean = tf.reduce_sum(tf.where(positive, losses, 0.0)) / count
        else:
            losses = tf.where(positive[:, :, None] & other, tf.nn.relu(margin + near - far), 0.0)
            mean = tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(tf.cast(losses > 0, x.dtype)), 1.0)
        return tf.fill(tf.shape(x)[:1], mean)

    return loss


def _smoothed(smoothing, logits):
    """Keras's SparseCategoricalCrossentropy knows no label_smoothing."""
    def loss(classes, outputs):
        rows = tf.one_hot(tf.cast(tf.reshape(classes, [-1]), tf.int32), outputs.shape[-1])
        return keras.losses.categorical_crossentropy(rows, outputs, from_logits=logits, label_smoothing=smoothing)

    return loss


def _loss(loss):
    options = {key: value for key, value in loss.items() if key != "name"}
    if loss["name"] == "contrastive":
        return _contrastive(**options)
    if loss["name"] == "triplet":
        return _triplet(**options)
    if loss["name"] == "sparse_categorical_crossentropy":
        if smoothing := options.pop("label_smoothing", 0):
            return _smoothed(smoothing, options["from_logits"])
    kinds = {"binary_crossentropy": keras.losses.BinaryCrossentropy,
             "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
             "hinge": keras.losses.Hinge,
             "huber": keras.losses.Huber,
             "kl_divergence": keras.losses.KLDivergence,
             "mean_absolute_error": keras.losses.MeanAbsoluteError,
             "mean_squared_error": keras.losses.MeanSquaredError,
             "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy}
    return kinds[loss["name"]](**options)


def _metric(judged, kind, metric):
    """Called what nncc calls it, so that histories can be compared."""
    options = {key: value for key, value in metric.items() if key == "k"}
    if kind == "binary_accuracy":
        options["threshold"] = judged.threshold
    sparse = judged.reads_numbers
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
    values, inputs = {}, []
    for entry in description.inputs:
        shape = [None, *entry["shape"][1:]] if entry.get("lengths") else entry["shape"]
        value = keras.Input(tuple(shape), dtype="uint8" if entry["type"] == "u8" else "float32", name=entry["name"])
        inputs.append(value)
        if entry["type"] == "u8" or entry.get("scale", 1) != 1 or entry.get("offset", 0) != 0:
            value = keras.layers.Rescaling(entry.get("scale", 1), entry.get("offset", 0))(value)
        values[entry["name"]] = value
        if entry.get("lengths"):
            inputs.append(keras.Input((), dtype="int32", name=f"{entry['name']}.lengths"))
            values[f"{entry['name']}.lengths"] = Mask()(value, inputs[-1])
    made = {}  # by owner
    for layer in description.layers:
        given = [values[name] for name in layer.inputs]
        if layer.owner not in made:
            made[layer.owner] = _make(layer)
            made[layer.owner].trainable = layer.trainable
        mask = {}
        if layer.lengths and layer.kind in (*CELLS, "bidirectional", *OVER_STEPS):
            mask["mask"] = values[layer.lengths]
        apart = len(given) == 1 or layer.kind in OWN
        values[layer.name] = made[layer.owner](*(given if apart else [given]), **mask)
    outputs = {judged.output.name: values[judged.output.name] for judged in description.judged}
    metrics = {judged.output.name: [_metric(judged, name, metric) for name, metric in
                                    zip(judged.metrics(), judged.step_metrics)] for judged in description.judged}
    losses = {judged.output.name: _loss(judged.loss) for judged in description.judged}
    weighted = {judged.output.name: judged.weight for judged in description.judged}
    if len(outputs) == 1:
        outputs, metrics, losses = (next(iter(one.values())) for one in (outputs, metrics, losses))
        weighted = None
    model = keras.Model(inputs, outputs, name=description.name)
    if weights is not None:
        set_weights(model, weights)
    model.compile(optimizer=_optimizer(description, batches), loss=losses, loss_weights=weighted, metrics=metrics,
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

    def __init__(self, description, weights, arrays, epoch, variant):
        self.model = build(description, weights, epoch, **self.VARIANTS[variant])
        given = batches.load(description, arrays)
        self.batches, inputs = len(given), len(description.input_columns)

        def element(columns):
            """(inputs, targets[, factors]) as Keras takes them: of one output, or by their names."""
            values = dict(zip([*description.columns, "factors"], columns))
            apart = tuple(columns[:inputs]) if inputs > 1 else columns[0]
            if len(description.judged) == 1:
                return (apart, values[description.judged[0].column], *([values["factors"]] if "factors" in values else []))
            targets, weights = {}, {}
            for judged in description.judged:
                name, targets[judged.output.name] = judged.output.name, values[judged.column]
                weights[name] = values.get("factors", tf.ones(tf.shape(columns[0])[:1]))
                if judged.present:  # Keras divides by the number of all samples
                    present = values[judged.present]
                    weights[name] *= present * tf.cast(tf.size(present), tf.float32) / tf.reduce_sum(present)
                # As many dimensions as the loss has: a number for each step of an output over steps.
                weights[name] = tf.reshape(weights[name], (-1, *[1] * (len(judged.output.output_shape) - 1)))
            return apart, targets, weights

        # Of each column what all batches agree on.
        specs = tuple(tf.TensorSpec([sizes[0] if len(set(sizes)) == 1 else None for sizes in
                                     zip(*(batch.shape for batch in column))], column[0].dtype)
                      for column in zip(*given))
        self.data = tf.data.Dataset.from_generator(lambda: map(tuple, given), output_signature=specs)
        self.data = self.data.map(lambda *columns: element(columns)).cache()
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
