"""Clips as folders of frames: which way a bar moves, by the same convolutions on each frame and an LSTM."""

import random
import re
import struct
import zlib

from support import Arguments, Case, main

HEIGHT, WIDTH, MOST = 12, 16, 7

MODEL = f"""
model: ways
input: {{shape: [{MOST}, {HEIGHT}, {WIDTH}, 1], scale: 1/127.5, offset: -1, lengths: true}}
layers:
  - time_distributed:
      layer:
        - conv2d: {{filters: 4, kernel_size: 3, activation: relu}}
        - max_pool2d
        - conv2d: {{filters: 8, kernel_size: 3, activation: relu}}
        - flatten
  - lstm: {{units: 12}}
  - dense: {{units: 2, activation: softmax}}
train:
  loss: sparse_categorical_crossentropy
  optimizer: {{adam: {{learning_rate: 0.01}}}}
  batch_size: 16
  epochs: 8
  metrics: [accuracy]
data:
  train: {{frame_folder: clips}}
  test: {{fraction: 0.25}}
"""


def png(rows):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))) + chunk(b"IEND", b""))


def frames(number, way):
    """A bar on noise that moves to the left (-1) or to the right (1), of 3 to MOST frames."""
    dice = random.Random(f"{number}/{way}")
    count = dice.randrange(3, MOST + 1)
    first = WIDTH // 2 - way * (count + 1) // 2
    for i in range(count):
        at = first + way * i
        yield [[220 if at <= x < at + 3 else dice.randrange(50) for x in range(WIDTH)] for _ in range(HEIGHT)]


class Clips(Case):
    def setUp(self):
        super().setUp()
        for name, way in (("left", -1), ("right", 1)):
            for number in range(48):
                clip = self.folder / "clips" / name / f"clip{number}"
                clip.mkdir(parents=True)
                for i, rows in enumerate(frames(number, way)):
                    (clip / f"{i + 1}.png").write_bytes(png(rows))
        (self.folder / "ways.yaml").write_text(MODEL)
        self.run_program([Arguments.nncc, "compile", self.folder / "ways.yaml", "-Werror"])
        self.data = ("--data", self.folder)

    def test_frames_to_predictions(self):
        run = self.run_program([self.folder / "ways", "train", *self.data, "--out", "run"])
        self.assertIn("96 ", run.stdout)
        run = self.run_program([self.folder / "ways", "evaluate", *self.data, "--out", "run"])
        accuracy = re.search(r"^Accuracy on unseen test \w+: ([\d.]+)%$", run.stdout, re.MULTILINE)
        self.assertGreaterEqual(float(accuracy[1]), 90, run.stdout)
        for name, way in (("left", -1), ("right", 1)):
            clip = self.folder / "new" / name
            clip.mkdir(parents=True)
            for i, rows in enumerate(frames(100, way)):
                (clip / f"{i + 1}.png").write_bytes(png(rows))
            run = self.run_program([self.folder / "ways", "predict", "--out", "run", clip])
            first = run.stdout.splitlines()[1]
            self.assertIn(name, first, run.stdout)

    def fails(self, *parts):
        run = self.run_program([self.folder / "ways", "train", *self.data, "--out", "run"], status=1)
        self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
        for part in parts:
            self.assertIn(part, run.stderr)

    def test_bad_clips(self):
        clip = self.folder / "clips/left/clip5"
        (clip / "2.png").rename(self.folder / "kept.png")
        self.fails("clips/left/clip5", "frame 2 is missing between 1.png and 3.png")
        (self.folder / "kept.png").rename(clip / "2.png")
        extra = [clip / f"{i}.png" for i in range(len(list(clip.iterdir())) + 1, MOST + 2)]
        for path in extra:
            path.write_bytes((clip / "1.png").read_bytes())
        self.fails("clips/left/clip5", f"{MOST + 1} steps")
        for path in extra:
            path.unlink()
        content = (clip / "1.png").read_bytes()
        (clip / "1.png").write_bytes(content[:-30])
        self.fails("clips/left/clip5/1.png")


if __name__ == "__main__":
    main()
