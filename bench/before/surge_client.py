"""A minimal HTTP/1.1 client with a persistent connection, cookies and forms."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from random import getrandbits
from urllib.parse import urlencode, urlsplit

_COOKIE = re.compile(rb"\r\nset-cookie: ([^;\r]+)")
_FIELD = re.compile(rb'name="(csrfmiddlewaretoken|form_key|draft_key)" value="([^"]+)"')
_PLACE = re.compile(rb'receipt__place">\s*<b>([^<]+)</b>')
CONFIRM = re.compile(rb'href="(/confirm/[^"]+/)"')
_REFERENCE = re.compile(rb"HC-[0-9A-Z]{3}-[0-9A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its head with all headers (lower case), and its body."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Return the value of the first header with this name (lower case), or b""."""
        begin = self.head.find(b"\r\n" + name + b": ")  # uvicorn writes names in lower case
        if begin < 0:
            return b""
        begin += len(name) + 4
        return self.head[begin : self.head.index(b"\r", begin)]

    def cookies(self) -> list[str]:
        """Return the name and value of each cookie in the answer."""
        return [found.decode() for found in _COOKIE.findall(self.head)]


@dataclass(slots=True)
class Taken:
    """One registration: when its form was sent and answered (s, `perf_counter`), and its receipt.

    `confirmed` says that the link in the letter, which a trial site shows with the receipt, was
    opened and its button pressed.
    """

    sent: float
    answered: float
    status: int
    reference: str = ""
    place: int = 0
    confirmed: bool = False


@dataclass(slots=True)
class Visitor:
    """One persistent connection, on which many people register one after the other."""

    port: int
    address: str = "192.0.2.1"
    """The apparent address of the current person; each has a random one."""
    reader: asyncio.StreamReader = field(init=False)
    writer: asyncio.StreamWriter = field(init=False)

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, method: str, path: str, cookie: str, body: bytes = b"") -> Answer:
        """Send a request and read the whole response."""
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: localhost:{self.port}",
            "Accept: text/html",
            "Accept-Language: en",
            f"X-Forwarded-For: {self.address}",
        ]
        if cookie:
            lines.append(f"Cookie: {cookie}")
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"Origin: http://localhost:{self.port}",
            ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        answer = Answer(int(head[9:12]), head, b"")
        if length := answer.header(b"content-length"):
            return Answer(answer.status, head, await self.reader.readexactly(int(length)))
        return Answer(answer.status, head, await self._chunks())

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(parts)

    async def register(self, form_path: str, data: dict[str, str]) -> Taken:
        """Open and submit the form, open the receipt and the letter's link, and press its button.

        Raises AssertionError for an unexpected page.
        """
        self.address = str(IPv4Address(0x0A000000 + getrandbits(24)))
        page = await self.ask("GET", form_path, "")
        cookie = page.header(b"set-cookie").split(b";", 1)[0].decode()
        hidden = {name.decode(): value.decode() for name, value in _FIELD.findall(page.body)}
        body = urlencode({**data, **hidden}).encode()
        sent = time.perf_counter()
        answer = await self.ask("POST", form_path, cookie, body)
        taken = Taken(sent, time.perf_counter(), answer.status)
        cookie = "; ".join((cookie, *answer.cookies()))
        if answer.status == 302:
            location = urlsplit(answer.header(b"location").decode())
            seen = await self.ask("GET", f"{location.path}?{location.query}", cookie)
            reference, place = _REFERENCE.search(seen.body), _PLACE.search(seen.body)
            assert seen.status == 200, seen.body[:2000]
            assert reference, seen.body[:2000]
            assert place, seen.body[:2000]
            taken.reference, taken.place = reference[0].decode(), int(place[1])
            taken.confirmed = await self._confirm(seen.body, cookie)
        return taken

    async def _confirm(self, receipt: bytes, cookie: str) -> bool:
        link = CONFIRM.search(receipt)
        assert link, receipt[:2000]
        path = link[1].decode()
        page = await self.ask("GET", path, cookie)
        hidden = {name.decode(): value.decode() for name, value in _FIELD.findall(page.body)}
        assert page.status == 200, page.body[:2000]
        answer = await self.ask("POST", path, cookie, urlencode(hidden).encode())
        return answer.status == 302 and b"confirmed=1" in answer.header(b"location")

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()


async def surge(port: int, clients: int, jobs: list[tuple[str, dict[str, str]]]) -> list[Taken]:
    """Work through the jobs with `clients` visitors at the same time; return the registrations."""
    waiting = list(reversed(jobs))
    done: list[Taken] = []

    async def work() -> None:
        visitor = Visitor(port)
        await visitor.connect()
        while waiting:
            done.append(await visitor.register(*waiting.pop()))
        visitor.close()

    await asyncio.gather(*(work() for _ in range(clients)))
    return done
