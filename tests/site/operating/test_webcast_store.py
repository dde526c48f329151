"""Doctor tests the webcast's object store, and a removed hearing is also removed from the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.engine.hls.playlists import AudioChannel
from hemicycle.engine.webcast_store import WebcastStore
from hemicycle.meeting.webcast import recordings
from hemicycle.site.operating.checks import webcast
from hemicycle.site.operating.doctor import Diagnosis, Health
from hemicycle.site.operating.removal import _remove_published
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.slow]


@pytest.fixture
def place(s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in {"ENDPOINT": s3_server.endpoint, "KEY": KEY, "SECRET": SECRET}.items():
        monkeypatch.setenv(f"HEMICYCLE_WEBCAST_S3_{name}", value)
    address = f"s3://{BUCKET}/webcast-{uuid4().hex}"
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, webcast_store=address)
    settings.WEBCAST_URL = "https://store.example.org/webcast"
    yield address
    s3_server.come_back()


def diagnosis() -> Diagnosis:
    (found,) = webcast.webcast_can_be_published()
    return found


def test_nothing_is_tried_without_a_store() -> None:
    assert list(webcast.webcast_can_be_published()) == []


def test_doctor_says_how_the_store_is(
    place: str, s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert diagnosis().health is Health.OK
    with monkeypatch.context() as patch:
        patch.setattr(webcast, "SLOW_S", -1.0)
        assert diagnosis().health is Health.WARNING
    with monkeypatch.context() as patch:
        patch.setenv("HEMICYCLE_WEBCAST_S3_SECRET", "another")
        assert (diagnosis().health, "refuses us" in diagnosis().found) == (Health.FAULT, True)
    settings.WEBCAST_URL = "/media/hls"
    assert "no viewer fetches it there" in diagnosis().found
    s3_server.go_away()
    assert (diagnosis().health, "does not answer" in diagnosis().found) == (Health.FAULT, True)


def test_a_removed_hearing_is_removed_from_the_store(
    place: str, s3_server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    store, hearing, other = WebcastStore(place), "a" * 32, "b" * 32
    for name in (f"{hearing}/{other}/x.m4s", f"{hearing}/{other}/y.m3u8", f"{other}/x/z.m4s"):
        store.put(name, b"x", "video/iso.segment", "no-store")
    _remove_published(place, hearing)
    assert store.names(f"{hearing}/{other}") == set()
    assert store.names(f"{other}/x") == {"z.m4s"}
    s3_server.go_away()
    _remove_published(place, other)
    assert f"delete {place}/{other} yourself" in caplog.text


@pytest.mark.django_db
def test_downloads_stay_with_the_engine(place: str, world: World) -> None:
    meeting = world.hearing.meetings.order_by("ordinal")[0]
    known = WebcastMetadata(ended=True, channels=(AudioChannel("floor", "Floor"),))
    (found,) = recordings.downloads(world.hearing, meeting, known)
    assert found["url"].startswith(f"/media/hls/{world.hearing.id.hex}/{meeting.id.hex}/recording-")
    assert recordings.address(meeting).startswith("https://store.example.org/webcast/")
