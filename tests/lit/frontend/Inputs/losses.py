"""Writes a model for each line below, which is its section `train`: losses.py FOLDER."""

import pathlib
import sys

SPARSE = "{sparse_categorical_crossentropy: {from_logits: true}}"
CASES = [
    "loss: {a: mse}, loss_weights: {b: 2}",
    "loss: {a: mse, c: mse}",
    "loss: {a: mse, b: mse}, loss_weights: {a: 0}",
    "loss: {a: mse}, metrics: {b: [mae]}",
    "loss: {a: mse, b: mse}, metrics: [mae]",
    "loss: mse, class_weight: [1, 2, 3]",
    f"loss: {SPARSE}, class_weight: [1, 2, 3, 4]",
    f"loss: {SPARSE}, class_weight: {{x: 1}}",
    f"loss: {SPARSE}, class_weight: {{1: -1}}",
    "loss: categorical_crossentropy",
    "loss: binary_crossentropy",
    f"loss: {SPARSE}, metrics: [rmse]",
    f"loss: {SPARSE}, metrics: [auc]",
    f"loss: {{a: {SPARSE}, b: {SPARSE}}}, class_weight: [1, 2]",
    "loss: mse, loss_weights: {a: 2}",
    "loss: {a: mse, b: mse}",
    "loss: {binary_crossentropy: {from_logits: true}}, class_weight: [1, 2]",
    "loss: {a: mse, b: mse}, missing_targets: a",
    "loss: mse, missing_targets: [a]",
    "loss: {a: mse, b: mse}, missing_targets: [c]",
    "loss: {a: mse, b: mse}, missing_targets: [extra]",
    "loss: {a: mse, b: triplet}, missing_targets: [b]",
    "loss: {a: mse, b: mse}, missing_targets: [a]",
    "loss: {a: mse, b: mse}, metrics: {b: [iou]}",
]
FROZEN = ", trainable: false"
MODEL = """model: m
input: {{shape: [2, 2, 1], type: u8}}
layers:
  - flatten:
  - dense: {{units: 3, name: a}}
  - dense: {{inputs: flatten, units: 3, name: b{frozen}}}
  - dense: {{inputs: flatten, units: 3, name: extra{extra}}}
outputs: [a, b, extra]
train: {{optimizer: adam, {train}}}
data: {{train: {{image_folder: x}}}}
"""

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for number, train in enumerate(CASES, 1):
    # The sixteenth is of the layer that no loss looks at.
    text = MODEL.format(train=train, frozen=FROZEN, extra="" if number == 16 else FROZEN)
    (folder / f"{number:02}.yaml").write_text(text)
