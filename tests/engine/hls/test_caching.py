"""Each request for a list has one spelling, and answers have headers for caches."""

import pytest

from hemicycle.engine.hls import caching
from hemicycle.engine.hls.caching import OtherSpelling, Reload


@pytest.mark.parametrize(
    ("query", "reload"),
    [
        ("", Reload()),
        ("_HLS_msn=0", Reload(0)),
        ("_HLS_msn=17", Reload(17)),
        ("_HLS_msn=17&_HLS_part=15", Reload(17, 15)),
        ("_HLS_msn=17&_HLS_part=0&_HLS_skip=YES", Reload(17, 0, skip=True)),
        ("_HLS_msn=17&_HLS_skip=YES", Reload(17, skip=True)),
        ("_HLS_skip=YES", Reload(skip=True)),
        ("_HLS_skip=v2", Reload(skip=True)),
    ],
)
def test_what_players_ask(query: str, reload: Reload) -> None:
    assert Reload.read(query) == reload


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "_HLS_msn=17&x=1",
        "_HLS_msn=017",
        "_HLS_msn=-1",
        "_HLS_msn=",
        "_HLS_msn=1&_HLS_msn=2",
        "_HLS_msn=\u0661",
        "_HLS_msn=1234567890",
        "_HLS_msn=17&",
        "&_HLS_skip=YES",
        "_HLS_msn=17_HLS_skip=YES",
        "_HLS_part=1",
        "_HLS_part=1&_HLS_msn=17",
        "_HLS_msn=17&_HLS_part=16",
        "_HLS_skip=yes",
        "_hls_msn=17",
        "%5FHLS_msn=17",
    ],
)
def test_any_other_spelling_would_pass_by_every_cache(query: str) -> None:
    with pytest.raises(OtherSpelling):
        Reload.read(query)


def test_lists_are_kept_for_less_than_bytes_and_longer_when_over() -> None:
    assert caching.of_file("video.m3u8", ended=False) == "public, max-age=1"
    assert caching.of_file("meeting.json", ended=True) == "public, max-age=10"
    assert "s-maxage=60" in caching.of_file("video-1-000001.m4s", ended=True)
