"""Cues, and how they are written as WebVTT (W3C WebVTT §3; for HLS, RFC 8216 §3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
"""The header that puts cues on the media's own clock."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two rows of text, shown from `start_ms` to `end_ms` of any agreed clock."""

    start_ms: int
    end_ms: int
    text: str

    def moved(self, ms: int) -> "Cue":
        """Return the same cue `ms` later."""
        return replace(self, start_ms=self.start_ms + ms, end_ms=self.end_ms + ms)

    def until(self, ms: int) -> "Cue":
        """Return the same cue, shown until `ms` at the latest."""
        return replace(self, end_ms=min(self.end_ms, ms))


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """What was said in a language from `start_ms` on, as cues.

    A line replaces an earlier line of its language with the same start.
    """

    language: str
    start_ms: int
    cues: tuple[Cue, ...]

    def moved(self, ms: int) -> "CaptionLine":
        """Return the same line `ms` later."""
        return CaptionLine(
            self.language, self.start_ms + ms, tuple(cue.moved(ms) for cue in self.cues)
        )

    def told(self) -> dict[str, Any]:
        """Return the line as sessions get it (event `caption`)."""
        return {
            "language": self.language,
            "start_ms": self.start_ms,
            "end_ms": self.cues[-1].end_ms,
            "text": "\n".join(cue.text for cue in self.cues),
        }


def in_turn(cues: Iterable[Cue]) -> list[Cue]:
    """Return cues in order of time, each shown until the next one at the latest."""
    ordered = sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))
    return [
        cue.until(later.start_ms) if later.start_ms > cue.start_ms else cue
        for cue, later in pairwise((*ordered, *ordered[-1:]))
    ]


def webvtt(cues: Iterable[Cue]) -> str:
    """Return a WebVTT file of cues on the media's clock, which begins at 0."""
    return "".join((f"WEBVTT\n{MAP}\n", *(_written(cue) for cue in cues)))


def _written(cue: Cue) -> str:
    rows = "\n".join(filter(None, (row.strip() for row in cue.text.splitlines())))
    return f"\n{_time(cue.start_ms)} --> {_time(cue.end_ms)}\n{_escaped(rows)}\n"


def _time(ms: int) -> str:
    seconds, rest = divmod(max(ms, 0), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _escaped(text: str) -> str:
    """Escape markup, and the arrow that would end the text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
