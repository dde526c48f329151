"""Downloads recorded interventions ahead of time, and plays the one that has the floor."""

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from hemicycle.engine.video.decoding import VideoUnplayable
from hemicycle.engine.video.recording_player import RecordingPlayer

log = logging.getLogger(__name__)

type Fetch = Callable[[str, Path], Awaitable[None]]
"""Downloads an address into a file; raises OSError on failure."""

AGAIN_S = 10.0
"""Seconds until a failed download is tried again."""


class RecordedVideos:
    """The recorded interventions of one hearing, by slot. For the event loop only."""

    def __init__(self, fetch: Fetch) -> None:
        self.on_ready: Callable[[], None] = lambda: None
        """Called when another video can be played."""
        self.on_trouble: Callable[..., None] = lambda code, **values: None
        """Called when a video cannot be played: a code of `refusals.NOTICES` and its values."""
        self._fetch = fetch
        self._folder = Path(tempfile.mkdtemp(prefix="hemicycle-videos-"))
        self._files: dict[str, tuple[str, Path]] = {}
        self._tried: dict[str, float] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.playing: tuple[str, RecordingPlayer] | None = None
        self._asked = 0

    @property
    def ready(self) -> frozenset[str]:
        """The slots whose video is downloaded."""
        return frozenset(self._files)

    def want(self, addresses: Mapping[str, str]) -> None:
        """Download these videos: slot → address. One whose address changed is downloaded again."""
        for slot in self._files.keys() - addresses.keys():
            self._drop(slot)
        for slot, address in addresses.items():
            known = self._files.get(slot)
            if (known is None or known[0] != address) and self._may_try(slot):
                self._tasks[slot] = asyncio.create_task(self._bring(slot, address))

    async def play(self, slot: str) -> RecordingPlayer | None:
        """Start the video of a slot from its beginning; return its player.

        Return None if the video cannot be played, or is stopped while its file is opened.
        """
        self.stop()
        asked = self._asked
        try:
            recording = await asyncio.to_thread(RecordingPlayer, self._files[slot][1])
        except VideoUnplayable as error:
            self.on_trouble("video", slot=slot, reason=str(error))
            return None
        if asked != self._asked:
            recording.close()
            return None
        recording.start(time.monotonic())
        self.playing = slot, recording
        return recording

    def stop(self) -> None:
        """Stop the video that plays, or is about to play."""
        self._asked += 1
        if self.playing is not None:
            self.playing[1].close()
            self.playing = None

    async def close(self) -> None:
        """Stop downloads and the video, and delete all files."""
        self.stop()
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def _may_try(self, slot: str) -> bool:
        now, last = time.monotonic(), self._tried.get(slot)
        if slot in self._tasks or (last is not None and now - last < AGAIN_S):
            return False
        self._tried[slot] = now
        return True

    async def _bring(self, slot: str, address: str) -> None:
        path = self._folder / f"{slot}-{abs(hash(address)):x}"
        try:
            await self._fetch(address, path)
        except OSError as error:
            log.warning("a recorded intervention could not be fetched: %s", error)
            self.on_trouble("video_fetch", slot=slot)
        else:
            self._drop(slot)
            self._files[slot] = address, path
            self.on_ready()
        finally:
            del self._tasks[slot]

    def _drop(self, slot: str) -> None:
        known = self._files.pop(slot, None)
        if known is not None:
            known[1].unlink(missing_ok=True)
