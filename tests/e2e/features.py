"""`features`: fixed kernels give exact values on a step edge, and the picture shows them."""

import json
import struct
import subprocess
import unittest
import zlib

import support
from support import Case, main, program

HEIGHT, WIDTH = 20, 31


def png(path, rows, channels=1):
    """Writes 8-bit pixels; a row is a flat list."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def pixels_of(path):
    """(width, height, rows of (r, g, b)) of an 8-bit RGB picture."""
    content, at, data = path.read_bytes(), 8, b""
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at:at + 8])
        body = content[at + 8:at + 8 + length]
        at += 12 + length
        if kind == b"IHDR":
            width, height, depth, colour, _, _, _ = struct.unpack(">IIBBBBB", body)
            assert (depth, colour) == (8, 2), "expected 8-bit RGB"
        elif kind == b"IDAT":
            data += body
    raw, stride, before, rows = zlib.decompress(data), 3 * width, bytes(3 * width), []
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left, up = line[i - 3] if i >= 3 else 0, before[i]
            corner = before[i - 3] if i >= 3 else 0
            guess = left + up - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            line[i] = line[i] + [0, left, up, (left + up) // 2, nearest][kind] & 255
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, 3)])
        before = line
    return width, height, rows


def tensor(path, name):
    """(shape, numbers) of an F32 tensor of a safetensors file."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    entry = json.loads(content[8:8 + length])[name]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    return entry["shape"], list(struct.unpack(f"<{(end - begin) // 4}f", content[begin:end]))


KERNELS = [
    [[1, 1, 1], [0, 0, 0], [-1, -1, -1]], [[1, 0, -1]] * 3, [[1, 1, 0], [1, 0, -1], [0, -1, -1]],
    [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]], [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    [[1, 2, 1], [0, 0, 0], [-1, -2, -1]], [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]]]


class Features(Case):
    def compile(self, text, name):
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        self.run_program([support.Arguments.nncc, "compile", path, "-o", self.folder / name, "-Werror"])
        return self.folder / name

    def edges(self):
        text = (support.ROOT / "models" / "edge_features.yaml").read_text()
        small = text.replace("[256, 256, 1]", f"[{HEIGHT}, {WIDTH}, 1]")
        self.assertNotEqual(small, text)
        return self.compile(small, "edges")

    def test_step_edge(self):
        """Every value of every layer of models/edge_features.yaml on two crossing step edges."""
        image = [[200 if y < 9 else 50 if x < 14 else 255 for x in range(WIDTH)] for y in range(HEIGHT)]
        png(self.folder / "step.png", image)
        run = self.run_program([self.edges(), "features", "step.png", "-o", "out.png", "--values", "out.safetensors"])
        self.assertEqual(run.stderr, "")
        height, width = HEIGHT - 2, WIDTH - 2
        expected = [sum(kernel[i][j] * image[y + i][x + j] for i in range(3) for j in range(3))
                    for y in range(height) for x in range(width) for kernel in KERNELS]
        values = self.folder / "out.safetensors"
        self.assertEqual(tensor(values, "edges"), ([height, width, 8], expected))
        # The course's kernel above the horizontal edge, where the left part goes from 200 to 50.
        self.assertEqual(expected[(8 * width + 3) * 8], 3 * (200 - 50))
        positive = [max(value, 0) for value in expected]
        self.assertEqual(tensor(values, "positive"), ([height, width, 8], positive))
        strongest = [max(positive[((4 * y + i) * width + 4 * x + j) * 8 + c] for i in range(4) for j in range(4))
                     for y in range(height // 4) for x in range(width // 4) for c in range(8)]
        self.assertEqual(tensor(values, "strongest"), ([height // 4, width // 4, 8], strongest))

        picture_width, _, rows = pixels_of(self.folder / "out.png")
        # A tile of the first map: each value a square of 2 x 2 pixels, from black to white.
        first = expected[0::8]
        low, high = min(first), max(first)
        greys = [[int((first[y * width + x] - low) / (high - low) * 255 + 0.5) for x in range(width)]
                 for y in range(height)]
        wanted = [[(grey,) * 3 for grey in line for _ in (0, 1)] for line in greys for _ in (0, 1)]
        found = any(rows[top][left:left + 2 * width] == wanted[0] and
                    all(rows[top + i][left:left + 2 * width] == wanted[i] for i in range(2 * height))
                    for top in range(len(rows) - 2 * height) for left in range(picture_width - 2 * width))
        self.assertTrue(found, "the first kernel's map is not in the picture as it should be")

    def test_not_trained(self):
        path = self.edges()
        for command in ("train", "evaluate"):
            run = self.run_program([path, command], status=1)
            self.assertIn("model 'edge_features' is not trained", run.stderr)
        png(self.folder / "flat.png", [[7] * WIDTH] * HEIGHT)
        self.run_program([path, "predict", "flat.png"])
        run = self.run_program([path, "features", "flat.png", "--weights", "nowhere.safetensors"], status=1)
        self.assertIn("there are no weights at 'nowhere.safetensors'", run.stderr)

    def test_trained_model(self):
        """The last layer of `features` is what `predict` prints, for initial and for trained weights;
        a flatten shows what it flattens."""
        image = [[(31 * y + 7 * x + c * 90 + x * y) % 256 for x in range(32) for c in range(3)] for y in range(32)]
        png(self.folder / "image.png", image, channels=3)
        path = program("cifar10")
        run = self.run_program([path, "features", "image.png", "--values", "initial.safetensors"])
        self.assertIn("these are the initial ones", run.stderr)
        self.assertTrue((self.folder / "cifar10-features.png").exists())
        weights = support.DATA / "cifar10.safetensors"
        self.run_program([path, "features", "image.png", "--weights-in", weights, "--values", "values.safetensors"])
        printed = self.run_program([path, "predict", "image.png", "--weights-in", weights]).stdout
        best = float(printed.splitlines()[1].split("%")[0])
        values = self.folder / "values.safetensors"
        shape, classes = tensor(values, "dense_1")
        self.assertEqual(shape, [10])
        self.assertAlmostEqual(100 * max(classes), best, delta=0.0051)
        self.assertEqual(tensor(values, "flatten")[1], tensor(values, "max_pool2d_2")[1])
        pooled, (_, convolved) = tensor(values, "max_pool2d")[1], tensor(values, "conv2d_1")
        self.assertEqual(pooled[0], max(convolved[(y * 28 + x) * 32] for y in (0, 1) for x in (0, 1)))
        self.assertNotEqual(tensor(self.folder / "initial.safetensors", "dense_1")[1], classes)


if __name__ == "__main__":
    main()
