"""The editor of a report in the browser, by what a person sees and does."""

import json
import time

from browser import mouse, press


class Page:
    """The problems that are found are collected, one line each."""

    def __init__(self, browser):
        self.browser, self.value, self.problems = browser, browser.evaluate, []

    def require(self, condition, text):
        if not condition:
            self.problems.append(text)

    def open(self, url):
        self.browser.open("about:blank")  # the same document with another fragment would not load
        self.browser.open(url)

    def click(self, selector):
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def press_on(self, selector):
        """The left button of the mouse on the middle of what is in sight there."""
        place = self.value(f"""(() => {{
          const node = document.querySelector({json.dumps(selector)});
          node.scrollIntoView({{ block: "nearest", behavior: "instant" }});
          const b = node.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2;
          const hit = document.elementFromPoint(x, y);
          return node.contains(hit) ? [x, y] : `${{hit?.outerHTML.slice(0, 80)}} lies above`;
        }})()""")
        self.require(isinstance(place, list), f"{selector} cannot be pressed: {place}")
        if isinstance(place, list):
            mouse(self.browser, place)

    def keys(self, *keys):
        for key in keys:
            press(self.browser, key)

    def type(self, text):
        self.browser.call("Input.insertText", text=text)

    def text(self, selector):
        return self.value(f"document.querySelector({json.dumps(selector)}).textContent")

    def said(self):
        return self.text("#editor-said")

    def view(self, view):
        self.click(f"[data-view='{view}']")

    def count(self, selector):
        return self.value(f"document.querySelectorAll({json.dumps(selector)}).length")

    def selected(self):
        return self.value("[...document.querySelectorAll('.cell[aria-selected=true]')]"
                          ".filter((c) => !c.hidden).length")

    def paths(self, count):
        """Of the first cells of the grid, as their pictures name them."""
        return self.value("[...document.querySelectorAll('#editor-grid .cell:not([hidden])')]"
                          ".sort((a, b) => a.dataset.position - b.dataset.position)"
                          f".slice(0, {count}).map((c) => c.querySelector('img').alt)")

    def choose(self, name):
        """In the open dialog of clusters."""
        self.type(name)
        self.keys("Enter")

    def color_scheme(self, name):
        self.browser.call("Emulation.setEmulatedMedia",
                          features=[{"name": "prefers-color-scheme", "value": name}])

    def wait(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while not self.value(condition) and time.monotonic() < end:
            time.sleep(.02)
        self.require(self.value(condition), f"this did not become true: {condition}")

    def cell(self, position):
        """The middle of a cell."""
        return self.value(
            f"(() => {{ const b = document.getElementById('cell-{position}').getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()")

    def search(self, text):
        self.value("(() => { const s = document.getElementById('editor-search');"
                   f"s.value = {json.dumps(text)}; s.dispatchEvent(new Event('input')); }})()")
