"""Compilation: for each x86-64 level, up to rounding the same; with others, the same bytes."""

import json
import os
import pathlib
import subprocess

from support import Arguments, Case, DATA, HERE, main

# The flag in /proc/cpuinfo that stands for a level.
LEVELS = {"x86-64": "sse2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}


class Targets(Case):
    def test_levels(self):
        flags = pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[1].splitlines()[0].split()
        expected = json.loads((DATA / "tiny.json").read_text())["pytorch_float32"]
        for level, flag in LEVELS.items():
            with self.subTest(level):
                path = self.folder / level
                self.run_program([Arguments.nncc, "compile", HERE / "tiny.yaml", "--target",
                                  level, "-o", path])
                if flag not in flags:
                    # A sentence, not an illegal instruction.
                    run = self.run_program(self.train_command(path, "refused"), status=1)
                    self.assertRegex(run.stderr, "^error: [^\n]*CPU[^\n]*\n$")
                    continue
                _, steps, _ = self.train(path, f"run-{level}", "--weights-in",
                                         DATA / "tiny.safetensors", "--no-shuffle", "--steps", 12)
                for step, loss in zip(steps, expected):
                    self.assertLessEqual(abs(step["loss"] - loss), 1e-5 * loss, step)

    def test_compilers_that_share_an_empty_cache(self):
        cache = dict(os.environ, NNCC_CACHE=str(self.folder / "shared-cache"))
        programs = [self.folder / f"together-{i}" for i in range(3)]
        compilers = [subprocess.Popen([Arguments.nncc, "compile", HERE / "tiny.yaml", "-o", path],
                                      env=cache, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True) for path in programs]
        for compiler in compilers:
            output = compiler.communicate(timeout=200)[0]
            self.assertEqual(compiler.returncode, 0, output)
        self.assertEqual(len({path.read_bytes() for path in programs}), 1)
        left = {path.suffix for path in (self.folder / "shared-cache").iterdir()}
        self.assertEqual(left, {".o", ".json"}, "half-made kernels")


if __name__ == "__main__":
    main()
