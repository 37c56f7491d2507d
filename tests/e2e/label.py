"""`nncc data label` without a browser: a server that gives nothing to others, a file that is whole at any moment,
and what it refuses."""

import http.client
import json
import os
import pathlib
import random
import resource
import signal
import socket
import threading
import time

from labelling import NAMES, LabelCase, Labelling, pixels, png
from support import Arguments, main


class Serving(LabelCase):
    def test_others_get_nothing(self):
        self.make("a.png")
        labelling = self.start()
        host = f"127.0.0.1:{labelling.port}"
        for allowed in ({}, {"Host": f"localhost:{labelling.port}"}, {"Origin": f"http://{host}"},
                        {"Sec_Fetch_Site": "none"}, {"Sec_Fetch_Site": "same-origin"}):
            self.assertEqual(labelling.ask("state", **allowed)[0], 200, allowed)
        for refused in ({"Host": "evil.example"}, {"Host": f"evil.example:{labelling.port}"}, {"Host": "127.0.0.1"},
                        {"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Origin": f"http://localhost:{labelling.port}"}, {"Origin": f"https://{host}"},
                        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
            status, content, _ = labelling.ask("state", **refused)
            self.assertEqual(status, 403, refused)
            self.assertNotIn(b"a.png", content)
        for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
            self.assertEqual(labelling.ask("state", method)[0], 403, method)
        wrong = labelling.token[:-1] + ("0" if labelling.token[-1] != "0" else "1")
        for path in ("/", "/state", f"/{wrong}/state", f"/{labelling.token[:-1]}/state", f"/{labelling.token}",
                     "//state"):
            self.assertEqual(labelling.ask(path, prefix=False)[0], 404, path)
        body = json.dumps({"image": 0, "answer": {"classes": [0]}}).encode()
        # What a form of another page could send.
        self.assertEqual(labelling.ask("label", "POST", body, Content_Type="text/plain")[0], 400)
        self.assertEqual(labelling.ask("label", "POST", body, Content_Type="application/json",
                                       Origin="http://evil.example")[0], 403)
        self.assertEqual(self.rows(), [])
        _, _, headers = labelling.ask("")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertNotEqual(labelling.token, self.start("--out", self.folder / "other.csv").token)

    def test_this_machine_only(self):
        self.make("a.png")
        port = self.start().port
        table = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        table6 = [line.split() for line in pathlib.Path("/proc/net/tcp6").read_text().splitlines()[1:]]
        listening = [fields[1].split(":")[0] for fields in table + table6
                     if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port]
        self.assertEqual(listening, ["0100007F"])

    def test_nothing_outside(self):
        secret = self.folder / "secret.png"
        secret.write_bytes(png(5, 5, (1, 2, 3)))
        (self.folder / "elsewhere").mkdir()
        (self.folder / "elsewhere" / "inner.png").write_bytes(png(5, 5, (1, 2, 3)))
        self.make("a.png", "later.png")
        (self.images / "notes.txt").write_text("no image")
        (self.images / "out.png").symlink_to(secret)
        (self.images / "folder").symlink_to(self.folder / "elsewhere")
        (self.images / "in.png").symlink_to("a.png")
        (self.images / "dangling.png").symlink_to("nowhere")
        os.mkfifo(self.images / "pipe.png")
        labelling = self.start()
        self.assertEqual(json.loads(labelling.ask("state")[1])["images"], ["a.png", "in.png", "later.png"])
        self.assertEqual(labelling.ask("image/1")[0], 200)
        # A link that came when the images had been listed.
        (self.images / "later.png").unlink()
        (self.images / "later.png").symlink_to(secret)
        for kind in ("image", "thumbnail"):
            status, content, _ = labelling.ask(f"{kind}/2")
            self.assertEqual(status, 422)
            self.assertIn(b"out of the folder", content)
        for path in ("image/3", "image/-1", "image/../../secret.png", "../../secret.png", "image/%2e%2e%2fsecret.png",
                     "image/..%2f..%2fsecret.png", "secret.png", "..%2fsecret.png", "image/0/../../../secret.png",
                     "page/label.js", "image/99999999999999999999"):
            self.assertEqual(labelling.ask(path)[0], 404, path)

    def test_images_as_the_decoder_sees_them(self):
        self.make("a.png", "broken.png")
        (self.images / "grey.pgm").write_bytes(b"P5 3 2 255\n" + bytes([0, 50, 100, 150, 200, 250]))
        (self.images / "broken.png").write_bytes((self.images / "broken.png").read_bytes()[:60])
        labelling = self.start()
        status, content, headers = labelling.ask("image/0")
        self.assertEqual((status, headers["Content-Type"]), (200, "image/png"))
        self.assertEqual(pixels(content), (40, 30, bytes([0, 0, 120]) * 1200))
        self.assertEqual(pixels(labelling.ask("image/2")[1]),
                         (3, 2, bytes(value for value in (0, 50, 100, 150, 200, 250) for _ in range(3))))
        self.assertEqual(labelling.ask("thumbnail/0")[0], 200)
        status, content, _ = labelling.ask("image/1")
        self.assertEqual(status, 422)
        self.assertIn(b"broken PNG image", content)

    def test_answers_that_no_page_gives(self):
        self.make("a.png", "b.png")
        for form, options, wrong in (
                ("class", (), [{"classes": []}, {"classes": [0, 1]}, {"classes": [3]}, {"classes": [-1]},
                               {"classes": ["cat"]}, {}, 7, "cat"]),
                ("classes", ("--multiple",), [{"classes": [0, 0]}, {"classes": [5]}]),
                ("boxes", ("--boxes",), [{"classes": [0]}, {"classes": [0], "boxes": [[1, 2, 3]]},
                                         {"classes": [], "boxes": [[1, 2, 3, 4]]},
                                         {"classes": [0], "boxes": [[1, 2, 0, 4]]},
                                         {"classes": [0], "boxes": [[-1, 2, 3, 4]]},
                                         {"classes": [0], "boxes": [["1", 2, 3, 4]]}])):
            out = self.folder / f"{form}.csv"
            labelling = self.start("--out", out, *options)
            for answer in wrong:
                self.assertEqual(labelling.put(0, answer)[0], 400, answer)
            self.assertEqual(labelling.put(2, None)[0], 400)
            for body in (b"", b"{", b"[]", b"null", b'{"image": 0}', b"\xff"):
                status = labelling.ask("label", "POST", body, Content_Type="application/json")[0]
                self.assertEqual(status, 400, body)
            self.assertEqual(self.rows(form, out), [])


class Writing(LabelCase):
    def test_file(self):
        self.make(*NAMES, "below/deep/er.png")
        labelling = self.start()
        names = json.loads(labelling.ask("state")[1])["images"]
        self.assertEqual(len(names), len(NAMES) + 1)
        order = random.Random(1).sample(range(len(names)), len(names))
        for place, image in enumerate(order):
            self.assertEqual(labelling.put(image, {"classes": [image % 3]}), (200, f'{{"labelled":{place + 1}}}'))
            self.assertEqual(len(self.rows()), place + 1)
        listed = sorted([*NAMES, "below/deep/er.png"], key=os.fsencode)
        self.assertEqual(self.rows(), [[listed[image], ["cat", "dog", "bird"][image % 3]] for image in order])
        # Another class, and none.
        labelling.put(order[3], {"classes": [(order[3] + 1) % 3]})
        labelling.put(order[4], None)
        expected = [[listed[image], ["cat", "dog", "bird"][(image + (image == order[3])) % 3]]
                    for image in order if image != order[4]]
        self.assertEqual(self.rows(), expected)
        self.assertEqual(labelling.end(), 0)
        self.assertIn(f"{len(names) - 1} of {len(names)} images are labelled", labelling.said)
        # It goes on where it was.
        again = self.start()
        self.assertIn(f"{len(names) - 1} of them labelled", again.said)
        answers = json.loads(again.ask("state")[1])["answers"]
        self.assertNotIn(str(order[4]), answers)
        self.assertEqual(answers[str(order[0])], {"classes": [order[0] % 3]})
        self.assertEqual(self.rows(), expected)
        others = [path.name for path in self.images.iterdir() if path.suffix not in (".png", "")]
        self.assertEqual(others, ["labels.csv"])

    def test_several_classes(self):
        self.make("a.png", "b.png", "c.png")
        labelling = self.start("--multiple", "--classes", "cat, dog ,\"odd\" one")
        labelling.put(0, {"classes": [2, 0]})
        labelling.put(1, {"classes": []})
        labelling.put(2, {"classes": [1]})
        self.assertEqual(self.rows("classes"), [["a.png", 'cat;"odd" one'], ["b.png", ""], ["c.png", "dog"]])
        labelling.end()
        answers = json.loads(self.start("--multiple", "--classes", "cat,dog,\"odd\" one").ask("state")[1])["answers"]
        self.assertEqual(answers, {"0": {"classes": [0, 2]}, "1": {"classes": []}, "2": {"classes": [1]}})

    def test_boxes(self):
        self.make("a.png", "b.png", "c.png")
        labelling = self.start("--boxes")
        labelling.put(1, {"classes": [0, 1], "boxes": [[1, 2, 3, 4], [5, 6, 7.5, 8]]})
        labelling.put(0, {"classes": [2], "boxes": [[0, 0, 40, 30]]})
        labelling.put(2, {"classes": [], "boxes": []})
        self.assertEqual(self.rows("boxes"), [["b.png", "cat", "1", "2", "3", "4"],
                                              ["b.png", "dog", "5", "6", "7.5", "8"],
                                              ["a.png", "bird", "0", "0", "40", "30"], ["c.png", "", "", "", "", ""]])
        labelling.put(1, {"classes": [1], "boxes": [[5, 6, 7, 8]]})
        self.assertEqual(self.rows("boxes")[0], ["b.png", "dog", "5", "6", "7", "8"])
        labelling.end()
        answers = json.loads(self.start("--boxes").ask("state")[1])["answers"]
        self.assertEqual(answers, {"0": {"classes": [2], "boxes": [[0, 0, 40, 30]]}, "2": {"classes": [], "boxes": []},
                                   "1": {"classes": [1], "boxes": [[5, 6, 7, 8]]}})

    def test_killed_at_any_moment(self):
        self.make(*(f"{number:03}.png" for number in range(60)))
        seed = random.Random(7)
        for attempt in range(8):
            labelling = self.start("--boxes")
            held = {row[0] for row in self.rows("boxes")}
            acknowledged = {}

            def label():
                # Appended rows and files that are replaced whole.
                for image in seed.sample(range(60), 60):
                    boxes = [[attempt, place, 1, 1] for place in range(image % 3)]
                    try:
                        if labelling.put(image, {"classes": [0] * len(boxes), "boxes": boxes})[0] != 200:
                            return
                    except (OSError, http.client.HTTPException):
                        return
                    acknowledged[f"{image:03}.png"] = [[str(number) for number in box] for box in boxes]

            worker = threading.Thread(target=label)
            worker.start()
            time.sleep(seed.uniform(0.02, 0.15))
            labelling.end(signal.SIGKILL)
            worker.join()
            found = {}
            for row in self.rows("boxes"):
                found.setdefault(row[0], []).extend([row[2:]] if row[1] else [])
            self.assertLessEqual(held, set(found))
            for name, boxes in acknowledged.items():
                # The one label that was on its way when the kill came may be there or not; no other may differ.
                self.assertEqual(found[name], boxes, f"attempt {attempt}, {len(acknowledged)} labels")
        self.assertGreater(len(found), 10)

    def test_second_writer(self):
        self.make("a.png", "b.png")
        first = self.start()
        self.assertIn("another 'nncc data label' writes this file", self.refused())
        # Replacing the file leaves the lock where it is.
        first.put(0, {"classes": [0]})
        first.put(0, {"classes": [1]})
        self.assertIn("another 'nncc data label' writes this file", self.refused())
        self.start("--out", self.folder / "mine.csv")
        first.end(signal.SIGKILL)
        self.start()

    def test_no_room(self):
        names = [f"{number:04}.png" for number in range(400)]
        self.make(*names, width=2, height=2)
        limit = 2000
        labelling = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        count = 0
        while (answer := labelling.put(count, {"classes": [0]}))[0] == 200:
            count += 1
            self.assertLess(count, 400)
        self.assertEqual(answer[0], 507)
        self.assertIn("labels.csv: can't write the label: File too large", answer[1])
        whole = [[name, "cat"] for name in names[:count]]
        self.assertEqual(self.rows(), whole)
        self.assertGreater(count, 100)
        # A longer class in an earlier row needs room too; a row less does not.
        self.assertEqual(labelling.put(1, {"classes": [2]})[0], 200 if count * 13 + 12 <= limit else 507)
        self.assertEqual(labelling.put(0, None)[0], 200)
        self.assertEqual([row[0] for row in self.rows()], names[1:count])
        self.assertEqual(labelling.put(count, {"classes": [0]})[0], 200)
        self.assertEqual([row[0] for row in self.rows()], names[1:count + 1])
        labelling.end()
        self.assertEqual([path.name for path in self.images.iterdir() if ".csv" in path.name], ["labels.csv"])

    def test_changed_by_others(self):
        self.make("a.png", "b.png")
        labelling = self.start()
        labelling.put(0, {"classes": [0]})
        path = self.images / "labels.csv"
        path.write_text(path.read_text() + "b.png,dog\n")
        status, message = labelling.put(1, {"classes": [0]})
        self.assertEqual(status, 507)
        self.assertIn("another program changed or removed the file", message)
        self.assertEqual(self.rows(), [["a.png", "cat"], ["b.png", "dog"]])

    def test_power_cut(self):
        self.make("a.png", "b.png", "new\nline.png")
        path = self.images / "labels.csv"
        for tail in ("b.pn", "b.png,do", '"new\nli', '"new\n'):
            path.write_text("file,label\na.png,cat\n" + tail)
            labelling = self.start()
            self.assertIn("ended within a row", labelling.said)
            labelling.put(1, {"classes": [1]})
            labelling.end()
            self.assertEqual(self.rows(), [["a.png", "cat"], ["b.png", "dog"]])
        path.write_text("file,label")
        self.start().put(1, {"classes": [1]})
        self.assertEqual(self.rows(), [["b.png", "dog"]])


class Refusing(LabelCase):
    def test_label_files(self):
        self.make("a.png", "b.png")
        path = self.images / "labels.csv"
        for content, expected in (
                ("file,label\na.png,cat\nelsewhere.png,dog\n", "labels.csv:3: 'elsewhere.png' is no image in "),
                ("file,label\na.png,cow\n", "labels.csv:2: class 'cow' is not among --classes"),
                ("file,label\na.png,cat\na.png,dog\n", "labels.csv:3: 'a.png' has a row in line 2 already"),
                ("file,labels\na.png,cat\n", "holds several classes an image"),
                ("file,label,x,y,width,height\n", "holds boxes"),
                ("name,label\na.png,cat\n", "labels.csv:1: no column 'file'"),
                ("file,label,who\na.png,cat,me\n", "labels.csv:1: the header is file,label,who; expected file,label"),
                ("file,label\na.png\n", "labels.csv:2: the row has 1 cell, expected 2"),
                ("file,label\na.png,\n", "labels.csv:2: column 'label' is empty"),
                ("file,label\n../a.png,cat\n", "labels.csv:2: '../a.png' may lead out of the folder"),
                ("file,label\n/a.png,cat\n", "labels.csv:2: '/a.png' may lead out of the folder"),
                ("something else\n", "labels.csv:1: no column 'file'"),
                ("file,label\n\"a.png,cat\nb.png,dog\n", "labels.csv:2: the quote that opens here is never closed")):
            path.write_text(content)
            self.assertIn(expected, self.refused(), content)
            self.assertEqual(path.read_text(), content)
        self.assertIn("is this the label file of another folder?", self.refusal_of_another_folder())
        path.unlink()
        path.mkdir()
        self.assertIn("can't open the label file", self.refused())

    def refusal_of_another_folder(self):
        other = self.folder / "other"
        other.mkdir()
        (other / "theirs.png").write_bytes(png(3, 3, (0, 0, 0)))
        out = self.folder / "shared.csv"
        labelling = Labelling(self, other, "--classes", "cat,dog", "--out", out)
        labelling.put(0, {"classes": [0]})
        labelling.end()
        before = out.read_text()
        message = self.refused("--out", out)
        self.assertEqual(out.read_text(), before)
        return message

    def test_folders(self):
        self.assertIn("no image in it", self.refused())
        self.assertEqual(list(self.images.iterdir()), [])
        self.assertIn("No such file or directory; expected a folder of images",
                      self.refused(folder=self.folder / "nowhere"))
        self.make("a.png")
        self.assertIn("expected a folder of images, found a file", self.refused(folder=self.images / "a.png"))
        self.assertIn("can't open the label file: No such file",
                      self.refused("--out", self.folder / "nowhere" / "l.csv"))
        (self.images / "a.png").unlink()
        (self.folder / "out.png").write_bytes(png(3, 3, (0, 0, 0)))
        (self.images / "link.png").symlink_to(self.folder / "out.png")
        self.assertIn("1 links lead out of the folder", self.refused())

    def test_words(self):
        self.make("a.png")
        for classes, expected in (("", "empty"), ("cat,,dog", "a name is empty"), ("cat,cat", "'cat' is there twice"),
                                  ("ca\x07t", "is no text")):
            self.assertIn(expected, self.refused("--classes", classes))
        self.assertIn("stands between the classes", self.refused("--classes", "a;b,c", "--multiple"))
        self.refused("--boxes", "--multiple", status=2)
        self.refused("--port", "70000", status=2)
        self.refused("--weights", "w.safetensors", status=2)
        self.refused("--colour", status=2)
        run = self.run_program([Arguments.nncc, "data", "label", "--help"])
        for option in ("--classes", "--boxes", "--multiple", "--out", "--suggest", "--port"):
            self.assertIn(option, run.stdout)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.assertIn("another program has this port", self.refused("--port", str(taken.getsockname()[1])))


if __name__ == "__main__":
    main()
