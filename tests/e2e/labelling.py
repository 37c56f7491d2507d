"""What the tests of `nncc data label` share: a folder of images, the running command, its label file."""

import contextlib
import csv
import http.client
import json
import re
import signal
import struct
import subprocess
import zlib

from support import Arguments, Case

HEADERS = {"class": ["file", "label"], "classes": ["file", "labels"],
           "boxes": ["file", "label", "x", "y", "width", "height"]}
# A file may be called so; `\udcff` is a byte that is no UTF-8.
NAMES = ["a b.png", "quote\".png", "it's.png", "new\nline.png", "comma,and;more.png", "a..b.png", " blank .png",
         "<b>bold.png", "<img src=x onerror=window.hacked=1>.png", "<script>window.hacked=1<.png", "&lt;.png",
         "%2e%2e.png", "caf\u00e9.png", "\udcff.png", "-rf.png", "[x].png", "tab\t.png"]


def png(width, height, colour=None, rows=None):
    """A PNG file of one colour, (r, g, b), or of rows of RGB bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    data = b"".join(b"\0" + bytes(row) for row in rows or [bytes(colour) * width] * height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def pixels(content):
    """(width, height, bytes of RGB rows) of a PNG file as the server writes it, without filters but Sub and Up."""
    position, data, size = 8, b"", None
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position:position + 8])
        body = content[position + 8:position + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
        if kind == b"IDAT":
            data += body
        position += 12 + length
    rows, raw, width = [], zlib.decompress(data), size[0] * 3
    for y in range(size[1]):
        kind, row = raw[y * (width + 1)], bytearray(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
        assert kind in (0, 1, 2), kind
        for i in range(width):
            if kind == 1 and i >= 3:
                row[i] = (row[i] + row[i - 3]) & 255
            if kind == 2 and y:
                row[i] = (row[i] + rows[-1][i]) & 255
        rows.append(row)
    return (*size, b"".join(rows))


class Labelling:
    """A running `nncc data label`."""

    def __init__(self, case, *arguments, **more):
        command = [Arguments.nncc, "data", "label", *map(str, arguments)]
        self.process = subprocess.Popen(command, cwd=case.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, errors="surrogateescape", **more)
        case.addCleanup(self.end)
        self.said = ""
        while not (found := re.search(r"^open (http://127\.0\.0\.1:(\d+)/([0-9a-f]+)/)$", self.said, re.MULTILINE)):
            line = self.process.stdout.readline()
            if not line:
                case.fail(f"{self.said}{self.process.stderr.read()}")
            self.said += line
        self.address, self.port, self.token = found[1], int(found[2]), found[3]

    def end(self, how=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(how)
        if not self.process.stdout.closed:
            said, self.errors = self.process.communicate(timeout=60)
            self.said += said
        return self.process.returncode

    def ask(self, path, method="GET", body=None, prefix=True, **headers):
        """(status, body, headers) of a request; `Host` and others may be given with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/{self.token}/{path}" if prefix else path
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())

    def put(self, image, answer):
        status, content, _ = self.ask("label", "POST", json.dumps({"image": image, "answer": answer}).encode(),
                                      Content_Type="application/json")
        return status, content.decode()


class LabelCase(Case):
    def setUp(self):
        super().setUp()
        self.images = self.folder / "my images"
        self.images.mkdir()

    def make(self, *names, width=40, height=30):
        for number, name in enumerate(names):
            path = self.images / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(width, height, (number * 37 % 256, number * 91 % 256, 120)))

    def start(self, *options, **more):
        if not any(str(option) == "--classes" for option in options):
            options = ("--classes", "cat,dog,bird", *options)
        return Labelling(self, self.images, *options, **more)

    def rows(self, form="class", path=None):
        """The rows of the label file, read by another program; the header is checked."""
        with open(path or self.images / "labels.csv", newline="", encoding="utf-8", errors="surrogateescape") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], HEADERS[form])
        return rows[1:]

    def refused(self, *options, status=1, folder=None):
        """The one line of an error."""
        words = ["data", "label", folder or self.images, *options]
        if "--classes" not in options:
            words += ["--classes", "cat,dog,bird"]
        run = self.run_program([Arguments.nncc, *words], status)
        self.assertEqual(run.stdout, "")
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        return run.stderr
