"""The published one-shot runs of Omniglot by a program of models/one_shot.yaml: one page.

    python one_shot.py PROGRAM --data DIR [--weights FILE] [--threads N] [--save]

PROGRAM is compiled from models/one_shot.yaml and trained. In each of the 20 runs of oneshot_all_runs.zip (Lake,
Salakhutdinov and Tenenbaum 2015) 20 characters of one alphabet are enrolled with one drawing each, and 20 drawings
by another person are named by the nearest: `enroll` and `predict`, as a user would, on characters that training
never saw. The drawings are of 105 x 105 pixels and are reduced to 28 x 28 by means, as those of the data
set were. Standard library only.
"""

import argparse
import pathlib
import re
import struct
import sys
import tempfile
import zipfile
import zlib

from script import machine, publish, run, today

SIDE = 28


def unfiltered(kind, row, above):
    """A row of a PNG file whose pixels take a byte or less, without its filter."""
    for i in range(len(row)):
        left, up, corner = (row[i - 1], above[i], above[i - 1]) if i else (0, above[i], 0)
        if kind == 4:
            estimate = left + up - corner
            paeth = min((left, up, corner), key=lambda value: abs(estimate - value))
        row[i] = row[i] + (0, left, up, (left + up) // 2, paeth if kind == 4 else 0)[kind] & 255
    return row


def ink_of(png):
    """Rows of a drawing, black on white with a bit a pixel: 1 where there is ink."""
    chunks, at = {}, 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + png[at + 8:at + 8 + length]
        at += length + 12
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if (bits, colour, interlaced) != (1, 0, 0):
        sys.exit("a drawing has other than a bit a pixel; is this the file oneshot_all_runs.zip?")
    packed, stride = zlib.decompress(chunks[b"IDAT"]), (width + 7) // 8 + 1
    above, rows = bytearray(stride - 1), []
    for y in range(height):
        row = packed[y * stride:(y + 1) * stride]
        above = unfiltered(row[0], bytearray(row[1:]), above)
        rows.append([1 - (above[x // 8] >> 7 - x % 8 & 1) for x in range(width)])
    return rows


def reduced(values, size):
    """A row of levels as `size` means, of those whose middle is in what each covers, rounded."""
    step = len(values) / size
    parts = (values[int(i * step + 0.5):int((i + 1) * step + 0.5)] for i in range(size))
    return [int(sum(part) / len(part) + 0.5) for part in parts]


def pgm_of(png):
    rows = [reduced([255 * ink for ink in row], SIDE) for row in ink_of(png)]
    columns = [reduced(column, SIDE) for column in zip(*rows)]
    return b"P5 %d %d 255\n" % (SIDE, SIDE) + bytes(columns[x][y] for y in range(SIDE) for x in range(SIDE))


def right_in(name, archive, program, weights, threads, folder):
    """How many of a run's drawings get their own character, and how many there are."""
    references = folder / f"{name}.safetensors"
    common = [*weights, "--threads", threads, "--references", references]
    pictures = {}
    for entry in archive.namelist():
        if entry.startswith(name) and entry.endswith(".png"):
            pictures[entry] = folder / entry.replace("/", "-").replace(".png", ".pgm")
            pictures[entry].write_bytes(pgm_of(archive.read(entry)))
    lines = archive.read(f"{name}/class_labels.txt").decode().splitlines()
    answers = dict(line.split() for line in lines if line.strip())
    for entry, picture in pictures.items():
        if "/training/" in entry:
            run([program, "enroll", pathlib.Path(entry).stem, picture, *common])
    told = run([program, "predict", *(pictures[entry] for entry in answers), *common])
    found = re.findall(r"^ +[\d.]+  (\S+)$", told, re.MULTILINE)
    if len(found) != len(answers):
        sys.exit(f"expected {len(answers)} answers, but predict said:\n{told}")
    return sum(a == pathlib.Path(entry).stem for a, entry in zip(found, answers.values())), len(answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    program = options.program.resolve()
    weights = ["--weights", options.weights] if options.weights else []
    tested = run([program, "evaluate", "--data", options.data, *weights, "--threads", options.threads])
    rows, right, total = [], 0, 0
    with zipfile.ZipFile(options.data / "omniglot" / "oneshot_all_runs.zip") as archive, \
            tempfile.TemporaryDirectory() as folder:
        for name in sorted({entry.split("/")[0] for entry in archive.namelist() if entry.startswith("run")}):
            found, count = right_in(name, archive, program, weights, options.threads, pathlib.Path(folder))
            rows.append(f"| {name} | {found} of {count} |")
            print(rows[-1], flush=True)
            right, total = right + found, total + count
    page = "\n".join([f"# models/one_shot.yaml on the published runs, {today()}", "",
                      *(f"- {line}" for line in tested.splitlines() if " on unseen test " in line),
                      f"- 20 characters of one alphabet, the {len(rows)} published runs: {right / total:.1%}", "",
                      "| run | right |", "|---|--:|", *rows, "",
                      f"`one_shot.py PROGRAM --data DIR`, {machine()}", ""])
    publish("one_shot", page, options.save)


if __name__ == "__main__":
    main()
