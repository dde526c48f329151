"""The webcast behind the caches that `deploy/` configures: each request reaches the engine once."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from hemicycle.engine.hls import caching
from hemicycle.engine.hls.cutting import CutOrder
from tests.deploy.proxies import Behind, CaddyWithVarnish, Nginx, Proxy
from tests.engine.hls.players import Server, Tally, play
from tests.engine.hls.station import Station
from tests.support.ports import free_port

pytestmark = [pytest.mark.test_all("deployment"), pytest.mark.real_time]

TRACKS = ("video", "floor.aac")
SECONDS = 4.0
SHORT_S = 2


@dataclass
class Cached:
    """A running webcast behind a cache that does not have the files on its own disk."""

    proxy: Proxy
    station: Station

    @property
    def path(self) -> str:
        return f"/media/hls/{self.station.hearing}/{self.station.meeting}"

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            "localhost", self.proxy.port, context=self.proxy.trusting(), timeout=20
        )
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def file(self, name: str) -> tuple[int, bytes]:
        return self.get(f"{self.path}/{name}")

    def play(self, players: int) -> tuple[Tally, Counter[str]]:
        """Let players play the webcast; return what they got, and the requests to the engine."""
        server = Server(self.proxy.port, self.path, tls=self.proxy.trusting())
        self.station.asked.clear()
        tally = asyncio.run(play(server, TRACKS, players, SECONDS))
        return tally, Counter(self.station.asked)


@pytest.fixture(params=(Nginx, CaddyWithVarnish), ids=lambda kind: kind.__name__)
def cached(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cached]:
    if not request.param.is_installed():
        pytest.skip(f"{request.param.__name__}: a program is missing (Debian's package)")
    (tmp_path / "other").mkdir()
    proxy: Proxy = request.param(tmp_path, free_port())
    with Station(tmp_path / "webcast") as station:
        nowhere = tmp_path / "other"
        proxy.start(Behind(station.port, station.port, nowhere / "static", nowhere))
        made = Cached(proxy, station)
        try:
            limit = time.monotonic() + 20
            while made.file("master.m3u8")[0] != 200:
                assert time.monotonic() < limit, "the webcast does not begin"
                time.sleep(0.2)
            yield made
        finally:
            proxy.stop()


def test_the_engine_is_asked_once_for_all_players(cached: Cached) -> None:
    few, by_few = cached.play(2)
    many, by_many = cached.play(30)
    assert (few.failed, many.failed) == ({}, {})
    assert many.answers > 2 * few.answers  # `make bench` measures the exact ratio
    waited = {
        name: times for name, times in by_many.items() if "_HLS_msn" in name or ".m4s" in name
    }
    assert len(waited) > 20
    assert {name: times for name, times in waited.items() if times > 1} == {}
    assert by_many.total() < 1.5 * by_few.total()


def test_a_stranger_brings_no_request_to_the_engine(cached: Cached) -> None:
    cached.station.asked.clear()
    begun = time.monotonic()
    asked = [f"video.m3u8?x={uuid4().hex}" for _ in range(20)]
    asked += [f"video.m3u8?_HLS_msn={uuid4().hex}" for _ in range(20)]
    asked += [f"video.m3u8?_HLS_part={number}" for number in range(20)]
    asked += [f"video-1.mp4?{number}" for number in range(20)]
    assert {cached.file(name)[0] for name in asked} == {200}
    lasted_s = time.monotonic() - begun
    assert cached.station.asked.keys() == {"video.m3u8", "video-1.mp4"}
    assert cached.station.asked["video-1.mp4"] == 1
    assert cached.station.asked["video.m3u8"] <= lasted_s + 1
    for number in range(5):
        headers = {"Cookie": f"a={number}", "Cache-Control": "no-cache", "Accept-Encoding": "br"}
        assert cached.get(f"{cached.path}/video-1.mp4", **headers)[0] == 200
    assert cached.station.asked["video-1.mp4"] == 1


def test_what_is_missing_is_asked_for_once_a_second(cached: Cached) -> None:
    cached.station.asked.clear()
    begun = time.monotonic()
    assert {cached.file("video-1-999999.m4s")[0] for _ in range(20)} == {404}
    assert {cached.file("video.m3u8?_HLS_msn=99999")[0] for _ in range(20)} == {400}
    assert max(cached.station.asked.values()) <= time.monotonic() - begun + 1


def test_a_cut_goes_through_the_cache(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FOR_BYTES", "FOR_BLOCKING"):
        assert isinstance(getattr(caching, name), str)
        monkeypatch.setattr(caching, name, f"public, max-age=60, s-maxage={SHORT_S}")
    segment = "floor.aac-1-000001.m4s"
    wait_for(cached, segment, 200)
    shown = cached.file(segment)[1]
    packager = cached.station.packager
    assert packager is not None
    now_ms = round(time.time() * 1000)
    order = CutOrder(uuid4().hex, now_ms - 60_000, now_ms, 0, "other", "removed")
    assert cached.station.do(packager.cut(order))
    done = time.monotonic()
    while segment in (text := cached.file("floor.aac.m3u8")[1].decode()):
        assert time.monotonic() < done + 3, text
        time.sleep(0.1)
    assert "floor.aac-1-000001-x1.m4s" in text
    wait_for(cached, segment, 404)
    assert time.monotonic() < done + SHORT_S + 3
    status, silent = cached.file("floor.aac-1-000001-x1.m4s")
    assert (status, silent == shown) == (200, False)


def wait_for(cached: Cached, name: str, status: int) -> None:
    limit = time.monotonic() + 15
    while cached.file(name)[0] != status:
        assert time.monotonic() < limit, (name, status)
        time.sleep(0.2)


def test_nothing_but_the_public_webcast_is_cached(cached: Cached) -> None:
    """Sessions and figures are private, and downloads are large."""
    for path in (
        "/media/health",
        f"/media/session/{uuid4().hex}/{uuid4().hex}",
        f"{cached.path}/recording-fr-1.mp4",
    ):
        cached.station.asked.clear()
        for _ in range(3):
            assert cached.get(path)[0] == 404
        assert cached.station.asked.total() == 3, path
