"""Models with one mistake each, in layers or losses of distances: 01.yaml, 02.yaml, ... in the folder named."""
import pathlib
import sys

PAIR = "{dense: {units: 4, name: a}}, {dense: {units: 4, name: b, inputs: input}}, "
CASES = [
    (PAIR + "{distance: {inputs: [a, input]}}", "contrastive", "[]"),
    (PAIR + "{distance: {inputs: [a, b], metric: euclid}}", "contrastive", "[]"),
    ("{dense: {units: 1}}", "contrastive", "[]"),
    ("{dense: {units: 2}}", "cosine_embedding", "[]"),
    (PAIR + "{distance: {inputs: [a, b]}}", "cosine_embedding", "[]"),
    (PAIR + "{distance: {inputs: [a, b]}}", "{contrastive: {margin: -1}}", "[]"),
    (PAIR + "{distance: {inputs: [a, b]}}", "contrastive", "[accuracy]"),
    (PAIR + "{distance: {inputs: [a, b]}}", "contrastive", "[one_shot_accuracy]"),
    ("{dense: {units: 4}}, {reshape: {target_shape: [2, 2]}}", "triplet", "[]"),
    ("{dense: {units: 4}}", "{triplet: {mining: semihard}}", "[]"),
    ("{dense: {units: 4}}", "triplet", "[accuracy]"),
    ("{dense: {units: 4}}", "triplet", "[pair_accuracy]"),
]

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for number, (layers, loss, metrics) in enumerate(CASES, 1):
    (folder / f"{number:02}.yaml").write_text(
        f"model: m\ninput: {{shape: [6]}}\nlayers: [{layers}]\n"
        f"train: {{loss: {loss}, optimizer: sgd, metrics: {metrics}}}\ndata: {{train: {{csv: {{path: a.csv, target: y}}}}}}\n")
