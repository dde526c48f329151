"""Public parts and files of a live webcast, and the tones that are heard in them."""

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import aiohttp
import av
import numpy as np

from hemicycle.engine import settings
from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE, Samples
from tests.engine.aired import HEARING, MEETING, Aired

TRACK = "floor.opus"
HEARD = 0.02


def folder_of(data: Path) -> Path:
    return settings.read({"HEMICYCLE_DATA_DIR": str(data)}).segments / HEARING / MEETING


def decoded(init: bytes, pieces: bytes) -> Samples:
    """Decode the sound in some fragments of a track."""
    with av.open(io.BytesIO(init + pieces), "r", format="mp4") as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32) if frames else np.zeros(0, np.float32)


def amplitudes(sound: Samples, hertz: int) -> Samples:
    """Return the amplitude of a tone in each tenth of a second."""
    step = SOUND_RATE // 10
    starts = range(0, len(sound) - step + 1, step)
    return np.array([amplitude(sound[at : at + step], hertz) for at in starts], np.float32)


def loudest(sound: Samples, hertz: int) -> float:
    """Return the largest amplitude of a tone in any tenth of a second."""
    return float(amplitudes(sound, hertz).max(initial=0.0))


def recorded(folder: Path) -> Samples:
    """Decode all sound of the floor in a meeting's folder, whether or not a list names it."""
    inits = sorted(folder.glob(f"{TRACK}-*.mp4"))
    pieces = sorted(folder.glob(f"{TRACK}-*.m4s"))
    return decoded(inits[0].read_bytes(), b"".join(path.read_bytes() for path in pieces))


class Public:
    """A visitor who fetches every part of the live webcast as soon as it is available."""

    def __init__(self, engine: Aired, expected: Iterable[int]) -> None:
        self._url = f"{engine.base}/media/hls/{HEARING}/{MEETING}"
        self.parts: dict[str, tuple[float, bytes]] = {}
        self.init = b""
        self._tones: dict[str, set[int]] = {}
        self._expected = tuple(expected)

    async def follow(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    await self._look(http)
                await asyncio.sleep(0.05)

    async def _look(self, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{self._url}/{TRACK}.m3u8") as answer:
            if answer.status != 200:
                return
            text = await answer.text()
        for line in text.splitlines():
            if line.startswith("#EXT-X-MAP") and not self.init:
                self.init = await self._file(http, line)
            if line.startswith("#EXT-X-PART:") and (name := _named(line)) not in self.parts:
                self.parts[name] = time.time(), await self._file(http, line)

    async def _file(self, http: aiohttp.ClientSession, line: str) -> bytes:
        async with http.get(f"{self._url}/{_named(line)}") as answer:
            return await answer.read() if answer.status == 200 else b""

    def first_heard(self, hertz: int) -> float | None:
        """Return the time when the first part with a tone was available, or None."""
        return next((at for name, (at, _) in self.parts.items() if self.hears(name, hertz)), None)

    def hears(self, name: str, hertz: int) -> bool:
        """Return whether a tone is heard in a part."""
        if name not in self._tones:
            _at, data = self.parts[name]
            sound = decoded(self.init, data) if data else np.zeros(0, np.float32)
            self._tones[name] = {tone for tone in self._expected if _hears(sound, tone)}
        return hertz in self._tones[name]


def _hears(sound: Samples, tone: int) -> bool:
    return len(sound) > 0 and amplitude(sound, tone) > HEARD


def _named(line: str) -> str:
    return line.partition('URI="')[2].partition('"')[0]


@contextlib.asynccontextmanager
async def in_public(engine: Aired, *expected: int) -> AsyncIterator[Public]:
    public = Public(engine, expected)
    task = asyncio.create_task(public.follow())
    try:
        yield public
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
