#!/usr/bin/env python3
"""Edits a run with the real `nolabel open` in headless Chromium, as a person does, and checks that
the edits stay.

    tools/check_live_editor.py --program build/nolabel [--images 2000] [--screenshots DIR]

Makes a run of the images that come with the repository and edits it by mouse and keys: a name, a
merge, a split, moves, junk, undo. Two tabs, a reload, a request that comes twice, wrong tokens and
a killed program must do no harm. Then the program is ended, and other commands must show the edits.
Ends with 1 and one line per failure, with 77 when there is no Chromium. Needs nothing but Python's
standard library.
"""

import argparse
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from browser import SKIPPED, Browser, faults, installed_browser, press, resize
from editor_page import Page
from live_run import Opened, command, in_force, rows_of, unpack_photos

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_SECONDS = 20  # of ending and of `apply`, on a slow machine
MOST_CHANGED = .02  # of the images that were not edited
NAME = "flying <things>"


def press_button(page, text):
    """Of the open dialog, by the mouse."""
    page.value("[...document.querySelectorAll('dialog[open] .buttons button')].forEach((b) => {"
               f"b.id = b.textContent === {json.dumps(text)} ? 'to-press' : ''; }})")
    page.press_on("#to-press")


def said(page, text):
    page.wait(f"document.getElementById('editor-said').textContent.includes({json.dumps(text)})")


def check_addresses(page, program, opened, run, other):
    """Who has no token gets nothing; one run is opened once; a port is used once."""
    for wrong in ("", "0" * 32):
        status, _ = opened.request("api/editor", token=wrong)
        page.require(status == 403, f"the token “{wrong}” is answered with {status}")
    status, _ = opened.request("api/undo?revision=0", body={}, token="0" * 32)
    page.require(status == 403, f"an edit with a wrong token is answered with {status}")
    page.open(opened.url[:-1] + "x")
    page.require("whole address" in page.text("body"), "a wrong address does not say what is needed")
    refused, _ = command(program, "open", run, code=2)
    page.require("in use" in refused.stderr, f"a second open says: {refused.stderr}")
    refused, _ = command(program, "open", other, "--port", opened.port, code=4)
    page.require(opened.port in refused.stderr, f"a port in use is told as: {refused.stderr}")


def edit(page, opened):
    """By mouse and keys. Returns one document that says the same to `nolabel apply`."""
    editor = opened.request("api/editor")[1]
    clusters = sorted(editor["clusters"], key=lambda c: -c["images"])
    named, merged, gone, parted = (c["id"] for c in clusters[:4])
    page.open(opened.url)
    page.press_on("#open-editor")
    page.press_on(f"[data-view='{named}']")
    page.keys("F2")
    page.type(NAME)
    page.keys("Enter")
    said(page, "named")

    page.press_on(f"[data-view='{merged}']")
    page.press_on("#editor-merge")
    page.type(f"cluster {gone}")
    page.wait("document.querySelectorAll('dialog[open] [role=option]').length === 1")
    page.press_on(f"dialog[open] [data-id='{gone}']")
    said(page, "merged into")

    page.press_on(f"[data-view='{parted}']")
    page.press_on("#editor-split")
    press_button(page, "Split")
    said(page, "split into 2")

    page.open(opened.url + f"#edit={merged}")  # a reload
    page.require(page.text(f"[data-view='{named}'] .name") == NAME, "a reload loses the name")
    page.require(page.count(f"[data-view='{gone}']") == 0, "a reload loses the merge")
    page.require(page.count("#editor-clusters li") == len(clusters), "a reload loses the split")
    page.press_on("#cell-0")
    moved = page.paths(5)
    for _ in range(4):
        page.keys("ArrowRight", " ")
    page.require(page.selected() == 5, f"{page.selected()} images are selected, not 5")
    page.keys("m")
    page.choose(NAME)
    said(page, "5 images moved")

    page.press_on("[data-view='unsure']")
    page.wait("!document.getElementById('cell-0').hidden")
    page.press_on("#cell-0")
    first = page.paths(1)[0]
    page.press_on("#editor-junk")
    said(page, "marked as junk")
    press(page.browser, "z", ctrl=True)
    said(page, "undone")
    page.require(page.paths(1)[0] == first, "undo does not bring the image back")
    page.press_on("#cell-1")
    junk = page.paths(2)[1:]
    page.keys("j")
    said(page, "marked as junk")
    return {"names": {str(named): NAME}, "merge": [[merged, gone]],
            "split": [{"cluster": parted, "into": 2}],
            "move": [{"path": path, "to": named} for path in moved], "junk": junk}


def check_two_tabs(page, opened, document):
    """The second tab knows nothing of an edit in the first: it is told, and can go on."""
    renamed, other = document["merge"][0][0], document["split"][0]["cluster"]
    first = page.browser.session
    second = page.browser.new_page()
    page.open(opened.url + f"#edit={other}")
    page.browser.switch(first)
    page.press_on(f"[data-view='{renamed}']")
    page.keys("F2")
    page.type("in one tab")
    page.keys("Enter")
    said(page, "in one tab")
    page.browser.switch(second)
    for attempt in ("another tab", "named"):
        page.keys("F2")
        page.type("in two tabs")
        page.keys("Enter")
        said(page, attempt)
        page.require(page.text(f"[data-view='{renamed}'] .name") == "in one tab",
                     "a tab does not show what another one did")
    page.press_on("#editor-close")
    page.require(not page.value("document.getElementById('older').hidden"),
                 "the report does not say that it is older than the edits")
    page.press_on("#gallery .picture")
    page.wait("document.querySelector('#viewer-body a')?.href.includes('/picture/')")
    page.keys("Escape")
    page.browser.close_page(first)
    document["names"].update({str(renamed): "in one tab", str(other): "in two tabs"})


def check_repeated_request(page, opened, document):
    """A browser repeats a request by itself when its connection drops."""
    editor = opened.request("api/editor")[1]
    path = next(p for p, s in zip(editor["images"]["path"], editor["images"]["status"]) if s == "o")
    revision, asked = editor["revision"], {"junk": [path]}
    for _ in range(3):
        status, after = opened.request(f"api/edits?revision={revision}", asked)
        page.require(status == 200 and len(after["edits"]) == len(editor["edits"]) + 1,
                     f"a repeated request: {status}, {after.get('edits', after)}")
    status, after = opened.request(f"api/edits?revision={revision}", {"keep": [path]})
    page.require(status == 409 and after["revision"] == revision + 1,
                 f"an edit of older clusters is answered with {status}")
    document["junk"].append(path)


def survives(page, what, rows, edited, document):
    """The edits are in the rows, and the images that nobody edited are where they were."""
    [named] = [i for i, name in document["names"].items() if name == NAME]
    for move in document["move"]:
        row = rows[move["path"]]
        page.require((row["cluster"], row["name"]) == (named, NAME), f"{what}: a move is lost: {row}")
    for path in document["junk"]:
        page.require(rows[path]["status"] == "junk", f"{what}: junk is lost: {rows[path]}")
    names = {row["cluster"]: row["name"] for row in rows.values()}
    for cluster, name in document["names"].items():
        page.require(names.get(cluster) == name, f"{what}: the name {name} is lost")
    touched = {m["path"] for m in document["move"]} | set(document["junk"])
    changed = [p for p, row in rows.items()
               if p not in touched and p in edited and row["cluster"] != edited[p]["cluster"]]
    share = len(changed) / len(rows)
    print(f"{what}: {100 * share:.2f} % of the images that nobody edited changed their cluster")
    page.require(share < MOST_CHANGED, f"{what}: {len(changed)} images changed their cluster")


def expected_rows(before, document):
    """The rows without those of a cluster that was split, after the merge."""
    [[kept, gone]], parted = document["merge"], str(document["split"][0]["cluster"])
    return {path: {**row, "cluster": str(kept) if row["cluster"] == str(gone) else row["cluster"]}
            for path, row in before.items() if row["cluster"] != parted}


def check_kept(page, program, photos, run, fresh, document, printed, work):
    """What the edited run and other commands say of the edits."""
    state, edits = json.loads((run / "run.json").read_text()), in_force(program, run)
    rows = rows_of(run / "assignments.csv")
    page.require(state["final"] == "edited", f"run.json has {state['final']} as the chosen model")
    page.require({str(i["id"]): i["name"] for i in state["identities"] if i["name"]}
                 == document["names"], f"run.json has these identities: {state['identities']}")
    page.require(len(edits["edits"]) == 8 and edits["junk"] == 2, f"in force: {edits['edits']}")
    page.require(all(line in printed for line in edits["edits"]), f"open printed: {printed}")
    survives(page, "nolabel open", rows, expected_rows(rows_of(fresh / "assignments.csv"), document),
             document)

    (work / "edits.json").write_text(json.dumps(document))
    _, seconds = command(program, "apply", fresh, work / "edits.json")
    print(f"nolabel apply of the same document took {seconds:.1f} s")
    page.require(seconds < MOST_SECONDS, f"nolabel apply took {seconds:.1f} s")
    survives(page, "nolabel apply", rows_of(fresh / "assignments.csv"), rows, document)

    again = ["cluster", photos, "--backbone", "starter", "--method", "consensus", "--clusters", "10",
             "--out", run]
    for words in (again, [*again, "--force"], ["report", "--out", run]):
        command(program, *words)
        what = "nolabel " + " ".join(map(str, [words[0], *words[len(again):]]))
        survives(page, what, rows_of(run / "assignments.csv"), rows, document)
    ten = [document["move"][0]["path"], *document["junk"], *[p for p in rows if p not in
                                                             document["junk"]][:7]]
    command(program, "predict", run, *[photos / p for p in ten], "--out", work / "predicted.csv")
    predicted = rows_of(work / "predicted.csv")
    page.require(len(predicted) == 10, f"{len(predicted)} images are predicted")
    for path, row in predicted.items():
        page.require(row["name"] == document["names"].get(row["cluster"], ""),
                     f"a prediction has another name: {row}")
    [moved] = [row for path, row in predicted.items() if path.endswith(ten[0])]
    page.require(moved["name"] == NAME, f"a moved image is predicted elsewhere: {moved}")


def check_killed(page, program, photos, run, work):
    """The first edits of a run are kept when the program is killed right after them."""
    opened = Opened(program, run)
    page.open(opened.url + "#edit=0")
    page.keys("s")
    press_button(page, "Split")
    said(page, "split into 2")
    path = page.paths(1)[0]
    page.press_on("#cell-0")
    page.keys("j")
    said(page, "marked as junk")
    opened.end(signal.SIGKILL)
    for code, words in ((0, ["report", "--out", run]), (2, ["predict", run, photos / path])):
        ended, _ = command(program, *words, code=code)
        page.require("nolabel apply" in ended.stderr,
                     f"{words[0]} does not say what to do: {ended.stderr}")
    command(program, "apply", run)
    rows = rows_of(run / "assignments.csv")
    page.require(rows[path]["status"] == "junk", "the killed program's edit is lost")
    page.require(len({row["cluster"] for row in rows.values()}) == 11,
                 "the killed program's split is lost")


def take_screenshots(page, opened, directory):
    """The live page wide and narrow, its report, and the picture of the viewer."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, width, height in (("desktop", 1400, 900), ("phone", 390, 844)):
        resize(page.browser, width, height)
        for view, address in (("editor", "#edit=unsure"), ("report", "")):
            page.open(opened.url + address)
            if view == "editor":
                page.keys(" ", "ArrowRight", " ")
            time.sleep(1)
            page.browser.screenshot(directory / f"live-{view}-{name}.png")
    resize(page.browser, 1280, 900)


def check(page, program, work, arguments):
    photos, run, fresh, killed = (work / n for n in ("photos", "run", "fresh", "killed"))
    unpack_photos(ROOT / "examples/cifar10-mini.tar.xz", photos, arguments.images)
    command(program, "cluster", photos, "--clusters", "10", "--backbone", "starter",
            "--method", "consensus", "--out", run)
    for copy in (fresh, killed):
        shutil.copytree(run, copy)
    opened = Opened(program, run)
    try:
        print(f"the page of {arguments.images} images can be opened after {opened.seconds:.1f} s")
        check_addresses(page, program, opened, run, fresh)
        document = edit(page, opened)
        check_two_tabs(page, opened, document)
        check_repeated_request(page, opened, document)
        if arguments.screenshots:
            take_screenshots(page, opened, arguments.screenshots)
        printed, seconds = opened.end()
    finally:
        opened.process.kill()
    print(f"it ended {seconds:.1f} s after Ctrl-C")
    page.require(opened.process.returncode == 0, f"nolabel open failed: {opened.lines}")
    page.require(seconds < MOST_SECONDS, f"nolabel open took {seconds:.1f} s to end")
    page.require(any("nolabel ends the page" in line for line in opened.lines),
                 f"Ctrl-C says: {opened.lines}")
    check_kept(page, program, photos, run, fresh, document, printed, work)
    check_killed(page, program, photos, killed, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the program nolabel")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--screenshots", type=pathlib.Path, help="write pictures of the page here")
    arguments = parser.parse_args()
    chromium = installed_browser()
    if chromium is None:
        return SKIPPED
    # A process of the browser can write into its profile while that is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        browser = Browser(chromium, scratch + "/profile")
        page = Page(browser)
        try:
            check(page, arguments.program.resolve(), pathlib.Path(scratch), arguments)
            # Requests to the program, and answers that say no, belong to this check.
            page.problems += [f for f in faults(browser.events)
                              if "127.0.0.1" not in f and "Failed to load" not in f]
        finally:
            browser.close()
    for problem in page.problems:
        print(problem)
    print(f"nolabel open {'failed' if page.problems else 'works'}")
    return 1 if page.problems else 0


if __name__ == "__main__":
    sys.exit(main())
