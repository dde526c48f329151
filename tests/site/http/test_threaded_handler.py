"""Streamed answers are read only as they are taken, and occupy no thread."""

import asyncio
import io
import threading
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from hemicycle.site.http import threaded_handler
from hemicycle.site.http.threaded_handler import ThreadedHandler
from hemicycle.ui.uploads import takes_files

MB = 2**20
LENGTH = (b"content-length", b"1")
read: list[int] = []
reading = threading.Lock()
closed: list[str] = []


class Counted(io.RawIOBase):
    """A file of 64 MB that notes how much of it was read."""

    left = 64 * MB

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = min(size if size >= 0 else self.left, self.left)
        self.left -= block
        read.append(block)
        return b"x" * block

    def close(self) -> None:
        closed.append("file")
        super().close()


def blocks() -> Any:
    for _ in range(1000):
        read.append(MB)
        yield b"x" * MB


def reads_a_file(request: HttpRequest) -> HttpResponse:
    assert reading.acquire(timeout=10)
    reading.release()
    return HttpResponse("read")


urlpatterns = [
    path("upload", takes_files(2**20)(reads_a_file)),
    path("file", lambda request: FileResponse(Counted())),
    path("blocks", lambda request: StreamingHttpResponse(blocks())),
    path("quick", lambda request: HttpResponse("here")),
]


@pytest.fixture(autouse=True)
def ours() -> Any:
    read.clear()
    closed.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield


class Visitor:
    """Takes so many blocks of an answer, and then no more."""

    def __init__(self, where: str, takes: int) -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": where,
            "raw_path": where.encode(),
            "query_string": b"",
            "headers": [],
        }
        self.takes, self.got = takes, 0
        self.full, self.gone = asyncio.Event(), asyncio.Event()
        self.asked = False

    async def receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b""}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] != "http.response.body" or not message.get("body"):
            return
        self.takes -= 1
        self.got += len(message["body"])
        if self.takes <= 0 and not self.gone.is_set():
            self.full.set()
            await self.gone.wait()


@pytest.mark.parametrize("where", ["/file", "/blocks"])
def test_no_more_is_read_than_is_taken(where: str) -> None:
    async def ask() -> int:
        handler, visitor = ThreadedHandler(1), Visitor(where, takes=8)
        asking = asyncio.create_task(handler(visitor.scope, visitor.receive, visitor.send))
        await asyncio.wait_for(visitor.full.wait(), 10)
        so_far = sum(read)
        visitor.gone.set()
        await asyncio.wait_for(asking, 10)
        assert sum(read) <= so_far + 2 * MB, "it goes on reading for nobody"
        return so_far

    assert asyncio.run(ask()) <= 10 * MB
    assert closed == (["file"] if where == "/file" else [])


def test_slow_readers_hold_no_thread() -> None:
    async def ask() -> int:
        handler = ThreadedHandler(1)
        slow = [Visitor("/file", takes=1) for _ in range(5)]
        asking = [asyncio.create_task(handler(one.scope, one.receive, one.send)) for one in slow]
        for one in slow:
            await asyncio.wait_for(one.full.wait(), 10)
        quick = Visitor("/quick", takes=2)
        await asyncio.wait_for(handler(quick.scope, quick.receive, quick.send), 10)
        for one in slow:
            one.gone.set()
        await asyncio.gather(*asking)
        return quick.got

    assert asyncio.run(ask()) == len(b"here")


def test_files_being_read_hold_no_thread_of_pages() -> None:
    def upload() -> Visitor:
        sender = Visitor("/upload", takes=9)
        sender.scope |= {
            "method": "POST",
            "headers": [(b"content-type", b"multipart/form-data; boundary=x"), LENGTH],
        }
        return sender

    async def ask() -> tuple[int, list[int]]:
        handler = ThreadedHandler(1)
        uploads = [upload() for _ in range(5)]
        with reading:
            asking = [asyncio.create_task(handler(u.scope, u.receive, u.send)) for u in uploads]
            quick = Visitor("/quick", takes=2)
            await asyncio.wait_for(handler(quick.scope, quick.receive, quick.send), 10)
            so_far = [upload.got for upload in uploads]
        await asyncio.gather(*asking)
        assert so_far == [0] * 5
        return quick.got, [upload.got for upload in uploads]

    assert asyncio.run(ask()) == (len(b"here"), [len(b"read")] * 5)


def test_a_reader_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threaded_handler, "NOT_TAKEN_S", 0.1)

    async def ask() -> None:
        visitor = Visitor("/file", takes=1)
        handler = ThreadedHandler(1)
        await asyncio.wait_for(handler(visitor.scope, visitor.receive, visitor.send), 10)

    asyncio.run(ask())
    assert closed == ["file"]
