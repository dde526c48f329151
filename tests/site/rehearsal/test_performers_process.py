"""In a live rehearsal with a real engine, people are seen and heard. Without one, it goes on."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest

from hemicycle.engine.control import passes
from hemicycle.engine.streams import Samples
from hemicycle.engine.synthetic.client import SyntheticListener
from tests.site.rehearsal.test_cli import PROGRAM, environment
from tests.support.ports import free_port
from tests.support.site import STATIC

pytestmark = [pytest.mark.real_time, pytest.mark.usefixtures("migrated_folder")]

OTHER = Path(__file__).parent / "other.toml"
PATIENCE_S = 240.0
LOUD = 0.02
MOVED = 0.5
"""By how many steps of grey, of 256, two pictures must differ on average."""


def until[T](what: str, look: Callable[[], T | None]) -> T:
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"no sign of {what}")


@contextmanager
def running(folder: Path, name: str, *arguments: str) -> Iterator[Path]:
    """Run a command beside the test, end it as Ctrl-C does, and yield the file with its output."""
    said = folder / f"{name}.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, *arguments], env=_environment(folder), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _environment(folder: Path) -> dict[str, str]:
    site = (folder / "port").read_text()
    return {
        **environment(folder),
        **STATIC,
        "HEMICYCLE_BASE_URL": f"http://localhost:{site}",
        "HEMICYCLE_MEDIA_PICTURE": "320x176",
        "HEMICYCLE_MEDIA_FPS": "10",
        "HEMICYCLE_MEDIA_PORT": str(free_port()),
    }


def choose_port(folder: Path) -> str:
    port = str(free_port())
    (folder / "port").write_text(port)
    return port


def rehearse(folder: Path, *more: str) -> tuple[str, ...]:
    # Ten times as fast, so that the panel opens and the floor is given within seconds.
    options = ("--registrations", "8", "--speed", "10", "--hearing", str(OTHER), *more)
    return ("rehearse", *options)


def hearing_of(folder: Path) -> str:
    with sqlite3.connect(f"file:{folder}/db.sqlite3?mode=ro", uri=True) as connection:
        (found,) = connection.execute("SELECT id FROM hearing_hearing").fetchone()
    return UUID(str(found)).hex


class Witness:
    """Hears the floor and sees the program until both have arrived."""

    def __init__(self) -> None:
        self.loudest = 0.0
        self.moved = 0.0
        self._first: np.ndarray | None = None
        self.both = asyncio.Event()

    def hear(self, sound: Samples) -> None:
        self.loudest = max(self.loudest, float(np.abs(sound).max()))
        self._look()

    def see(self, picture: av.VideoFrame) -> None:
        grey = picture.to_ndarray(format="gray").astype(np.float64)
        first = grey if self._first is None else self._first
        self._first = first
        self.moved = max(self.moved, float(np.abs(grey - first).mean()))
        self._look()

    def _look(self) -> None:
        if self.loudest >= LOUD and self.moved >= MOVED:
            self.both.set()


async def follow(site: str, hearing: str, secret: str) -> Witness:
    """Listen to the floor and watch the program as a seat does."""
    witness = Witness()
    given = passes.Pass(hearing, "listen", "listener", seat="1" * 32)
    listener = SyntheticListener(
        f"{site}/media/whep/{hearing}",
        passes.sign(given, secret),
        on_sound=witness.hear,
        on_picture=witness.see,
    )
    async with listener, asyncio.timeout(PATIENCE_S):
        await witness.both.wait()
    return witness


def test_a_live_rehearsal_is_seen_and_heard(tmp_path: Path) -> None:
    port = choose_port(tmp_path)
    with running(tmp_path, "rehearsal", *rehearse(tmp_path)) as said:
        until("the panel", lambda: "begins now" in said.read_text())
        with running(tmp_path, "up", "up", "--port", port) as served:
            until("the engine", lambda: "media engine is at" in served.read_text())
            hearing = hearing_of(tmp_path)
            until("a part", lambda: _linked(tmp_path))
            secret = (tmp_path / "keys" / "media").read_text().strip()
            witness = asyncio.run(follow(f"http://localhost:{port}", hearing, secret))
    assert witness.loudest >= LOUD
    assert witness.moved >= MOVED
    assert "Traceback" not in said.read_text()
    assert not _acting(hearing)


def _linked(folder: Path) -> bool:
    """Return whether a publisher is on the record as connected."""
    with sqlite3.connect(f"file:{folder}/db.sqlite3?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT count(*) FROM record_entry WHERE kind LIKE 'link.%'")
        return bool(rows.fetchone()[0])


@pytest.mark.test_all("deployment")
def test_without_an_engine_it_says_so_once_and_goes_on(tmp_path: Path) -> None:
    choose_port(tmp_path)
    with running(tmp_path, "rehearsal", *rehearse(tmp_path)) as said:
        until("the sentence", lambda: "No media engine answers at" in said.read_text())
        until("the panel", lambda: "has opened" in said.read_text())
    text = said.read_text()
    assert len(re.findall("No media engine answers at", text)) == 1
    assert "Traceback" not in text
    assert not _acting(hearing_of(tmp_path))


@pytest.mark.test_all("deployment")
def test_with_no_media_nobody_comes(tmp_path: Path) -> None:
    choose_port(tmp_path)
    with running(tmp_path, "rehearsal", *rehearse(tmp_path, "--no-media")) as said:
        until("the panel", lambda: "has opened" in said.read_text())
        assert not _acting(hearing_of(tmp_path))
    assert "No media engine" not in said.read_text()


def _acting(hearing: str) -> list[str]:
    """Return the ids of the processes that act for a hearing."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it has ended
        if "hemicycle.site.rehearsal.performers_process" in words and hearing in words:
            found.append(path.parent.name)
    return found
