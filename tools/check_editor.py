#!/usr/bin/env python3
"""Opens the editor of a report in headless Chromium and edits clusters as a person does.

    tools/check_editor.py --sample-from build/report_test [--screenshots DIR]

Checks the page without a server (pending edits, their one document, reload), the page with a
stand-in of `nolabel open` (errors, a lost connection), the folding of random edits against a model,
50,000 images, touch, contrast and a screen of 360 pixels. Ends with 1 and one line per failure,
with 77 when there is no Chromium. Needs nothing but Python's standard library.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from browser import SKIPPED, Browser, faults, installed_browser, mouse, press, resize
from check_report import ONE_PIXEL_WIDE
from editor_checks import (check_contrast, check_folding, check_many_images, check_narrow,
                           check_refused_storage, check_thumbs, check_touch)
from editor_page import Page
from editor_server import EditorServer, page_data

# As sample_report_test.h has them.
HOSTILE_NAMES = ["\"><img src=x onerror=alert(1)>.jpg",
                 "</script><script>alert(2)</script><!--.jpg"]


def check_static(page, url, downloads):
    """Rename, merge, move three by keyboard, junk, undo, download, reload."""
    editor = page_data(pathlib.Path(url.path).read_text())["editor"]
    page.open(url.uri)
    page.require(page.count("#editor:not([hidden])") == 0,
                 "the editor is open before it was asked for")
    page.value("location.hash = '#cluster=1'")
    page.click("#open-editor")
    page.click("#editor-close")
    page.require(page.value("location.hash") == "#cluster=1"
                 and page.count("#gallery .cluster") == 1,
                 "the editor does not lead back to the report as it was")
    page.click("#open-editor")
    page.require(page.count("#editor:not([hidden])") == 1, "the button does not open the editor")
    page.require(page.text("[data-view='1'] .name") == editor["clusters"][1]["name"],
                 "the name of a cluster is not shown as it is")
    for name in HOSTILE_NAMES:
        page.view("all")
        page.search(name)
        page.require(page.paths(2) == [name],
                     f"the search does not find {name}, or shows it otherwise")
    page.search("")

    page.view(0)
    page.keys("F2")
    page.type("  cats & <b>dogs</b> ")
    page.keys("Enter")
    page.require(page.text("#editor-name") == "cats & <b>dogs</b>", "a cluster is not renamed")
    page.click("#editor-merge")
    page.choose("cluster 3")
    page.require(page.count("[data-view='3']") == 0, "a merged cluster is still in the list")
    page.view(2)
    moved = page.paths(3)
    page.keys(" ", "ArrowRight", " ", "ArrowRight", " ")
    page.require(page.selected() == 3, "keys do not select three images")
    page.keys("m")
    page.choose("cluster 4")
    page.require(page.text("[data-view='4'] .count") == "3", "three images are not moved by keys")
    junk = page.paths(2)
    page.keys("Home", " ", "j", "Home", " ", "j")
    page.require(page.text("#editor-edits") == "5 pending edits",
                 "the pending edits are not counted")
    press(page.browser, "z", ctrl=True)
    page.require("Undone" in page.said(), f"undo says: {page.said()}")
    page.click("#editor-split")
    page.keys("Enter")
    page.require("split into 2" in page.text("#editor-of"), "a split is not shown as pending")
    page.click("#editor-merge")
    page.choose("cluster 1")
    page.require("cannot be merged" in page.said(), "a cluster is merged that is to be split")

    moved.sort(key=editor["images"]["path"].index)
    expected = {"names": {"0": "cats & <b>dogs</b>"}, "merge": [[0, 3]],
                "split": [{"cluster": 2, "into": 2}],
                "move": [{"path": path, "to": 4} for path in moved], "junk": junk[:1]}
    page.open(url.uri + "#edit=2")
    page.require(page.text("#editor-edits") == "5 pending edits",
                 "a reload loses the pending edits")
    page.click("#editor-download")
    end, file = time.monotonic() + 10, downloads / "edits.json"
    while not file.exists() and time.monotonic() < end:
        time.sleep(.05)
    page.require(file.exists() and json.loads(file.read_text()) == expected,
                 f"the document is another one: {file.exists() and file.read_text()}")
    page.require(editor["command"] in page.text("dialog[open]"), "the command to run is not shown")
    page.value("[...document.querySelectorAll('dialog[open] .buttons button')]"
               ".find((b) => b.textContent.startsWith('Discard')).click()")
    page.require(page.text("#editor-edits") == "Edits", "the pending edits are not discarded")


def check_pointer(page, url):
    """Click, Ctrl, Shift, a rectangle, keys; the viewer; the review; images most alike."""
    page.open(url.uri + "#edit=duplicates")
    badges = [page.text(f"#cell-{position} .badge") for position in range(4)]
    page.require(badges == ["trains", "duplicate"] * 2, f"groups of duplicates show {badges}")
    page.view("all")
    mouse(page.browser, page.cell(1))
    mouse(page.browser, page.cell(3), modifiers=2)
    page.require(page.selected() == 2, "Ctrl and a click do not add an image")
    mouse(page.browser, page.cell(5), modifiers=8)
    page.require(page.selected() == 3, "Shift and a click do not select a range")
    first, last = page.cell(0), page.cell(2)
    mouse(page.browser, first, [last[0], last[1] + 5], last)
    page.require(page.selected() == 3, f"a rectangle selects {page.selected()} of 3 images")
    press(page.browser, "a", ctrl=True)
    page.require(page.text("#editor-selected") == "200 selected",
                 "Ctrl+A does not select everything")
    page.keys("Escape", "Home")
    page.require(page.selected() == 0, "Escape does not end the selection")
    page.keys("Enter", "ArrowRight")
    page.require(page.text("#viewer .path") == page.paths(2)[1],
                 "the viewer does not step to the next picture")
    page.keys("Escape", "n")
    page.wait("document.querySelectorAll('.offer').length === 12")
    page.click(".offer")
    page.value("document.querySelector('dialog[open] .primary').click()")
    page.require(page.text("#editor-selected").startswith("12 selected"),
                 "the offer is not added as it was trimmed")
    page.keys("Escape", "r")
    unsure = int(page.text("[data-view='unsure'] .count"))
    page.wait("document.querySelectorAll('.targets button').length === 4")
    to = page.text(".targets button .name")
    page.keys("1")
    page.require(f"moved to {to}" in page.said().replace("“", "").replace("”", ""),
                 f"key 1 says: {page.said()}")
    page.keys(" ", "j", "ArrowRight", "Escape")
    page.require(int(page.text("[data-view='unsure'] .count")) == unsure - 3,
                 "the review does not settle three images")
    page.keys("?")
    page.require("most alike" in page.text("dialog[open]"), "? shows no help")
    page.keys("Escape")
    page.require(page.value("document.activeElement.id") == "editor-grid",
                 "a closed dialog does not give the focus back")


def check_live(page, html):
    """Every action is sent; refusals and a lost connection change nothing and are told."""
    server = EditorServer(html, ONE_PIXEL_WIDE)
    try:
        page.open(server.url + "#edit=2")
        older = "document.getElementById('older').hidden"
        page.require(page.value(older), "the report says that it is older before any edit")
        moved = page.paths(1)
        page.keys(" ", "m")
        page.choose("cluster 4")
        page.wait("document.querySelector(\"[data-view='4'] .count\").textContent === '1'")
        page.require(server.documents == [{"move": [{"path": moved[0], "to": 4}]}],
                     f"sent: {server.documents}")
        page.require(any(r.startswith("/thumb/") for r in server.requests),
                     "no picture is asked for")
        page.require(not page.value(older), "the report does not say that it is older")
        page.view(4)
        page.value("document.getElementById('editor-split').click()")  # of one image
        page.require("two or more" in page.said(), "a cluster of one image is split")
        page.value("document.getElementById('editor-grid').focus()")
        server.fail = "refuse"
        page.view(0)
        page.keys(" ", "ArrowRight", " ", "j")
        page.wait("document.getElementById('editor-said').textContent"
                  " === 'another reason is required.'")
        page.require(page.selected() == 2 and len(server.documents) == 1,
                     "a refused edit changes something")
        page.keys("Escape")
        for fail, applied in (("before", 2), ("after", 3)):
            server.fail = fail
            page.view(fail == "before" and 0 or 1)
            page.keys(" ", "j")
            page.wait("!document.getElementById('editor-retry').hidden")
            page.require("connection" in page.said(),
                         f"a lost connection is told as: {page.said()}")
            page.click("#editor-retry")
            page.wait("document.getElementById('editor-retry').hidden"
                      " && !document.getElementById('editor-undo').disabled")
            page.wait("document.getElementById('editor-said').textContent.includes('junk')")
            page.require(len(server.documents) == applied,
                         f"{len(server.documents)} edits after a connection lost {fail}")
        # Two actions wait while another tab edits: neither is made, and the page follows.
        server.apply({"names": {"1": "of another tab"}})
        page.view(2)
        page.keys(" ")
        page.value("for (const id of ['editor-junk', 'editor-undo']) document.getElementById(id).click()")
        page.wait("document.getElementById('editor-said').textContent.includes('these 2 edits')")
        page.require(len(server.documents) == 4,
                     f"made in spite of another tab: {server.documents[4:]}")
        page.require(page.text("[data-view='1'] .name") == "of another tab",
                     "the edit of another tab does not show")
        page.require(page.selected() == 1, "a refused edit loses the selection")
        page.keys("j")
        page.wait("document.getElementById('editor-said').textContent.includes('marked as junk')")
        for _ in range(2):
            press(page.browser, "z", ctrl=True)
        page.wait("document.querySelector(\"[data-view='1'] .name\").textContent !== 'of another tab'")
        # Four at once are done in order; the fourth is refused, and nothing changes.
        before = page.text("[data-view='junk'] .count")
        page.value("for (let i = 0; i < 4; ++i) document.getElementById('editor-undo').click()")
        page.wait("document.getElementById('editor-said').textContent.includes('nothing to undo')")
        page.require(server.documents == [], "four times undo do not take back three edits")
        page.require(page.text("[data-view='junk'] .count") == str(int(before) - 2),
                     "undo does not show in the page")
    finally:
        server.close()


class Url:
    def __init__(self, file):
        self.path, self.uri = file, file.resolve().as_uri()


def take_screenshots(page, url, directory):
    """The editor wide, narrow and dark."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, scheme, width, view in (("light", "light", 1400, "0"),
                                      ("dark", "dark", 1400, "duplicates"),
                                      ("narrow", "light", 390, "unsure")):
        page.color_scheme(scheme)
        resize(page.browser, width, 900)
        page.open(url.uri + f"#edit={view}")
        page.keys(" ")
        time.sleep(.5)
        page.browser.screenshot(directory / f"editor-{name}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sample-from", type=pathlib.Path, required=True,
                        help="the program report_test")
    parser.add_argument("--screenshots", type=pathlib.Path,
                        help="write pictures of the editor here")
    arguments = parser.parse_args()
    program = installed_browser()
    if program is None:
        return SKIPPED
    # A process of the browser can write into its profile while that is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = pathlib.Path(scratch)
        subprocess.run([arguments.sample_from.resolve(),
                        "--gtest_filter=ReportHtml.WritesTheEditorForABrowser"], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**os.environ, "NOLABEL_SAMPLE_EDITOR": scratch})
        browser = Browser(program, scratch + "/profile")
        browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=scratch)
        page, static = Page(browser), Url(folder / "static.html")
        try:
            check_static(page, static, folder)
            check_pointer(page, static)
            check_folding(page, page_data(static.path.read_text())["editor"])
            check_contrast(page, static)
            check_touch(page, static)
            check_narrow(page, static)
            check_many_images(page, static.path.read_text(), folder)
            check_refused_storage(page, static)
            found = list(faults(browser.events))
            browser.events.clear()
            live = (folder / "live.html").read_text()
            check_live(page, live)
            check_thumbs(page, live)
            # Requests to the stand-in, and answers that say no, belong to these two checks.
            found += [f for f in faults(browser.events)
                      if "127.0.0.1" not in f and "Failed to load" not in f]
            problems = page.problems + found
            if arguments.screenshots:
                take_screenshots(page, static, arguments.screenshots)
        finally:
            browser.close()
    for problem in problems:
        print(problem)
    print(f"the editor {'failed' if problems else 'works'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
