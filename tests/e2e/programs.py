"""Compiles the programs that the tests of this folder run: `programs.py NNCC FOLDER`."""

import pathlib
import subprocess
import sys

import support


def main():
    nncc, folder = (pathlib.Path(text).resolve() for text in sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    binary = folder / "cifar10.yaml"
    binary.write_text(support.cifar10_yaml("  train: {cifar10_binary: cifar10-320.bin}"))
    for name, model in (("cifar10", binary), ("tiny", support.HERE / "tiny.yaml"),
                        ("augmented", support.HERE / "augmented.yaml"),
                        ("layers", support.HERE / "layers.yaml"),
                        ("cifar10-images", support.ROOT / "models" / "cifar10.yaml")):
        subprocess.run([nncc, "compile", model, "-o", folder / name, "-Werror"], check=True)


if __name__ == "__main__":
    main()
