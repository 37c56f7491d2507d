"""The page of `nncc data label` as people use it: keys and mouse in a browser, and the label file after each."""

import os
import signal
import time

from browser import READY, Browser
from labelling import NAMES, LabelCase, png
from support import main


class PageCase(LabelCase):
    def page(self, labelling, **size):
        """A browser with the page open; at the test's end its console must be empty."""
        browser = Browser(**size)
        self.addCleanup(browser.__exit__)
        self.addCleanup(lambda: self.assertEqual(browser.complaints(), []))
        browser.open(labelling.address)
        browser.until(READY)
        return browser

    def type(self, browser, *keys):
        """Presses keys, each when the page has done what the last one asked for."""
        for key in keys:
            browser.key(*(key if isinstance(key, tuple) else (key,)))
            browser.until(READY)

    def shows(self, browser, name):
        """Waits until this image is the one that is shown."""
        browser.until(f"document.querySelector('#name').textContent === {name!r}", 10)

    def point(self, browser, x, y):
        """Where a pixel of the image is in the window."""
        left, top, scale = browser.run(
            "(i => [i.getBoundingClientRect().x, i.getBoundingClientRect().y, "
            "i.getBoundingClientRect().width / i.naturalWidth])(document.querySelector('#picture img'))")
        return left + x * scale, top + y * scale

    def drag(self, browser, start, end):
        browser.drag(self.point(browser, *start), self.point(browser, *end))
        browser.until(READY)

    def scale(self, browser):
        return browser.run("document.querySelector('#picture img').getBoundingClientRect().width /"
                           "document.querySelector('#picture img').naturalWidth")


class OneClass(PageCase):
    def test_keys_and_mouse(self):
        self.make("a.png", "b.png", "c.png", "d.png", "e.png")
        browser = self.page(self.start())
        self.assertEqual(self.rows(), [])
        self.shows(browser, "a.png")
        self.assertEqual(browser.text("#count"), "0 of 5")
        browser.key("2")
        self.shows(browser, "b.png")  # and what a.png is, is in the file by then
        self.assertEqual(self.rows(), [["a.png", "dog"]])
        browser.click("#classes li:nth-child(3) button")
        self.shows(browser, "c.png")
        self.assertEqual(self.rows(), [["a.png", "dog"], ["b.png", "bird"]])
        self.type(browser, " ")
        self.shows(browser, "d.png")
        self.type(browser, "1")
        self.shows(browser, "e.png")
        self.assertEqual(browser.text("#count"), "3 of 5")
        # Undo goes back over several images, and they can be labelled anew.
        self.type(browser, "u")
        self.shows(browser, "d.png")
        self.assertEqual([row[0] for row in self.rows()], ["a.png", "b.png"])
        self.type(browser, ("z", "Control"))
        self.shows(browser, "b.png")
        self.assertEqual(self.rows(), [["a.png", "dog"]])
        self.type(browser, "1")
        # The skipped c.png comes last.
        self.shows(browser, "d.png")
        self.type(browser, "3")
        self.shows(browser, "e.png")
        self.type(browser, "3")
        self.shows(browser, "c.png")
        self.type(browser, "2")
        browser.until("!document.querySelector('#finished').hidden")
        self.assertIn("All 5 images have their label", browser.text("#finished"))
        self.assertEqual(browser.text("#left"), "done")
        self.assertEqual(self.rows(), [["a.png", "dog"], ["b.png", "cat"], ["d.png", "bird"], ["e.png", "bird"],
                                       ["c.png", "dog"]])
        # Back to one that has a label, by key and by its thumbnail, and another class for it.
        self.type(browser, "ArrowLeft")
        self.shows(browser, "b.png")
        self.assertEqual(browser.text("#classes [aria-pressed=true] .title"), "cat")
        browser.click("#track button[data-image='3']")
        self.shows(browser, "d.png")
        self.type(browser, "1")
        self.assertEqual(self.rows()[2], ["d.png", "cat"])

    def test_filter(self):
        self.make("cat-1.png", "cat-2.png", "dog-1.png", "dog-2.png", "dog-3.png")
        browser = self.page(self.start())
        self.type(browser, "f", *"DOG")
        browser.until("document.querySelector('#shown').textContent === '3 shown'")
        self.shows(browser, "dog-1.png")
        self.type(browser, "Enter", "2")
        self.shows(browser, "dog-2.png")
        self.type(browser, "2")
        self.shows(browser, "dog-3.png")
        self.assertEqual(self.rows(), [["dog-1.png", "dog"], ["dog-2.png", "dog"]])

        def choose(selector, value):
            browser.run(f"(s => {{ s.value = {value!r}; s.dispatchEvent(new Event('change')); }})"
                        f"(document.querySelector({selector!r}))")
        choose("#status", "labelled")
        browser.until("document.querySelector('#shown').textContent === '2 shown'")
        choose("#status", "open")
        browser.until("document.querySelector('#shown').textContent === '1 shown'")
        browser.run("document.querySelector('#text-filter').value = ''")
        choose("#status", "all")
        browser.until("document.querySelector('#shown').textContent === '5 shown'")
        choose("#class-filter", "1")
        browser.until("document.querySelector('#shown').textContent === '2 shown'")

    def test_zoom(self):
        self.make("a.png")
        browser = self.page(self.start())
        fitted = self.scale(browser)
        self.type(browser, "+")
        self.assertAlmostEqual(self.scale(browser), fitted * 1.25, places=4)
        before = self.point(browser, 30, 10)
        browser.wheel(*before, -200)
        browser.wait(lambda: self.scale(browser) > fitted * 1.5, "a larger image")
        # What is under the mouse stays there.
        for was, now in zip(before, self.point(browser, 30, 10)):
            self.assertAlmostEqual(was, now, delta=1)
        browser.drag(before, (before[0] - 50, before[1] + 20))
        moved = self.point(browser, 30, 10)
        self.assertAlmostEqual(moved[0], before[0] - 50, delta=1)
        self.assertAlmostEqual(moved[1], before[1] + 20, delta=1)
        browser.click("#zoom-fit")
        self.assertAlmostEqual(self.scale(browser), fitted, places=4)
        self.type(browser, "z")
        self.assertAlmostEqual(self.scale(browser), 1, places=4)

    def test_names_are_no_code(self):
        self.make(*NAMES)
        classes = "<b>bold,<img src=x onerror=window.hacked=2>,\"'&amp;"
        labelling = self.start("--classes", classes)
        browser = self.page(labelling)
        seen = []
        for _ in NAMES:
            seen.append(browser.run("document.querySelector('#name').textContent"))
            name = seen[-1]
            browser.key("2")
            browser.until(f"document.querySelector('#name').textContent !== {name!r} || "
                          "!document.querySelector('#finished').hidden")
        browser.until(READY)
        self.assertEqual(browser.run("window.hacked"), None)
        made = "#name *, #track b, #track script, #classes b, #classes img"
        self.assertEqual(browser.run(f"document.querySelectorAll('{made}').length"), 0)
        self.assertEqual(browser.text("#classes li:nth-child(1) .title"), "<b>bold")
        listed = sorted(NAMES, key=os.fsencode)
        self.assertEqual(self.rows(), [[name, "<img src=x onerror=window.hacked=2>"] for name in listed])
        self.assertEqual(seen, [os.fsencode(name).decode("utf-8", "replace") for name in listed])

    def test_other_pages_get_nothing(self):
        self.make("a.png")
        labelling = self.start()
        browser = Browser()
        self.addCleanup(browser.__exit__)
        # A page of another origin that knows the address: it can neither show nor read nor write.
        self.assertEqual(browser.run(f"""new Promise(done => {{
            const image = new Image();
            image.onload = () => done("shown");
            image.onerror = () => done("refused");
            image.src = "{labelling.address}image/0";
          }})"""), "refused")
        asked = browser.run(f"fetch('{labelling.address}state').then(() => 'read', () => 'refused')")
        self.assertEqual(asked, "refused")
        body = '{"image": 0, "answer": {"classes": [0]}}'
        browser.run(f"""fetch("{labelling.address}label", {{method: "POST", mode: "no-cors", body: '{body}'}})
                            .catch(() => 0)""")
        self.assertEqual(self.rows(), [])
        browser.open(labelling.address)
        browser.until(READY)
        self.shows(browser, "a.png")

    def test_unreadable_image(self):
        self.make("a.png", "b.png", "c.png")
        (self.images / "b.png").write_bytes((self.images / "b.png").read_bytes()[:60])
        browser = Browser()
        self.addCleanup(browser.__exit__)
        browser.open(self.start().address)
        browser.until(READY)
        self.type(browser, "1")
        self.shows(browser, "b.png")
        browser.until("!document.querySelector('#problem').hidden")
        self.assertIn("broken PNG image", browser.text("#problem"))
        self.type(browser, "1")
        self.assertIn("can't be read", browser.text("#banner"))
        self.assertEqual(self.rows(), [["a.png", "cat"]])
        self.type(browser, " ")
        self.shows(browser, "c.png")
        self.assertTrue(browser.run("document.querySelector('#problem').hidden"))

    def test_killed_and_started_again(self):
        self.make("a.png", "b.png", "c.png")
        labelling = self.start()
        browser = Browser()
        self.addCleanup(browser.__exit__)
        browser.open(labelling.address)
        browser.until(READY)
        self.type(browser, "1")
        self.shows(browser, "b.png")
        labelling.end(signal.SIGKILL)
        self.type(browser, "2")
        browser.until("!document.querySelector('#banner').hidden")
        self.assertIn("does not answer", browser.text("#banner"))
        self.shows(browser, "b.png")
        self.assertEqual(self.rows(), [["a.png", "cat"]])
        browser.open(self.start().address)
        browser.until(READY)
        self.shows(browser, "b.png")
        self.type(browser, "2")
        self.shows(browser, "c.png")
        self.assertEqual(self.rows(), [["a.png", "cat"], ["b.png", "dog"]])

    def test_file_that_cannot_be_written(self):
        self.make("a.png", "b.png")
        browser = Browser()
        self.addCleanup(browser.__exit__)
        browser.open(self.start().address)
        browser.until(READY)
        (self.images / "labels.csv").unlink()
        self.type(browser, "1")
        browser.until("!document.querySelector('#banner').hidden")
        self.assertIn("another program changed or removed the file", browser.text("#banner"))
        self.shows(browser, "a.png")
        self.assertEqual(browser.text("#count"), "0 of 2")

    def test_ten_thousand_images(self):
        content = [png(256, 256, (number, 255 - number, 90)) for number in range(0, 250, 25)]
        for number, each in enumerate(content):
            (self.images / f"{number:05}.png").write_bytes(each)
        for number in range(10, 10000):
            os.link(self.images / f"{number % 10:05}.png", self.images / f"{number:05}.png")
        labelling = self.start()
        started = time.monotonic()
        browser = self.page(labelling)
        opened = time.monotonic() - started
        self.assertEqual(browser.text("#count"), "0 of 10,000")
        # From a key to the next image, as the page's own clock has it: the label is on the disk in between.
        times = browser.run("""(async () => {
            const name = document.querySelector("#name"), times = [];
            for (let i = 0; i < 40; ++i) {
              const before = name.textContent, start = performance.now();
              document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "1", bubbles: true}));
              while (name.textContent === before) await new Promise(requestAnimationFrame);
              times.push(performance.now() - start);
            }
            return times.sort((a, b) => a - b);
          })()""")
        self.assertRegex(browser.text("#left"), r"^\d+ min left, \d+ a minute$")
        print(f"10,000 images: open after {opened:.2f} s, the next image after {times[20]:.0f} ms "
              f"(most {times[-1]:.0f})")
        self.assertEqual(len(self.rows()), 40)
        self.assertLess(opened, 15)
        self.assertLess(times[20], 500)
        # To the far end of the strip; only what is in sight is in the page.
        browser.run("document.querySelector('#strip').scrollLeft = 1e9")
        browser.until("[...document.querySelectorAll('#track button')].some(each => each.title === '09999.png')")
        self.assertLess(browser.run("document.querySelectorAll('#track button').length"), 60)
        browser.until("[...document.querySelectorAll('#track img')].every(each => each.naturalWidth === 128)")
        browser.run("document.querySelector('#track button[title=\"09999.png\"]').click()")
        self.shows(browser, "09999.png")
        self.type(browser, "2")
        self.assertEqual(self.rows()[-1], ["09999.png", "dog"])
        self.shows(browser, "00040.png")


class SeveralClasses(PageCase):
    def test_keys(self):
        self.make("a.png", "b.png", "c.png")
        browser = self.page(self.start("--multiple"))
        self.type(browser, "3", "1")
        self.assertEqual(browser.text("#mark"), "not saved yet")
        self.assertEqual(self.rows("classes"), [])
        self.type(browser, "Enter")
        self.shows(browser, "b.png")
        self.assertEqual(self.rows("classes"), [["a.png", "cat;bird"]])
        browser.click("#classes li:nth-child(2) button")
        self.type(browser, "2", "Enter")
        self.shows(browser, "c.png")
        self.assertEqual(self.rows("classes")[1], ["b.png", ""])
        # Going elsewhere keeps what was chosen.
        self.type(browser, "2", "ArrowLeft")
        self.shows(browser, "b.png")
        self.assertEqual(self.rows("classes")[2], ["c.png", "dog"])
        self.type(browser, "u")
        self.shows(browser, "c.png")
        self.assertEqual(len(self.rows("classes")), 2)


class DrawnBoxes(PageCase):
    def test_keys_and_mouse(self):
        self.make("a.png", "b.png", "c.png", width=200, height=100)
        browser = self.page(self.start("--boxes"))
        self.drag(browser, (20, 30), (60, 80))
        browser.key("2")  # the selected box becomes a dog
        self.type(browser, "Escape", "3")
        self.drag(browser, (150, 90), (100, 10))  # from any corner
        self.drag(browser, (190, 5), (500, -40))  # no farther than the image
        self.assertEqual(self.rows("boxes"), [])
        self.type(browser, "Enter")
        self.shows(browser, "b.png")
        self.assertEqual(self.rows("boxes"), [["a.png", "dog", "20", "30", "40", "50"],
                                              ["a.png", "bird", "100", "10", "50", "80"],
                                              ["a.png", "bird", "190", "0", "10", "5"]])
        # Nothing is in b.png; c.png: moved, resized by its corner and by keys, undone, removed.
        self.type(browser, "Enter")
        self.shows(browser, "c.png")
        self.assertEqual(self.rows("boxes")[3], ["b.png", "", "", "", "", ""])
        self.drag(browser, (20, 20), (60, 60))
        self.drag(browser, (20, 40), (30, 45))
        self.drag(browser, (70, 65), (90, 95))
        self.type(browser, "ArrowRight", ("ArrowDown", "Shift"), ("ArrowLeft", "Control"))
        self.drag(browser, (5, 5), (15, 12))
        self.type(browser, "u")
        self.drag(browser, (150, 50), (180, 70))
        self.type(browser, "Delete", "ArrowLeft")
        self.shows(browser, "b.png")
        self.assertEqual(self.rows("boxes")[4:], [["c.png", "bird", "31", "30", "59", "70"]])
        # A box in a box; a click selects the inner one, and there the key gives it another class.
        self.type(browser, "Escape", "1")
        self.drag(browser, (10, 10), (150, 90))
        self.type(browser, "2")
        self.drag(browser, (50, 40), (70, 60))
        self.type(browser, "Escape")
        x, y = self.point(browser, 60, 50)
        browser.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        browser.mouse("mouseReleased", x, y, button="left", clickCount=1)
        self.type(browser, "3", "Enter")
        self.assertEqual([row[1:] for row in self.rows("boxes") if row[0] == "b.png"],
                         [["dog", "10", "10", "140", "80"], ["bird", "50", "40", "20", "20"]])
        browser.click("#track button[data-image='1']")
        self.shows(browser, "b.png")
        # They are there again, where they were drawn.
        self.type(browser, "ArrowLeft")
        self.shows(browser, "a.png")
        x, y, width = browser.run("(b => [b.x, b.y, b.width])"
                                  "(document.querySelector('rect.frame').getBoundingClientRect())")
        left, top = self.point(browser, 20, 30)
        self.assertAlmostEqual(x, left, delta=2)
        self.assertAlmostEqual(y, top, delta=2)
        self.assertAlmostEqual(width, 40 * self.scale(browser), delta=4)
        self.assertIn("saved", browser.text("#mark"))


if __name__ == "__main__":
    main()
