"""A model of a CSV file, from rows to predictions: what is found in the training part comes back
from the weights' metadata."""

import json
import re
import struct

from support import Case, main, program, weights_of

COLOURS = ("red", "green", "blue")


def rows(count):
    """`kind` is large where x + y is, and blue counts for something."""
    state = 7
    for i in range(count):
        numbers = []
        for _ in range(2):
            state = (state * 1664525 + 1013904223) % 2**32
            numbers.append((state >> 8) / 2**24 * 2 - 1)
        colour = COLOURS[(state >> 4) % 3]
        kind = "large" if sum(numbers) + (0.5 if colour == "blue" else 0) > 0 else "small"
        x = "" if i % 29 == 11 else f"{numbers[0]:.4f}"
        yield f"{x},{numbers[1]:.4f},{colour},{i % 4},{kind}"


def words(count):
    """`kind` follows from the second of three words, turned around where the colour is blue."""
    state = 11
    for _ in range(count):
        numbers = []
        for _ in range(4):
            state = (state * 1664525 + 1013904223) % 2**32
            numbers.append((state >> 16) % 10)
        colour = COLOURS[numbers[3] % 3]
        kind = "odd" if (numbers[1] % 2 == 1) != (colour == "blue") else "even"
        yield f"{colour},{numbers[0] // 5},{numbers[1]},{numbers[2] // 5},{numbers[3] / 10},{kind}"


def metadata_of(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8:8 + length])["__metadata__"]


class Tables(Case):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.data.mkdir()
        self.write(rows(600))

    def write(self, lines):
        (self.data / "rows.csv").write_text("\n".join(["x,y,colour,user,kind", *lines]) + "\n")

    def command(self, what, *options):
        return [program("rows"), what, "--out", self.folder / "run", *options]

    def test_from_rows_to_predictions(self):
        output = self.run_program(self.command("train", "--data", self.data)).stdout
        accuracy = float(re.search(r"Accuracy on unseen test samples: ([\d.]+)%", output)[1])
        self.assertGreater(accuracy, 90, output)
        samples = int(re.search(r"([\d,]+) training samples", output)[1])
        self.assertTrue(310 < samples < 400, output)

        found = json.loads(metadata_of(self.folder / "run" / "weights.safetensors")["preprocessing"])
        self.assertEqual(found["classes"], ["large", "small"])
        self.assertEqual([feature["column"] for feature in found["features"]], ["x", "y", "colour"])
        self.assertEqual(found["features"][2]["categories"], sorted(COLOURS))

        again = self.run_program(self.command("evaluate", "--data", self.data)).stdout
        self.assertIn(f"Accuracy on unseen test samples: {accuracy:.2f}%", again)

        # Rows alone: other order, no target, an empty cell, a colour that nobody has seen.
        (self.folder / "new.csv").write_text("colour,y,x\nred,0.9,0.9\ngreen,-0.9,-0.9\nred,0.8,\npink,1,1\n")
        run = self.run_program(self.command("predict", self.folder / "new.csv"))
        places = re.findall(r"new\.csv:(\d+)\n +[\d.]+%  (\w+)\n", run.stdout)
        self.assertEqual(places[:2], [("2", "large"), ("3", "small")], run.stdout)
        self.assertEqual([line for line, _ in places], ["2", "3", "4", "5"])
        self.assertIn("new.csv: column 'colour' has 1 row with a category", run.stderr)

        # Weights that passed through export tell the same.
        self.run_program(self.command("export", "--weights-out", self.folder / "out.safetensors"))
        exported = self.run_program([program("rows"), "predict", "--weights", self.folder / "out.safetensors",
                                     self.folder / "new.csv"])
        self.assertEqual(exported.stdout, run.stdout)

    def test_resume_needs_the_same_columns(self):
        self.run_program(self.command("train", "--data", self.data, "--epochs", 1))
        (self.data / "rows.csv").write_text((self.data / "rows.csv").read_text().replace("blue", "teal"))
        run = self.run_program([program("rows"), "train", "--data", self.data, "--resume", self.folder / "run"], 1)
        self.assertRegex(run.stderr, r"^error: .* (other columns, categories or fill values|training samples)")

    def test_wrong_rows(self):
        lines = list(rows(40))
        for change, expected in (
                ("1,2,red,0", r"rows\.csv:12: the row has 4 cells, expected 5"),
                ("nan?,2,red,0,large", r"rows\.csv:12: column 'x': 'nan\?' is no finite number"),
                ('1,2,"red,0,large', r"rows\.csv:12: the quote that opens here is never closed"),
                ("1,2,red,0,", r"rows\.csv:12: column 'kind': the cell is empty"),
                ("1,2,red,0,huge", r"found 3 classes \('huge', 'large', 'small'\)"),
                ("1,2,yellow,0,large", r"its columns give 6 features.*colour=blue, colour=green, colour=red, colour=yellow")):
            with self.subTest(row=change):
                self.write([*lines[:10], change, *lines[11:]])
                run = self.run_program(self.command("train", "--data", self.data), 1)
                self.assertRegex(run.stderr, "^error: .*" + expected)
                self.assertEqual(run.stderr.count("\n"), 1)


class Embeddings(Case):
    """Columns that number rows of tables, by category or as they stand."""

    HEADER = "colour,before,word,behind,share,kind"

    def setUp(self):
        super().setUp()
        self.lines = list(words(500))
        self.write(self.lines)

    def write(self, lines):
        (self.folder / "words.csv").write_text("\n".join([self.HEADER, *lines]) + "\n")

    def command(self, what, *options):
        return [program("embedding"), what, "--out", self.folder / "run", *options]

    def test_learns_and_predicts(self):
        output = self.run_program(self.command("train", "--data", self.folder, "--epochs", 30)).stdout
        accuracy = float(re.search(r"Accuracy on unseen test samples: ([\d.]+)%", output)[1])
        self.assertGreater(accuracy, 95, output)
        weights = self.folder / "run" / "weights.safetensors"
        tables = {name: len(data) // 4 for name, data in weights_of(weights).items() if "embeddings" in name}
        self.assertEqual(tables, {"colour.embeddings": 4 * 3, "words.embeddings": 10 * 6})
        colour = json.loads(metadata_of(weights)["preprocessing"])["features"][0]
        self.assertEqual(colour["categories"], sorted(COLOURS))

        (self.folder / "new.csv").write_text("colour,before,word,behind,share\nred,0,3,1,0.5\npink,1,12,0,0.5\n")
        run = self.run_program(self.command("predict", self.folder / "new.csv"), 1)
        self.assertRegex(run.stderr, r"^error: .*new\.csv:3: column 'word': 12 is no row of the embedding that reads it; "
                                     "expected an index from 0 to 9")
        (self.folder / "new.csv").write_text("colour,before,word,behind,share\nred,0,3,1,0.5\npink,1,2,0,0.5\n")
        run = self.run_program(self.command("predict", self.folder / "new.csv"))
        self.assertRegex(run.stdout, r"new\.csv:2\n +[\d.]+%  odd\n")
        self.assertIn("column 'colour' has 1 row with a category", run.stderr)

    def test_same_bits_on_any_number_of_threads(self):
        found = []
        for threads in (1, 2, 3):
            self.run_program(self.command("train", "--data", self.folder, "--epochs", 2, "--threads", threads))
            found.append(weights_of(self.folder / "run" / "weights.safetensors"))
        for other in found[1:]:
            self.same_weights(found[0], other, "weights of 1 and of more threads")

    def test_rows_that_are_not_there(self):
        for row, expected in (("red,0,10,1,0.5,odd", "column 'word': 10 is no row"),
                              ("red,-1,1,1,0.5,odd", "column 'before': -1 is no row"),
                              ("red,0,nan,1,0.5,odd", "column 'word': 'nan' stands for an empty cell"),
                              ("pink,0,1,1,0.5,odd", "column 'colour': 4 is no row of the embedding that reads it; "
                                                     "expected an index from 0 to 3")):
            with self.subTest(row=row):
                self.write([*self.lines[:10], row, *self.lines[11:]])
                run = self.run_program(self.command("train", "--data", self.folder), 1)
                self.assertIn(expected, run.stderr)
                self.assertRegex(run.stderr, r"^error: .*words\.csv:\d+: ")
                self.assertEqual(run.stderr.count("\n"), 1)


if __name__ == "__main__":
    main()
