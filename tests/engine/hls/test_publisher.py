"""The webcast in an object store: complete whenever a list says so, and taken back elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import playlists, publisher, webcast_folder
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.publisher import WebcastPublisher
from hemicycle.engine.webcast_store import WebcastStore, WebcastStoreAway
from tests.engine.hls.station import Station
from tests.engine.hls.test_http import get, until_on
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server

pytestmark = [pytest.mark.real_time, pytest.mark.slow]


@dataclass
class Published:
    """A station whose webcast goes to a store."""

    station: Station
    publisher: WebcastPublisher
    store: WebcastStore
    told: list[str] = field(default_factory=list)

    @property
    def here(self) -> str:
        return f"{self.station.hearing}/{self.station.meeting}"

    @property
    def folder(self) -> Path:
        return self.station.segments / self.station.hearing / self.station.meeting

    def text(self, name: str) -> str:
        return (self.store.get(f"{self.here}/{name}") or b"").decode()

    def listed(self, track: str) -> list[str]:
        return [segment.name for segment in playlists.read(self.text(f"{track}.m3u8"))]

    def missing(self) -> set[str]:
        """What lists name that is not there; a list is read before the names."""
        named = {name for track in ("video", "floor.aac", "fr.opus") for name in self.listed(track)}
        return named - self.store.names(self.here)


def until(true: Callable[[], object], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.fixture
def store(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebcastStore]:
    for name, value in {"ENDPOINT": s3_server.endpoint, "KEY": KEY, "SECRET": SECRET}.items():
        monkeypatch.setenv(f"HEMICYCLE_WEBCAST_S3_{name}", value)
    monkeypatch.setattr(publisher, "SLOWEST_S", 1.0)
    yield WebcastStore(f"s3://{BUCKET}/webcast-{uuid4().hex}")
    s3_server.come_back()


@pytest.fixture
def published(store: WebcastStore, tmp_path: Path) -> Iterator[Published]:
    with Machine(store, tmp_path / "first") as made:
        yield made


class Machine:
    """A machine with a webcast on the air, and its publisher."""

    def __init__(self, store: WebcastStore, segments: Path, *, on_air: bool = True) -> None:
        self._publisher = WebcastPublisher(segments, store)
        self._station = Station(segments, on_air=on_air)
        self._mirrored = webcast_folder.mirrored(self._publisher)
        self.made = Published(self._station, self._publisher, store)
        self._publisher.on_trouble = self.made.told.append

    def __enter__(self) -> Published:
        self._mirrored.__enter__()
        self._publisher.start()
        self._station.__enter__()
        return self.made

    def __exit__(self, *exception: object) -> None:
        self._station.__exit__()
        self._publisher.stop()
        self._mirrored.__exit__(None, None, None)


def test_lists_come_last_and_ask_players_to_wait_for_nothing(published: Published) -> None:
    until(lambda: len(published.listed("video")) >= 3)
    for _ in range(20):
        assert published.missing() == set()
        time.sleep(0.05)
    text = published.text("video.m3u8")
    assert "CAN-BLOCK-RELOAD" not in text
    assert "EXT-X-PART" not in text
    assert "video.m3u8" in published.text("master.m3u8")
    published.station.close()
    until(lambda: "#EXT-X-ENDLIST" in published.text("fr.opus.m3u8"))
    until(lambda: '"ended": true' in published.text("meeting.json"))
    assert published.missing() == set()
    assert published.told == []


def test_files_have_the_headers_of_the_engine(published: Published) -> None:
    import obstore

    until(lambda: published.listed("video"))
    found = {
        name: obstore.get(published.store._store, f"{published.here}/{name}").attributes
        for name in ("video.m3u8", "video-1-000000.m4s", "video-1.mp4", "meeting.json")
    }
    assert found["video.m3u8"]["Content-Type"] == "application/vnd.apple.mpegurl"
    assert found["video.m3u8"]["Cache-Control"] == "public, max-age=1"
    assert found["video-1-000000.m4s"]["Content-Type"] == "video/iso.segment"
    assert "s-maxage=60" in found["video-1-000000.m4s"]["Cache-Control"]
    assert found["video-1.mp4"]["Content-Type"] == "video/mp4"
    assert found["meeting.json"]["Content-Type"] == "application/json"


def test_a_store_that_is_away_holds_up_nothing(published: Published, s3_server: S3Server) -> None:
    until(lambda: published.listed("video"))
    before = published.listed("video")
    s3_server.go_away()
    until(lambda: published.publisher.away and published.told)
    assert published.told == ["store_away"]
    at_engine = get(f"{published.station.url}/video.m3u8").body.count(b"#EXTINF")
    until(lambda: get(f"{published.station.url}/video.m3u8").body.count(b"#EXTINF") > at_engine)
    s3_server.come_back()
    until(lambda: len(published.listed("video")) > len(before) + 1)
    assert published.missing() == set()
    assert published.station.troubles == []


def test_a_store_that_refuses_is_named(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEMICYCLE_WEBCAST_S3_SECRET", "another")
    with pytest.raises(WebcastStoreAway, match=r"refuses us\. Check HEMICYCLE_WEBCAST_S3_KEY"):
        WebcastStore(published.store.address).get("x")


def test_what_was_cut_is_gone_before_the_cut_is_done(
    published: Published, s3_server: S3Server
) -> None:
    until(lambda: len(published.listed("floor.aac")) >= 2)
    segment = published.listed("floor.aac")[1]
    s3_server.go_away()
    packager = published.station.packager
    assert packager is not None
    now_ms = round(time.time() * 1000)
    order = CutOrder(uuid4().hex, now_ms - 60_000, now_ms, 0, "other", "removed")
    assert published.station.do(packager.cut(order))
    assert not published.publisher.cleared(published.folder, wait_s=0.5)
    s3_server.come_back()
    assert published.publisher.cleared(published.folder, wait_s=15)
    assert segment not in published.store.names(published.here)
    until(lambda: any("-x1" in name for name in published.listed("floor.aac")))
    assert published.missing() == set()


def test_another_machine_goes_on_with_the_list(store: WebcastStore, tmp_path: Path) -> None:
    with Machine(store, tmp_path / "first") as first:
        until_on(first.station)
        begun_ms = round(time.time() * 1000)
        packager = first.station.packager
        assert packager is not None
        line = CaptionLine("fr", begun_ms, (Cue(begun_ms, begun_ms + 900, "bonjour"),))
        first.station._loop.call_soon_threadsafe(packager.caption, line)
        until(lambda: "bonjour" in first.text("fr.cues"))
        until(lambda: len(first.listed("video")) >= 3)
    earlier = first.listed("video")
    with Machine(store, tmp_path / "second", on_air=False) as second:
        assert second.publisher.fetch(second.folder)
        assert not second.publisher.fetch(second.folder)
        assert not list(second.folder.glob("video-1-*.m4s"))
        second.station.begin()
        until(lambda: len(second.listed("video")) > len(earlier) + 1)
        names = second.listed("video")
        assert names[: len(earlier)] == earlier
        assert all(name.startswith("video-2-") for name in names[len(earlier) :])
        assert "#EXT-X-DISCONTINUITY" in second.text("video.m3u8")
        second.station.close()
        until(lambda: '"ended": true' in second.text("meeting.json"))
        assert "bonjour" in second.text("fr.captions-2.vtt")
        download = get(f"{second.station.url}/recording-fr-2.mp4")
        assert (download.status, len(download.body) > 10_000) == (200, True)
        assert "recording-fr-2.mp4" not in second.store.names(second.here)


def test_a_machine_that_was_killed_completes_the_store(store: WebcastStore, tmp_path: Path) -> None:
    """Its list names a segment that was never sent, and a cut file is still there."""
    with Station(tmp_path / "first") as station:
        until_on(station)
        time.sleep(3)
    folder = station.segments / station.hearing / station.meeting
    here = f"{station.hearing}/{station.meeting}"
    store.put(f"{here}/video-1-000000-x1.m4s", b"cut", "video/iso.segment", "no-store")
    again = WebcastPublisher(station.segments, store)
    again.start()
    public = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    until(lambda: store.names(here) == public)
    again.stop()


def test_captions_that_the_public_has_not_seen_stay_here(
    store: WebcastStore, tmp_path: Path
) -> None:
    folder = tmp_path / "h" / "m"
    folder.mkdir(parents=True)
    listed = [playlists.ListedSegment("", playlists.after("video-1-000000.m4s", 2.0), 2.0)]
    (folder / "video.m3u8").write_text(playlists.whole(listed, ended=False))
    shown, later = '[500, [[500, 1900, "said"]]]\n', '[1500, [[1500, 2100, "delayed"]]]\n'
    (folder / "fr.cues").write_text(shown + later)
    made = WebcastPublisher(tmp_path, store)
    made.start()
    for name in ("video.m3u8", "fr.cues"):
        made.changed(folder / name)
    until(lambda: store.get("h/m/fr.cues") == shown.encode())
    listed.append(playlists.ListedSegment("", playlists.after("video-1-000001.m4s", 2.0), 2.0))
    (folder / "video.m3u8").write_text(playlists.whole(listed, ended=False))
    made.changed(folder / "video.m3u8")
    until(lambda: store.get("h/m/fr.cues") == (shown + later).encode())
    made.stop()
