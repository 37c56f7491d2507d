"""Makes foreign.tar.xz: one small network's weights as PyTorch and Keras save them, with its
outputs for one image by the framework itself.

    python make_foreign.py pytorch FOLDER     with torch and safetensors
    python make_foreign.py keras FOLDER       with keras and tensorflow
    python make_foreign.py pack FOLDER        packs what the two left in FOLDER

The network is that of foreign.yaml; its names differ in each framework.
"""

import json
import os
import pathlib
import sys
import tarfile

HEIGHT, WIDTH, CHANNELS = 8, 6, 3


def pixel(y, x, c):
    return (37 * y + 101 * x + 59 * c + 11 * y * x * (c + 1)) % 256


def image():
    return [[[pixel(y, x, c) for c in range(CHANNELS)] for x in range(WIDTH)]
            for y in range(HEIGHT)]


def save_outputs(folder, name, outputs):
    (folder / name).write_text(json.dumps([float(value) for value in outputs]) + "\n")


def make_pytorch(folder):
    import torch
    from safetensors.torch import save_file
    torch.manual_seed(5)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Conv2d(4, 5, (2, 3)), torch.nn.Flatten(),
        torch.nn.Linear(5 * 5 * 2, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    save_file(model.state_dict(), folder / "pytorch.safetensors")
    pixels = torch.tensor(image(), dtype=torch.float32).permute(2, 0, 1)[None] / 255
    save_outputs(folder, "pytorch.json", model(pixels)[0].detach())


def make_keras(folder):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import keras
    import numpy as np
    keras.utils.set_random_seed(7)
    model = keras.Sequential([
        keras.Input((HEIGHT, WIDTH, CHANNELS)),
        keras.layers.Conv2D(4, 3, activation="relu", bias_initializer="random_normal", name="first"),
        keras.layers.Conv2D(5, (2, 3), bias_initializer="random_normal", name="second"),
        keras.layers.Flatten(),
        keras.layers.Dense(6, activation="relu", bias_initializer="random_normal", name="hidden"),
        keras.layers.Dense(3, name="head")])
    model.compile("adam", "mse")  # its state is in the files too, and must be passed over
    model.save_weights(folder / "keras.weights.h5")
    model.save(folder / "keras.keras")
    model.save(folder / "legacy.h5")
    pixels = np.array(image(), dtype=np.float32)[None] / 255
    save_outputs(folder, "keras.json", model(pixels).numpy()[0])

    normalized = keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(2, name="in_front"),
        keras.layers.BatchNormalization(gamma_initializer="random_normal", name="normal"),
        keras.layers.LayerNormalization(name="rows"), keras.layers.Dense(1)])
    normalized.save_weights(folder / "normalized.weights.h5")


def pack(folder):
    def plain(info):
        info.uid = info.gid = info.mtime = 0
        info.uname = info.gname = ""
        return info

    target = pathlib.Path(__file__).with_name("foreign.tar.xz")
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name, filter=plain)
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("pytorch", "keras", "pack"):
        sys.exit(__doc__)
    target_folder = pathlib.Path(sys.argv[2])
    target_folder.mkdir(parents=True, exist_ok=True)
    {"pytorch": make_pytorch, "keras": make_keras, "pack": pack}[sys.argv[1]](target_folder)
