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
    models = [("cifar10", binary), ("cifar10-images", support.ROOT / "models" / "cifar10.yaml")]
    models += [(path.stem, path) for path in sorted(support.HERE.glob("*.yaml"))]
    for name, model in models:
        subprocess.run([nncc, "compile", model, "-o", folder / name, "-Werror"], check=True)


if __name__ == "__main__":
    main()
