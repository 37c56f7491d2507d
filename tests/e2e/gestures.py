"""models/gestures.yaml and models/gesture_one_shot.yaml on gestures that are made up here: they train, with equal bits on
any number of threads, tell users apart from those of the training, and learn a new gesture from one example."""

import math
import random
import re

from support import ROOT, Arguments, Case, main, weights_of

GESTURES, USERS, REPETITIONS = range(1, 9), range(1, 9), 3


def line(gesture, user, repetition):
    """A hand's way around an axis, faster with some users than with others."""
    dice = random.Random(f"{gesture}/{user}/{repetition}")
    steps = 16 + user + dice.randrange(6)
    values = []
    for i in range(steps):
        angle = 2 * math.pi * i / steps * (1 + gesture % 2)
        vector = [math.sin(angle), math.cos(angle) if gesture > 4 else 0, 0.5]
        turned = gesture // 2 % 3
        values += [value + 0.05 * dice.gauss(0, 1) for value in vector[turned:] + vector[:turned]]
    return f"{gesture},{user},1,{repetition},{steps}," + ",".join(f"{value:.3f}" for value in values)


class Gestures(Case):
    def setUp(self):
        super().setUp()
        (self.folder / "sequences").mkdir()
        self.write("sequences/uwave.csv", [line(gesture, user, repetition) for gesture in GESTURES for user in USERS
                                           for repetition in range(REPETITIONS)])

    def write(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def compile(self, name):
        self.run_program([Arguments.nncc, "compile", ROOT / "models" / f"{name}.yaml", "-o", name, "-Werror"])
        return self.folder / name

    def train_on(self, program, threads):
        """What it prints; the weights are the same for any number of threads."""
        out = self.folder / f"{program.name}-{threads}"
        said = self.run_program([program, "train", "--data", self.folder, "--out", out, "--threads", threads, "--epochs",
                                 2]).stdout
        return said, weights_of(out / "weights.safetensors")

    def test_of_users_never_seen(self):
        program = self.compile("gestures")
        said, weights = self.train_on(program, 1)
        self.assertRegex(said, r"Accuracy on unseen test samples: [\d.]+%")
        self.same_weights(weights, self.train_on(program, 3)[1], "3 threads against one")

    def test_from_one_example(self):
        program = self.compile("gesture_one_shot")
        said, weights = self.train_on(program, 1)
        # 6 gestures of 6 users in 24 ways, forwards and backwards.
        self.assertIn(f"{2 * 24 * 36 * REPETITIONS:,} training samples", said)
        self.assertGreater(float(re.search(r"^One shot accuracy on unseen test samples: ([\d.]+)%", said, re.M)[1]), 90)
        self.same_weights(weights, self.train_on(program, 2)[1], "2 threads against one")
        use = lambda *words: self.run_program([program, *words, "--out", f"{program.name}-1"]).stdout
        for gesture in (7, 8):
            example = self.write(f"{gesture}.csv", [line(gesture, 7, 0)])
            self.assertIn(f"Enrolled 1 example of 'gesture{gesture}'", use("enroll", f"gesture{gesture}", example))
        unseen = self.write("unseen.csv", [line(gesture, 8, i) for gesture in (7, 8) for i in range(REPETITIONS)])
        named = re.findall(r"(?:^ +[\d.]+  |nearest.*)(gesture\d)", use("predict", unseen), re.M)
        self.assertEqual(named, ["gesture7"] * REPETITIONS + ["gesture8"] * REPETITIONS)


if __name__ == "__main__":
    main()
