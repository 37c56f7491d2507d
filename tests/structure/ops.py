"""Every op of the nn dialect is complete: it has lit files, and if it computes, an
algorithm in schedule/ and a row in tests/ops. Names the op and the missing piece.

The ops that compute come from the registered dialect (`nncc-opt --list-nn-ops`), the
algorithms from `nncc-kernel --list-ops`, the rows from `test_ops --list`; so this needs a
build.
"""

import re
import subprocess

from repository import BUILD, ROOT, report, text


def listed(program, option):
    """What `program option` prints: an op a line."""
    path = BUILD / "bin" / program
    if not path.is_file():
        raise SystemExit(f"{path.name} is not built: run tests/run")
    run = subprocess.run([path, option], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{program} {option}: exit status {run.returncode}: {run.stderr.strip()}")
    return run.stdout.split()


compute = set(listed("nncc-opt", "--list-nn-ops"))
algorithms = set(listed("nncc-kernel", "--list-ops"))
rows = set(listed("test_ops", "--list"))
# Those that do not compute (programs, parameters, ...) stand only in the definitions.
definitions = "".join(path.read_text() for path in
                      [ROOT / "compiler/nn/NNOps.td", *sorted((ROOT / "compiler/nn/ops").glob("*.td"))])
dialect = compute | set(re.findall(r'^def NN_\w+Op\s*:\s*NN_\w+<"(\w+)"', definitions, re.MULTILINE))

problems = []
for op in sorted(dialect):
    for suffix in ("", "-errors"):
        path = ROOT / "tests" / "lit" / "nn" / f"{op}{suffix}.mlir"
        if not path.is_file():
            problems.append(f"nn.{op}: no {path.relative_to(ROOT)}")
        elif not re.search(rf"\bnn\.{op}\b", path.read_text()):
            problems.append(f"{path.relative_to(ROOT)}: does not hold nn.{op}")
for op in sorted(compute):
    if op not in algorithms:
        problems.append(f"nn.{op}: no algorithm in compiler/schedule (nncc-kernel --list-ops)")
    if op not in rows:
        problems.append(f"nn.{op}: no row in tests/ops (test_ops --list)")
for op in sorted(algorithms - dialect):
    problems.append(f"{op}: has an algorithm, but the nn dialect has no such op")
for op in sorted(rows - dialect):
    problems.append(f"{op}: has a row in tests/ops, but the nn dialect has no such op")
for path in sorted((ROOT / "tests" / "lit" / "nn").glob("*-errors.mlir")):
    if not path.with_name(path.name.replace("-errors", "")).is_file():
        problems.append(f"{path.relative_to(ROOT)}: without a {path.name.replace('-errors', '')} beside it")

if len(dialect) < 20:
    problems.append(f"only {len(dialect)} ops listed")
report(problems, f"{len(dialect)} ops, {len(compute)} of them compute")
