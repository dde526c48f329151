"""The settings that the engine and `web` share; a wrong one stops the start.

Both processes read them with this code. `docs/settings.md` explains each variable.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from hemicycle import error_reports, logs, metrics, networks, object_store
from hemicycle import settings_sources as sources
from hemicycle.engine.edges import addresses as edge_addresses
from hemicycle.engine.edges.addresses import Edge
from hemicycle.engine.secret import made_once
from hemicycle.engine.video.bit_rates import SMALL_BIT_RATE, bit_rate_for
from hemicycle.engine.video.geometry import SMALL, Size
from hemicycle.settings_sources import Given

LOOPBACK = ("127.0.0.1", "::1")
MACHINE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
"""The form of a media machine's name; host names have it."""

SHORTEST_SECRET = 32
"""The fewest characters of a secret; HS256 needs a key as long as its digest (RFC 7518, 3.2)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The engine's settings.

    `machine` is this machine's name, "" where it is the only one for media.
    `url` is where `web` finds the engine, `web_url` where the engine finds `web`; both without a
    slash at the end. `port` is the UDP port of sound and picture, `tcp_port` the TCP port (0 for
    none), `connections` how many people may be connected; `addresses` are announced to peers beside
    the machine's own, `relays` is the number of processes that serve listeners beside the engine's
    own. The program picture has `size`, `fps` pictures and `bit_rate` bits per second. If
    `size_fits`, the size is chosen for this machine before the engine begins
    (`video/machine_size.py`). `given_kbps` is the bit rate of the settings, if they have one. The
    program may be pushed to private networks if it `reaches_private`, and to this machine if it
    `reaches_itself`. `edges` are servers that carry the program to listeners, and `edge_api` is the
    address at which they are controlled ("" for none). Clients in `metrics_networks`, and those
    that show `metrics_token`, may read the figures. The webcast's files are published to
    `webcast_store` (`s3://bucket/prefix`), if there is one.
    """

    url: str
    web_url: str
    port: int
    addresses: tuple[str, ...]
    segments: Path
    size: Size
    fps: int
    bit_rate: int
    given_secret: str
    secret_file: Path
    tcp_port: int = 0
    connections: int = 1000
    relays: int = 0
    edges: tuple[Edge, ...] = ()
    edge_api: str = ""
    reaches_private: bool = False
    reaches_itself: bool = False
    log_format: str = "text"
    sentry_dsn: str = ""
    trusted_proxies: tuple[str, ...] = LOOPBACK
    metrics_networks: tuple[str, ...] = metrics.OWN_NETWORKS
    metrics_token: str = ""
    machine: str = ""
    webcast_store: str = ""
    size_fits: bool = False
    given_kbps: int | None = None

    def with_size(self, size: Size) -> Self:
        """Return the same settings for a picture of another size."""
        return replace(self, size=size, bit_rate=_bit_rate(size, self.given_kbps), size_fits=False)

    def may_reach(self, address: str) -> bool:
        """Whether the program may be pushed to an IP address."""
        return networks.is_open(address, private=self.reaches_private, loopback=self.reaches_itself)

    @property
    def secret(self) -> str:
        """The key that signs passes: the given one, or one that is created in the data folder."""
        return self.given_secret or made_once(self.secret_file)

    @property
    def listen(self) -> tuple[str, int]:
        """Host and port of the engine's HTTP server."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80


def site(raw: str) -> str:
    """Return an address of a server without a path; raise ValueError for anything else."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError("it must be an address such as http://127.0.0.1:8090, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _secret(raw: str) -> str:
    if raw and len(raw) < SHORTEST_SECRET:
        raise ValueError(f"it must have {SHORTEST_SECRET} random characters or more")
    return raw


def _addresses(raw: str) -> tuple[str, ...]:
    named = [address.strip() for address in raw.split(",") if address.strip()]
    try:
        return tuple(str(ip_address(address)) for address in named)
    except ValueError as error:
        raise ValueError("it must be IP addresses, separated by commas") from error


def _size(raw: str) -> tuple[int, int]:
    width, _, height = raw.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise ValueError("it must be auto, or width and height in pixels, as in 640x360")
    size = int(width), int(height)
    if min(size) < 128 or max(size) > 1920 or any(side % 8 for side in size):
        raise ValueError("each side must be 128 to 1920 pixels, in steps of 8")
    return size


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(raw: str) -> int:
        if not raw.isdecimal() or not least <= int(raw) <= most:
            raise ValueError(f"it must be a whole number from {least} to {most}")
        return int(raw)

    return number


def _machine(raw: str) -> str:
    if raw and not MACHINE_NAME.fullmatch(raw):
        raise ValueError("it must be a name such as media-1, of at most 63 letters and digits")
    return raw


_port = _between(1, 65535)
_kbps = _between(100, 10_000)


def _tcp_port(raw: str) -> int:
    return 0 if raw == "none" else _port(raw)


def _either(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given


def _bit_rate(size: Size, given_kbps: int | None) -> int:
    """Return the bits per second of a picture: those given, or else more for a larger picture."""
    return (given_kbps or max(SMALL_BIT_RATE, bit_rate_for(size)) // 1000) * 1000


def _picture(raw: str) -> Size | None:
    return None if raw == "auto" else Size(*_size(raw))


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _store(raw: str) -> str:
    if raw:
        bucket, prefix = object_store.parts(raw, ValueError)
        if find_spec("obstore") is None:
            raise ValueError("it needs the package obstore: pip install 'hemicycle[s3]'")
        return f"{object_store.SCHEME}{bucket}/{prefix}".rstrip("/")
    return ""


def _networks(raw: str) -> tuple[str, ...]:
    named = tuple(item.strip() for item in raw.split(",") if item.strip())
    try:
        for item in named:
            ip_network(item)
    except ValueError as error:
        raise ValueError("it must be IP addresses and networks, separated by commas") from error
    return named


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "HEMICYCLE_MEDIA_URL": ("http://127.0.0.1:8090", site),
    "HEMICYCLE_MEDIA_MACHINE": ("", _machine),
    "HEMICYCLE_MEDIA_SITE": ("", lambda raw: site(raw) if raw else ""),
    "HEMICYCLE_MEDIA_SECRET": ("", _secret),
    "HEMICYCLE_MEDIA_PORT": ("20000", _between(1, 65535)),
    "HEMICYCLE_MEDIA_TCP_PORT": ("", lambda raw: _tcp_port(raw) if raw else None),
    "HEMICYCLE_MEDIA_CONNECTIONS": ("1000", _between(2, 20_000)),
    "HEMICYCLE_MEDIA_ADDRESSES": ("", _addresses),
    "HEMICYCLE_MEDIA_SEGMENTS": ("", lambda raw: _folder(raw) if raw else None),
    "HEMICYCLE_MEDIA_PICTURE": ("auto", _picture),
    "HEMICYCLE_MEDIA_FPS": ("25", _between(5, 60)),
    "HEMICYCLE_MEDIA_KBPS": ("", lambda raw: _kbps(raw) if raw else None),
    "HEMICYCLE_MEDIA_RELAYS": ("0", _between(0, 32)),
    "HEMICYCLE_WEBCAST_STORE": ("", _store),
    "HEMICYCLE_MEDIA_EDGES": ("", edge_addresses.parse),
    "HEMICYCLE_MEDIA_EDGE_API": ("", edge_addresses.parse_api),
    "HEMICYCLE_METRICS_NETWORKS": (
        ",".join(metrics.OWN_NETWORKS),
        lambda raw: () if raw == "none" else _networks(raw),
    ),
    "HEMICYCLE_METRICS_TOKEN": ("", metrics.parse_token),
}
"""The engine's own variables: their defaults, and the functions that read them."""


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings in an environment and its settings file; raise `WrongSetting`.

    The data folder, the site's address, whether private networks may be reached, the trusted
    proxies, the log's format and where errors are reported are variables of `web`, with the same
    defaults there.
    """
    given = sources.read(environ)
    found = {name: _one(given, name, *how) for name, how in VARIABLES.items()}
    size = found["HEMICYCLE_MEDIA_PICTURE"] or SMALL
    data_dir = _folder(given.get("HEMICYCLE_DATA_DIR", "var"))
    base_url = given.get("HEMICYCLE_BASE_URL", "http://localhost:8000")
    return Settings(
        machine=found["HEMICYCLE_MEDIA_MACHINE"],
        url=found["HEMICYCLE_MEDIA_URL"],
        web_url=found["HEMICYCLE_MEDIA_SITE"] or base_url.rstrip("/"),
        port=found["HEMICYCLE_MEDIA_PORT"],
        tcp_port=_either(found["HEMICYCLE_MEDIA_TCP_PORT"], found["HEMICYCLE_MEDIA_PORT"]),
        connections=found["HEMICYCLE_MEDIA_CONNECTIONS"],
        addresses=found["HEMICYCLE_MEDIA_ADDRESSES"],
        segments=found["HEMICYCLE_MEDIA_SEGMENTS"] or data_dir / "segments",
        size=size,
        fps=found["HEMICYCLE_MEDIA_FPS"],
        bit_rate=_bit_rate(size, found["HEMICYCLE_MEDIA_KBPS"]),
        size_fits=found["HEMICYCLE_MEDIA_PICTURE"] is None,
        given_kbps=found["HEMICYCLE_MEDIA_KBPS"],
        given_secret=found["HEMICYCLE_MEDIA_SECRET"],
        secret_file=data_dir / "keys" / "media",
        reaches_private=_is_on(given, "HEMICYCLE_REACH_PRIVATE_NETWORKS"),
        reaches_itself=_is_on(given, "HEMICYCLE_DEBUG"),
        log_format=_one(given, "HEMICYCLE_LOG_FORMAT", "text", logs.parse_format),
        sentry_dsn=_one(given, "HEMICYCLE_SENTRY_DSN", "", error_reports.parse_dsn),
        trusted_proxies=_one(given, "HEMICYCLE_TRUSTED_PROXIES", ",".join(LOOPBACK), _networks),
        metrics_networks=found["HEMICYCLE_METRICS_NETWORKS"],
        metrics_token=found["HEMICYCLE_METRICS_TOKEN"],
        relays=found["HEMICYCLE_MEDIA_RELAYS"],
        webcast_store=found["HEMICYCLE_WEBCAST_STORE"],
        edges=found["HEMICYCLE_MEDIA_EDGES"],
        edge_api=found["HEMICYCLE_MEDIA_EDGE_API"],
    )


def _is_on(given: Given, name: str) -> bool:
    return given.get(name).lower() in {"1", "true", "yes"}


def _one(given: Given, name: str, default: str, parse: Callable[[str], Any]) -> Any:
    raw = given.get(name, default)
    try:
        return parse(raw)
    except ValueError as error:
        raise given.wrong(name, raw, error) from error
