"""Everything that a running site lets a stranger read about a hearing, and the files behind it.

The addresses are those of the URL table, so that a new one is included automatically. Each is
requested over HTTP, with every id that leads to the people of the test.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator
from http.client import HTTPResponse
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import HTTPErrorProcessor, Request, build_opener
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from hemicycle.documents.reading import Limits, extract
from hemicycle.engine.hls import recording
from hemicycle.engine.hls.metadata import read_file
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import feed
from tests.support.addresses import patterns

if TYPE_CHECKING:
    from tests.support.site import Site

type Read = list[tuple[str, str]]
"""Where something was read, and what."""

OF_ONE_PERSON = re.compile(r"<(?:secret|str):(?:secret|key)>")
"""The pattern of addresses that a private link opens."""
BEHIND_A_DOOR = ("office/", "sign-in/", "media-api/")
"""A stranger is redirected from these addresses with any arguments, so that one id is enough."""
BUILT_S = 30.0
"""The time in seconds that an archive may take to build while everything is read."""
FEED_S = 5.0
FILES = frozenset({".m3u8", ".vtt", ".json", ".mp4", ".m4s"})
"""The files in a meeting's folder that the media engine serves, by suffix."""


class _AsAnswered(HTTPErrorProcessor):
    """Returns a refusal or a redirection as an answer, instead of raising it or following it."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


class Outside:
    """A stranger at a site, who knows a hearing's address and every id in `ids`."""

    def __init__(self, site: Site, hearing: Hearing, ids: Iterable[UUID]) -> None:
        self._site, self._hearing, self._ids = site, hearing, list(ids)
        self._open = build_opener(_AsAnswered).open
        self.statuses: dict[str, set[int]] = {}
        """How the addresses of each name answered."""

    def read(self, seqs: Iterable[int] = ()) -> Read:
        """Return the answers of all addresses: pages, files, feeds and downloads of recordings.

        `seqs` are the entries of the record that are requested one by one.
        """
        return [*self._addresses(list(seqs)), *self._feeds(), *self._recordings()]

    def fetched(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body of an address."""
        with self._open(self._site.url + path, timeout=60) as answer:
            return answer.status, answer.read()

    def _addresses(self, seqs: list[int]) -> Iterator[tuple[str, str]]:
        for name, route in patterns().items():
            if OF_ONE_PERSON.search(route):
                continue
            for path in self._paths(name, route, seqs):
                yield f"{name} {path}", self._answer(name, path)

    def _answer(self, name: str, path: str) -> str:
        """Return the headers and texts of an address; repeat the request while a file is built."""
        seen, until = [], time.monotonic() + BUILT_S
        while True:
            with self._open(self._site.url + path, timeout=60) as answer:
                is_stream = answer.headers.get_content_type() == "text/event-stream"
                body = answer.read1() if is_stream else answer.read()
                seen += [str(answer.headers), *texts_in(body)]
                pause = answer.headers.get("Retry-After") if answer.status == 503 else None
            if pause is None or time.monotonic() > until:
                self.statuses.setdefault(name, set()).add(answer.status)
                return "\n".join(seen)
            time.sleep(int(pause))

    def _paths(self, name: str, route: str, seqs: list[int]) -> Iterator[str]:
        needed = re.findall(r"<(?:\w+:)?(\w+)>", route)
        values = [self._values(part, seqs) for part in needed]
        found: dict[str, None] = {}
        for chosen in product(*values):
            try:
                found[reverse(name, kwargs=dict(zip(needed, chosen, strict=True)))] = None
            except NoReverseMatch:  # the address takes an id and not a word, or the reverse
                continue
        paths = list(found)
        yield from paths[:1] if route.startswith(BEHIND_A_DOOR) else paths

    def _values(self, part: str, seqs: list[int]) -> list[Any]:
        """Return the values to try for a part of an address."""
        known: dict[str, list[Any]] = {
            "slug": [self._hearing.slug],
            "hearing": [self._hearing.id.hex],
            "meeting": list(self._hearing.meetings.values_list("id", flat=True)),
            "language": [*self._hearing.languages, "floor"],
            "seq": seqs,
            "kind": ["csv", "xlsx"],
            "path": ["0/000.p/1"],
            "old": [1],
            "new": [2],
            "number": [1],
            "rest": ["v0/hearings"],
        }
        return known.get(part, [*self._ids, *(id.hex for id in self._ids), part])

    def _feeds(self) -> Iterator[tuple[str, str]]:
        """Yield the first event of each feed that is open to all."""
        for audience in feed._audiences.values():
            if audience.open_to_all:
                address = self._site.url + feed.address(self._hearing.id, audience.name)
                with self._open(address, timeout=FEED_S) as events:
                    assert events.status == 200, address
                    line = b""
                    while not line.startswith(b"data:"):
                        line = events.readline()
                yield f"feed {audience.name}", line.decode()

    def _recordings(self) -> Iterator[tuple[str, str]]:
        """Yield what the media engine serves of recordings, except sound and picture themselves."""
        for meeting in self.folders():
            facts, names = read_file(meeting), [path.name for path in meeting.iterdir()]
            names += [recording.name(channel.id, facts) for channel in facts.channels]
            for name in names:
                path = f"/media/hls/{meeting.parent.name}/{meeting.name}/{name}"
                if Path(name).suffix in FILES - {".m4s"}:
                    status, body = self.fetched(path)
                    # An unavailable or cut resource gives a refusal: read it as well.
                    yield f"{status} {path}", body.decode("latin-1")

    def folders(self) -> list[Path]:
        """Return the media engine's folders of the hearing's meetings, one for each."""
        root = Path(settings.MEDIA_ENGINE.segments) / self._hearing.id.hex
        return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []

    def in_files(self, words: Iterable[str]) -> list[str]:
        """Return each pair of a file of the webcast and a word that its name or content contains.

        Segments are included. The words must be in ASCII.
        """
        sought = {word: word.lower().encode() for word in words}
        return sorted(
            f"{path.name}: {word}"
            for folder in self.folders()
            for path in folder.rglob("*")
            if path.is_file()
            for data in (path.read_bytes().lower(),)
            for word, encoded in sought.items()
            if encoded in data or encoded in path.name.lower().encode()
        )

    def segments(self) -> int:
        """Return the number of segments in the folders."""
        return sum(1 for folder in self.folders() for _ in folder.glob("*.m4s"))


def texts_in(body: bytes) -> Iterator[str]:
    """Yield a file as text; for a zip (an archive, a DOCX), the names and texts of its files."""
    if body.startswith(b"%PDF"):
        yield extract(body, name="file.pdf", limits=Limits()).text
        return
    if not zipfile.is_zipfile(io.BytesIO(body)):
        yield body.decode(errors="replace")
        return
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        for name in packed.namelist():
            yield name
            yield from texts_in(packed.read(name))
