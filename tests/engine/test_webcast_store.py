"""A hearing's webcast waits for its files from the object store, for a limited time."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from hemicycle.engine import webcast
from hemicycle.engine.hls import webcast_folder
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, on_air, until

pytestmark = pytest.mark.usefixtures("virtual_time")


class Mirror:
    """A store that a test can make unavailable."""

    def __init__(self) -> None:
        self.is_away = False
        self.fetched: list[Path] = []
        self.left_out: list[Path] = []
        self.names: set[str] = set()

    def changed(self, path: Path) -> None:
        self.names.add(path.name)

    def fetch(self, folder: Path) -> bool:
        self.fetched.append(folder)
        if self.is_away:
            raise OSError("away")
        return False

    def complete(self, folder: Path, names: Iterable[str]) -> None:
        """Do nothing: no file is missing."""

    def leave_out(self, folder: Path) -> None:
        self.left_out.append(folder)


def open_meeting(engine: Aired) -> None:
    rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
    listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
    ends_at = engine.script.now_ms() + 7_200_000
    engine.script.do(
        c.OpenMeeting(MEETING), c.OpenSegment("panel", "panel", ends_at, rules, listed)
    )


def test_the_store_is_asked_once_before_a_webcast_begins(tmp_path: Path) -> None:
    async def run() -> None:
        store = Mirror()
        with webcast_folder.mirrored(store):
            async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
                open_meeting(engine)
                assert engine.hearing._webcast.live(MEETING) is None
                await until(lambda: "video-1-000000.m4s" in store.names, "nothing is published", 30)
        assert [folder.parts[-2:] for folder in store.fetched] == [(HEARING, MEETING)]
        assert store.left_out == []

    asyncio.run(run())


def test_a_store_that_stays_away_keeps_no_viewer_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        monkeypatch.setattr(webcast, "ASK_STORE_S", 1.5)
        store = Mirror()
        store.is_away = True
        with webcast_folder.mirrored(store):
            async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
                open_meeting(engine)
                await asyncio.sleep(0.5)
                assert engine.hearing._webcast.live(MEETING) is None
                await until(
                    lambda: engine.hearing._webcast.live(MEETING) is not None, "no webcast", 15
                )
        assert [folder.name for folder in store.left_out] == [MEETING]
        assert len(store.fetched) > 1

    asyncio.run(run())


def test_a_machine_that_had_the_webcast_goes_on_without_the_store(tmp_path: Path) -> None:
    async def run() -> None:
        folder = tmp_path / "segments" / HEARING / MEETING
        folder.mkdir(parents=True)
        (folder / "meeting.json").write_text('{"spans": [{"media_ms": 0, "wall_ms": 1}]}')
        store = Mirror()
        store.is_away = True
        with webcast_folder.mirrored(store):
            async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
                open_meeting(engine)
                await until(
                    lambda: engine.hearing._webcast.live(MEETING) is not None, "no webcast", 10
                )
        assert (len(store.fetched), store.left_out) == (1, [])

    asyncio.run(run())


def test_a_machine_waits_for_the_store_if_another_had_the_webcast_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        monkeypatch.setattr(webcast, "ASK_STORE_S", 1.5)
        folder = tmp_path / "segments" / HEARING / MEETING
        folder.mkdir(parents=True)
        known = '{"epoch": 1, "spans": [{"media_ms": 0, "wall_ms": 1}]}'
        (folder / "meeting.json").write_text(known)
        store = Mirror()
        store.is_away = True
        with webcast_folder.mirrored(store):
            async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
                engine.hearing._webcast._epoch = 3
                open_meeting(engine)
                await until(
                    lambda: engine.hearing._webcast.live(MEETING) is not None, "no webcast", 15
                )
        assert [folder.name for folder in store.left_out] == [MEETING]

    asyncio.run(run())
