"""A stand-in for `nolabel open`: serves the page of a sample and answers its requests from the
model of edits (edits_model.py). Can be told to fail."""

import http.server
import json
import threading
import urllib.parse

import edits_model

TOKEN = "secret token"
DATA_BEGIN = '<script type="application/json" id="report-data">'


def page_data(html):
    begin = html.index(DATA_BEGIN) + len(DATA_BEGIN)
    return json.loads(html[begin:html.index("</script>", begin)])


def with_data(html, data):
    begin = html.index(DATA_BEGIN) + len(DATA_BEGIN)
    text = json.dumps(data).replace("<", "\\u003c")
    return html[:begin] + text + html[html.index("</script>", begin):]


class EditorServer:
    """fail: what becomes of the next edit: None, "refuse" (it is not applied), "before" (the
    connection ends before it is applied) or "after" (it is applied, but the answer is lost).
    documents: what was applied, in order. revision: how many changes there were, undo among them.
    requests: the paths that were asked for, in order."""

    def __init__(self, html, picture):
        self.html, self.picture = html, picture
        self.history, self.documents, self.requests = [page_data(html)["editor"]], [], []
        self.fail, self.revision, self.latest = None, 0, None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            # A connection for each request (HTTP/1.0): a browser repeats a request by itself when a
            # connection ends that it has used before.
            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        token = urllib.parse.quote(TOKEN)
        self.url = f"http://127.0.0.1:{self.server.server_port}/?token={token}"

    def editor(self):
        lines = [f"{i + 1}. {json.dumps(d)}" for i, d in enumerate(self.documents)]
        return {**self.history[-1], "edits": lines, "can_undo": len(self.history) > 1,
                "revision": self.revision}

    def apply(self, document):
        self.history.append(edits_model.apply(self.history[-1], document))
        self.documents.append(document)
        self.revision += 1

    def undo(self):
        if len(self.history) == 1:
            raise edits_model.EditError("there is nothing to undo.")
        self.history.pop()
        self.documents.pop()
        self.revision += 1

    def answer(self, handler, status, content, kind="application/json"):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except ConnectionError:
            pass  # the page no longer wants the picture

    def get(self, handler):
        path, _, query = handler.path.partition("?")
        asked = urllib.parse.parse_qs(query)
        self.requests.append(path)
        allowed = TOKEN in (asked.get("token", [""])[0], handler.headers.get("X-Nolabel-Token"))
        if path == "/favicon.ico":
            self.answer(handler, 200, b"", "image/x-icon")
        elif not allowed:
            self.answer(handler, 403, {"error": "the token of this session is required."})
        elif path == "/":
            data = {**page_data(self.html), "editor": self.editor()}
            self.answer(handler, 200, with_data(self.html, data).encode(), "text/html; charset=utf-8")
        elif path == "/api/editor":
            self.answer(handler, 200, self.editor())
        elif path == "/api/alike":
            image, count = int(asked["image"][0]), int(asked["count"][0])
            n = len(self.history[0]["images"]["path"])
            self.answer(handler, 200, {"images": [(image + i) % n for i in range(1, count + 1)]})
        else:
            self.answer(handler, 200, self.picture, "image/gif")

    def post(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        path, _, query = handler.path.partition("?")
        self.requests.append(path)
        fail, self.fail = self.fail, None
        if handler.headers.get("X-Nolabel-Token") != TOKEN:
            self.answer(handler, 403, {"error": "the token of this session is required."})
            return
        if handler.headers.get("Content-Type") != "application/json":
            self.answer(handler, 415, {"error": "the body must be application/json."})
            return
        known, asked = int(urllib.parse.parse_qs(query)["revision"][0]), (path, body)
        again = known == self.revision - 1 and asked == self.latest
        if known != self.revision and not again:
            self.answer(handler, 409, self.editor())
            return
        if fail == "before":
            return  # the connection ends
        try:
            if fail == "refuse":
                raise edits_model.EditError("another reason is required.")
            if not again:
                self.undo() if path == "/api/undo" else self.apply(json.loads(body))
                self.latest = asked
        except edits_model.EditError as error:
            self.answer(handler, 400, {"error": str(error)})
            return
        if fail == "after":
            return
        self.answer(handler, 200, self.editor())

    def close(self):
        self.server.shutdown()
        self.server.server_close()
