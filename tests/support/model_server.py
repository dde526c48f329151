"""A local server with the API of language models, whose answers, even hostile ones, a test sets."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.threaded import POLL_S


class Model:
    """A server with that API; `answer` returns the status and body for each request."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Callable[[dict[str, Any]], tuple[int, bytes]] = lambda _asked: (500, b"")
        self.drips_s = 0.0
        self.models = ["small"]
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"data": [{"id": name} for name in model.models]}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                asked = json.loads(self.rfile.read(length))
                model.asked.append({"path": self.path, **asked})
                model.keys.append(self.headers["Authorization"])
                status, body = model.answer(asked)
                self.send_response(status)
                self.end_headers()
                for byte in range(0, len(body), 4096 if not model.drips_s else 1):
                    time.sleep(model.drips_s)
                    try:
                        piece = 4096 if not model.drips_s else 1
                        self.wfile.write(body[byte : byte + piece])
                        self.wfile.flush()
                    except OSError:
                        return

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(POLL_S,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def says(self, content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]})
        self.answer = lambda _asked: (200, body.encode())
