"""The pages that play the webcast: who may see them, their headers, and the player's sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hemicycle.engine.hls.metadata import FILE, RecordedSpan, WebcastMetadata
from hemicycle.engine.hls.names import native
from hemicycle.engine.hls.playlists import AudioChannel
from hemicycle.meeting.webcast import recordings
from hemicycle.procedure import commands as c
from tests.support.markup import compact
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings

    from hemicycle.hearing.setup.models import Meeting
    from tests.support.lists import World

CHANNELS = (AudioChannel("floor", "Floor"), AudioChannel("fr", "français"))


@pytest.fixture
def segments(settings: Settings, tmp_path: Path) -> Path:
    """The webcast's folder, with an engine that does not answer."""
    settings.MEDIA_ENGINE = replace(
        settings.MEDIA_ENGINE, segments=tmp_path, url="http://127.0.0.1:9"
    )
    return tmp_path


def meeting_of(world: World) -> Meeting:
    return world.panels[0].meeting


def url(world: World, name: str = "watch") -> str:
    return reverse(f"webcast:{name}", args=(world.hearing.slug, meeting_of(world).id))


def kept(world: World, segments: Path, facts: WebcastMetadata) -> None:
    """Write the metadata of the meeting's webcast as the engine does."""
    folder = segments / world.hearing.id.hex / meeting_of(world).id.hex
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(facts.written())


def held(panel: World) -> WebcastMetadata:
    """Let two speakers speak for a minute each; return the metadata of the recording."""
    begun = panel.clock()
    panel.press(c.GiveFloor())
    panel.clock.advance(60_000)
    panel.press(c.GiveFloor())
    panel.clock.advance(60_000)
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    return WebcastMetadata(
        ended=True, duration_ms=125_000, channels=CHANNELS, spans=[RecordedSpan(5_000, begun)]
    )


def test_a_meeting_that_was_not_held_says_when_it_opens(
    world: World, client: Client, segments: Path
) -> None:
    page = client.get(url(world)).content.decode()
    assert "This meeting has not been held yet." in page
    assert "<video" not in page


def test_while_a_meeting_lasts_the_live_page_shows_it(
    panel: World, client: Client, segments: Path
) -> None:
    answer = client.get(url(panel))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/h/{panel.hearing.slug}/live/"


def test_a_recording_that_is_not_there_yet(panel: World, client: Client, segments: Path) -> None:
    facts = held(panel)
    for known in (None, replace_ended(facts)):
        if known is not None:
            kept(panel, segments, known)
        page = client.get(url(panel)).content.decode()
        assert "The recording of this meeting is not ready yet." in page
        assert "<video" not in page


def test_a_meeting_that_was_not_recorded(panel: World, client: Client, segments: Path) -> None:
    held(panel)
    panel.clock.advance(9 * 60_000)
    assert "data-awaits" in client.get(url(panel)).text
    panel.clock.advance(2 * 60_000)
    page = client.get(url(panel)).text
    assert "There is no recording of this meeting." in page
    assert "data-awaits" not in page


def replace_ended(facts: WebcastMetadata) -> WebcastMetadata:
    return WebcastMetadata(channels=facts.channels, spans=facts.spans)


def test_chapters_are_items_and_speakers_in_the_recording_s_time(
    panel: World, client: Client, segments: Path
) -> None:
    kept(panel, segments, held(panel))
    context = client.get(url(panel)).context
    told = [
        (chapter.kind, chapter.begins_ms, chapter.line["name"]) for chapter in context["chapters"]
    ]
    assert told == [
        ("opened", 5_000, panel.panels[0].title),
        ("floor", 5_000, "Speaker of Examplia"),
        ("floor", 65_000, "Speaker of Open Doors"),
    ]
    slots = [chapter.slot for chapter in context["chapters"]]
    page = compact(client.get(url(panel)).text)
    assert f'href="#slot-{slots[1]}" data-chapter="5.0"' in page


def test_downloads_are_of_what_was_recorded(panel: World, client: Client, segments: Path) -> None:
    kept(panel, segments, held(panel))
    base = f"/media/hls/{panel.hearing.id.hex}/{meeting_of(panel).id.hex}"
    downloads = client.get(url(panel)).context["downloads"]
    assert [(download["id"], download["native"], download["url"]) for download in downloads] == [
        ("floor", "", f"{base}/recording-floor-1.mp4"),
        ("fr", "français", f"{base}/recording-fr-1.mp4"),
    ]


def test_few_queries_however_many_spoke(panel: World, client: Client, segments: Path) -> None:
    kept(panel, segments, held(panel))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url(panel)).status_code == 200
    assert len(seen) <= 12


def test_the_reader_s_own_language_is_chosen_where_there_is_one(world: World) -> None:
    for language, chosen in (("ar", "ar"), ("zh-hans", "zh"), ("de", "floor")):
        channels = recordings.channels(world.hearing, language)
        assert [channel["id"] for channel in channels if channel["chosen"]] == [chosen]
    assert [channel["id"] for channel in channels] == ["floor", "ar", "zh", "en", "fr", "ru", "es"]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("fr", "français"),
        ("ar", "العربية"),
        ("pt-BR", "português (Brasil)"),
        ("qqq", "qqq"),
        ("!", "!"),
    ],
)
def test_languages_are_called_as_they_call_themselves(tag: str, name: str) -> None:
    assert native(tag) == name


# Who may embed the webcast, and what its pages may load.


def test_the_picture_may_be_a_blob_and_others_may_not_frame_the_page(
    panel: World, client: Client, segments: Path
) -> None:
    answer = client.get(reverse("webcast:live", args=(panel.hearing.slug,)))
    policy = answer.headers["Content-Security-Policy"]
    assert "media-src 'self' blob: data:" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", ["embed", "embed-live"])
def test_only_the_page_for_it_may_be_framed_by_others(
    panel: World, client: Client, segments: Path, name: str
) -> None:
    meeting = (meeting_of(panel).id,) if name == "embed" else ()
    address = reverse(f"webcast:{name}", args=(panel.hearing.slug, *meeting))
    answer = client.get(address)
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "<form" not in answer.content.decode()


def test_the_snippet_is_whole_and_escaped(panel: World, client: Client, segments: Path) -> None:
    kept(panel, segments, held(panel))
    page = client.get(url(panel))
    assert f"http://localhost:8000{url(panel, 'embed')}" in page.context["snippet"]
    assert "&lt;iframe src=&quot;http" in page.content.decode()


def test_the_live_page_has_a_snippet_for_the_live_webcast(
    panel: World, client: Client, segments: Path
) -> None:
    """The snippet is for the hearing, not for one meeting: it continues with the next meeting."""
    page = client.get(reverse("webcast:live", args=(panel.hearing.slug,)))
    address = reverse("webcast:embed-live", args=(panel.hearing.slug,))
    assert f'src="http://localhost:8000{address}" title="' in page.context["snippet"]
    assert f"&lt;iframe src=&quot;http://localhost:8000{address}&quot;" in page.content.decode()


def test_a_hearing_without_meetings_has_a_page_for_others_too(
    world: World, client: Client, segments: Path
) -> None:
    world.hearing.meetings.all().delete()
    answer = client.get(reverse("webcast:embed-live", args=(world.hearing.slug,)))
    assert answer.status_code == 200
    assert "<video" not in answer.content.decode()


# Where the metadata is read.


class Engine(BaseHTTPRequestHandler):
    """An engine on another machine."""

    facts = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.facts else 404)
        self.end_headers()
        self.wfile.write(self.facts)

    def log_message(self, *told: object) -> None:
        """Log nothing."""


@pytest.fixture
def engine(settings: Settings, segments: Path) -> Iterator[type[Engine]]:
    with in_thread(HTTPServer(("127.0.0.1", 0), Engine)) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, url=address)
        yield Engine


@pytest.mark.parametrize("said", [b"", b"<html>", b"[]", b'{"spans": 3}', b"\xff\xfe"])
def test_an_engine_that_says_nothing_of_use(
    panel: World, engine: type[Engine], said: bytes
) -> None:
    engine.facts = said
    assert recordings.known(meeting_of(panel)) == WebcastMetadata()


def test_an_engine_on_another_machine_is_asked(panel: World, engine: type[Engine]) -> None:
    facts = WebcastMetadata(
        ended=True, duration_ms=1, channels=CHANNELS, spans=[RecordedSpan(0, 1)]
    )
    engine.facts = facts.written()
    assert recordings.known(meeting_of(panel)) == facts
    assert json.loads(engine.facts)["channels"][1] == {"id": "fr", "name": "français"}
