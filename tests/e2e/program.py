"""What a compiled program is: static, small, quick to start, and as large in memory as it says.
Not for sanitized builds, which are none of that."""

import re
import statistics
import subprocess
import time

from support import Case, main, peak_bytes, program

UNITS = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def size_in(text, pattern):
    number, unit = re.search(pattern, text).groups()
    return float(number.replace(",", "")) * UNITS[unit]


class Program(Case):
    def test_static(self):
        run = subprocess.run(["ldd", program("cifar10")], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        self.assertRegex(run.stdout, "not a dynamic executable|statically linked")

    def test_size(self):
        self.assertLess(program("cifar10").stat().st_size, 8e6)

    def test_first_step(self):
        """From the start of the process to its end after one step: start, data, step, saving."""
        def seconds():
            start = time.perf_counter()
            self.train(program("cifar10"), "first", "--steps", 1)
            return time.perf_counter() - start

        self.assertLess(statistics.median(seconds() for _ in range(5)), 0.3)

    def test_memory(self):
        """The planned peak is within 10% of what the system measured."""
        for threads in (1, 2):
            with self.subTest(threads=threads):
                command = [str(word) for word in
                           self.train_command(program("cifar10"), f"memory-{threads}", "--epochs",
                                              20, "--threads", threads)]
                process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                           cwd=self.folder)
                peak = 0
                while process.poll() is None:
                    peak = max(peak, peak_bytes(process.pid))
                    time.sleep(0.001)
                with process.stdout:
                    output = process.stdout.read()
                self.assertEqual(process.returncode, 0, output)
                planned = size_in(output, r"Planned memory: ([\d.,]+) (\w+)")
                measured = size_in(output, r"Peak memory: ([\d.,]+) (\w+) measured")
                self.assertGreater(peak, 0)
                self.assertAlmostEqual(measured / peak, 1, delta=0.03,
                                       msg="the program's own number against the system's")
                self.assertAlmostEqual(peak / planned, 1, delta=0.1, msg=output)

    def test_summary(self):
        output = self.run_program([program("cifar10"), "summary"]).stdout
        counts = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", output)]
        for expected in (896, 9248, 18496, 36928, 4160, 650, 79626):
            self.assertIn(expected, counts, output)


if __name__ == "__main__":
    main()
