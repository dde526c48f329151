"""A loopback server with the public APIs of Mastodon and Bluesky, which can also fail.

It stores posts as their own servers do, and supports pages, Link headers, `min_id`, `max_id`,
`since` and cursors as the documentation of each describes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.support.threaded import in_thread

FIRST = datetime(2021, 7, 1, 8, tzinfo=UTC)


@dataclass
class FakeOrigins:
    """The server's posts, its fault if it has one, and the requests that it has received."""

    url: str = ""
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: tuple[int, dict[str, str], bytes] | None = None
    asked: list[str] = field(default_factory=list)
    page: int = 100

    def toot(self, number: int, html: str, by: str = "ada", **more: Any) -> str:
        """Add a Mastodon status, and return its id, which grows with `number`."""
        ref = str(10**17 + number)
        self.statuses[ref] = {
            "id": ref,
            "created_at": (FIRST + timedelta(minutes=number)).isoformat(),
            "visibility": "public",
            "language": "en",
            "url": f"https://social.example.org/@{by}/{ref}",
            "content": html,
            "spoiler_text": "",
            "account": {
                "username": by,
                "acct": f"{by}@social.example.org",
                "display_name": by.title(),
                "url": f"https://social.example.org/@{by}",
                "avatar": "https://social.example.org/avatar.png",
            },
            **more,
        }
        return ref

    def skeet(self, number: int, text: str, by: str = "bo", **record: Any) -> str:
        """Add a post to an author's Bluesky repository, and return its URI."""
        uri = f"at://did:example:{by}/app.bsky.feed.post/{number}"
        at = (FIRST + timedelta(minutes=number)).isoformat().replace("+00:00", ".000Z")
        self.records[uri] = {
            "uri": uri,
            "indexedAt": at,
            "author": {
                "did": f"did:example:{by}",
                "handle": f"{by}.example.org",
                "displayName": by,
            },
            "record": {"text": text, "createdAt": at, "langs": ["en"], **record},
        }
        return uri

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a GET of the path."""
        self.asked.append(path)
        if self.trouble is not None:
            return self.trouble
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        here = unquote(parts.path)
        if here.startswith("/api/v1/timelines/tag/"):
            return self._timeline(here, query)
        if here.startswith("/api/v1/statuses/"):
            found = self.statuses.get(here.rpartition("/")[2])
            return _json(found) if found else (404, {}, b'{"error": "Record not found"}')
        if here == "/xrpc/app.bsky.feed.searchPosts":
            return self._search(query)
        if here == "/xrpc/app.bsky.feed.getPosts":
            return _json({"posts": [self.records[u] for u in query["uris"] if u in self.records]})
        return 404, {}, b""

    def _timeline(
        self, path: str, query: dict[str, list[str]]
    ) -> tuple[int, dict[str, str], bytes]:
        rows = sorted(self.statuses.values(), key=lambda row: int(row["id"]))
        limit = min(int(query.get("limit", ["20"])[0]), self.page, 40)
        if "min_id" in query:
            rows = [row for row in rows if int(row["id"]) > int(query["min_id"][0])][:limit]
        else:
            most = int(query.get("max_id", [str(10**30)])[0])
            rows = [row for row in rows if int(row["id"]) < most][-limit:]
        rows.reverse()
        if not rows:
            return _json([])
        older = urlencode({"limit": limit, "max_id": rows[-1]["id"]})
        newer = urlencode({"limit": limit, "min_id": rows[0]["id"]})
        link = f'<{self.url}{path}?{older}>; rel="next", <{self.url}{path}?{newer}>; rel="prev"'
        status, headers, body = _json(rows)
        return status, {**headers, "Link": link}, body

    def _search(self, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        rows = sorted(self.records.values(), key=lambda row: row["indexedAt"], reverse=True)
        if since := query.get("since"):
            begun = datetime.fromisoformat(since[0])
            rows = [row for row in rows if datetime.fromisoformat(row["indexedAt"]) >= begun]
        start = int(query.get("cursor", ["0"])[0])
        end = start + min(int(query.get("limit", ["25"])[0]), self.page)
        more = {"cursor": str(end)} if end < len(rows) else {}
        return _json({"posts": rows[start:end], **more})


def _json(value: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


@contextmanager
def running() -> Iterator[FakeOrigins]:
    """Run the server on a port of its own until the block ends."""
    origins = FakeOrigins()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = origins.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Write nothing to the terminal."""

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        server.daemon_threads = True
        origins.url = f"http://127.0.0.1:{server.server_port}"
        yield origins
