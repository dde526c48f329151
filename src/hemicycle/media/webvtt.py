"""Cues, and WebVTT of them (W3C WebVTT §3; for HLS, RFC 8216 §3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass

MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
"""Cues are on the media's own clock."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two rows of text, shown from `start_ms` to `end_ms` of whatever clock is agreed."""

    start_ms: int
    end_ms: int
    text: str

    def moved(self, ms: int) -> "Cue":
        """The same `ms` later."""
        return Cue(self.start_ms + ms, self.end_ms + ms, self.text)


def webvtt(cues: Iterable[Cue]) -> str:
    """A file of cues on the media's clock, which begins at 0."""
    return "".join((f"WEBVTT\n{MAP}\n", *(_written(cue) for cue in cues)))


def _written(cue: Cue) -> str:
    rows = "\n".join(filter(None, (row.strip() for row in cue.text.splitlines())))
    return f"\n{_time(cue.start_ms)} --> {_time(cue.end_ms)}\n{_escaped(rows)}\n"


def _time(ms: int) -> str:
    seconds, rest = divmod(max(ms, 0), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _escaped(text: str) -> str:
    """Nothing that is written is markup, nor the arrow that would end the text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
