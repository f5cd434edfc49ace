"""A headless Chromium for the checks of the page, through the DevTools protocol and a pipe. Needs
nothing but Python's standard library."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
SKIPPED = 77  # as CTest is told by SKIP_RETURN_CODE


def installed_browser():
    """The program, or None and a line that says so."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print(f"skipped: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
    return program


class Browser:
    """A headless Chromium with one page, or more: the calls are about one of them."""

    def __init__(self, program, profile):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def as_3_and_4():  # the descriptors that --remote-debugging-pipe talks through
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", "--window-size=1280,900"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=as_3_and_4,
            pass_fds=(3, 4), start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.last_id, self.session, self.events = b"", 0, None, []
        self.targets = {}
        self.new_page()

    def new_page(self):
        """Opens another page, which is called from now on; returns its session."""
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.targets[session] = target
        self.switch(session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return session

    def switch(self, session):
        self.session = session
        self.call("Page.bringToFront")

    def close_page(self, session):
        self.call("Target.closeTarget", targetId=self.targets.pop(session))

    def call(self, method, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, seconds=240):
        while b"\0" not in self.buffer:
            if not select.select([self.read_end], [], [], seconds)[0]:
                raise TimeoutError(f"no answer from the browser within {seconds} s")
            piece = os.read(self.read_end, 1 << 16)
            if not piece:
                raise RuntimeError("the browser ended")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        if "method" in message:
            self.events.append(message)
            if message["method"] == "Page.javascriptDialogOpening":  # would block everything else
                self.last_id += 1
                os.write(self.write_end, json.dumps(
                    {"id": self.last_id, "method": "Page.handleJavaScriptDialog",
                     "params": {"accept": True}, "sessionId": self.session}).encode() + b"\0")
        return message

    def open(self, url):
        # By its loader: the load of the first, blank page can be told late.
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        loader = self.call("Page.navigate", url=url)["loaderId"]
        while not any(e["method"] == "Page.lifecycleEvent" and e["params"]["name"] == "load"
                      and e["params"]["loaderId"] == loader for e in self.events):
            self.receive()

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=False)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        # Its other processes, too, which would go on writing into the profile.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def is_missing_original(text, url):
    """An original need not lie beside the page; the browser logs that it looked for it."""
    return "ERR_FILE_NOT_FOUND" in text and url.startswith("file:")


def faults(events):
    """What must never happen, in words."""
    for event in events:
        method, p = event["method"], event["params"]
        if method == "Runtime.exceptionThrown":
            details = p["exceptionDetails"]
            yield "script error: " + details.get("exception", {}).get("description", details["text"])
        elif method == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
            if not is_missing_original(p["entry"]["text"], p["entry"].get("url", "")):
                yield f"console: {p['entry']['text']}"
        elif method == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
            yield f"console: {p['args']}"
        elif method == "Page.javascriptDialogOpening":
            yield f"text of the data ran: {p['message']}"
        elif method == "Network.requestWillBeSent":
            url = p["request"]["url"]
            if not url.startswith(("data:", "file:")):
                yield f"request outside of the file: {url}"


def resize(browser, width, height):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 800)
    time.sleep(.5)  # canvases are drawn anew after the change


KEY_CODES = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Escape": 27,
             "Enter": 13, "End": 35, "Home": 36, "F2": 113, " ": 32}


def press(browser, key, ctrl=False, shift=False):
    """A key of the keyboard, by the name that scripts see."""
    code = KEY_CODES.get(key) or ord(key.upper())
    text = {"Enter": "\r"}.get(key, key if len(key) == 1 and not ctrl else "")
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                     modifiers=2 * ctrl + 8 * shift, **({"text": text} if text and kind == "keyDown" else {}))


def touch(browser, x, y, seconds=0.0):
    """A finger on a place of the screen."""
    browser.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    time.sleep(seconds)
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def mouse(browser, *points, modifiers=0):
    """The left button, pressed at the first point and released at the last."""
    kinds = ["mousePressed"] + ["mouseMoved"] * (len(points) - 1) + ["mouseReleased"]
    for kind, (x, y) in zip(kinds, [*points, points[-1]]):
        browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                     clickCount=1, modifiers=modifiers)
