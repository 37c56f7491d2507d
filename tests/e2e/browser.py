"""Debian's chromium without a window, driven by its DevTools protocol over two pipes: keys and mouse
as a user's, JavaScript to look at the page, screenshots. Standard library only."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

CHROMIUM = "chromium"
# The page of `nncc data label` has done what it was asked for.
READY = "document.body.classList.contains('ready') && !document.body.classList.contains('busy')"
# What a key press needs beside its character.
NAMED = {"Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "Delete": 46, " ": 32,
         "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class Browser:
    """One page. Use as a context."""

    def __init__(self, width=1280, height=800):
        program = shutil.which(CHROMIUM)
        assert program, f"{CHROMIUM} is not installed; tests/run installs it (compiler/setup --tests)"
        self.folder = tempfile.mkdtemp(prefix="nncc-browser-")
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        # The browser reads commands from its file 3 and answers on 4: copies above both survive the swap.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                   "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--hide-scrollbars", f"--user-data-dir={self.folder}",
                   f"--window-size={width},{height}", "about:blank"]
        self.process = subprocess.Popen(
            command, close_fds=False, preexec_fn=lambda: [os.dup2(end, place) for end, place in zip(ends, (3, 4))],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self.buffer, self.number, self.events = b"", 0, []
        self.session = None
        target = next(each for each in self.wait(self.targets, "a page") if each["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.read_end)
        os.close(self.write_end)
        shutil.rmtree(self.folder, ignore_errors=True)

    def targets(self):
        found = self.call("Target.getTargets")["targetInfos"]
        return found if any(each["type"] == "page" for each in found) else None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def receive(self):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], 60)
            assert ready, "the browser says nothing"
            part = os.read(self.read_end, 1 << 16)
            assert part, f"the browser ended with status {self.process.poll()}"
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def wait(self, condition, what, seconds=30):
        """What `condition()` gives as soon as that is true."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            assert time.monotonic() < end, f"no {what} within {seconds} s"
            time.sleep(0.02)

    def open(self, address):
        self.call("Page.navigate", url=address)
        self.until("document.readyState === 'complete'")

    def run(self, expression):
        """The value of JavaScript, promises awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def until(self, expression, seconds=30):
        return self.wait(lambda: self.run(expression), f"'{expression}'", seconds)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def key(self, key, *modifiers):
        held = sum(MODIFIERS[each] for each in modifiers)
        code = NAMED.get(key) or ord(key.upper())
        # A character is typed; other keys are only pressed.
        text = {"text": key} if len(key) == 1 and not held & ~MODIFIERS["Shift"] else {}
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": held}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, start, end):
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start, button="left", buttons=1, clickCount=1)
        for step in (0.3, 0.7, 1):
            self.mouse("mouseMoved", *(a + (b - a) * step for a, b in zip(start, end)), button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def click(self, selector):
        x, y = self.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
                        f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def wheel(self, x, y, down):
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=down)

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """What the browser's console has of errors: exceptions, refused scripts and styles."""
        self.run("1")
        found = [str(event["params"]) for event in self.events if event["method"] == "Runtime.exceptionThrown"]
        found += [entry["text"] for entry in (event["params"]["entry"] for event in self.events
                                              if event["method"] == "Log.entryAdded") if entry["level"] == "error"]
        return found
