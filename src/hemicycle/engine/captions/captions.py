"""Captions: lines of text that arrive while people speak, and leave as cues (`docs/media.md`).

A captioner at the console and a speech recognizer send the same kind of lines. A line becomes one
or more cues of at most two rows of 37 columns, one after the other, each shown for as long as it
takes to read. A line with the same start and language as an earlier one replaces it: it is a
correction.
"""

import json
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from hemicycle.engine.captions.lines import COLUMNS, caption_lines, width
from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.control.admission import RequestRefused
from hemicycle.engine.control.http import ADMISSION

ROW = COLUMNS // 2
COLUMNS_A_SECOND = 15
"""The reading speed of captions (EBU-TT-D and national guides say 12 to 17 characters a second)."""
SHORTEST_MS = 2_500
"""The shortest time a cue is shown, in ms: live players are a second or two behind."""
MOST_LATE_MS = 5_000
"""The longest time that a line is delayed, in ms, so that the previous one can be read."""
LONGEST_TEXT = 2_000
"""The most characters of one line; longer text is not a line of captions."""
LONGEST_LINE = 32_768
"""The most bytes of a line: each character may be escaped, and its times need room."""
OLDEST_MS = 10 * 60_000
"""A line whose start differs from now by more than this, in ms, comes from a wrong clock."""

BAD_JSON = "A line of captions is JSON: {“text”: …, “final”: true}."
TOO_LONG = f"A line of captions has at most {LONGEST_TEXT} characters. Send it in several lines."


class InvalidCaption(ValueError):
    """Raised for text that is not a valid caption. `str()` tells the sender why, in English."""


class Outcome(Enum):
    """The result of writing a line."""

    IGNORED = "not final, or empty"
    TAKEN = "taken"
    REPLACED = "taken, with names replaced"


class Captions:
    """The captions of a running hearing. `now_ms` is the record's clock.

    `on_line` is called with each whole line, its times in ms since the Unix epoch. `public` returns
    a text as the public may read it: it replaces names that have an alias, before any reader gets
    the line. `speakers` returns the names to put before a line that starts at a time, or "" where
    the picture says who speaks.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        on_line: Callable[[CaptionLine], None],
        public: Callable[[str], str] = str,
        speakers: Callable[[int], str] = lambda start_ms: "",
    ) -> None:
        self._now_ms = now_ms
        self._on_line = on_line
        self._public = public
        self._speakers = speakers
        self._named: dict[str, str] = {}
        self.last: dict[str, CaptionLine] = {}
        """The last line of each language."""

    def write(self, language: str, raw: bytes | str) -> Outcome:
        """Take a line of NDJSON; return what happened to it. Raises `InvalidCaption`."""
        line_data = _read(raw)
        said = " ".join(str(line_data["text"]).split())
        if line_data.get("final") is not True or not said:
            return Outcome.IGNORED
        start = line_data.get("start_ms") or self._now_ms()
        if abs(start - self._now_ms()) > OLDEST_MS:
            raise InvalidCaption("This line's start_ms is not near now: set the clock, or send 0.")
        at = max(start, min(self._free_at(language, start), start + MOST_LATE_MS))
        text = self._public(said)
        shown = self._with_speakers(language, text, start)
        self.last[language] = line = CaptionLine(
            language, start, cues(shown, at, line_data.get("end_ms") or 0)
        )
        self._on_line(line)
        return Outcome.TAKEN if text == said else Outcome.REPLACED

    def _with_speakers(self, language: str, text: str, start_ms: int) -> str:
        """Prefix the names of the speakers if they change, as subtitles do; a correction repeats
        them.
        """
        names, last = self._speakers(start_ms), self.last.get(language)
        known = self._named.get(language, "")
        if not names or (names == known and last is not None and last.start_ms != start_ms):
            self._named[language] = names
            return text
        self._named[language] = names
        return f"{names}: {text}"

    def _free_at(self, language: str, start_ms: int) -> int:
        """Return when the previous line has been shown for long enough."""
        last = self.last.get(language)
        if last is None or last.start_ms == start_ms:
            return start_ms
        return last.cues[-1].start_ms + SHORTEST_MS


def _read(raw: bytes | str) -> dict[str, Any]:
    try:
        line_data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidCaption(BAD_JSON) from error
    if not isinstance(line_data, dict) or not isinstance(line_data.get("text"), str):
        raise InvalidCaption(BAD_JSON)
    if len(line_data["text"]) > LONGEST_TEXT:
        raise InvalidCaption(TOO_LONG)
    for name in ("start_ms", "end_ms"):
        if not isinstance(line_data.get(name, 0), int) or line_data.get(name, 0) < 0:
            raise InvalidCaption(
                f"{name} is a whole number of ms since the Unix epoch, or 0 for now."
            )
    return line_data


def cues(text: str, start_ms: int, end_ms: int = 0) -> tuple[Cue, ...]:
    """Return a line as cues from `start_ms` on, one after the other, each shown long enough to
    read.

    `end_ms` is when the words ended; 0 if unknown.
    """
    parts = [pair for part in caption_lines(text) for pair in pairs(part)]
    columns = [max(width(part), 1) for part in parts]
    least = [max(SHORTEST_MS, wide * 1000 // COLUMNS_A_SECOND) for wide in columns]
    spare = max(end_ms - start_ms - sum(least), 0)
    made, at = [], start_ms
    for part, size, ms in zip(parts, columns, least, strict=True):
        until = at + ms + spare * size // sum(columns)
        made.append(Cue(at, until, part))
        at = until
    return tuple(made)


def pairs(text: str) -> list[str]:
    """Return a line in pairs of rows; if it fits into two, they are of similar length."""
    if width(text) <= ROW:
        return [text]
    tries = (caption_lines(text, columns) for columns in range(width(text) // 2 + 1, ROW + 1))
    rows = next((found for found in tries if len(found) == 2), None) or caption_lines(text, ROW)
    return ["\n".join(rows[place : place + 2]) for place in range(0, len(rows), 2)]


@runtime_checkable
class TakesCaptions(Protocol):
    """A hearing on the air that takes captions."""

    captions: Captions


async def take(request: web.Request) -> web.Response:
    """Handle `POST /media/captions/<hearing>`: read lines until the body ends; answer with how many
    were taken, and how many of these with names replaced.

    Lines before an invalid one stay accepted.
    """
    pass_, hearing = await request.app[ADMISSION].admit(request, "captions")
    if not isinstance(hearing, TakesCaptions):
        raise RequestRefused(503, "no_captions", Retry_After="5")
    taken = replaced = 0
    for number in range(1, 1_000_000):
        raw = await _line(request, number)
        if not raw:
            break
        try:
            outcome = hearing.captions.write(pass_.booth, raw) if raw.strip() else Outcome.IGNORED
        except InvalidCaption as error:
            raise RequestRefused(400, "caption_refused", f"Line {number}: {error}") from error
        taken += outcome is not Outcome.IGNORED
        replaced += outcome is Outcome.REPLACED
    return web.json_response({"taken": taken, "replaced": replaced})


async def _line(request: web.Request, number: int) -> bytes:
    try:
        return await request.content.readline(max_line_length=LONGEST_LINE)
    except LineTooLong as error:
        raise RequestRefused(400, "caption_refused", f"Line {number}: {TOO_LONG}") from error


def routes() -> Sequence[web.AbstractRouteDef]:
    """Return the routes for captions, for `http.app`."""
    return [web.post("/media/captions/{hearing}", take)]
