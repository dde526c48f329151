"""Relays (TURN, RFC 8656) for people whose network blocks direct connections.

Any standard server works. It shares a secret with this site. Each pass has a user name that is
valid for an hour, and a password that the server can compute ("TURN REST API",
draft-uberti-behave-turn-rest; coturn calls it `use-auth-secret`). The name says nothing about the
person.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs

from hemicycle import shared_clock

LASTS_S = 3600
"""How long a password can be used to connect, in seconds. Each new connection has a new pass."""

UNSHARED = (
    "HEMICYCLE_TURN_SECRET is missing: the secret that the servers in HEMICYCLE_TURN_URLS share "
    "with this site (coturn calls it static-auth-secret)."
)


@dataclass(frozen=True, slots=True)
class TurnServers:
    """The addresses of the servers (RFC 7065), and the secret that they share with this site."""

    urls: tuple[str, ...] = ()
    secret: str = ""


def servers(turn: TurnServers, now: float | None = None) -> list[dict[str, str | list[str]]]:
    """Return the servers with a user name and password, as a browser expects them (`RTCIceServer`).

    `now` is in seconds since the Unix epoch, by default the shared clock's time.
    """
    if not turn.urls:
        return []
    until = int(shared_clock.now_s() if now is None else now) + LASTS_S
    name = f"{until}:{secrets.token_hex(8)}"
    digest = hmac.new(turn.secret.encode(), name.encode(), hashlib.sha1).digest()
    password = base64.b64encode(digest).decode()
    return [{"urls": list(turn.urls), "username": name, "credential": password}]


def parse_urls(raw: str) -> tuple[str, ...]:
    """Read addresses separated by commas. Raises ValueError that says what is expected."""
    found = tuple(item.strip() for item in raw.split(",") if item.strip())
    for item in found:
        parse_url(item)
    return found


def parse_url(url: str) -> tuple[str, int, str]:
    """Return host, port and transport ("udp", "tcp" or "tls") of an address. Raises ValueError."""
    scheme, _, rest = url.partition(":")
    where, _, query = rest.partition("?")
    host, port = _host_and_port(where)
    transport = parse_qs(query).get("transport", ["tcp" if scheme == "turns" else "udp"])
    known = {("turn", "udp"): "udp", ("turn", "tcp"): "tcp", ("turns", "tcp"): "tls"}
    kind = known.get((scheme, transport[0]))
    if kind is None or not host:
        raise ValueError(
            "it must be addresses such as turn:turn.hearing.example:3478 or "
            "turns:turn.hearing.example:443?transport=tcp, separated by commas"
        )
    return host, port or (5349 if scheme == "turns" else 3478), kind


def _host_and_port(where: str) -> tuple[str, int]:
    host, colon, port = where.rpartition(":")
    if not colon or where.endswith("]"):
        host, port = where, "0"
    return host.strip("[]"), int(port) if port.isdecimal() and int(port) < 65536 else 0
