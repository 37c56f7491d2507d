"""The layers of a model one by one: sub-networks where they are applied, and what `time_distributed` does to each
step between a `fold_steps`, which makes samples of the steps, and an `unfold_steps`. Standard library only."""

import math

from .layer import CELLS, Layer, Unsupported


def expanded(model):
    """[Layer] of the JSON's `layers`, each behind those that it reads."""
    networks = {network["name"]: network for network in model.get("networks", [])}
    shapes = {entry["name"]: entry["shape"] for entry in model["inputs"]}
    layers = []
    for entry in model["layers"]:
        if entry["kind"] in networks:
            found = _applied(entry, networks[entry["kind"]], shapes)
        elif entry["kind"] == "time_distributed":
            found = _distributed(entry, entry["name"], shapes)
        else:
            found = [Layer(entry)]
        shapes.update((layer.name, layer.output_shape) for layer in found)
        layers += found
    return layers


def _owned(parameters, owner):
    return [parameter for parameter in parameters if parameter["name"].startswith(owner + ".")]


def _applied(entry, network, shapes):
    """The layers of a network, called after where it is applied; the last one is that itself."""
    names = {"input": entry["inputs"][0]}
    names.update((inner["name"], f"{entry['name']}.{inner['name']}") for inner in network["layers"])
    names[network["layers"][-1]["name"]] = entry["name"]
    shapes, layers = dict(shapes), []
    for inner in network["layers"]:
        owner = f"{network['name']}.{inner['name']}"
        inner = {**inner, "name": names[inner["name"]], "inputs": [names[name] for name in inner["inputs"]],
                 "parameters": _owned(network["parameters"], owner)}
        inner["output_shape"] = _output_shape(inner, [shapes[name] for name in inner["inputs"]])
        found = (_distributed(inner, owner, shapes) if inner["kind"] == "time_distributed" else [Layer(inner, owner)])
        shapes.update((layer.name, layer.output_shape) for layer in found)
        layers += found
    return layers


def _distributed(entry, owner, shapes):
    source = entry["inputs"][0]
    steps, *shape = shapes[source]
    fold = Layer({"name": f"{entry['name']}.fold", "kind": "fold_steps", "inputs": [source], "output_shape": shape})
    layers, counts = [fold], {}
    for inner in entry["options"]["layer"]:
        count = counts[inner["kind"]] = counts.get(inner["kind"], -1) + 1
        called = inner["kind"] + (f"_{count}" if count else "")
        own = f"{owner}.{called}"
        described = {**inner, "name": f"{entry['name']}.{called}", "inputs": [layers[-1].name],
                     "parameters": _owned(entry.get("parameters", []), own)}
        described["output_shape"] = _output_shape(described, [layers[-1].output_shape])
        layers.append(Layer(described, own, steps))
    # Its second input is what was folded: the steps are as many, and as many of them are data.
    return layers + [Layer({"name": entry["name"], "kind": "unfold_steps", "inputs": [source, layers[-1].name],
                            "output_shape": [steps, *layers[-1].output_shape]})]


def _output_shape(entry, inputs):
    """Of a layer of which the JSON does not tell it."""
    if "output_shape" in entry:
        return entry["output_shape"]
    kind, o, shape = entry["kind"], entry["options"], inputs[0]
    as_list = lambda value: list(value) if isinstance(value, list) else [value] * (len(shape) - 1)
    if kind == "time_distributed":
        for inner in o["layer"]:
            inputs = [_output_shape(inner, [inputs[0][1:] if inputs[0] is shape else inputs[0]])]
        return [shape[0], *inputs[0]]
    if kind.startswith("global_"):
        return shape[-1:]
    if kind == "last_step":
        return shape[1:]
    if kind == "flatten":
        return [math.prod(shape)]
    if kind == "reshape":
        return o["target_shape"]
    if kind == "dense":
        return [*shape[:-1], o["units"]]
    if kind in CELLS or kind == "bidirectional":
        cells = Layer({**entry, "output_shape": None}).recurrent()
        return [*(shape[:1] if cells.sequences else []), cells.units * (2 if cells.both else 1)]
    if "_pool" in kind or ("conv" in kind and "transpose" not in kind):
        windows = as_list(o["pool_size"] if "_pool" in kind else o["kernel_size"])
        strides = as_list(o["strides"] or windows)
        dilation = as_list(o.get("dilation_rate", 1))
        points = [-(-n // s) if o["padding"] != "valid" else -(-(n - (w - 1) * d) // s)
                  for n, w, s, d in zip(shape, windows, strides, dilation)]
        channels = o.get("filters") or shape[-1] * o.get("depth_multiplier", 1)
        return [*points, channels]
    if kind in ("activation", "dropout", "elu", "leaky_relu", "add", "average", "maximum", "minimum", "multiply",
                "subtract") or kind.endswith("normalization"):
        return shape
    raise Unsupported(f"layer '{entry['name']}': the peers' builders do not know {kind} within a network or "
                      "time_distributed")
