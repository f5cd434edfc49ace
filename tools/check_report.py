#!/usr/bin/env python3
"""Opens a report in headless Chromium and checks that the page works.

    tools/check_report.py REPORT.html [--screenshots DIR]
    tools/check_report.py --sample-from build/report_test     (writes and checks the test's sample)

The page has no script error, runs no text of the data and requests no file but the originals of its
pictures. It shows its pictures; selector, filter, address, viewer and keys work; it fits a screen of
390 pixels. Ends with 1 and one line per failure, with 77 when there
is no Chromium. Needs nothing but Python's standard library.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

from browser import SKIPPED, Browser, faults, installed_browser, press, resize

# A GIF of one pixel, no thumbnail of the sample.
ONE_PIXEL_WIDE = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


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
    shown = sum(min(12, len(c["most"])) + min(6, len(c["least"])) for c in clusters)
    require(count("#gallery .picture") == shown > 0, "the galleries do not show their pictures")
    require(count("#sizes g") == len(clusters), "the bars of sizes are not one per cluster")
    headings = value("[...document.querySelectorAll('main > section:not([hidden]) h2')].map((h) => h.textContent)")
    order = ["Prototypes", "Clusters", "Figures", "Sizes and confidence", "Confusion", "Map",
             "Training", "Skipped files", "Settings"]
    require(headings == [h for h in order if h in headings] and "Clusters" in headings,
            f"the sections are in another order: {headings}")
    require(count("#contents button") == len(headings), "the contents do not name every section")
    require(value("Math.min(...[...document.querySelectorAll('.tile')].map((t) => t.clientWidth))") >= 160,
            "a picture is smaller than 160 pixels")
    notes = value("document.getElementById('notes').textContent")
    require((data["backbone_labels"] or "") in notes, "what is known of the backbone's labels is not shown")
    require(("--labels none" in notes) == data["folders_are_labels"],
            "the page does not say whether folders were taken as labels")
    require(count("#skipped tbody tr") == len(data["skipped"]["files"]), "a skipped file is not listed")
    methods = len(data["methods"]) + len(data["validation_methods"])
    require(count("#methods tbody:not(.title) tr") == methods, "a method has no row of figures")
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
    value(f"location.hash = '#cluster={chosen}'")
    value("new Promise((done) => setTimeout(done, 200))")
    require(count("#gallery .cluster") == 1 and
            abs(value("document.getElementById('gallery-section').getBoundingClientRect().top")) < 2,
            "an address with a cluster does not lead to its pictures")
    value("location.hash = ''")
    value("new Promise((done) => setTimeout(done, 100))")

    value("document.querySelector('#gallery .picture').click()")
    require(value("document.getElementById('viewer').open"), "a click opens no viewer")
    first = next(c for c in clusters if c["most"])["most"][0]
    require(value("document.querySelector('#viewer .path').textContent") == pictures[first]["name"],
            "the viewer does not show the name as it is")
    names = [pictures[int(n)]["name"] for n in value(
        "[...document.querySelectorAll('#gallery .picture')].map((t) => t.dataset.picture)")]
    for key, expected in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 0),
                          ("ArrowLeft", 0)):
        press(browser, key)
        require(value("document.querySelector('#viewer .path').textContent") == names[expected],
                f"{key} does not lead to picture {expected}")
    press(browser, "Escape")
    require(not value("document.getElementById('viewer').open"), "Escape does not close the viewer")
    value("document.querySelector('#gallery .picture').click()")
    value("document.getElementById('viewer-close').click()")
    require(not value("document.getElementById('viewer').open"), "the viewer does not close")

    if data["tree"]:
        problems += check_tree(browser, data)

    resize(browser, 390, 844)
    require(value("document.documentElement.scrollWidth") <= 390, "the page is wider than 390 pixels")
    resize(browser, 1280, 900)
    return problems


def check_tree(browser, data):
    """The slider shows as many groups as it says, each image in one, and leads back."""
    value = browser.evaluate
    problems = []
    parts, merges = data["tree"]["parts"], data["tree"]["merges"]
    used = sum(c["images"] > 0 for c in data["clusters"])
    for groups in sorted({len(parts) - len(merges), used, used + 1, len(parts)}):
        if not len(parts) - len(merges) <= groups <= len(parts):
            continue
        value(f"(() => {{ const s = document.getElementById('groups'); s.value = {groups};"
              "s.dispatchEvent(new Event('change')); })()")
        cards = value("document.querySelectorAll('#gallery .cluster').length")
        expected = len(data["clusters"]) if groups == used else groups
        if cards != expected:
            problems.append(f"{groups} groups have {cards} cards")
        pictures = value("new Set([...document.querySelectorAll('#gallery .picture')]"
                         ".map((t) => t.dataset.picture)).size")
        if pictures != value("document.querySelectorAll('#gallery .picture').length"):
            problems.append(f"with {groups} groups a picture is in two")
        bare = value("[...document.querySelectorAll('#gallery .cluster')]"
                     ".filter((c) => !c.querySelector('.picture')).length")
        if bare > sum(c["images"] == 0 for c in data["clusters"]) * (groups == used):
            problems.append(f"with {groups} groups {bare} have no picture")
        shown = value("[...document.querySelectorAll('#sizes title')].map((t) => t.textContent)")
        images = sum(int(text.rsplit(": ", 1)[1].replace(",", "")) for text in shown)
        if images != data["images"]:
            problems.append(f"with {groups} groups there are {images} images")
        if (f"groups={groups}" in value("location.hash")) != (groups != used):
            problems.append(f"the address does not follow to {groups} groups")
    value("document.getElementById('groups-reset').click()")
    if value("document.querySelectorAll('#gallery .cluster').length") != len(data["clusters"]):
        problems.append("the slider does not lead back to the clusters")
    return problems


def check_originals(browser, page):
    """The viewer shows the file beside the page, whatever its name is, and else the thumbnail."""
    data = json.loads(browser.evaluate("document.getElementById('report-data').textContent"))
    problems = []
    tiles = browser.evaluate(
        "[...document.querySelectorAll('#gallery .picture')].slice(0, 6).map((t) => t.dataset.picture)")
    for position, number in enumerate(tiles):
        picture = data["pictures"][int(number)]
        if "file" not in picture:
            return ["the sample's pictures have no originals"]
        present = position < 3
        if present:
            file = page.parent / os.fsdecode(urllib.parse.unquote_to_bytes(picture["file"]))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ONE_PIXEL_WIDE)
        browser.evaluate(f"document.querySelector('#gallery [data-picture=\"{number}\"]').click()")
        browser.evaluate("new Promise((done) => setTimeout(done, 500))")
        shown = browser.evaluate("document.querySelector('#viewer img').naturalWidth")
        browser.evaluate("document.getElementById('viewer-close').click()")
        if (shown == 1) != present:
            problems.append(f"the viewer shows {shown} pixels of {picture['file']}")
    return problems


def take_screenshots(browser, directory):
    """The top of the page, the whole page, a picture in the viewer: wide, narrow and dark."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, scheme, width in (("light", "light", 1280), ("dark", "dark", 1280),
                                ("narrow", "light", 390)):
        browser.call("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        resize(browser, width, 1180)
        browser.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        browser.screenshot(directory / f"{name}-top.png")
        browser.evaluate("document.querySelector('#gallery .picture').click()")
        time.sleep(1)  # the original is read
        browser.screenshot(directory / f"{name}-viewer.png")
        browser.evaluate("document.getElementById('viewer-close').click()")
        height = browser.evaluate("document.documentElement.scrollHeight")
        resize(browser, width, min(height, 14000))
        browser.screenshot(directory / f"{name}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report", nargs="?", type=pathlib.Path)
    parser.add_argument("--sample-from", type=pathlib.Path, help="the program report_test")
    parser.add_argument("--screenshots", type=pathlib.Path, help="write pictures of the page here: light, dark and narrow")
    arguments = parser.parse_args()
    if (arguments.report is None) == (arguments.sample_from is None):
        parser.error("either a report or --sample-from is required")
    program = installed_browser()
    if program is None:
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
            problems = check(browser)
            if arguments.sample_from:
                problems += check_originals(browser, report)
            problems += list(faults(browser.events))
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
