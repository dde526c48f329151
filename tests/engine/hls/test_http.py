"""A webcast over HTTP, live and afterwards: headers for caches, players and other sites."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from tests.engine.hls.station import Station

pytestmark = pytest.mark.usefixtures("virtual_time")

FOR_BYTES = "public, max-age=31536000, s-maxage=60, immutable"


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


def get(url: str, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, method=method, headers=named)
    try:
        with urllib.request.urlopen(asked, timeout=20) as found:
            return Answer(found.status, found.headers, found.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def until_on(station: Station) -> None:
    for _ in range(200):
        if get(f"{station.url}/master.m3u8").status == 200:
            return
        time.sleep(0.1)
    raise AssertionError("the webcast does not begin")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """One live webcast for most tests of this module."""
    with Station(tmp_path_factory.mktemp("segments")) as on_air:
        until_on(on_air)
        yield on_air


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("sound.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("meeting.json", "application/json", "public, max-age=1"),
        ("video.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("video-1.mp4", "video/mp4", FOR_BYTES),
        ("video-1-000000.m4s", "video/iso.segment", FOR_BYTES),
        ("video-1-000000.0.m4s", "video/iso.segment", "public, max-age=12"),
        ("empty.vtt", "text/vtt", FOR_BYTES),
    ],
)
def test_a_segment_is_kept_for_ever_and_a_list_never_long(
    station: Station, name: str, kind: str, cache: str
) -> None:
    answer = get(f"{station.url}/{name}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["Cache-Control"] == cache
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_piece_of_a_segment(station: Station) -> None:
    whole = get(f"{station.url}/video-1-000000.m4s").body
    piece = get(f"{station.url}/video-1-000000.m4s", Range="bytes=10-19")
    assert (piece.status, piece.body) == (206, whole[10:20])
    assert piece.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"


def test_other_sites_may_ask(station: Station) -> None:
    answer = get(f"{station.url}/video.m3u8", "OPTIONS", Origin="https://example.org")
    assert (answer.status, answer.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert answer.headers["Access-Control-Allow-Headers"] == "Range"


@pytest.mark.parametrize(
    "name",
    ["nothing.m3u8", "video-1-999999.m4s", "..%2F..%2Fpasswd", ".hidden", "a.txt", "fr.cues"],
)
def test_what_there_is_not(station: Station, name: str) -> None:
    answer = get(f"{station.url}/{name}")
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "public, max-age=1")
    assert json.loads(answer.body)["code"] == "no_such_part"


def test_another_hearing_or_meeting_is_not_there(station: Station) -> None:
    base = station.url.rpartition("/")[0]
    assert get(f"{base}/{'c' * 32}/master.m3u8").status == 404
    assert get(f"{base}/../x/master.m3u8").status == 404


@pytest.mark.parametrize(
    ("query", "status", "cache"),
    [
        ("_HLS_msn=9999", 400, "public, max-age=1"),
        ("_HLS_part=1", 400, "public, max-age=1"),
        ("_HLS_msn=0", 200, "public, max-age=12"),
        ("_HLS_skip=YES", 200, "public, max-age=1"),
    ],
)
def test_a_list_that_is_asked_for_ahead(
    station: Station, query: str, status: int, cache: str
) -> None:
    answer = get(f"{station.url}/video.m3u8?{query}")
    assert (answer.status, answer.headers["Cache-Control"]) == (status, cache)


@pytest.mark.parametrize("name", ["master.m3u8", "video-1-000000.m4s", "meeting.json", "no.m4s"])
def test_a_file_that_is_no_list_takes_no_query(station: Station, name: str) -> None:
    answer = get(f"{station.url}/{name}?_HLS_msn=0")
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "other_query")


@pytest.mark.parametrize("name", ["master.m3u8", "video-1-000000.0.m4s", "video-1-000000.m4s"])
def test_a_cache_that_has_it_gets_no_body(station: Station, name: str) -> None:
    known = get(f"{station.url}/{name}")
    again = get(f"{station.url}/{name}", If_None_Match=known.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == known.headers["Cache-Control"]
    assert get(f"{station.url}/{name}", If_None_Match='"other"').body == known.body


@pytest.mark.parametrize("name", ["master.m3u8", "video.m3u8", "video-1-000000.m4s", "none.m4s"])
def test_no_answer_varies_with_who_asks(station: Station, name: str) -> None:
    plain = get(f"{station.url}/{name}")
    of_somebody = get(
        f"{station.url}/{name}",
        Cookie="sessionid=1",
        Origin="https://example.org",
        Accept_Encoding="gzip, br",
        Accept_Language="fr",
    )
    for answer in (plain, of_somebody):
        assert {"vary", "set-cookie", "content-encoding"}.isdisjoint(
            header.lower() for header in answer.headers
        )


def test_a_request_ahead_is_answered_when_it_is_there(station: Station) -> None:
    told = get(f"{station.url}/floor.aac.m3u8").body.decode()
    following = told.count("#EXTINF")
    answer = get(f"{station.url}/floor.aac.m3u8?_HLS_msn={following}&_HLS_part=0&_HLS_skip=YES")
    assert f"floor.aac-1-{following:06}.0.m4s" in answer.body.decode()


def test_a_player_that_we_did_not_write_finds_every_language(station: Station) -> None:
    with av.open(f"{station.url}/master.m3u8") as found:
        assert {stream.codec_context.name for stream in found.streams} == {"h264", "opus", "aac"}
        named = [stream.metadata["comment"] for stream in found.streams.audio]
        assert sorted(named) == ["Floor", "Floor", "français", "français"]
        frame = next(found.decode(video=0))
        assert (frame.width, frame.height) == (128, 96)


@pytest.mark.real_time
def test_the_webcast_is_on_demand_as_soon_as_the_meeting_has_closed(tmp_path: Path) -> None:
    with Station(tmp_path) as station:
        until_on(station)
        assert get(f"{station.url}/recording-fr-1.mp4").status == 404
        time.sleep(3)
        station.close()
        lists = get(f"{station.url}/fr.opus.m3u8")
        assert lists.headers["Cache-Control"] == "public, max-age=10"
        assert lists.body.decode().endswith("#EXT-X-ENDLIST\n")
        assert json.loads(get(f"{station.url}/meeting.json").body)["ended"] is True
        late = get(f"{station.url}/fr.opus.m3u8?_HLS_msn=2&_HLS_part=0")
        assert late.body == lists.body  # a redirect leads to the list that all others get
        recording = get(f"{station.url}/recording-fr-1.mp4")
        assert (recording.status, recording.headers["Content-Disposition"]) == (200, "attachment")
        assert recording.body.index(b"moov") < recording.body.index(b"mdat")
        assert get(f"{station.url}/recording-de-1.mp4").status == 404
        check = ["ffprobe", "-v", "warning", f"{station.url}/master.m3u8"]
        found = subprocess.run(check, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")
    assert station.troubles == []
