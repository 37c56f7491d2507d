"""`nncc tune`, the file that it writes and what `nncc compile` makes of it; `nncc bench --kernels`."""

import pathlib
import re
import shutil
import subprocess
import tempfile

from support import Arguments, Case, DATA, HERE, ROOT, main, program

CANDIDATE = re.compile(r"- \{ schedule: '?(.+?)'?, cycles: (\S+), ratio: (\S+) \}")
KERNEL = re.compile(r"    - key: +'?(\w+)'?\n      kernel: +'?(.+?)'?\n      schedule: +'?(.+?)'?\n"
                    r"      ratio: +\S+\n      candidates:\n((?:        - .*\n)+)")


class Kernel:
    """One of the database, as it stands there."""

    def __init__(self, found):
        self.text, self.key, self.name, self.schedule = found[0], found[1], found[2], found[3]
        self.candidates = CANDIDATE.findall(found[4])

    def with_schedule(self, schedule):
        return re.sub(r"(      schedule: +).*", rf"\g<1>'{schedule}'", self.text, count=1)


def kernels_of(text):
    return [Kernel(found) for found in KERNEL.finditer(text)]


class Tune(Case):
    @classmethod
    def setUpClass(cls):
        """A database with a few measurements, in which every kernel has the cost model's choice."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="nncc-e2e-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        subprocess.run([Arguments.nncc, "tune", HERE / "tiny.yaml", "--budget", "1s", "--schedules",
                        folder / "database"], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=250)
        cls.tuned = (folder / "database").read_text()
        cls.untouched = cls.tuned
        for kernel in kernels_of(cls.tuned):
            cls.untouched = cls.untouched.replace(kernel.text, kernel.with_schedule(kernel.candidates[0][0]))

    def setUp(self):
        super().setUp()
        self.model, self.database = self.folder / "tiny.yaml", self.folder / "tiny.schedules.yaml"
        shutil.copy(HERE / "tiny.yaml", self.model)

    def nncc(self, command, *options, status=0):
        return self.run_program([Arguments.nncc, command, self.model, *options], status)

    def refused(self, message, command, *options):
        """Status 1 and this one line."""
        run = self.nncc(command, *options, status=1)
        self.assertRegex(run.stderr, rf"^nncc: error: [^\n]*{message}[^\n]*\n$")

    def another(self):
        """(a kernel of the training step, a schedule of it that is not the cost model's choice)."""
        for kernel in kernels_of(self.tuned):
            others = [schedule for schedule, _, ratio in kernel.candidates[1:] if float(ratio) > 0]
            if "conv2d_bwd_data" in kernel.name and others:
                return kernel, others[-1]
        self.fail(f"no input gradient has two candidates that were measured:\n{self.tuned}")

    def with_another(self):
        kernel, schedule = self.another()
        return self.untouched.replace(kernel.with_schedule(kernel.candidates[0][0]), kernel.with_schedule(schedule))

    def test_database(self):
        self.assertRegex(self.tuned, r"\n- level: +\S+\n  cpu: +\S+\n  l2_kib: +\d+\n  kernels:\n")
        kernels = kernels_of(self.tuned)
        self.assertEqual(len(kernels), self.tuned.count("key:"))
        self.assertGreater(max(len(kernel.candidates) for kernel in kernels), 1)
        for kernel in kernels:
            self.assertEqual(float(kernel.candidates[0][2]), 1)
            self.assertIn(kernel.schedule, [candidate[0] for candidate in kernel.candidates])

    def test_goes_on_where_it_was(self):
        self.database.write_text(self.tuned)
        self.nncc("tune", "--budget", "1s")
        after = {kernel.key: kernel.candidates for kernel in kernels_of(self.database.read_text())}
        for kernel in kernels_of(self.tuned):
            self.assertEqual(after[kernel.key][:len(kernel.candidates)], kernel.candidates, kernel.name)

    def test_measures_anew_what_another_compiler_measured(self):
        kernel, _ = self.another()
        first = kernel.candidates[0][0]
        self.database.write_text(self.tuned.replace(kernel.text, kernel.text.replace(first, "direct(old)")))
        self.nncc("tune", "--budget", "1s")
        self.assertNotIn("direct(old)", self.database.read_text())

    def test_report(self):
        self.database.write_text(self.tuned)
        self.assertRegex(self.nncc("tune", "--report").stdout,
                         r"\| .+ \| .+ \| .+ \| \d\.\d\d \| -?\d\.\d\d \|\n[^$]*rank correlation -?\d\.\d\d\.\n$")

    def test_report_without_measurements(self):
        self.refused("has no measurements of this machine", "tune", "--report")
        self.database.write_text(re.sub("cpu: .*", "cpu: pentium4", self.tuned))
        self.refused("has no measurements of this machine", "tune", "--report")

    def test_compile_takes_its_schedules(self):
        kernel, schedule = self.another()
        self.database.write_text(self.with_another())
        other = self.folder / "other"
        self.assertIn(", 1 tuned)", self.nncc("compile", "-Werror", "-o", other).stdout)
        name = kernel.name.split(" of layer ")[0]
        self.assertRegex(self.nncc("explain").stdout, rf"\n +{re.escape(name)} .*: {re.escape(schedule)}[,\n]")
        options = ("--weights-in", DATA / "tiny.safetensors", "--no-shuffle", "--steps", 12)
        losses = [[step["loss"] for step in self.train(path, f"run-{path.name}", *options)[1]]
                  for path in (program("tiny"), other)]
        self.assertEqual(len(losses[0]), 12)
        for first, second in zip(*losses, strict=True):
            self.assertAlmostEqual(second / first, 1, delta=1e-3)

    def test_another_file(self):
        path = self.folder / "elsewhere"
        path.write_text(self.with_another())
        self.assertIn(", 1 tuned)", self.nncc("compile", "--schedules", path).stdout)
        self.refused("missing is not there; `nncc tune` writes such files", "compile", "--schedules", "missing")

    def test_measurements_of_other_machines(self):
        for what, value in (("cpu", "pentium4"), ("level", "x86-64"), ("l2_kib", "7")):
            with self.subTest(what):
                self.database.write_text(re.sub(rf"\b{what}: .*", f"{what}: {value}", self.with_another()))
                self.assertNotIn("tuned", self.nncc("compile", "-Werror").stdout)

    def test_unknown_schedule(self):
        kernel, schedule = self.another()
        self.database.write_text(self.with_another().replace(kernel.with_schedule(schedule),
                                                             kernel.with_schedule("direct(tile=99x99x99)")))
        name = re.escape(kernel.name.split(" of layer ")[0])
        message = rf"tiny\.yaml:\d+:\d+: LEVEL: kernel '{name}' has no such schedule as was measured for it"
        self.assertRegex(self.nncc("compile").stderr, message.replace("LEVEL", "warning"))
        self.assertRegex(self.nncc("compile", "-Werror", status=1).stderr, message.replace("LEVEL", "error"))

    def test_damaged_file(self):
        for wrong, damaged in (("key", re.sub("key: .*", "key: 12", self.tuned, count=1)),
                               ("'ratio'", self.tuned.replace("ratio:", "ration:")),
                               ("", self.tuned[:len(self.tuned) // 2] + "["), ("", "kernels")):
            with self.subTest(wrong):
                self.database.write_text(damaged)
                for command in ("compile", "tune"):
                    self.refused(rf"tiny\.schedules\.yaml:\d+:\d+: .*{wrong}.*", command)

    def test_cannot_be_written(self):
        self.refused("cannot write no-such-folder/database: ", "tune", "--schedules", "no-such-folder/database")

    def test_wrong_budgets(self):
        for budget in ("0", "0s", "-5s", "infm", "nans", "1e30h", "soon"):
            self.nncc("tune", "--budget", budget, status=2)

    def test_model_without_training(self):
        run = self.run_program([Arguments.nncc, "tune", ROOT / "models" / "edge_features.yaml"], status=1)
        self.assertEqual(run.stderr, "nncc: error: model 'edge_features' is not trained: it has no step to measure\n")
        self.assertFalse((ROOT / "models" / "edge_features.schedules.yaml").exists())

    def test_a_row_for_each_kernel(self):
        """The rows of `bench --kernels` are the kernels that `explain` lists for the training step."""
        explained = self.nncc("explain").stdout.partition("\ntrain_step\n")[2].partition("\n\n")[0]
        wanted = re.findall(r"^    (\S.*?): \S+(?:, .*)?$", explained, re.MULTILINE)
        output = self.nncc("bench", "--kernels", "--no-onednn", "--rounds", 1).stdout
        rows = [line.split(" | ")[0].removeprefix("| ") for line in output.splitlines() if line.startswith("| ")][1:]
        counts = [re.search(r"\((\d+) kernels\)$", row) for row in rows]
        self.assertEqual(sum(int(count[1]) if count else 1 for count in counts), len(wanted), output)
        self.assertEqual([row for row, count in zip(rows, counts) if not count],
                         [name for name in wanted if name in rows])
        self.assertNotIn("oneDNN", output)


if __name__ == "__main__":
    main()
