"""An output with its loss and metrics, as builders read them. Standard library only."""

from .layer import Unsupported

LOSSES = {"binary_crossentropy", "categorical_crossentropy", "contrastive", "hinge", "huber", "kl_divergence",
          "mean_absolute_error", "mean_squared_error", "sparse_categorical_crossentropy", "triplet"}
METRICS = {"accuracy", "binary_accuracy", "mean_absolute_error", "mean_squared_error",
           "top_k_categorical_accuracy"}
# Of evaluations alone, or next to nothing of a step.
OVERALL_METRICS = {"auc", "confusion_matrix", "f1_score", "forecast_plot", "iou", "median_relative_error", "one_shot_accuracy", "pair_accuracy",
                   "precision", "r2_score", "raw_one_shot_accuracy", "raw_pair_accuracy", "recall",
                   "root_mean_squared_error"}
# The activation that a loss contains where it is given logits.
CONTAINED = {"binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
             "sparse_categorical_crossentropy": "softmax"}


class Judged:
    """`output`: its layer; `column`: the batches' one that holds its targets: class numbers (i32), or floats; `loss`:
    its name and options; `weight`: of the loss in the sum of all; `present`: the column that is 0 for samples without
    a target, which the mean of the loss leaves out, None where all have one."""

    def __init__(self, output, column, loss, weight, metrics, present=None):
        self.output, self.column, self.loss, self.weight, self.present = output, column, loss, weight, present
        if loss["name"] not in LOSSES:
            raise Unsupported(f"the peers' builders do not know the loss {loss['name']}")
        for metric in metrics:
            if metric["name"] not in METRICS and metric["name"] not in OVERALL_METRICS:
                raise Unsupported(f"the peers' builders do not know the metric {metric['name']}")
        self.step_metrics = [metric for metric in metrics if metric["name"] not in OVERALL_METRICS]

    @property
    def name(self):
        return self.loss["name"]

    @property
    def reads_numbers(self):
        """Are targets class numbers? Else they are floats."""
        return self.name.startswith("sparse_") or self.name == "triplet"

    @property
    def reads_logits(self):
        return bool(self.loss.get("from_logits", False))

    @property
    def strips_activation(self):
        """Whether the loss is computed from what the output's activation would be given."""
        return not self.reads_logits and self.output.activation == CONTAINED.get(self.name, "none")

    @property
    def threshold(self):
        """Of a single unit: between its two classes."""
        return 0 if self.reads_logits or self.name == "hinge" else 0.5

    def metrics(self):
        """Names of the step's; "accuracy" by what the targets are."""
        one = self.output.output_shape == [1] and not self.reads_numbers
        picked = "binary_accuracy" if one else "categorical_accuracy"
        return [picked if metric["name"] == "accuracy" else metric["name"] for metric in self.step_metrics]
