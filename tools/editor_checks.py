"""Checks of the page's editor that need no long story: its computation against a model, its speed
with many images, touch, contrast and a narrow screen."""

import json
import random
import time

import edits_model
from browser import press, resize, touch
from check_report import ONE_PIXEL_WIDE
from editor_server import EditorServer, page_data, with_data

FOLDED = 300  # random sequences of edits
IMAGES = 50_000
FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
MOST_CELLS = 400
MOST_SCRIPT_MS = 50  # in the median step


def random_document(draw, editor):
    ids, paths = [c["id"] for c in editor["clusters"]], editor["images"]["path"][:12]
    some = draw.sample(paths, draw.randint(1, 3))
    return draw.choice([
        {"names": {str(draw.choice(ids)): draw.choice(["", "cats", "dogs"])}},
        {"merge": [draw.sample(ids, draw.randint(2, 3))]},
        {"split": [{"cluster": draw.choice(ids), "into": draw.randint(2, 4)}]},
        {"move": [{"path": p, "to": draw.choice(ids)} for p in some]},
        {"move": [{"path": p, "to": draw.choice(ids)} for p in some]},
        {"junk": some}, {"keep": some}])


def without_splits(document):
    return {key: value for key, value in document.items() if key != "split"}


def shown(editor):
    """What must agree. Junk counts for nothing, so its cluster does not matter."""
    images = editor["images"]
    return ({c["id"]: c["name"] for c in editor["clusters"]},
            [None if s == "j" else c for c, s in zip(images["cluster"], images["status"])],
            "".join(images["status"]))


def check_folding(page, editor):
    """The page's replay equals the model's step by step, and the one document gives the same."""
    draw = random.Random(3)
    for cluster in editor["clusters"]:
        cluster["name"] = draw.choice(["", cluster["name"], f"name {cluster['id']}"])
    for _ in range(FOLDED):
        documents = [random_document(draw, editor) for _ in range(draw.randint(1, 12))]
        answer = page.value(f"""(() => {{
          const editor = {json.dumps(editor)}, documents = {json.dumps(documents)};
          const taken = documents.filter((document, at) => {{
            const before = documents.slice(0, at).filter((d) => d.taken);
            document.taken = refusalOf(replay(editor, before), document) === null;
            return document.taken;
          }});
          for (const document of documents) delete document.taken;
          return {{ taken, folded: foldedEdits(editor, taken),
            after: editorAfter(editor, replay(editor, taken)) }};
        }})()""")
        model, splits = editor, []
        for document in answer["taken"]:
            model = edits_model.apply(model, without_splits(document))
            splits += document.get("split", [])
        edits_model.check(answer["folded"], [c["id"] for c in editor["clusters"]],
                          set(editor["images"]["path"]))
        folded = edits_model.apply(editor, without_splits(answer["folded"]))
        page.require(shown(answer["after"]) == shown(model),
                     f"the page shows something else after {answer['taken']}")
        page.require(shown(folded) == shown(model), f"{answer['taken']} became {answer['folded']}")
        page.require(answer["folded"].get("split", []) == splits,
                     f"splits of {answer['taken']} became {answer['folded']}")


def many_images(editor):
    """Gives the editor many images; the last is the surest."""
    draw = random.Random(1)
    editor["images"] = {
        "path": [f"folder/picture {i}.jpg" for i in range(IMAGES)],
        "cluster": [i % 5 for i in range(IMAGES)],
        "confidence": [round(draw.random(), 3) for _ in range(IMAGES - 1)] + [1.0],
        "status": "o" * (IMAGES - 1) + "u", "group": [-1] * IMAGES, "alike": None}


def check_many_images(page, html, folder):
    """Scrolling through 50,000 images keeps few cells and takes little time."""
    data = page_data(html)
    many_images(data["editor"])
    del data["originals"]
    file = folder / "many.html"
    file.write_text(with_data(html, data))
    started = time.monotonic()
    page.open(file.as_uri() + "#edit=all")
    opened = time.monotonic() - started
    browser = page.browser
    browser.call("Performance.enable")

    def script_ms():
        metrics = browser.call("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "ScriptDuration")

    steps, cells = [], 0
    for step in range(60):
        by = 300 if step % 3 else 200_000  # the next rows, or far away
        before = script_ms()
        page.value(f"(() => {{ const g = document.getElementById('editor-grid');"
                   f"g.scrollTop = (g.scrollTop + {by}) % (g.scrollHeight - g.clientHeight);"
                   f"return {FRAME}; }})()")
        steps.append(script_ms() - before)
        cells = max(cells, page.count("#editor-grid .cell"))
    page.require(cells < MOST_CELLS, f"the grid holds {cells} cells")
    steps.sort()
    median = steps[len(steps) // 2]
    page.require(median < MOST_SCRIPT_MS,
                 f"a frame after a scroll step takes {median:.1f} ms of script")
    page.value("document.getElementById('editor-grid').focus()")
    page.keys("End")
    page.value(FRAME)
    page.require(page.count(f"#cell-{IMAGES - 1}:not([hidden])") == 1,
                 "the end of the grid is not the last image")
    page.require(page.text(f"#cell-{IMAGES - 1} .text") == f"folder/picture {IMAGES - 1}.jpg",
                 "the last cell does not show the surest image")
    print(f"{IMAGES} images: opened in {opened:.1f} s, at most {cells} cells, script after a scroll "
          f"step {median:.1f} ms (median) and {steps[-1]:.1f} ms (most)")


def check_thumbs(page, html):
    """Pictures that scroll by are not asked for."""
    data = page_data(html)
    many_images(data["editor"])
    server = EditorServer(with_data(html, data), ONE_PIXEL_WIDE)
    try:
        page.open(server.url + "#edit=all")
        page.wait("document.querySelectorAll('.cell img.loaded').length > 20")
        for _ in range(30):
            page.value(f"(() => {{ document.getElementById('editor-grid').scrollTop += 20_000;"
                       f"return {FRAME}; }})()")
        page.wait("document.querySelectorAll('.cell:not([hidden]) img.loaded').length > 20")
        cells = page.count("#editor-grid .cell")
        asked = sum(request.startswith("/thumb/") for request in server.requests)
        page.require(asked < 4 * cells, f"{asked} pictures are asked for where {cells} are in sight")
    finally:
        server.close()


def check_refused_storage(page, url):
    """Without the browser's storage the page works, and says what a reload would lose."""
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    script = page.browser.call("Page.addScriptToEvaluateOnNewDocument", source=refuse)["identifier"]
    page.open(url.uri + "#edit=0")
    page.keys(" ", "j")
    page.click("#editor-edits")
    page.require("refuses to keep" in page.text("dialog[open]"), "refused storage is not told")
    page.keys("Escape")
    press(page.browser, "z", ctrl=True)
    page.require(page.text("#editor-edits") == "Edits", "undo does not work without storage")
    page.browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def check_touch(page, url):
    """A long press begins to select; then taps select; a tap before opens the picture."""
    browser = page.browser
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    resize(browser, 390, 844)
    page.open(url.uri + "#edit=all")
    touch(browser, *page.cell(0))
    page.wait("document.getElementById('viewer').open")
    page.keys("Escape")
    touch(browser, *page.cell(1), seconds=.7)
    touch(browser, *page.cell(2))
    page.require(page.selected() == 2, f"a long press and a tap select {page.selected()} images")
    page.click("#editor-clear")
    page.require(page.selected() == 0, "the selection is not cleared")
    browser.call("Emulation.setTouchEmulationEnabled", enabled=False)
    resize(browser, 1280, 900)


def check_narrow(page, url):
    resize(page.browser, 360, 740)
    page.open(url.uri + "#edit=all")
    page.keys(" ")
    page.require(page.value("document.documentElement.scrollWidth") <= 360,
                 "the editor is wider than 360 pixels")
    outside = page.value(
        "[...document.querySelectorAll('#editor button, #editor input, #editor select')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().right > 360).map((e) => e.id)")
    page.require(not outside, f"at 360 pixels these are cut: {outside}")
    page.click("#editor-show-list")
    page.require(page.value("document.getElementById('editor-list').offsetHeight > 300"),
                 "the list of clusters does not open")
    resize(page.browser, 1280, 900)


# Texts of less than 4.5:1 against what is painted behind them (WCAG 2.2, 1.4.3).
LOW_CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (color) => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); };
  const light = () => [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const low = [];
  for (const e of document.querySelectorAll('#editor *, dialog[open] *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || e.disabled || e.closest('.cell')) continue;
    if (!e.checkVisibility({ opacityProperty: true })) continue;
    const line = [];
    for (let at = e; at; at = at.parentElement) line.unshift(getComputedStyle(at).backgroundColor);
    paint(getComputedStyle(document.body).backgroundColor);
    line.forEach(paint);
    const behind = light();
    paint(getComputedStyle(e).color);
    const [a, b] = [behind, light()].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) low.push(`${e.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return low;
})()"""


def check_contrast(page, url):
    for scheme in ("light", "dark"):
        page.color_scheme(scheme)
        page.open(url.uri + "#edit=0")
        page.keys(" ")
        low = page.value(LOW_CONTRAST)
        page.keys("m")
        low += page.value(LOW_CONTRAST)
        page.keys("Escape")
        page.value("document.getElementById('editor-edits').click()")
        low += page.value(LOW_CONTRAST)
        page.require(not low, f"{scheme}: contrast below 4.5: {low}")
    page.browser.call("Emulation.setEmulatedMedia", features=[])
