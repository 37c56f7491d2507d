"""What the losses compare outputs with, made of the samples' labels as nncc's readers make it."""

import numpy

from .description import Unsupported


def targets(description, labels):
    """numpy array of all samples: int32 [N], float32 [N, 1] or float32 [N, classes]. `labels`:
    class numbers, or the float32 values of all samples."""
    if description.target == "number":
        return labels.astype(numpy.int32)
    if len(description.output_layer.output_shape) != 1:
        raise Unsupported("the peers' builders know float targets of one dimension, not "
                          f"{description.output_layer.output_shape}")
    if description.target == "values":
        return labels.reshape(-1, *description.output_layer.output_shape)
    if description.target == "unit":
        return labels.astype(numpy.float32)[:, None]
    return numpy.eye(description.classes, dtype=numpy.float32)[labels]


def sample_weights(description, labels):
    """float32 [N]: each sample's factor by its class; None where all are 1."""
    if description.class_weights is None:
        return None
    return numpy.array(description.class_weights, numpy.float32)[labels]
