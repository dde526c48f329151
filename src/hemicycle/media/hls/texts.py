"""The captions of one language on their way into segments.

Live, a cue goes into the segment that is open when it comes; one that comes after its time is shown
late rather than never. What was written is kept as it was meant, and is the captions on demand.
"""

import json
from collections.abc import Iterable

from hemicycle.media.webvtt import Cue, webvtt

EMPTY = "empty.vtt"
"""The file that every segment without captions names."""


class Text:
    """One language. All times in ms of the webcast's clock."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._cues: list[Cue] = []
        self._coming: list[Cue] = []

    @property
    def track(self) -> str:
        """What its list is called."""
        return f"{self.language}.text"

    @property
    def journal(self) -> str:
        """The file that keeps its cues, a line of JSON for each."""
        return f"{self.language}.cues"

    def read(self, journal: str) -> str:
        """Take what an earlier run kept; gives the part of it that is whole."""
        self._cues = list(_read(journal))
        return "".join(map(_line, self._cues))

    def add(self, cue: Cue) -> str:
        """Take a cue; gives its line for the journal."""
        self._cues.append(cue)
        self._coming.append(cue)
        return _line(cue)

    def cut(self, start_ms: int, end_ms: int) -> str:
        """The segment of this stretch; "" when it has no text."""
        late = (cue for cue in self._coming if cue.end_ms <= start_ms)
        self._coming = [
            *(cue.moved(start_ms - cue.start_ms) for cue in late),
            *(cue for cue in self._coming if cue.end_ms > start_ms),
        ]
        shown = [cue for cue in self._coming if cue.start_ms < end_ms]
        self._coming = [cue for cue in self._coming if cue.end_ms > end_ms]
        return webvtt(shown) if shown else ""

    def whole(self) -> str:
        """All of the meeting's captions."""
        return webvtt(sorted(self._cues, key=lambda cue: (cue.start_ms, cue.end_ms)))


def _line(cue: Cue) -> str:
    return json.dumps([cue.start_ms, cue.end_ms, cue.text], ensure_ascii=False) + "\n"


def _read(journal: str) -> Iterable[Cue]:
    """The cues of a journal; a last line cut short is left out."""
    for line in journal.splitlines(keepends=True):
        if line.endswith("\n"):
            try:
                start, end, text = json.loads(line)
            except ValueError:
                continue
            yield Cue(int(start), int(end), str(text))
