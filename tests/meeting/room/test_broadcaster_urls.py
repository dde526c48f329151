"""Addresses of other broadcasters: which ones are valid, and which part of them is shown."""

import pytest

from hemicycle.meeting.room.broadcaster_urls import BadBroadcasterUrl, check, masked, protocol


@pytest.mark.parametrize(
    ("url", "named", "shown"),
    [
        ("rtmp://live.example.org/app/k3y", "rtmp", "rtmp://live.example.org/app/••••"),
        ("rtmp://live.example.org/app/k3y/more", "rtmp", "rtmp://live.example.org/app/••••"),
        ("rtmps://live.example.org:443/k3y", "rtmps", "rtmps://live.example.org:443/••••"),
        ("rtmp://me:pw@live.example.org/app/x?s=1", "rtmp", "rtmp://••••@live.example.org/app/••••?••••"),
        ("rtmp://[2620:fe::fe]/app/x", "rtmp", "rtmp://[2620:fe::fe]/app/••••"),
        ("srt://in.example.org:9000", "srt", "srt://in.example.org:9000"),
        (
            "srt://in.example.org:9000?mode=caller&streamid=room&passphrase=0123456789&latency=200",
            "srt",
            "srt://in.example.org:9000?mode=caller&streamid=••••&passphrase=••••&latency=200",
        ),
        ("srt://:9000?mode=listener", "srt", "srt://:9000?mode=listener"),
    ],
)  # fmt: skip
def test_a_good_address_is_taken_and_shown_without_its_secrets(
    url: str, named: str, shown: str
) -> None:
    check(url)
    assert (protocol(url), masked(url)) == (named, shown)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://live.example.org/app", "must begin with rtmp://, rtmps:// or srt://"),
        ("live.example.org/app/key", "must begin with rtmp://, rtmps:// or srt://"),
        ("rtmp:///app/key", "must name a host and a path"),
        ("rtmp://live.example.org/", "must name a host and a path"),
        ("rtmp://live.example.org:port/app/key", "The host or the port"),
        ("rtmp://live.example.org:99999/app/key", "The host or the port"),
        ("rtmp://[live/app/key", "The host or the port"),
        ("rtmp://live.example.org/app key", "There is a space in the address"),
        ("rtmp://live.example.org/app/\x07", "There is a space in the address"),
        ("rtmp://live.example.org/app/" + "k" * 1000, "more than 1000 characters"),
        ("rtmp://10.0.0.7/app/key", "in a private network"),
        ("rtmps://[::ffff:192.168.1.1]/app/key", "in a private network"),
        ("srt://169.254.169.254:80", "in a private network"),
        ("srt://in.example.org", "must name a port"),
        ("srt://:9000", "must name a host"),
        ("srt://in.example.org:9000?mode=both", "caller or listener"),
        ("srt://in.example.org:9000?latency=soon", "milliseconds up to 10000"),
        ("srt://in.example.org:9000?passphrase=short", "must have 10 to 79 characters"),
    ],
)
def test_an_address_that_cannot_be_right_gets_a_sentence(url: str, says: str) -> None:
    with pytest.raises(BadBroadcasterUrl, match=says.replace("(", r"\(")):
        check(url)
