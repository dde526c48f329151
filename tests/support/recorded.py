"""A meeting's recording on this machine's disk, of real packets, and the engine's cuts in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

import av
import numpy as np
from django.conf import settings

from hemicycle.engine import hls
from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import CutOrder
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.meeting.cutting import actions
from tests.engine.hls import folder as f
from tests.engine.hls.program import Program

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Meeting


@dataclass
class Recorded:
    """A recording that begins at `wall_ms`."""

    folder: Path
    wall_ms: int
    seconds: float

    def loudness(self, track: str, begin_ms: int, end_ms: int) -> float:
        """Return the largest amplitude, 0 to 1, between two moments in ms since the Unix epoch."""
        sound = np.zeros(round(self.seconds * SOUND_RATE) + SOUND_RATE, np.float32)
        with av.open(str(self.folder / f"{track}.m3u8")) as opened:
            mono = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
            for frame in opened.decode(audio=0):
                for piece in mono.resample(frame):
                    at = max(round((piece.time or 0.0) * SOUND_RATE), 0)
                    block = piece.to_ndarray().reshape(-1)[: len(sound) - at]
                    sound[at : at + len(block)] = block
        first, last = (round((at - self.wall_ms) * SOUND_RATE / 1000) for at in (begin_ms, end_ms))
        return float(np.abs(sound[first:last]).max())

    def words(self) -> str:
        """Return all text in the captions, playlists and metadata."""
        return "".join(
            path.read_text("utf-8", errors="replace")
            for path in self.folder.iterdir()
            if path.suffix in {".vtt", ".cues", ".m3u8", ".json"}
        )


def record(
    meeting: Meeting, wall_ms: int, seconds: float, captions: dict[int, str] | None = None
) -> Recorded:
    """Record a meeting for `seconds` from `wall_ms` on, and end the recording.

    `captions` has French captions by their times. All times are in ms since the Unix epoch.
    """
    folder = settings.MEDIA_ENGINE.segments / meeting.hearing_id.hex / meeting.id.hex
    made = _made(wall_ms, seconds, tuple((captions or {}).items()))
    shutil.copytree(made.name, folder, dirs_exist_ok=True)
    return Recorded(folder, wall_ms, seconds)


@cache
def _made(
    wall_ms: int, seconds: float, captions: tuple[tuple[int, str], ...]
) -> TemporaryDirectory[str]:
    """Make a recording without data of its meeting, so that tests with the same clock share it."""
    folder = TemporaryDirectory(prefix="hemicycle-recorded-")
    made, program = f.writer(Path(folder.name), wall_ms), Program()
    f.write(made, program.run(1))
    for at, text in captions:
        made.caption(CaptionLine("fr", at, (Cue(at, at + 900, text),)))
    f.write(made, program.run(seconds - 1))
    f.end(made, (ChapterMark(wall_ms, "Somebody"),))
    return folder


def make_cuts() -> int:
    """Make the ordered cuts as the engine does, and return their number."""
    ordered = actions.ordered()
    for one in ordered:
        folder = settings.MEDIA_ENGINE.segments / one["hearing"] / one["meeting"]
        done = hls.cut(folder, CutOrder(**one["order"]))
        actions.report(hearing=UUID(hex=one["hearing"]), order=one["order"], done=done)
    return len(ordered)
