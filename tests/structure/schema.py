"""models/SCHEMA.md is what the compiler says a model's file may hold."""

import difflib
import subprocess

from repository import BUILD, report, text

run = subprocess.run([BUILD / "bin" / "nncc", "schema"], capture_output=True, text=True, check=True)
lines = difflib.unified_diff(text("models/SCHEMA.md").splitlines(), run.stdout.splitlines(),
                             "models/SCHEMA.md", "nncc schema", n=0, lineterm="")
problems = list(lines)
if problems:
    problems.append("renew it: build/bin/nncc schema > models/SCHEMA.md")
report(problems, f"{len(run.stdout.splitlines())} lines")
