"""A meeting's recording as a player fetches and decodes it, on the clock of the record."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

import av
import numpy as np

from hemicycle.engine.audio import analysis
from hemicycle.engine.streams import SOUND_RATE, Samples

READY_S = 120.0
"""A recording is there within two minutes of the meeting's end."""


CLICK_MS = 40
"""A shorter span, in ms, is the codec's artefact at another tone's edge."""


class Stretch(NamedTuple):
    """A span of time, in ms since the Unix epoch."""

    begin: int
    end: int


@dataclass
class Recorded:
    """One rendition of the sound: its content, and the time of its first sample."""

    name: str
    begin_ms: int
    sound: Samples

    def heard(self, tone: int) -> list[Stretch]:
        """Return when a tone was heard."""
        found = analysis.spans(self.sound, tone)
        return [
            Stretch(self.begin_ms + stretch.begin_ms, self.begin_ms + stretch.end_ms)
            for stretch in found
            if stretch.end_ms - stretch.begin_ms >= CLICK_MS
        ]

    def before(self, end: int) -> Recorded:
        """Return the same rendition up to a moment."""
        return Recorded(self.name, self.begin_ms, self.between(self.begin_ms, end))

    def between(self, begin: int, end: int) -> Samples:
        """Return the sound between two moments."""
        first, last = (round((at - self.begin_ms) * SOUND_RATE / 1000) for at in (begin, end))
        return self.sound[max(first, 0) : max(last, 0)]


class Recording:
    """The recording at the webcast's address, after the end of the meeting."""

    def __init__(self, site: str, hearing: str, meeting: str) -> None:
        self._base = f"{site}/media/hls/{hearing}/{meeting}"
        self.facts = self._whole()

    def sound(self, channel: str, codec: str) -> Recorded:
        """Return a channel, decoded from the address of its playlist."""
        address = f"{self._base}/{channel}.{codec}.m3u8"
        return Recorded(f"{channel}.{codec}", _begin_ms(_text(address)), _decoded(address))

    def moments(self, shows: Callable[[list[int]], bool]) -> list[int]:
        """Return when the picture shows a colour above its middle, in ms since the Unix epoch.

        Four pictures a second are examined. `shows` is called with red, green and blue.
        """
        address = f"{self._base}/video.m3u8"
        begin, found, looked = _begin_ms(_text(address)), [], -1.0
        with av.open(address) as container:
            for frame in container.decode(video=0):
                at = frame.time or 0.0
                if at - looked < 0.25:
                    continue
                looked = at
                image = frame.to_ndarray(format="rgb24")
                pixel = image[frame.height * 5 // 18, frame.width // 2]
                if shows([int(value) for value in pixel]):
                    found.append(begin + round(at * 1000))
        return found

    def _whole(self) -> dict[str, Any]:
        over = time.monotonic() + READY_S
        while time.monotonic() < over:
            told: dict[str, Any] = json.loads(_text(f"{self._base}/meeting.json") or "{}")
            if told.get("ended"):
                return told
            time.sleep(0.2)
        raise AssertionError(f"no recording within {READY_S} s")


def _text(address: str) -> str:
    try:
        with urlopen(address, timeout=10) as answer:
            text: str = answer.read().decode()
            return text
    except HTTPError as error:
        if error.code == 404:
            return ""
        raise


def _begin_ms(playlist: str) -> int:
    assert playlist.endswith("#EXT-X-ENDLIST\n"), playlist[-200:]
    first = re.search(r"#EXT-X-PROGRAM-DATE-TIME:(\S+)", playlist)
    assert first is not None, playlist[:400]
    return round(datetime.fromisoformat(first[1]).timestamp() * 1000)


def _decoded(address: str) -> Samples:
    """Return the sound from the beginning of the webcast, with silence where frames are missing."""
    with av.open(address) as container:
        mono = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
        placed = [
            (resampled.time or 0.0, resampled.to_ndarray().reshape(-1))
            for frame in container.decode(audio=0)
            for resampled in mono.resample(frame)
        ]
    last = placed[-1]
    sound = np.zeros(round(last[0] * SOUND_RATE) + len(last[1]), np.float32)
    for at, block in placed:
        begin = round(at * SOUND_RATE)
        sound[begin : begin + len(block)] = block
    return sound
