"""The webcast in a store: complete at each list, and continued by another machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from hemicycle.engine import hls
from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import playlists, publisher, webcast_folder
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.metadata import RecordedSpan, WebcastMetadata
from hemicycle.engine.hls.publisher import WebcastPublisher
from hemicycle.engine.webcast_store import WebcastStore, WebcastStoreAway
from tests.engine.hls.station import Station
from tests.engine.hls.test_http import get, until_on
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server

pytestmark = [pytest.mark.real_time, pytest.mark.slow]

TRACKS = ("video", "floor.aac", "floor.opus", "fr.aac", "fr.opus")


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
        """Return the names that lists contain but the store lacks; lists are read first."""
        named = {name for track in TRACKS for name in self.listed(track)}
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


class WayToStore(WebcastStore):
    """The connection of one machine to the store, which a test can cut."""

    is_cut = False

    def put(self, name: str, data: bytes, kind: str, cache: str) -> None:
        self._pass()
        super().put(name, data, kind, cache)

    def get(self, name: str) -> bytes | None:
        self._pass()
        return super().get(name)

    def delete(self, names: Iterable[str]) -> None:
        self._pass()
        super().delete(names)

    def _pass(self) -> None:
        if self.is_cut:
            raise WebcastStoreAway("cut off")


class Machine:
    """A machine with a webcast on the air, and its publisher."""

    def __init__(
        self, store: WebcastStore, segments: Path, *, on_air: bool = True, epoch: int = 0
    ) -> None:
        self._publisher = WebcastPublisher(segments, store)
        self._station = Station(segments, on_air=on_air, epoch=epoch)
        self._mirrored = webcast_folder.mirrored(self._publisher)
        self.made = Published(self._station, self._publisher, store)
        self._publisher.on_trouble = self.made.told.append
        self._is_off = False

    def __enter__(self) -> Published:
        self._mirrored.__enter__()
        self._publisher.start()
        self._station.__enter__()
        return self.made

    def lose_lease(self) -> None:
        """Leave the air. The publisher goes on, while another machine of this process begins."""
        self._is_off = True
        self._station.__exit__()
        self._mirrored.__exit__(None, None, None)

    def __exit__(self, *exception: object) -> None:
        if not self._is_off:
            self.lose_lease()
        self._publisher.stop()


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


def test_a_machine_that_lost_the_hearing_overwrites_nothing(
    store: WebcastStore, tmp_path: Path
) -> None:
    """It cannot reach the store until the next machine has closed the meeting."""
    way = WayToStore(store.address)
    losing = Machine(way, tmp_path / "first", epoch=1)
    with losing as first:
        until(lambda: len(first.listed("video")) >= 2)
        way.is_cut = True
        until(lambda: first.publisher.away)
        at_engine = get(f"{first.station.url}/video.m3u8").body.count(b"#EXTINF")
        until(lambda: get(f"{first.station.url}/video.m3u8").body.count(b"#EXTINF") > at_engine + 1)
        losing.lose_lease()
        with Machine(store, tmp_path / "second", on_air=False, epoch=2) as second:
            assert second.publisher.fetch(second.folder)
            # The connection may be cut between the lists of two tracks, so the shortest counts.
            whole_in_all = min(len(second.listed(track)) for track in TRACKS)
            earlier = second.listed("video")[:whole_in_all]
            assert earlier
            second.station.begin()
            until(lambda: len(second.listed("video")) > len(earlier) + 1)
            second.station.close()
            until(lambda: '"ended": true' in second.text("meeting.json"))
            until(lambda: not second.publisher.waiting)
        whole = {name: second.text(name) for name in ("meeting.json", "video.m3u8", "fr.aac.m3u8")}
        there = store.names(second.here)
        way.is_cut = False
        until(lambda: not first.publisher.waiting)
    assert {name: second.text(name) for name in whole} == whole
    assert second.listed("video")[-1].startswith("video-2.2-")
    assert second.listed("video")[: len(earlier)] == earlier
    assert whole["video.m3u8"].endswith("#EXT-X-ENDLIST\n")
    assert store.names(second.here) == there


def test_a_later_lease_counts_more_than_more_runs(store: WebcastStore, tmp_path: Path) -> None:
    """The first machine has more of everything, since it went on alone with its own folder."""
    folder = tmp_path / "h" / "m"
    folder.mkdir(parents=True)
    theirs = webcast(epoch=2, runs=2, segments=3)
    for name, data in theirs.items():
        store.put(f"h/m/{name}", data, "text/plain", "no-store")
    store.put("h/m/fr.aac-1.1-000001.m4s", b"cut since", "video/iso.segment", "no-store")
    ours = webcast(epoch=1, runs=3, segments=9)
    for name, data in ours.items():
        (folder / name).write_bytes(data)
    (folder / "video-1.1-000008.m4s").write_bytes(b"in no list of theirs")
    made = WebcastPublisher(tmp_path, store)
    for name in (*ours, "video-1.1-000008.m4s", "fr.aac-1.1-000001.m4s"):
        made.changed(folder / name)
    made.start()
    until(lambda: not made.waiting)
    made.stop()
    assert store.names("h/m") == set(theirs)
    assert {name: store.get(f"h/m/{name}") for name in theirs} == theirs


def test_a_webcast_that_was_taken_back_is_not_ended_for_others(
    store: WebcastStore, tmp_path: Path
) -> None:
    """A local cut fetched and ended the webcast, while another machine has it on the air."""
    folder = tmp_path / "h" / "m"
    folder.mkdir(parents=True)
    for name, data in webcast(epoch=2, runs=2, segments=5).items():
        store.put(f"h/m/{name}", data, "text/plain", "no-store")
    for name, data in webcast(epoch=2, runs=2, segments=4, ended=True).items():
        (folder / name).write_bytes(data)
    made = WebcastPublisher(tmp_path, store)
    for name in ("meeting.json", "video.m3u8"):
        made.changed(folder / name)
    made.start()
    until(lambda: not made.waiting)
    assert b"#EXT-X-ENDLIST" not in (store.get("h/m/video.m3u8") or b"")
    made.stop()


def test_taking_back_leaves_nothing_that_no_list_names(store: WebcastStore, tmp_path: Path) -> None:
    """A file that no list names would escape a later cut."""
    folder = tmp_path / "h" / "m"
    folder.mkdir(parents=True)
    theirs = webcast(epoch=2, runs=2, segments=3)
    for name, data in theirs.items():
        store.put(f"h/m/{name}", data, "text/plain", "no-store")
    for name, data in webcast(epoch=1, runs=1, segments=9).items():
        (folder / name).write_bytes(data)
    for name in ("video-1.1-000008.m4s", "fr.captions-1.1.vtt", ".gone-video-1.1-000000.m4s"):
        (folder / name).write_bytes(b"personal data")
    made = WebcastPublisher(tmp_path, store)
    assert made.fetch(folder)
    left = {path.name for path in folder.iterdir()}
    assert left == {*theirs, ".gone-video-1.1-000000.m4s"}


def test_what_was_left_out_stays_out_after_a_restart(store: WebcastStore, tmp_path: Path) -> None:
    known, unknown = tmp_path / "h" / "known", tmp_path / "h" / "unknown"
    theirs = webcast(epoch=1, runs=1, segments=3)
    for name, data in theirs.items():
        store.put(f"h/known/{name}", data, "text/plain", "no-store")
    before = WebcastPublisher(tmp_path, store)
    for folder in (known, unknown):
        before.leave_out(folder)
        for name, data in webcast(epoch=2, runs=1, segments=1).items():
            (folder / name).write_bytes(data)
    made = WebcastPublisher(tmp_path, store)
    made.start()
    until(lambda: store.get("h/unknown/meeting.json"))
    until(lambda: not made.waiting)
    made.changed(known / "video.m3u8")
    until(lambda: not made.waiting)
    made.stop()
    assert {name: store.get(f"h/known/{name}") for name in theirs} == theirs
    assert b"video-1.1-000000.m4s" in (store.get("h/unknown/video.m3u8") or b"")


def webcast(*, epoch: int, runs: int, segments: int, ended: bool = False) -> dict[str, bytes]:
    """Return the metadata and the picture's list of a webcast."""
    spans = [RecordedSpan(run * 1000, run * 1000) for run in range(runs)]
    known = WebcastMetadata(ended=ended, epoch=epoch, spans=spans)
    listed = [
        playlists.ListedSegment("", playlists.after(f"video-1.1-{number:06}.m4s", 2.0), 2.0)
        for number in range(segments)
    ]
    text = playlists.whole(listed, ended=ended)
    return {"meeting.json": known.written(), "video.m3u8": text.encode()}


def test_a_machine_that_was_killed_completes_the_store(store: WebcastStore, tmp_path: Path) -> None:
    """The local list names a segment that was never sent, and the store still has a cut file."""
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


def test_a_removed_hearing_is_gone_from_folder_and_store(published: Published) -> None:
    until(lambda: published.listed("video"))
    hearing = published.folder.parent
    assert not hls.remove(hearing), "it is on the air"
    published.station.close()
    published.publisher.changed(published.folder / "video-1-000000.m4s")
    assert hls.remove(hearing)
    assert not hearing.exists()
    assert published.publisher.remove(hearing.name)
    assert published.store.names(published.here) == set()
    until(lambda: not published.publisher.waiting)
    assert published.store.names(published.here) == set(), "nothing was stored afterwards"
    assert hls.remove(hearing), "nothing is there"
    with published.publisher._storing:
        assert not published.publisher.remove(hearing.name, wait_s=0.1), "a round goes on"


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
