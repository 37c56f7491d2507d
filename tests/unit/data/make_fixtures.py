"""Writes fixtures/ beside itself: files as other programs write them, and what they hold.

pip install pillow==13.0.0 numpy==2.4.6; python3 make_fixtures.py
"""

import csv
import gzip
import pathlib
import struct

import numpy
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).with_name("fixtures")
FOLDER.mkdir(exist_ok=True)

# 29 x 17 pixels (width x height): noise on the left, slopes on the right.
random = numpy.random.default_rng(5)
y, x = numpy.mgrid[0:17, 0:29]
slopes = numpy.stack([x * 8, y * 15, 255 - x * 4 - y * 7], axis=2)
noise = random.integers(0, 256, slopes.shape)
pixels = numpy.where((x < 14)[..., None], noise, slopes).astype(numpy.uint8)
source = Image.fromarray(pixels)
source.save(FOLDER / "source.png")
source.save(FOLDER / "source.ppm")
grey = source.convert("L")
grey.save(FOLDER / "grey.png")
grey.save(FOLDER / "grey.pgm")
(FOLDER / "grey-text.pgm").write_text(
    "P2 # as text\n29 17\n# largest\n255\n" + "\n".join(" ".join(map(str, row)) for row in numpy.array(grey)) + "\n")

bilinear = Image.Resampling.BILINEAR
source.resize((46, 35), bilinear).save(FOLDER / "up.png")
source.resize((9, 7), bilinear).save(FOLDER / "down.png")
source.resize((29, 5), bilinear).save(FOLDER / "lower.png")
grey.resize((40, 6), bilinear).save(FOLDER / "grey-resized.png")
source.resize((20, 10), Image.Resampling.NEAREST).save(FOLDER / "nearest.png")
left = (29 - 17) // 2
source.crop((left, 0, left + 17, 17)).resize((12, 12), bilinear).save(FOLDER / "crop.png")
ImageOps.pad(source, (14, 14), bilinear, color=0).save(FOLDER / "pad.png")

images = numpy.arange(6 * 4 * 4, dtype=numpy.uint8).reshape(6, 4, 4)
labels = numpy.array([2, 0, 1, 1, 0, 2], numpy.int64)
rows = (numpy.arange(18) / 7 - 1).reshape(6, 3)
numpy.save(FOLDER / "images.npy", images)
numpy.save(FOLDER / "labels.npy", labels)
numpy.save(FOLDER / "rows-f4.npy", rows.astype("<f4"))
numpy.save(FOLDER / "rows-f8-big.npy", rows.astype(">f8"))
numpy.save(FOLDER / "rows-fortran.npy", numpy.asfortranarray(rows))
numpy.save(FOLDER / "rows-nan.npy", numpy.where(numpy.arange(18).reshape(6, 3) == 10, numpy.nan, rows))
numpy.savez(FOLDER / "stored.npz", inputs=rows, targets=labels)
numpy.savez_compressed(FOLDER / "packed.npz", inputs=rows, other=images, targets=labels)


def idx(array, code):
    head = struct.pack(">BBBB", 0, 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


(FOLDER / "images.idx").write_bytes(idx(images, 8))
with open(FOLDER / "images.idx.gz", "wb") as file:
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(idx(images, 8))
(FOLDER / "labels.idx").write_bytes(idx(labels.astype(numpy.uint8), 8))

with open(FOLDER / "quoted.csv", "w", newline="", encoding="utf-8-sig") as file:
    writer = csv.writer(file)
    writer.writerow(["size", "colour, of the \"body\"", "kind"])
    writer.writerow([1.5, "red", "a\nb"])
    writer.writerow([-2e3, "dark \"blue\"", "plain"])
    writer.writerow([0, "red", "a\nb"])
