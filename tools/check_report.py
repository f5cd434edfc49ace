#!/usr/bin/env python3
"""Opens a report in headless Chromium and checks that the page works.

    tools/check_report.py REPORT.html [--screenshots DIR]
    tools/check_report.py --sample-from build/report_test     (writes and checks the test's sample)

No script error, no text of the data that runs, no request outside of the file, pictures shown,
selector, filter, address and viewer work. Ends with 1 and one line per failure, with 77 when there
is no Chromium. Needs nothing but Python's standard library: it talks the DevTools protocol through
a pipe.
"""

import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
SKIPPED = 77  # as CTest is told by SKIP_RETURN_CODE


class Browser:
    """One page of a headless Chromium."""

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
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

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


def faults(events):
    """What must never happen, in words."""
    for event in events:
        method, p = event["method"], event["params"]
        if method == "Runtime.exceptionThrown":
            details = p["exceptionDetails"]
            yield "script error: " + details.get("exception", {}).get("description", details["text"])
        elif method == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
            yield f"console: {p['entry']['text']}"
        elif method == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
            yield f"console: {p['args']}"
        elif method == "Page.javascriptDialogOpening":
            yield f"text of the data ran: {p['message']}"
        elif method == "Network.requestWillBeSent":
            url = p["request"]["url"]
            if not url.startswith(("data:", "file:")):
                yield f"request outside of the file: {url}"


def check(browser):
    """Failures, one line each."""
    value = browser.evaluate
    count = lambda selector: value(f"document.querySelectorAll({json.dumps(selector)}).length")
    data = json.loads(value("document.getElementById('report-data').textContent"))
    clusters, pictures = data["clusters"], data["pictures"]

    def require(condition, text):
        if not condition:
            problems.append(text)

    problems = []
    require(value("document.getElementById('title').textContent") == data["title"],
            "the title is not shown as it is")
    require(count("#gallery .cluster") == len(clusters), "not every cluster has its card")
    shown = sum(min(12, len(c["most"])) + min(12, len(c["least"])) for c in clusters)
    require(count("#gallery .picture") == shown > 0, "the galleries do not show their pictures")
    require(count("#sizes g") == len(clusters), "the bars of sizes are not one per cluster")
    require(count("#methods tbody tr") == len(data["methods"]), "a method has no row of figures")
    require(count("#warnings .warning") == len(data["warnings"]), "a warning is not shown")
    require(count("#prototype-strip button") == sum(p >= 0 for p in data["prototypes"]),
            "a prototype is missing")
    if any("uri" in p for p in pictures):
        value("document.querySelectorAll('#gallery img').forEach((i) => { i.loading = 'eager'; })")
        value("Promise.all([...document.querySelectorAll('#gallery img')].map((i) => i.decode()))")
        require(value("[...document.querySelectorAll('#gallery img')].every((i) => i.naturalWidth > 0)"),
                "a thumbnail is broken")
    if data["map"]:
        require(value("(() => { const c = document.getElementById('map');"
                      "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
                      ".some((v) => v !== 0); })()"), "the map is empty")

    # The selector, the address, and back.
    chosen = max(range(len(clusters)), key=lambda k: clusters[k]["images"])
    value(f"(() => {{ const s = document.getElementById('cluster'); s.value = '{chosen}';"
          "s.dispatchEvent(new Event('change')); })()")
    require(count("#gallery .cluster") == 1, "the selector does not select one cluster")
    require(count("#gallery .picture") == len(clusters[chosen]["most"]) + len(clusters[chosen]["least"]),
            "a selected cluster does not show all its pictures")
    require(value("location.hash") == f"#cluster={chosen}", "the address does not follow")

    # The filter, with the name of one picture.
    name = pictures[clusters[chosen]["most"][0]]["name"]
    value(f"(() => {{ const f = document.getElementById('filter'); f.value = {json.dumps(name)};"
          "f.dispatchEvent(new Event('input')); })()")
    require(count("#gallery .picture") == sum(
        name.lower() in pictures[n]["name"].lower()
        for n in clusters[chosen]["most"] + clusters[chosen]["least"]), "the filter does not filter")
    value("location.hash = '#filter=no picture has this name'")
    value("new Promise((done) => setTimeout(done, 100))")
    require(count("#gallery .picture") == 0 and count("#gallery .nothing") == 1,
            "the address does not set the filter")
    value("location.hash = ''")
    value("new Promise((done) => setTimeout(done, 100))")

    value("document.querySelector('#gallery .picture').click()")
    require(value("document.getElementById('viewer').open"), "a click opens no viewer")
    first = next(c for c in clusters if c["most"])["most"][0]
    require(value("document.querySelector('#viewer .path').textContent") == pictures[first]["name"],
            "the viewer does not show the name as it is")
    value("document.getElementById('viewer-close').click()")
    require(not value("document.getElementById('viewer').open"), "the viewer does not close")
    return problems


def take_screenshots(browser, directory):
    directory.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        height = browser.evaluate("document.documentElement.scrollHeight")
        browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=min(height, 9000),
                     deviceScaleFactor=1, mobile=False)
        time.sleep(1)  # canvases are drawn anew after the change
        browser.screenshot(directory / f"{scheme}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report", nargs="?", type=pathlib.Path)
    parser.add_argument("--sample-from", type=pathlib.Path, help="the program report_test")
    parser.add_argument("--screenshots", type=pathlib.Path, help="write light.png and dark.png here")
    arguments = parser.parse_args()
    if (arguments.report is None) == (arguments.sample_from is None):
        parser.error("either a report or --sample-from is required")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print(f"skipped: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
        return SKIPPED

    # A process of the browser can write into its profile while that is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        report = arguments.report
        if arguments.sample_from:
            report = pathlib.Path(scratch) / "sample.html"
            subprocess.run([arguments.sample_from.resolve(),
                            "--gtest_filter=ReportHtml.WritesTheSampleForABrowser"], check=True,
                           stdout=subprocess.DEVNULL,
                           env={**os.environ, "NOLABEL_SAMPLE_REPORT": str(report)})
        browser = Browser(program, scratch + "/profile")
        try:
            browser.open(report.resolve().as_uri())
            problems = check(browser) + list(faults(browser.events))
            if arguments.screenshots:
                take_screenshots(browser, arguments.screenshots)
        finally:
            browser.close()
    for problem in problems:
        print(problem)
    print(f"{report}: {'failed' if problems else 'the page works'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
