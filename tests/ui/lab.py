"""A tiny server for the scripts: static files, a clock wrong on purpose, a feed to break."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from django.utils import translation

from hemicycle.ui import js_messages
from tests.support.threaded import POLL_S

PACKAGE = Path(js_messages.__file__).parents[1]


def _static(path: str) -> Path:
    """Return the file that is served as `path`, from the folder in which it is."""
    own = PACKAGE / "ui/static" / path
    return own if own.exists() else next(PACKAGE.glob(f"*/*/static/{path}"))


TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class Lab:
    """Serves pages made of a body and modules; its clock is `skew_ms` ahead of this machine's."""

    def __init__(self, skew_ms: int = 0) -> None:
        self.skew_ms = skew_ms
        self.pages: dict[str, str] = {}
        self.posts: list[tuple[str, str]] = []
        self.answer = 200
        self.frames: list[tuple[int, dict[str, Any]]] = []
        self.feeds: list[str] = []
        self.open = True
        self.changed = threading.Condition()
        lab = self

        class Bound(Handler):
            bench = lab

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.server_address[1]}"

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.skew_ms

    def page(self, body: str, *modules: str, language: str = "en") -> str:
        """Make a page and return its address."""
        with translation.override(language):
            words = json.dumps(js_messages.messages())
        scripts = "".join(
            f'<script type="module" src="/static/js/{name}.js"></script>' for name in modules
        )
        path = f"/page/{len(self.pages)}"
        self.pages[path] = (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8"><link rel="icon" '
            f'href="data:,"><body>{body}<script type="application/json" id="hc-messages">{words}'
            f"</script>{scripts}</body></html>"
        )
        return self.url + path

    def send(self, seq: int, data: dict[str, Any]) -> None:
        """Put a frame on the feed."""
        with self.changed:
            self.frames.append((seq, data))
            self.changed.notify_all()

    def drop(self) -> None:
        """Cut all feed connections; new ones are accepted."""
        with self.changed:
            self.open = False
            self.changed.notify_all()
        time.sleep(0.05)
        self.open = True

    def stop(self) -> None:
        self.drop()
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    bench: ClassVar[Lab]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/time":
            self._answer(str(self.bench.now_ms()).encode(), "text/plain")
        elif path.startswith("/feed/"):
            self._feed()
        elif path.startswith("/static/"):
            file = _static(path.removeprefix("/static/"))
            self._answer(file.read_bytes(), TYPES[file.suffix])
        else:
            self._answer(self.bench.pages.get(path, "").encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.bench.posts.append((self.path, body))
        self._answer(b"taken", "text/plain", self.bench.answer)

    def _answer(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _feed(self) -> None:
        self.bench.feeds.append(self.path)
        sent = len(self.bench.frames) if "after=" in self.path else 0
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 1000\n\n")
        while self.bench.open:
            with self.bench.changed:
                for seq, data in self.bench.frames[sent:]:
                    self.wfile.write(
                        f"id: {seq}\nevent: hall\ndata: {json.dumps(data)}\n\n".encode()
                    )
                sent = len(self.bench.frames)
                self.bench.changed.wait(0.5)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of tests clean."""
