"""Puts the captions of one language into segments.

Live, a cue is written into the segment that is open when it arrives; a late one is shown late
rather than never. The captions on demand are made of the cues with their original times.
"""

import json
from collections.abc import Iterable

from hemicycle.engine.captions.webvtt import CaptionLine, Cue, in_turn, webvtt

EMPTY = "empty.vtt"
"""The file that is listed for every segment without captions."""


class CaptionTrack:
    """The captions of one language. All times are in ms of the webcast's clock."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._audio: dict[int, CaptionLine] = {}
        self._coming: dict[int, list[Cue]] = {}

    @property
    def track(self) -> str:
        """The name of the language's playlist."""
        return f"{self.language}.text"

    @property
    def journal(self) -> str:
        """The name of the file that stores the lines, each with its cues as JSON."""
        return f"{self.language}.cues"

    def read(self, journal: str) -> str:
        """Read the journal of an earlier run; return its undamaged part."""
        for start_ms, cues in _read(journal):
            self._audio[start_ms] = CaptionLine(self.language, start_ms, tuple(cues))
        return "".join(map(_written, self._audio.values()))

    def add(self, line: CaptionLine) -> str:
        """Add a line; return what to append to the journal."""
        self._audio[line.start_ms] = line
        self._coming[line.start_ms] = list(line.cues)
        return _written(line)

    def cut(self, start_ms: int, end_ms: int) -> str:
        """Return the captions of this segment as WebVTT; "" if it has no text.

        Cues that came too late are moved into it.
        """
        for line, cues in self._coming.items():
            late = max(start_ms - cues[-1].end_ms + 1, 0) and start_ms - cues[0].start_ms
            self._coming[line] = [cue.moved(late) for cue in cues]
        cues = in_turn(cue for cues in self._coming.values() for cue in cues)
        shown = [cue for cue in cues if cue.start_ms < end_ms and cue.end_ms > start_ms]
        self._coming = {
            line: cues for line, cues in self._coming.items() if cues[-1].end_ms > end_ms
        }
        return webvtt(shown) if shown else ""

    def remove(self, start_ms: int, end_ms: int | None) -> str:
        """Forget all lines that overlap a stretch; return the journal without them.

        `end_ms` is None for a stretch that has not ended.
        """

        def goes(line: CaptionLine) -> bool:
            begins, ends = line.cues[0].start_ms, line.cues[-1].end_ms
            return ends > start_ms and (end_ms is None or begins < end_ms)

        self._audio = {at: line for at, line in self._audio.items() if not goes(line)}
        self._coming = {at: cues for at, cues in self._coming.items() if at in self._audio}
        return "".join(map(_written, self._audio.values()))

    def between(self, start_ms: int, end_ms: int) -> str:
        """Return the captions of a past stretch as WebVTT; "" if it has no text."""
        cues = in_turn(cue for line in self._audio.values() for cue in line.cues)
        shown = [cue for cue in cues if cue.start_ms < end_ms and cue.end_ms > start_ms]
        return webvtt(shown) if shown else ""

    def whole(self) -> str:
        """Return all of the meeting's captions as WebVTT."""
        return webvtt(self.cues())

    def cues(self) -> list[Cue]:
        """Return all of the meeting's cues in order of time, each shown until the next one at the
        latest.
        """
        return in_turn(cue for line in self._audio.values() for cue in line.cues)


def _written(line: CaptionLine) -> str:
    cues = [[cue.start_ms, cue.end_ms, cue.text] for cue in line.cues]
    return json.dumps([line.start_ms, cues], ensure_ascii=False) + "\n"


def _read(journal: str) -> Iterable[tuple[int, list[Cue]]]:
    """Yield the lines of a journal; a truncated last one is left out."""
    for written in journal.splitlines(keepends=True):
        if written.endswith("\n"):
            try:
                start_ms, cues = json.loads(written)
            except ValueError:
                continue
            yield start_ms, [Cue(*cue) for cue in cues]
