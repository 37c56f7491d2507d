"""The frameworks that bench.py compares with: one virtual environment each.

They stand in $NNCC_PEERS, by default nncc/peers in the user's cache folder, never in the build
tree: together about 7 GB. An environment is made anew when its list in peers/ changes. oneDNN
has none: its loop is a program of the build, where Debian's libdnnl-dev is installed.
Standard library only.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FRAMEWORKS = ("tensorflow", "pytorch", "jax", "onednn")


class SetupFailed(Exception):
    """str() is for the user."""


def cache_folder():
    if "NNCC_PEERS" in os.environ:
        return pathlib.Path(os.environ["NNCC_PEERS"])
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "nncc" / "peers"


def interpreter(framework):
    """The Python that has `framework`, after installing it if need be."""
    folder = cache_folder() / framework
    python = folder / "bin" / "python"
    wanted = HERE / "peers" / f"{framework}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == digest:
        return python
    print(f"bench: installing {framework} into {folder} (once)", file=sys.stderr, flush=True)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(f"{framework} could not be installed into {folder}: {error}") from error
    stamp.write_text(digest)
    return python


def command(framework, variant, programs):
    """The start of the command line of a peer, which its files follow; `programs` is the folder
    of those that nncc is built with."""
    if framework == "onednn":
        return [onednn_program(programs)]
    return [interpreter(framework), HERE / "peer.py", framework, variant]


def onednn_program(programs, name="nncc-onednn"):
    path = programs / name
    if not path.exists():
        raise SetupFailed(f"{path} is not built: install libdnnl-dev, then run "
                          f"`cmake build && ninja -C build {name}`")
    return path


# Runs inside an environment: adds up the files of a distribution and of all it requires.
MEASURE = r"""
import importlib.metadata as metadata, json, os, sys
from pip._vendor.packaging.requirements import Requirement
sizes, queue = {}, [Requirement(text) for text in sys.argv[1:]]
seen = set()
while queue:
    requirement = queue.pop()
    key = (requirement.name.lower().replace("_", "-"), tuple(sorted(requirement.extras)))
    if key in seen:
        continue
    seen.add(key)
    distribution = metadata.distribution(requirement.name)
    sizes[key[0]] = sum(os.path.getsize(file.locate()) for file in distribution.files or []
                        if os.path.exists(file.locate()))
    for text in distribution.requires or []:
        needed = Requirement(text)
        extras = requirement.extras or {""}
        if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras):
            queue.append(needed)
print(json.dumps(sizes))
"""


def installed_bytes(framework, programs):
    """Bytes on disk of the framework and everything it requires, without Python itself."""
    if framework == "onednn":
        return linked_bytes(onednn_program(programs), "libdnnl")
    root = next(line for line in (HERE / "peers" / f"{framework}.txt").read_text().splitlines()
                if line and not line.startswith("#"))
    run = subprocess.run([interpreter(framework), "-c", MEASURE, root], check=True,
                         stdout=subprocess.PIPE)
    return sum(json.loads(run.stdout).values())


def linked_bytes(program, library):
    """Bytes of a program and of the shared library of this name that it loads."""
    run = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True)
    path = next(line.split()[2] for line in run.stdout.splitlines() if library in line)
    return os.path.getsize(program) + os.path.getsize(path)


def isa_limits(level):
    """Environment variables that hold the frameworks to an x86-64 level."""
    names = {"x86-64": ("SSE41", "SSE4_2", "default", "SSE4_2", "x86-64"),
             "x86-64-v3": ("AVX2", "AVX2", "avx2", "AVX2", "x86-64-v3"),
             "x86-64-v4": None}[level]
    if names is None:
        return {}
    onednn, xla, aten, mkl, march = names
    return {"ONEDNN_MAX_CPU_ISA": onednn, "DNNL_MAX_CPU_ISA": onednn,
            "XLA_FLAGS": f"--xla_cpu_max_isa={xla}", "ATEN_CPU_CAPABILITY": aten,
            "MKL_ENABLE_INSTRUCTIONS": mkl, "TORCHINDUCTOR_CPP_MARCH": march}
