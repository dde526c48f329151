"""Passes name the relays, with the password that the relay's own program computes."""

import base64
import hashlib
import hmac

import pytest

from hemicycle.meeting.room import turn
from hemicycle.meeting.room.turn import TurnServers

URLS = ("turns:turn.hearing.example:443?transport=tcp", "turn:turn.hearing.example")
NOW = 1_800_000_000.0


def test_a_pass_has_a_name_for_an_hour_and_its_password() -> None:
    (server,) = turn.servers(TurnServers(URLS, "shared"), NOW)
    assert server["urls"] == list(URLS)
    name = str(server["username"])
    until, _, rest = name.partition(":")
    assert int(until) == NOW + 3600
    assert len(rest) == 16
    # coturn's own rule, step by step: base64(HMAC-SHA-1(secret, name)).
    digest = hmac.new(b"shared", name.encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()


def test_each_pass_has_another_name() -> None:
    names = {str(turn.servers(TurnServers(URLS, "s"), NOW)[0]["username"]) for _ in range(20)}
    assert len(names) == 20


def test_without_servers_a_pass_names_none() -> None:
    assert turn.servers(TurnServers()) == []


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("turn:turn.hearing.example", ("turn.hearing.example", 3478, "udp")),
        ("turn:192.0.2.1:3479?transport=tcp", ("192.0.2.1", 3479, "tcp")),
        ("turns:turn.hearing.example", ("turn.hearing.example", 5349, "tls")),
        ("turns:[2001:db8::1]:443?transport=tcp", ("2001:db8::1", 443, "tls")),
    ],
)
def test_addresses(url: str, parts: tuple[str, int, str]) -> None:
    assert turn.parse_url(url) == parts


@pytest.mark.parametrize(
    "url", ["", "turn:", "http://turn.hearing.example", "stun:a", "turns:a?transport=udp"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="such as turn:turn"):
        turn.parse_url(url)


def test_a_list_of_addresses() -> None:
    assert turn.parse_urls(", ".join(URLS)) == URLS
    with pytest.raises(ValueError, match="separated by commas"):
        turn.parse_urls("turn:a, nothing")
