"""The webcast of one meeting: takes the program's packets, makes playlists and segments.

The event loop only passes packets on, in batches; a thread cuts, encodes AAC and writes files. A
full or slow disk harms the webcast and not the meeting: the oldest packets that the thread has not
read in time are dropped (`Backlog`).
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock, Thread

from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.hls import metadata, webcast_folder
from hemicycle.engine.hls.backlog import Backlog, Batch, ClockMoved
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.live import LiveWebcast
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.names import native, run_name
from hemicycle.engine.hls.playlists import AudioChannel
from hemicycle.engine.hls.webcast_folder import OnTrouble
from hemicycle.engine.hls.writer import (
    FileChanged,
    PlaylistOpened,
    SegmentAdded,
    SegmentsReplaced,
    WebcastChange,
    WebcastWriter,
)
from hemicycle.engine.streams import FLOOR, PROGRAM, Output, Packet

log = logging.getLogger(__name__)

LINES = 10_000
"""The most captions and other orders that wait while a disk hangs; it is enough for hours."""
BATCH = 200
"""The most packets in a batch without a picture."""
KEY_APART_S = 0.5
TELL_EVERY_S = 60.0

_beginning = Lock()
"""Held while a folder is read, so that a webcast that another packager continues is not ended."""
_going_on: set[Path] = set()

type PackagerOrder = CaptionLine | "_Cut" | None
"""An order to the thread, besides packets and changes of the clock; None ends the thread."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A cut into a running webcast, and the future of its caller."""

    order: CutOrder
    done: asyncio.Future[bool]


class OnTheAir(Exception):
    """Raised for the folder of a running packager, which makes cuts itself."""


def _nobody(code: str, **values: str) -> None:
    """Ignore a report."""


class Packager:
    """Writes the webcast of a meeting, and continues the folder of an earlier run.

    Create it in the event loop when the meeting opens. `folder` is the meeting's own, `outputs` has
    `program` and the channels to publish, `started_at_wall_ms` is when the program's clock was 0
    (ms since the Unix epoch), `titles` are the names of channels (by default the languages' own
    names). `on_trouble` gets reports for the technician. `title` is the meeting's, `fps` the
    pictures per second, 0 if unknown; `small` says that packets of the picture come with a small
    one. `epoch` is that of the hearing's lease, 0 for none. `live` answers players while the
    meeting lasts.
    """

    def __init__(
        self,
        folder: Path,
        outputs: Mapping[str, Output],
        started_at_wall_ms: int,
        titles: Mapping[str, str] | None = None,
        on_trouble: OnTrouble = _nobody,
        *,
        title: str = "",
        fps: int = 0,
        small: bool = False,
        epoch: int = 0,
    ) -> None:
        self.folder = folder
        _going_on.add(folder)
        known = metadata.read_file(folder)
        known.title, known.fps = title, fps
        self.live = LiveWebcast(run_name(epoch, known.spans))
        self._loop = asyncio.get_running_loop()
        self._on_trouble = on_trouble
        self._begun_at = self._loop.time()
        self._told_at = self._asked_at = self._begun_at - TELL_EVERY_S
        # Packets are passed on with each picture, 25 times a second, and not one by one, because
        # each item in the queue wakes the thread.
        self._batch: list[tuple[str, Packet]] = []
        # The queue is bounded, because a disk that hangs must not fill memory.
        self._backlog: Backlog[PackagerOrder] = Backlog()
        self._taken_s = self._written_s = 0.0
        self._taken_at: float | None = None
        self._program = outputs[PROGRAM]
        self._takers = [(output, partial(self._take, name)) for name, output in outputs.items()]
        for output, taker in self._takers:
            output.add(taker)
        named = {FLOOR: "Floor"} | dict(titles or {})
        channels = [AudioChannel(name, named.get(name) or native(name)) for name in outputs]
        channels = [channel for channel in channels if channel.id != PROGRAM]
        self._chapters: Sequence[ChapterMark] = ()
        self._ended = False
        self._finished = self._loop.create_future()
        begin = partial(
            WebcastWriter,
            folder,
            known,
            channels,
            started_at_wall_ms,
            self._trouble,
            small=small,
            epoch=epoch,
        )
        # The thread is a daemon: a disk that hangs must not keep the process from ending.
        Thread(target=self._work, args=(begin,), name="webcast", daemon=True).start()

    def caption(self, line: CaptionLine) -> None:
        """Add a line (ms since the Unix epoch) to the captions of its language."""
        if len(self._backlog) < LINES:
            self._backlog.put(line)

    def move_clock(self, started_at_wall_ms: int) -> None:
        """Set another time for 0 on the clock from the next packet on, because the delay has
        changed.
        """
        self._flush()
        self._backlog.put(ClockMoved(started_at_wall_ms))

    @property
    def behind_s(self) -> float:
        """The seconds of the program that are not yet written, although they have come or should
        have.

        This includes the time since the last packet: if none come, nothing is written either.
        """
        if self._taken_at is None:
            return self._loop.time() - self._begun_at
        return max(self._loop.time() - self._taken_at + self._taken_s - self._written_s, 0.0)

    async def cut(self, order: CutOrder) -> bool:
        """Remove a stretch from past and future; return whether the cut is complete on disk.

        Also returns False if the webcast cannot be written, or ends in the meantime: try again
        then.
        """
        done: asyncio.Future[bool] = self._loop.create_future()
        self._backlog.put(_Cut(order, done))
        # Wait for either: a thread that has failed answers no cut, but it always sets `_finished`.
        ended = asyncio.ensure_future(asyncio.shield(self._finished))
        await asyncio.wait((done, ended), return_when=asyncio.FIRST_COMPLETED)
        return done.done() and done.result()

    async def close(self, chapters: Sequence[ChapterMark] = ()) -> None:
        """End the meeting's webcast; return when its complete lists can be watched.

        `chapters` are written into the files for download.
        """
        self._chapters, self._ended = chapters, True
        await self.leave()

    async def leave(self) -> None:
        """Stop in mid-meeting: write all packets that wait; the next run continues the webcast."""
        for output, taker in self._takers:
            output.remove(taker)
        self._takers = []
        self._flush()
        self._backlog.put(None)
        await self._finished
        self.live.end()

    # In the event loop.

    def _take(self, name: str, packet: Packet) -> None:
        self._batch.append((name, packet))
        if name == PROGRAM or len(self._batch) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._batch:
            return
        batch, self._batch = Batch(tuple(self._batch)), []
        now = self._loop.time()
        if self._taken_at is None:
            self._written_s = batch.at
        self._taken_s, self._taken_at = batch.at, now
        if not self._backlog.put_packets(batch):
            return
        # Usually the thread asks for keyframes, but it is late or stuck.
        self._ask_for_key()
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._on_trouble("webcast_behind")

    def _ask_for_key(self) -> None:
        now = self._loop.time()
        if now - self._asked_at >= KEY_APART_S:
            self._asked_at = now
            self._program.wants_key()

    def _publish(self, changes: Sequence[WebcastChange], *, wants_key: bool) -> None:
        for change in changes:
            match change:
                case PlaylistOpened():
                    self.live.open(
                        change.track, change.segments, parts=change.parts, before=change.before
                    )
                case SegmentAdded():
                    self.live.add_segment(change.track, change.segment, change.before)
                case SegmentsReplaced():
                    self.live.replace(change.track, change.segments, change.number)
                case FileChanged():
                    self.live.files[change.name] = change.data
                case _:
                    self.live.add_part(change)
        # The loop requests it, since the thread must not touch the encoder.
        if wants_key:
            self._ask_for_key()

    # In the thread.

    def _trouble(self, code: str, **values: str) -> None:
        self._loop.call_soon_threadsafe(partial(self._on_trouble, code, **values))

    def _work(self, begin: Callable[[], WebcastWriter]) -> None:
        try:
            with _beginning:
                writer = begin()
            self._write(writer)
        except Exception:
            log.exception("the webcast has stopped")
            self._trouble("webcast_failed")
            # The meeting continues, so nothing may wait for this thread.
            while self._backlog.get() is not None:
                pass
        _going_on.discard(self.folder)
        self._loop.call_soon_threadsafe(self._finished.set_result, None)

    def _write(self, writer: WebcastWriter) -> None:
        while (order := self._backlog.get()) is not None:
            if isinstance(order, _Cut):
                self._cut(writer, order)
                continue
            changes = _carried_out(writer, order)
            if isinstance(order, Batch):
                self._written_s = order.at
            # The picture may need a keyframe even if nothing was completed.
            if changes or writer.wants_key:
                tell = partial(self._publish, changes, wants_key=writer.wants_key)
                self._loop.call_soon_threadsafe(tell)
        changes = writer.finish(self._chapters, ended=self._ended)
        self._loop.call_soon_threadsafe(partial(self._publish, changes, wants_key=False))

    def _cut(self, writer: WebcastWriter, asked: _Cut) -> None:
        changes, done = writer.cut(asked.order)

        def tell() -> None:
            self._publish(changes, wants_key=False)
            if not asked.done.done():
                asked.done.set_result(done)

        self._loop.call_soon_threadsafe(tell)


def is_on(folder: Path) -> bool:
    """Return whether a packager of this process writes to a folder."""
    return folder in _going_on


def cut(folder: Path, order: CutOrder, on_trouble: OnTrouble = _nobody) -> bool:
    """Remove a stretch from a webcast that is over; return whether the cut is complete on disk.

    Returns True if nothing was recorded. Raises `OnTheAir`, and OSError if the object store is
    needed and unavailable. Slow: call it in a thread.
    """
    # Fetch before taking the lock: a webcast that begins must not wait for a slow store.
    if folder not in _going_on and (store := webcast_folder.mirror()) is not None:
        store.fetch(folder)
    with _beginning:
        if folder in _going_on:
            raise OnTheAir
        known = metadata.read_file(folder)
        if not known.spans:
            return True
        writer = WebcastWriter(folder, known, known.channels, 0, on_trouble, on=False)
        return writer.cut(order)[1]


def finish(
    folder: Path, chapters: Sequence[ChapterMark] = (), on_trouble: OnTrouble = _nobody
) -> bool:
    """End the webcast of a meeting that closed while no engine ran.

    Returns False if there is nothing to end. Slow: call it in a thread.
    """
    with _beginning:
        known = metadata.read_file(folder)
        if known.ended or known.picture is None or folder in _going_on:
            return False
        chapters = chapters or known.chapters
        WebcastWriter(folder, known, known.channels, 0, on_trouble).finish(chapters, ended=True)
    return True


def remove(folder: Path) -> bool:
    """Delete the webcasts in a hearing's folder; return False while one of them is on the air.

    Raises OSError. Slow: call it in a thread.
    """
    with _beginning:
        if any(on.parent == folder for on in _going_on):
            return False
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
    return True


def _carried_out(
    writer: WebcastWriter, order: Batch | CaptionLine | ClockMoved
) -> list[WebcastChange]:
    if isinstance(order, CaptionLine):
        return writer.caption(order)
    if isinstance(order, ClockMoved):
        return writer.move_clock(order.started_at_wall_ms, order.from_pts)
    return [changes for name, packet in order.packets for changes in writer.take(name, packet)]
