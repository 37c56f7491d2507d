"""`nncc data`: faults that are planted in data sets are found, all of them and no others; lists of a split hold; a
pack trains to the same bits as the files that it was made of. Images are written here, by the formats' own rules.
"""

import base64
import html.parser
import math
import random
import re
import shutil
import struct
import zlib

from support import Arguments, Case, main, weights_of

SIDE = 16
MODEL = """
model: small
input: {{shape: [16, 16, 3], scale: 1/255}}
layers:
  - flatten:
  - dense: {{units: 2, activation: softmax}}
train: {{loss: sparse_categorical_crossentropy, optimizer: adam, batch_size: 8, epochs: 2}}
data:
{data}
"""
FOLDERS = "  train: {image_folder: train}\n  test: {image_folder: test}"


def picture(seed):
    """Waves of several directions in colours of their own: no two look alike."""
    numbers = random.Random(seed)
    waves = [[numbers.uniform(-0.6, 0.6), numbers.uniform(-0.6, 0.6), numbers.uniform(0, 7)] +
             [numbers.uniform(-40, 40) for _ in range(3)] for _ in range(5)]
    pixels = []
    for y in range(SIDE):
        for x in range(SIDE):
            for channel in range(3):
                value = 128 + sum(wave[3 + channel] * math.sin(wave[0] * x + wave[1] * y + wave[2]) for wave in waves)
                pixels.append(min(255, max(0, round(value))))
    return pixels


def ppm(pixels, side=SIDE):
    return b"P6\n%d %d\n255\n" % (side, side) + bytes(pixels)


def png(pixels):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = b"".join(b"\0" + bytes(pixels[y * SIDE * 3:(y + 1) * SIDE * 3]) for y in range(SIDE))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def png_size(content):
    assert content[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    return struct.unpack(">II", content[16:24])


class Page(html.parser.HTMLParser):
    """Tags, texts and images of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.texts, self.attributes = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag == "img":
            kind, _, content = dict(attributes)["src"].partition(",")
            assert kind == "data:image/png;base64", kind
            self.images.append(base64.b64decode(content, validate=True))

    def handle_data(self, data):
        self.texts.append(data)


class Datasets(Case):
    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_images(self, train=8, test=3):
        """Folders of images without a fault."""
        for part, count, first in (("train", train, 0), ("test", test, 500)):
            for kind, name in enumerate(("cat", "dog")):
                for i in range(count):
                    self.write(f"{part}/{name}/{i}.ppm", ppm(picture(first + 100 * kind + i)))
        return self.write("small.yaml", MODEL.format(data=FOLDERS))

    def nncc(self, *words, status=0):
        return self.run_program([Arguments.nncc, *words], status)

    def list(self, name):
        return (self.folder / "lists" / f"{name}.txt").read_text().splitlines()

    def lines(self, *words, status=0):
        """(warnings, errors) of a check."""
        text = self.nncc("data", "check", *words, status=status).stdout
        found = ([], [])
        for line in text.splitlines():
            for kind, to in zip(("warning: ", "error: "), found):
                if line.startswith(kind):
                    to.append(line[len(kind):])
        end = text.splitlines()[-1] if "Page: " not in text else text.splitlines()[-2]
        self.assertRegex(end, f"^{len(found[1])} errors?, {len(found[0])} warnings?: a training can")
        return found

    def test_nothing_is_found_where_nothing_is_wrong(self):
        self.assertEqual(self.lines(self.write_images()), ([], []))

    def test_all_faults_of_files_are_listed_and_fail(self):
        model = self.write_images()
        self.write("train/cat/cut.ppm", ppm(picture(1))[:-1])
        self.write("train/cat/empty.ppm", b"")
        self.write("train/dog/notes.txt", "no image")
        self.write("train/dog/other.ppm", ppm([7] * 12 * 12 * 3, 12))
        self.write("train/dog/broken.png", png(picture(77))[:-40])
        (self.folder / "train/dog/deeper").mkdir()
        self.write("test/cat/cut.ppm", ppm(picture(2))[:-9])
        warnings, errors = self.lines(model, status=1)
        for name in ("train/cat/cut.ppm", "train/cat/empty.ppm", "train/dog/notes.txt", "train/dog/other.ppm",
                     "train/dog/broken.png", "train/dog/deeper", "test/cat/cut.ppm"):
            self.assertEqual(len([error for error in errors if f"/{name}: " in error]), 1, name)
        self.assertEqual(len(errors), 7, errors)
        self.assertEqual(warnings, [])

    def test_duplicates_and_odd_images(self):
        model = self.write_images()
        cat, dog = picture(1), picture(100)
        brighter = [min(255, value + 9 + i % 2) for i, value in enumerate(cat)]
        self.write("test/cat/seen.ppm", ppm(dog))          # the same as train/dog/0, and of another class
        self.write("test/cat/brighter.ppm", ppm(brighter))  # nearly the same as train/cat/1
        self.write("train/dog/again.ppm", ppm(picture(103)))
        self.write("train/dog/plain.ppm", ppm([90] * SIDE * SIDE * 3))
        self.write("train/dog/turned.jpg", png(picture(104)[::-1]))
        warnings, errors = self.lines(model, "--html", "page.html")
        self.assertEqual(errors, [])
        for expected in (r"^train: .*train/dog/turned.jpg: is a PNG image, other than its name says$",
                         r"^train: 1 image is the same as another of its own, such as train/dog/again.ppm and "
                         r"train/dog/3.ppm$",
                         r"^test: 1 image is the same as one of train, such as test/cat/seen.ppm and train/dog/0.ppm$",
                         r"^test: 1 image is nearly the same as one of train \(likeness from 0.\d+ on\), "
                         r"such as test/cat/brighter.ppm and train/cat/1.ppm$",
                         r"^1 pair of these is of different classes", r"^train: 1 image is one plain area$"):
            self.assertEqual(len([line for line in warnings if re.search(expected, line)]), 1, (expected, warnings))
        self.assertEqual(len(warnings), 6, warnings)
        text = (self.folder / "page.html").read_text()
        page = Page(text)
        self.assertEqual(text.count('class="pair differs"'), 1)
        # Three pairs, one odd image, and eight samples of each class.
        self.assertEqual(len(page.images), 2 * 3 + 1 + 2 * 8)
        self.assertEqual({png_size(image) for image in page.images}, {(96, 96)})

    def test_names_are_text_on_the_page(self):
        model = self.write_images()
        name = "<script>alert(1)<\u2215script> \"x' &amp; \n\x1b[2J"
        self.write(f"train/cat/{name}.ppm", ppm(picture(1)))
        (self.folder / "train/dog" / "b\udcffd.ppm").write_bytes(ppm(picture(101)))
        self.nncc("data", "check", model, "--html", "page.html")
        output = self.nncc("data", "check", model).stdout
        self.assertNotIn("\x1b", output)
        text = (self.folder / "page.html").read_bytes().decode()  # valid UTF-8 whatever the names are
        page = Page(text)
        self.assertNotIn("script", page.tags)
        self.assertFalse([key for key, _ in page.attributes if key.startswith("on")])
        self.assertNotRegex(text, r"https?:|<link|@import|url\(")
        shown = name.replace("\n", " ").replace("\x1b", " ") + ".ppm"
        self.assertTrue([piece for piece in page.texts if shown in piece])

    def test_a_table(self):
        numbers = random.Random(5)
        rows = []
        for i in range(300):
            a, b = numbers.gauss(0, 1), numbers.gauss(5, 2)
            colour = numbers.choice(["red", "green", "blue"])
            wild = 900 if i == 120 else round(numbers.gauss(0, 1), 6)
            rows.append([f"{a:.6f}", f"{b:.6f}", f"{2 * a - b + 3:.6f}", "4", colour, str(wild),
                         f"{a + numbers.gauss(0, 1):.6f}"])
        rows[7][0] = ""
        rows[9][0] = "?"
        rows[200] = rows[199]
        model = self.write("rows.yaml", """
model: rows
input: {shape: [8]}
layers: [dense: {units: 1}]
train: {loss: mse, optimizer: adam}
data:
  train: {csv: {path: rows.csv, target: y, one_hot: [colour], missing: mean}}
""")
        header = "a,b,c,four,colour,wild,y"
        self.write("rows.csv", "\n".join([header] + [",".join(row) for row in rows]) + "\n")
        warnings, errors = self.lines(model)
        self.assertEqual(errors, [])
        for expected in (r"column 'a' has 2 empty cells, the first in line 9$", r"column 'four' is always 4",
                         r"column 'wild' has 1 outlier, the farthest 900 at rows.csv:122 ",
                         r"1 sample is the same as another of its own, such as rows.csv:202 and rows.csv:201$"):
            self.assertEqual(len([line for line in warnings if re.search(expected, line)]), 1, (expected, warnings))
        # The two cells that were filled in are off the plane.
        self.assertEqual(len(warnings), 4, warnings)
        for row in (7, 9):
            rows[row][0] = f"{(float(rows[row][2]) - 3 + float(rows[row][1])) / 2:.6f}"
        self.write("rows.csv", "\n".join([header] + [",".join(row) for row in rows]) + "\n")
        warnings, _ = self.lines(model)
        follows = [line for line in warnings if re.search(r"column 'c' follows from '[ab]' and '[ab]' \(coll", line)]
        self.assertEqual(len(follows), 1, warnings)

        # What would end a training: each row is told of.
        rows[3][1], rows[4][1], rows[5] = "much", "", rows[5] + ["1"]
        self.write("rows.csv", "\n".join([header] + [",".join(row) for row in rows]) + "\n")
        self.write("rows.yaml", model.read_text().replace("missing: mean", "missing: error"))
        _, errors = self.lines(model, status=1)
        for line in (5, 6, 7):
            self.assertEqual(len([error for error in errors if f"rows.csv:{line}: " in error]), 1, errors)
        self.assertEqual(len(errors), 3, errors)

    def test_sequences(self):
        model = self.write("steps.yaml", """
model: steps
input: {shape: [9, 2], lengths: true}
layers: [lstm: {units: 2}, dense: {units: 2, activation: softmax}]
train: {loss: sparse_categorical_crossentropy, optimizer: adam}
data:
  train: {sequence_csv: {path: steps.csv, columns: [kind], label: kind, features: 2}}
""")
        numbers = random.Random(3)
        lines = []
        for i, length in enumerate([1, 2, 3, 4, 4, 5, 6, 7]):
            values = ",".join(f"{numbers.uniform(-1, 1):.4f}" for _ in range(2 * length))
            lines.append(f"{i % 2},{length},{values}")
        self.write("steps.csv", "\n".join(lines) + "\n")
        self.assertEqual(self.lines(model), ([], []))
        text = self.nncc("data", "check", model).stdout
        self.assertRegex(text, r"train +1 +4 +7\n")
        lines += ["0,10," + ",".join(["1"] * 20), "1,3,1,2,3", "0,1,x,1"]
        self.write("steps.csv", "\n".join(lines) + "\n")
        _, errors = self.lines(model, status=1)
        self.assertEqual([re.search(r"steps.csv:(\d+): ", error)[1] for error in errors], ["10", "9", "11"])

    def test_show(self):
        model = self.write_images()
        self.nncc("data", "show", model, "--count", "6")
        self.assertEqual(png_size((self.folder / "small-train.png").read_bytes())[0], 6 * (96 + 6) + 6)
        run = self.nncc("data", "show", model, "--augmented", status=1)
        self.assertIn("no `augment`", run.stderr)
        self.write("small.yaml", MODEL.format(data=FOLDERS.replace("{image_folder: train}",
                                              "{image_folder: train, augment: {horizontal_flip: true}}")))
        self.nncc("data", "show", model, "--augmented", "--count", "2", "--out", "varied.png")
        self.assertEqual(png_size((self.folder / "varied.png").read_bytes())[0], 8 * (96 + 6) + 6)

    def test_show_sequences(self):
        model = self.write("curves.yaml", """model: curves
input: {shape: [9, 3], lengths: true}
layers: [lstm: {units: 2}, dense: {units: 2, activation: softmax}]
train: {loss: sparse_categorical_crossentropy, optimizer: adam}
data:
  train:
    sequence_csv: {path: curves.csv, columns: [kind], label: kind, features: 3}
    augment: {time_stretch: 0.4, rotation: 90}
""")
        self.write("curves.csv", "".join(f"{i},5" + ",0,1,2" * 5 + "\n" for i in range(2)))
        self.nncc("data", "show", model, "--out", "plain.png")
        self.nncc("data", "show", model, "--augmented", "--out", "varied.png")
        self.assertEqual(png_size((self.folder / "plain.png").read_bytes())[0], 2 * (96 + 6) + 6)
        self.assertEqual(png_size((self.folder / "varied.png").read_bytes())[0], 8 * (96 + 6) + 6)

    def test_lists_of_a_split_stay_and_are_taken(self):
        model = self.write_images(train=40)

        def split():
            self.nncc("data", "split", "train", "--group", "file", "--fractions", "train=0.6,validation=0.4",
                      "--out", "lists")
            return {name: self.list(name) for name in ("train", "validation")}
        before = split()
        names = sorted(f"{kind}/{i}.ppm" for kind in ("cat", "dog") for i in range(40))
        self.assertEqual(sorted(before["train"] + before["validation"]), names)
        self.assertGreater(len(before["validation"]), 16)
        for i in range(40, 60):
            self.write(f"train/cat/{i}.ppm", ppm(picture(i)))
        after = split()
        for name, lines in before.items():
            self.assertEqual(set(lines) - set(after[name]), set())

        self.write("small.yaml", MODEL.format(data="  train: {image_folder: train}\n"
                                                   "  validation: {list: lists/validation.txt}"))
        text = self.nncc("data", "check", model).stdout
        self.assertRegex(text, rf"train +{len(after['train'])} .*\nvalidation +{len(after['validation'])} ")
        self.write("lists/validation.txt", "\n".join(after["validation"] + ["cat/none.ppm"]) + "\n")
        run = self.nncc("data", "check", model, status=1)
        self.assertIn("lists/validation.txt: its line 'cat/none.ppm' is no sample's `file`", run.stdout)

    def test_a_split_of_a_table_keeps_groups_together(self):
        people = [f"p{i}" for i in range(30)]
        rows = [f"{person},{i},{j}" for i, person in enumerate(people) for j in range(4)]
        self.write("rows.csv", "\n".join(["person,x,y", *rows]))
        self.nncc("data", "split", "rows.csv", "--group", "person", "--fractions", "train=0.5,test=0.5",
                  "--out", "lists")
        lists = [self.list(name) for name in ("train", "test")]
        self.assertEqual(sorted(lists[0] + lists[1]), sorted(people))
        model = self.write("rows.yaml", """
model: rows
input: {shape: [1]}
layers: [dense: {units: 1}]
train: {loss: mse, optimizer: adam}
data:
  train: {csv: {path: rows.csv, target: y, drop: [person]}}
  test: {list: {path: lists/test.txt, column: person}}
""")
        self.assertRegex(self.nncc("data", "check", model).stdout,
                         rf"train +{4 * len(lists[0])} .*\ntest +{4 * len(lists[1])} ")
        for words, expected in ((("--fractions", "train=0.5,test=0.4"), "in all; expected 1"),
                                (("--fractions", "train=1,train=0"), "no part with its share"),
                                (("--fractions", "train=0.5,test=0.5", "--group", "who"), "no column 'who'")):
            group = () if "--group" in words else ("--group", "person")
            run = self.nncc("data", "split", "rows.csv", *group, *words, "--out", "nothing", status=1)
            self.assertIn(expected, run.stderr)
            self.assertFalse((self.folder / "nothing").exists())

    def test_a_pack_trains_to_the_same_bits(self):
        model = self.write_images()
        self.write("small.yaml", model.read_text() + "  validation: {fraction: 0.3}\n")
        self.nncc("compile", model, "-o", "small")
        self.nncc("data", "pack", model)
        pack = self.folder / "small.pack"
        content = pack.read_bytes()
        weights = {}
        for name, data in (("files", self.folder), ("pack", pack)):
            self.run_program([self.folder / "small", "train", "--data", data, "--out", name, "--threads", "2"])
            weights[name] = weights_of(self.folder / name / "weights.safetensors")
        self.same_weights(weights["files"], weights["pack"], "from files and from a pack")
        # Without the files; the names of the classes come from the pack.
        shutil.move(self.folder / "train", self.folder / "elsewhere")
        self.run_program([self.folder / "small", "train", "--data", pack, "--out", "moved"])

        def refused(changed, expected):
            pack.write_bytes(changed)
            run = self.run_program([self.folder / "small", "train", "--data", pack, "--out", "refused"], status=1)
            self.assertRegex(run.stderr, rf"small\.pack: .*{expected}")
        for place in (9, 13, 20, 30, 40, *range(2000, len(content), 2999), len(content) - 1):
            damaged = bytearray(content)
            damaged[place] ^= 1
            refused(bytes(damaged), "pack")
        refused(content[:-1], "cut short")
        refused(content[:20], "too short")
        refused(b"no pack at all, but longer than its prologue", "is no pack")
        # Of another model.
        pack.write_bytes(content)
        self.write("small.yaml", model.read_text().replace("image_folder: train",
                                                           "image_folder: {path: train, resize: true}"))
        self.nncc("compile", model, "-o", "small")
        refused(content, "the model reads image_folder .*resize: true.* but packed is image_folder")


if __name__ == "__main__":
    main()
