"""Publishes the webcast's folder to an object store, and downloads it on another machine.

*The folder is the queue.* `WebcastFolder` says which names have changed, and the publisher
remembers the names, not the bytes: a name whose file exists is stored, one whose file is gone is
deleted. So a store that is unavailable for an hour costs no memory, and nothing in the meeting
waits for it.

*Order.* A round first deletes, since a cut must not wait for uploads. Then it stores segments, and
last the lists as they were before the segments were noted, so that no list names a file that is not
in the store. A round that fails begins again, later each time, up to `SLOWEST_S`.

*What players get.* An object store cannot hold a request, so the lists there are those of the
folder: whole segments, no blocking reload, no parts. Their viewers are six to ten seconds behind.

*Another machine.* The store has enough to continue a webcast: `fetch` downloads the small files,
and `complete` the segments when a cut or a download needs them. The copy of the machine that
continues is the valid one: a round compares before it stores segments and again before it stores
lists, and leaves out those of this machine if the store has a webcast of a later lease, or more of
it (`_overtaken`).
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock, Thread

from hemicycle.engine.hls import caching, metadata, packager, playlists
from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.engine.hls.segmenter import PICTURE
from hemicycle.engine.webcast_store import WebcastStore, WebcastStoreAway

log = logging.getLogger(__name__)

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
    ".json": "application/json",
}
LEFT_OUT = ".left-out"
"""The file that marks a folder of which nothing is published."""
JOURNAL = ".cues"
"""The captions with their own times, which a machine that continues a webcast needs at its end."""
AT_ONCE = 8
SOONEST_S, SLOWEST_S = 1.0, 10.0
"""The first and the longest pause after a failed round, in seconds."""
TELL_EVERY_S = 60.0
CLEARED_S = 5.0
"""How long a cut waits for the store before it is reported as not done, in seconds."""
BEHIND = 2_000
"""The number of waiting files, two or three minutes of a webcast in six languages, above which the
technician reads that the store is behind.
"""


class WebcastPublisher:
    """Publishes all webcasts below `segments`, in a thread.

    The thread calls `on_trouble` with a code of `refusals.NOTICES`, at most once a minute.
    """

    def __init__(self, segments: Path, store: WebcastStore) -> None:
        self._segments, self._store = segments, store
        self.on_trouble: Callable[[str], object] = lambda code: None
        self._unchecked: list[Path] = []
        self._waiting: dict[Path, int] = {}
        self._changes = 0
        self._news = Condition()
        self._storing = Lock()
        self._stopped = False
        self._held: set[Path] = set()
        """Journals of which something was not public yet when they were stored."""
        self._left_out: set[Path] = set()
        self._told_at = -TELL_EVERY_S
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webcast-store")
        self._thread = Thread(target=self._work, name="webcast-store", daemon=True)
        self.away = ""
        """Why the last round failed; "" if it did not."""

    def start(self) -> None:
        """Start the thread, which first completes the work of an engine that was killed."""
        self._left_out |= {path.parent for path in self._segments.glob(f"*/*/{LEFT_OUT}")}
        self._unchecked = sorted(
            path.parent for path in self._segments.glob(f"*/*/{metadata.FILE}")
        )
        self._thread.start()

    def stop(self, wait_s: float = 10.0) -> None:
        """Publish the files that wait, for at most `wait_s` seconds while the store is available,
        and end.
        """
        limit = time.monotonic() + wait_s
        with self._news:
            while self._waiting and not self.away and time.monotonic() < limit:
                self._news.wait(0.1)
            self._stopped = True
            self._news.notify_all()
        self._thread.join(wait_s)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> int:
        """The number of files that wait for the store."""
        return len(self._waiting)

    def changed(self, path: Path) -> None:
        """Note that a file was written or deleted. Thread-safe; returns at once."""
        if _is_public(path.name) and path.parent not in self._left_out:
            with self._news:
                self._changes += 1
                self._waiting[path] = self._changes
                self._news.notify_all()

    def cleared(self, folder: Path, wait_s: float = CLEARED_S) -> bool:
        """Wait until the store has deleted the files that are gone from a folder; return whether it
        has.
        """
        limit = time.monotonic() + wait_s
        with self._news:
            while any(path.parent == folder and not path.exists() for path in self._waiting):
                if time.monotonic() >= limit:
                    return False
                self._news.wait(0.1)
        return True

    def leave_out(self, folder: Path) -> None:
        """Publish nothing of a folder, because its files in the store may be another machine's.

        This outlasts the process, until the store is known to have nothing of the folder.
        """
        self._left_out.add(folder)
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / LEFT_OUT).touch()
        self.on_trouble("store_away")

    def _take_in(self, folder: Path) -> None:
        self._left_out.discard(folder)
        (folder / LEFT_OUT).unlink(missing_ok=True)

    def remove(self, hearing: str, wait_s: float = CLEARED_S) -> bool:
        """Delete all files of a hearing whose folder is gone; return False if a round takes too
        long.

        Slow. Raises `WebcastStoreAway`.
        """
        # Files that a round has already read would be stored after their deletion.
        if not self._storing.acquire(timeout=wait_s):
            return False
        try:
            self._store.remove(hearing)
        finally:
            self._storing.release()
        return True

    # Download.

    def fetch(self, folder: Path) -> bool:
        """Download the small files of a webcast if the store has more of it than the folder.

        Slow. Returns whether anything was downloaded. Raises `WebcastStoreAway`.
        """
        here = f"{folder.parent.name}/{folder.name}"
        text = self._store.get(f"{here}/{metadata.FILE}")
        if text is None:
            return False
        stored = self._store.get(f"{here}/{PICTURE}.m3u8") or b""
        if _age(text, stored) <= _age(_read(folder / metadata.FILE), _read_list(folder)):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        names = self._store.names(here)
        small = [name for name in names if not name.endswith(".m4s")]
        for name, data in zip(small, self._pool.map(self._get(here), small), strict=True):
            if data is not None:
                _write(folder / name, data)
        # No list names these files any more, so no cut would find them.
        for path in folder.iterdir():
            if not path.name.startswith(".") and path.name not in names:
                path.unlink(missing_ok=True)
        log.info("the webcast in %s goes on from the store", folder)
        return True

    def complete(self, folder: Path, names: Iterable[str]) -> None:
        """Download files that are missing here. Slow; raises `WebcastStoreAway`."""
        here = f"{folder.parent.name}/{folder.name}"
        missing = [name for name in names if not (folder / name).exists()]
        for name, data in zip(missing, self._pool.map(self._get(here), missing), strict=True):
            if data is not None:
                _write(folder / name, data)

    def _get(self, here: str) -> Callable[[str], bytes | None]:
        return lambda name: self._store.get(f"{here}/{name}")

    # In the thread.

    def _work(self) -> None:
        pause_s = SOONEST_S
        while self._awaited():
            try:
                with self._storing:
                    self._round()
            except WebcastStoreAway as away:
                self._tell(str(away))
                self._sleep(pause_s)
                pause_s = min(pause_s * 2, SLOWEST_S)
            except Exception:
                log.exception("the webcast cannot be published; it is tried again")
                self._tell("error")
                self._sleep(pause_s)
            else:
                pause_s, self.away = SOONEST_S, ""

    def _awaited(self) -> bool:
        with self._news:
            while not self._waiting and not self._unchecked and not self._stopped:
                self._news.wait()
            return not self._stopped

    def _sleep(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        with self._news:
            while not self._stopped and (left := limit - time.monotonic()) > 0:
                self._news.wait(left)

    def _tell(self, why: str) -> None:
        if not self.away:
            log.warning("the webcast is not published: %s", why)
        self.away = why
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self.on_trouble("store_behind" if self.waiting > BEHIND else "store_away")

    def _check(self, folder: Path) -> None:
        """Note which files the store lacks of a folder, and which it still has although they were
        cut.
        """
        here = f"{folder.parent.name}/{folder.name}"
        facts = self._stored(folder, metadata.FILE)
        if folder in self._left_out:
            if facts:
                return
            self._take_in(folder)
        stored = self._stored(folder, f"{PICTURE}.m3u8")
        if _age(facts, stored) > _age(_read(folder / metadata.FILE), _read_list(folder)):
            return  # another machine has continued the webcast
        there, here_are = self._store.names(here), {path.name for path in folder.glob("*")}
        lists = {name for name in here_are if _is_list(name)}
        for name in {*(here_are - there), *(there - here_are - set(listed_in(folder))), *lists}:
            self.changed(folder / name)

    def _round(self) -> None:
        while self._unchecked:
            self._check(self._unchecked[-1])
            self._unchecked.pop()
        before = self._taken()
        lists = {path: _read(path) for path in before if _is_list(path.name)}
        grown = {path.parent for path in lists if path.name == f"{PICTURE}.m3u8"}
        lists |= {path: _read(path) for path in self._held if path.parent in grown}
        # Read after the lists: a file in a list was noted before its line was written.
        taken = self._taken()
        gone = [path for path in taken if not path.exists()]
        self._store.delete(map(self._key, gone))
        self._done(gone, taken)
        media = [path for path in taken if not _is_list(path.name) and path not in gone]
        media = self._still_ours(media, taken)
        self._put_all(((path, _read(path)) for path in media), taken)
        # Check again, since uploading the segments may have taken minutes.
        for path in sorted(self._still_ours(lists, taken), key=_rank):
            if data := lists[path]:
                self._put(path, self._public_part(path, data))
            self._done([path], before)

    def _still_ours(self, paths: Iterable[Path], taken: dict[Path, int]) -> list[Path]:
        """Return the paths of webcasts that no other machine has continued; forget the others."""
        paths = list(paths)
        overtaken = {
            folder for folder in {path.parent for path in paths} if self._overtaken(folder)
        }
        for folder in sorted(overtaken):
            log.warning("another machine went on with the webcast in %s: ours is dropped", folder)
        dropped = {path for path in paths if path.parent in overtaken}
        self._held -= dropped
        self._done(dropped, taken)
        return [path for path in paths if path not in dropped]

    def _overtaken(self, folder: Path) -> bool:
        """Return whether the store has a webcast of a later lease.

        With the same lease, it is also overtaken if the store has more of it, unless a packager of
        this process writes to the folder.
        """
        here = metadata.read_file(folder)
        there = metadata.read(self._stored(folder, metadata.FILE).decode(errors="replace"))
        if here.epoch != there.epoch or packager.is_on(folder):
            return here.epoch < there.epoch
        listed = self._stored(folder, f"{PICTURE}.m3u8")
        return _length(there, listed) > _length(here, _read_list(folder))

    def _stored(self, folder: Path, name: str) -> bytes:
        return self._store.get(f"{folder.parent.name}/{folder.name}/{name}") or b""

    def _taken(self) -> dict[Path, int]:
        with self._news:
            return dict(self._waiting)

    def _put_all(self, files: Iterable[tuple[Path, bytes]], taken: dict[Path, int]) -> None:
        def put(file: tuple[Path, bytes]) -> None:
            path, data = file
            if data or path.exists():
                self._put(path, data)
            self._done([path], taken)

        for _ in self._pool.map(put, files):
            pass

    def _public_part(self, path: Path, data: bytes) -> bytes:
        """Return a journal without the lines that are not public yet: the feed is delayed."""
        if path.suffix != JOURNAL:
            return data
        listed = playlists.read(_read_list(path.parent).decode(errors="replace"))
        shown_ms = sum(segment.duration for segment in listed) * 1000
        lines = data.splitlines(keepends=True)
        shown = b"".join(line for line in lines if _ends(line) <= shown_ms)
        (self._held.add if len(shown) < len(data) else self._held.discard)(path)
        return shown

    def _put(self, path: Path, data: bytes) -> None:
        # Players request lists again and again, since they cannot wait at the store.
        known = metadata.read_file(path.parent) if _is_list(path.name) else None
        cache = caching.of_file(path.name, ended=known is not None and known.ended)
        if path.suffix == JOURNAL:
            cache = caching.FOR_LIVE
        kind = TYPES.get(path.suffix, "application/octet-stream")
        self._store.put(self._key(path), data, kind, cache)

    def _key(self, path: Path) -> str:
        return path.relative_to(self._segments).as_posix()

    def _done(self, paths: Iterable[Path], taken: dict[Path, int]) -> None:
        with self._news:
            for path in paths:
                if self._waiting.get(path) == taken.get(path):
                    self._waiting.pop(path, None)
            self._news.notify_all()


def _is_public(name: str) -> bool:
    return (
        Path(name).suffix in {*TYPES, JOURNAL}
        and not name.startswith(".")
        and not name.startswith("recording-")  # large, and made on request
    )


def _is_list(name: str) -> bool:
    return name.endswith((".m3u8", ".json", JOURNAL))


def _rank(path: Path) -> tuple[bool, bool, str]:
    """Return a sort key: lists of segments, then the master playlists that name them, then
    metadata.
    """
    is_master = path.stem in {"master", "sound"}
    return path.suffix == ".json", is_master, path.name


def _ends(line: bytes) -> float:
    try:
        return float(json.loads(line)[1][-1][1])
    except (ValueError, LookupError, TypeError):
        return float("inf")


def _age(facts: bytes, listed: bytes) -> tuple[int, int, int, int]:
    """Return how far a webcast is: its last lease, and how many runs, cuts and segments."""
    known = metadata.read(facts.decode(errors="replace"))
    return known.epoch, len(known.spans), known.edition, listed.count(b"#EXTINF")


def _length(known: WebcastMetadata, listed: bytes) -> tuple[int, int, bool]:
    """Return by what to compare two copies of a webcast that are of the same lease.

    It is the number of runs, the number of segments, and whether the webcast has ended.
    """
    return len(known.spans), listed.count(b"#EXTINF"), known.ended


def _read_list(folder: Path) -> bytes:
    return _read(folder / f"{PICTURE}.m3u8")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def listed_in(folder: Path) -> Iterator[str]:
    """Yield the names of all segments that the lists of a folder name."""
    for path in folder.glob("*.m3u8"):
        for segment in playlists.read(_read(path).decode(errors="replace")):
            yield segment.name
