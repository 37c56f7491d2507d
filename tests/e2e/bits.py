"""One binary, one seed: the same bits on any number of threads, and after a kill and a resume."""

import json
import signal

from support import Case, main, program, weights_of


class Bits(Case):
    def test_threads(self):
        for name in ("cifar10", "tiny", "augmented", "tiny-watched", "steps", "frames", "gestures"):
            with self.subTest(program=name):
                runs = {threads: self.train(program(name), f"{name}-{threads}", "--epochs", 3,
                                            "--threads", threads, "--seed", 7)
                        for threads in (1, 2, 3)}
                _, steps, weights = runs[1]
                self.assertGreater(len(steps), 20)
                self.assertNotEqual(steps[0]["loss"], steps[-1]["loss"])
                for threads in (2, 3):
                    self.same_weights(weights, runs[threads][2], f"{threads} threads against one")
                    self.assertEqual(steps, runs[threads][1])

    def test_seed_matters(self):
        first, second = (self.train(program("tiny"), f"seed-{seed}", "--epochs", 1, "--seed",
                                    seed)[2] for seed in (1, 2))
        self.assertNotEqual(first, second)

    def checkpoints(self, out):
        return sorted((self.folder / out).glob("checkpoint-*.nncc"))

    def stop(self, out, how, options, name="cifar10"):
        """A training stopped by a signal as soon as it has two checkpoints."""
        process = self.start(self.train_command(program(name), out, *options))
        self.wait_for(lambda: len(self.checkpoints(out)) >= 2, process, "a second checkpoint")
        process.send_signal(how)
        return process.wait(timeout=60)

    def test_kill_and_resume(self):
        options = ["--epochs", 30, "--seed", 3]
        _, steps, weights = self.train(program("cifar10"), "whole", *options)
        self.assertEqual(len(steps), 300)
        for name, how, status in (("killed", signal.SIGKILL, -signal.SIGKILL),
                                  ("interrupted", signal.SIGINT, 130)):
            with self.subTest(name):
                self.assertEqual(self.stop(name, how, options), status)
                self.assertFalse((self.folder / name / "weights.safetensors").exists(),
                                 "the training had ended before it was stopped")
                _, resumed, after = self.train(program("cifar10"), name, "--resume",
                                               self.folder / name, "--epochs", 30)
                self.same_weights(weights, after, f"{name} and resumed against undisturbed")
                self.assertEqual(steps, resumed)

    def test_augmentation(self):
        """Images are varied in the same way after a kill, and not in the same way every epoch."""
        options = ["--epochs", 100, "--seed", 3]
        output, steps, weights = self.train(program("augmented"), "whole", *options)
        self.assertRegex(output, r"Waited for data: \d+\.\d+% of the time")
        self.assertEqual(self.stop("killed", signal.SIGKILL, options, "augmented"),
                         -signal.SIGKILL)
        self.assertFalse((self.folder / "killed" / "weights.safetensors").exists(),
                         "the training had ended before it was killed")
        _, resumed, after = self.train(program("augmented"), "killed", "--resume",
                                       self.folder / "killed", "--epochs", 100, "--threads", 3)
        self.same_weights(weights, after, "killed and resumed against undisturbed")
        self.assertEqual(steps, resumed)

    def test_recurrent(self):
        """Sequences in batches by length, with dropouts of states: stopped in any epoch, training ends alike."""
        path = program("gestures")
        _, steps, weights = self.train(path, "whole", "--epochs", 3, "--seed", 5)
        self.assertEqual(len(steps), 30)
        for at in (1, 13, 20, 29):
            part = ["--steps", at, "--epochs", 3, "--seed", 5, "--threads", 1 + at % 3]
            if at > 1:
                part += ["--resume", self.folder / "parts"]
            self.train(path, "parts", *part)
        _, resumed, after = self.train(path, "parts", "--resume", self.folder / "parts", "--epochs", 3)
        self.same_weights(weights, after, "in parts against undisturbed")
        self.assertEqual(steps, resumed)
        options = ["--epochs", 200, "--seed", 3]
        _, steps, weights = self.train(path, "long", *options)
        self.assertEqual(self.stop("killed", signal.SIGKILL, options, "gestures"), -signal.SIGKILL)
        self.assertFalse((self.folder / "killed" / "weights.safetensors").exists(),
                         "the training had ended before it was killed")
        _, resumed, after = self.train(path, "killed", "--resume", self.folder / "killed", "--epochs", 200)
        self.same_weights(weights, after, "killed and resumed against undisturbed")
        self.assertEqual(steps, resumed)

    def test_watched(self):
        """Accumulated gradients, averages, a falling rate, an early end and the best weights
        survive an interrupt in any epoch: stopped again and again, the training ends alike."""
        path = program("tiny-watched")
        output, steps, weights = self.train(path, "whole", "--seed", 5)
        self.assertIn("Stopped early after epoch", output)
        rates = self.rates("whole")
        self.assertGreater(len(set(rates)), 1, "the rate never fell")
        self.assertLess(len(rates), 60)
        count = len(steps)
        self.assertGreater(count, 30)
        # Within an epoch and within the gradients of an update, and at the ends of epochs.
        for at in sorted({1, 4, 11, 22, 23, count // 2, count - 12, count - 11, count - 1}):
            part = ["--steps", at, "--epochs", 60, "--seed", 5]
            if at > 1:
                part += ["--resume", self.folder / "parts"]
            self.train(path, "parts", *part)
        output, resumed, after = self.train(path, "parts", "--resume", self.folder / "parts")
        self.assertIn("Stopped early after epoch", output)
        self.same_weights(weights, after, "in parts against undisturbed")
        self.assertEqual(steps, resumed)
        self.assertEqual(rates, self.rates("parts"))
        # The same weights come out of the last checkpoint.
        self.run_program([path, "export", "--from", self.folder / "parts", "-o",
                          self.folder / "exported.safetensors"])
        self.same_weights(weights, weights_of(self.folder / "exported.safetensors"), "exported")

    def rates(self, out):
        records = map(json.loads, (self.folder / f"{out}.jsonl").read_text().splitlines())
        return [record["learning_rate"] for record in records if "step" not in record]

    def test_damaged_checkpoint(self):
        """The newest is refused in one line, the one before it still loads: same bits."""
        options = ["--epochs", 30, "--seed", 3]
        _, _, weights = self.train(program("cifar10"), "whole", *options)
        damages = {"truncated": lambda content: content[:len(content) * 2 // 3],
                   "altered": lambda content: content[:-1000] + bytes([content[-1000] ^ 1]) +
                   content[-999:]}
        for name, damage in damages.items():
            with self.subTest(name):
                self.stop(name, signal.SIGKILL, options)
                newest = self.checkpoints(name)[-1]
                content = newest.read_bytes()
                newest.write_bytes(damage(content))
                output, _, after = self.train(program("cifar10"), name, "--resume",
                                              self.folder / name, "--epochs", 30)
                warnings = [line for line in output.splitlines() if newest.name in line and
                            "warning" in line]
                self.assertEqual(len(warnings), 1, output)
                self.same_weights(weights, after, f"resumed from the checkpoint before the {name}")


if __name__ == "__main__":
    main()
