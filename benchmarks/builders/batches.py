"""The batches that nncc's trainer wrote, for a peer's loop. Needs NumPy."""

import numpy

from .layer import Unsupported


def load(description, arrays, bucket=1):
    """[[array, ...], ...]: of each batch the description's columns, and the samples' factors where it has class
    weights. Sequences are cut behind the batch's longest one, rounded up to a multiple of `bucket` steps; None:
    nothing is cut."""
    columns = [arrays[name] for name in description.columns]
    if description.class_weights is not None:
        columns.append(numpy.array(description.class_weights, numpy.float32)[class_numbers(description, arrays)])
    size, batches = description.batch_size, []
    for first in range(0, len(columns[0]), size):
        batch = {name: column[first:first + size] for name, column in zip([*description.columns, "factors"], columns)}
        for entry in description.inputs:
            if entry.get("lengths") and bucket:
                longest = int(batch[f"{entry['name']}.lengths"].max())
                batch[entry["name"]] = batch[entry["name"]][:, :-(-longest // bucket) * bucket]
        batches.append([numpy.ascontiguousarray(column) for column in batch.values()])
    return batches


def class_numbers(description, arrays):
    """int [N], of targets of any kind."""
    labels = arrays[description.judged[0].column]
    if description.judged[0].reads_numbers:
        return labels
    if labels.ndim != 2:
        raise Unsupported(f"the peers' builders know class weights of one target a sample, not {labels.shape[1:]}")
    return labels[:, 0].astype(numpy.int32) if labels.shape[1] == 1 else labels.argmax(1)
