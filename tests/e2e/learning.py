"""A short training on the quickstart's images learns, and what it leaves can be used."""

import os
import pathlib
import re

from support import Case, main, program


class Learning(Case):
    def test_quickstart(self):
        data = pathlib.Path(os.environ["NNCC_QUICKSTART_DATA"])
        path, out = program("cifar10-images"), self.folder / "run"
        output = self.run_program([path, "train", "--data", data, "--out", out, "--epochs", 4,
                                   "--seed", 1]).stdout
        score = re.search(r"Accuracy on unseen test images: ([\d.]+)%", output)
        self.assertIsNotNone(score, output)
        # Ten classes: chance is 10%. Keras got 44.1, 50.0 and 48.1% from these images and epochs.
        self.assertGreater(float(score[1]), 35)
        for name in ("weights.safetensors", "log.jsonl", "accuracy.svg"):
            self.assertGreater((out / name).stat().st_size, 100, name)

        evaluated = self.run_program([path, "evaluate", "--data", data, "--out", out]).stdout
        self.assertIn(score[1], evaluated)
        exported = self.folder / "exported.safetensors"
        self.run_program([path, "export", "--out", out, "-o", exported])
        again = self.run_program([path, "evaluate", "--data", data, "--weights", exported]).stdout
        # But for how long it took.
        self.assertEqual(*(re.sub(r" in [\d.]+ s$", "", text, flags=re.MULTILINE) for text in (evaluated, again)))

        image = sorted(data.rglob("*.jpg"))[0]
        predicted = self.run_program([path, "predict", image, "--out", out]).stdout
        shares = [float(number) for number in re.findall(r"([\d.]+)\s*%", predicted)]
        self.assertGreaterEqual(len(shares), 5, predicted)
        self.assertEqual(shares, sorted(shares, reverse=True), predicted)
        self.assertLessEqual(sum(shares), 100.5, predicted)


if __name__ == "__main__":
    main()
