"""What the tests of this folder share: how programs are compiled, run and looked at.

Each test file is run as `python3 FILE NNCC FOLDER [unittest options]`: the compiler, and a folder
of the build tree where `programs.py` has left the compiled programs. Standard library only.
"""

import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = HERE / "data"


class Arguments:
    nncc: pathlib.Path
    folder: pathlib.Path


def main():
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} NNCC FOLDER [unittest options]")
    Arguments.nncc, Arguments.folder = (pathlib.Path(text).resolve() for text in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main(verbosity=2)


def program(name):
    path = Arguments.folder / name
    if not path.exists():
        sys.exit(f"{path} is not there: run programs.py first (ctest does)")
    return path


def cifar10_yaml(data):
    """models/cifar10.yaml with another `data` section."""
    text = (ROOT / "models" / "cifar10.yaml").read_text()
    head, separator, _ = text.partition("\ndata:\n")
    assert separator, "models/cifar10.yaml has no data section where this test looks for it"
    return f"{head}\ndata:\n{data}\n"


def weights_of(path):
    """The bytes of each tensor of a safetensors file; not its metadata."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header.pop("__metadata__", None)
    data = content[8 + length:]
    return {name: data[entry["data_offsets"][0]:entry["data_offsets"][1]]
            for name, entry in header.items()}


def write_weights(path, weights):
    """{name: (shape, numbers)} as safetensors."""
    header, data = {}, b""
    for name, (shape, numbers) in weights.items():
        content = struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def steps_of(log):
    """The records of the steps in a log, without the times."""
    records = [json.loads(line) for line in log.read_text().splitlines()]
    return [{key: value for key, value in record.items() if key != "seconds"}
            for record in records if "step" in record]


def peak_bytes(pid):
    """VmHWM of a running process, 0 if it has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nncc-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_program(self, command, status=0):
        """Runs to the end; the test fails if the exit status is another one."""
        command = [str(word) for word in command]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             cwd=self.folder, timeout=250)
        self.assertEqual(run.returncode, status,
                         f"\nto repeat: {' '.join(command)}\n{run.stdout}{run.stderr}")
        return run

    def train_command(self, path, out, *options):
        return [path, "train", "--data", DATA, "--out", self.folder / out,
                "--log", self.folder / f"{out}.jsonl", *options]

    def train(self, path, out, *options, status=0):
        """(standard output, log's steps, weights) of a training."""
        run = self.run_program(self.train_command(path, out, *options), status)
        weights = self.folder / out / "weights.safetensors"
        return (run.stdout, steps_of(self.folder / f"{out}.jsonl"),
                weights_of(weights) if weights.exists() else None)

    def start(self, command):
        process = subprocess.Popen([str(word) for word in command], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        return process

    def wait_for(self, condition, process, what, seconds=120):
        """Waits until a condition on a running process holds; fails if the process ends first."""
        end = time.monotonic() + seconds
        while not condition():
            if process.poll() is not None:
                self.fail(f"the process ended with status {process.returncode} before {what}: "
                          f"{process.stderr.read()}")
            if time.monotonic() > end:
                process.kill()
                self.fail(f"no {what} within {seconds} s")
            time.sleep(0.002)

    def same_weights(self, first, second, what):
        self.assertEqual(sorted(first), sorted(second), what)
        different = [name for name in first if first[name] != second[name]]
        self.assertEqual(different, [], f"{what}: these parameters have other bits")
