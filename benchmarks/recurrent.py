"""Writes what tests/e2e/recurrent.py compares nncc with: data, initial weights and the losses of
gradient descent by Keras in float64, for small networks of recurrent layers.

    python recurrent.py tests/e2e/data

Wants TensorFlow's interpreter (see README.md). Each network stands here as Keras's layers and, under
the same name, in NAME.yaml text that the test compiles: nothing of nncc takes part in this file.
"""

import json
import os
import pathlib
import platform
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
STEPS, SAMPLES, RATE = 20, 12, 0.2

# By name: the steps and features of a sample, the YAML's layers, and the weights in Keras's order.
NETWORKS = {
    "lstm": (7, 3, """
  - lstm: {units: 5, return_sequences: true}
  - lstm: {units: 4, go_backwards: true, activation: relu, recurrent_activation: hard_sigmoid}
  - dense: {units: 1}
""", ["lstm.kernel", "lstm.recurrent_kernel", "lstm.bias", "lstm_1.kernel", "lstm_1.recurrent_kernel", "lstm_1.bias",
      "dense.kernel", "dense.bias"]),
    "gru": (6, 2, """
  - gru: {units: 4, return_sequences: true, go_backwards: true}
  - gru: {units: 3, use_bias: false}
  - dense: {units: 1}
""", ["gru.kernel", "gru.recurrent_kernel", "gru.bias", "gru_1.kernel", "gru_1.recurrent_kernel", "dense.kernel",
      "dense.bias"]),
    "simple_rnn": (5, 4, """
  - simple_rnn: {units: 6, return_sequences: true}
  - simple_rnn: {units: 3, activation: sigmoid}
  - dense: {units: 1}
""", ["simple_rnn.kernel", "simple_rnn.recurrent_kernel", "simple_rnn.bias", "simple_rnn_1.kernel",
      "simple_rnn_1.recurrent_kernel", "simple_rnn_1.bias", "dense.kernel", "dense.bias"]),
    "bidirectional": (6, 3, """
  - bidirectional: {layer: {lstm: {units: 4, return_sequences: true}}}
  - bidirectional: {layer: {gru: {units: 3}}, merge_mode: ave}
  - dense: {units: 1}
""", [f"bidirectional.{way}_lstm.{weight}" for way in ("forward", "backward")
      for weight in ("kernel", "recurrent_kernel", "bias")] +
     [f"bidirectional_1.{way}_gru.{weight}" for way in ("forward", "backward")
      for weight in ("kernel", "recurrent_kernel", "bias")] + ["dense.kernel", "dense.bias"]),
    "states": (5, 3, """
  - lstm: {units: 4, return_state: true, name: encoder}
  - lstm: {units: 4, return_sequences: true, inputs: [steps, encoder.state_h, encoder.state_c], name: decoder}
  - flatten:
  - dense: {units: 1}
""", ["encoder.kernel", "encoder.recurrent_kernel", "encoder.bias", "decoder.kernel", "decoder.recurrent_kernel",
      "decoder.bias", "dense.kernel", "dense.bias"]),
}


def build(name, keras, steps, features):
    L = keras.layers
    inputs = keras.Input((steps, features))
    if name == "lstm":
        x = L.LSTM(5, return_sequences=True)(inputs)
        x = L.LSTM(4, go_backwards=True, activation="relu", recurrent_activation="hard_sigmoid")(x)
    elif name == "gru":
        x = L.GRU(4, return_sequences=True, go_backwards=True)(inputs)
        x = L.GRU(3, use_bias=False)(x)
    elif name == "simple_rnn":
        x = L.SimpleRNN(6, return_sequences=True)(inputs)
        x = L.SimpleRNN(3, activation="sigmoid")(x)
    elif name == "bidirectional":
        x = L.Bidirectional(L.LSTM(4, return_sequences=True))(inputs)
        x = L.Bidirectional(L.GRU(3), merge_mode="ave")(x)
    else:
        _, h, c = L.LSTM(4, return_state=True)(inputs)
        x = L.Flatten()(L.LSTM(4, return_sequences=True)(inputs, initial_state=[h, c]))
    return keras.Model(inputs, L.Dense(1)(x))


def main():
    folder = pathlib.Path(sys.argv[1])
    import keras
    import numpy
    import tensorflow

    keras.config.set_floatx("float64")
    result = {"command": "python benchmarks/recurrent.py tests/e2e/data", "steps": STEPS, "rate": RATE,
              "versions": {"keras": keras.__version__, "tensorflow": tensorflow.__version__,
                           "python": platform.python_version()}, "networks": {}}
    generator = numpy.random.Generator(numpy.random.Philox(7))
    for name, (steps, features, layers, names) in NETWORKS.items():
        model = build(name, keras, steps, features)
        assert len(names) == len(model.weights), (name, [weight.path for weight in model.weights])
        # Numbers that a few digits hold, so that the test's text has them exactly.
        weights = [numpy.round(generator.uniform(-0.8, 0.8, weight.shape), 3) for weight in model.weights]
        inputs = numpy.round(generator.uniform(-1.5, 1.5, (SAMPLES, steps, features)), 3)
        targets = numpy.round(generator.uniform(-1, 1, (SAMPLES, 1)), 3)
        model.set_weights(weights)
        model.compile(optimizer=keras.optimizers.SGD(RATE), loss="mean_squared_error")
        losses = []
        for _ in range(STEPS):
            model.reset_metrics()  # the loss is a running mean
            losses.append(float(model.train_on_batch(inputs, targets)))
        result["networks"][name] = {
            "shape": [steps, features], "layers": layers,
            "rows": numpy.concatenate([inputs.reshape(SAMPLES, -1), targets], 1).tolist(),
            "weights": {key: [list(value.shape), value.ravel().tolist()] for key, value in zip(names, weights)},
            "losses": losses}
        print(name, losses[0], losses[-1], [weight.path for weight in model.weights])
    (folder / "recurrent.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
