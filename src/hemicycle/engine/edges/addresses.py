"""PURE: where edges are, and under which paths a hearing's outputs are published there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

type Audience = Literal["room", "public"]
"""room: as the room hears it. public: after the public delay, or the card."""

type Way = Literal["whip", "whep"]

USUAL = "/{path}/{way}"
"""The usual form, of MediaMTX and others, for an address that has no `{path}`."""

WRONG = (
    "it must be addresses such as https://edge1.hearing.example or "
    "https://edge1.hearing.example/live/{path}/{way}, separated by commas, each once"
)
WRONG_API = "it must be an address such as http://{host}:9997, where {host} is the edge's own"


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge: its `template` contains `{path}`, and `{way}` for `whip` or `whep`."""

    template: str

    @property
    def name(self) -> str:
        """The edge in passes and reports: its address without paths."""
        return self.origin

    @property
    def origin(self) -> str:
        """Scheme, host and port, as in an `Origin` header."""
        parts = urlsplit(self.template)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The edge's host name or IP address."""
        return urlsplit(self.template).hostname or ""

    def at(self, path: str, way: Way) -> str:
        """Return the address where a path is published (`whip`) or read (`whep`)."""
        return self.template.replace("{path}", quote(path)).replace("{way}", way)


def path(hearing: str, audience: Audience, output: str) -> str:
    """Return the path of an output: `<hearing>/<audience>/<output>`."""
    return f"{below(hearing, audience)}{output}"


def below(hearing: str, audience: Audience) -> str:
    """Return the prefix of all paths of an audience."""
    return f"{hearing}/{audience}/"


def parse(raw: str) -> tuple[Edge, ...]:
    """Read addresses separated by commas. Raises ValueError with the correct form."""
    found = tuple(_edges(raw))
    if len({edge.name for edge in found}) != len(found):
        raise ValueError(WRONG)
    return found


def _edges(raw: str) -> Iterator[Edge]:
    for item in filter(None, (item.strip() for item in raw.split(","))):
        parts = urlsplit(item)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(WRONG)
        if "{path}" not in item and parts.query:
            raise ValueError(WRONG)
        edge = Edge(item if "{path}" in item else item.rstrip("/") + USUAL)
        if "{way}" not in edge.template or "{" in edge.origin:
            raise ValueError(WRONG)
        yield edge


def parse_api(raw: str) -> str:
    """Read the address of the edges' control API. Raises ValueError with the correct form."""
    if not raw:
        return ""
    parts = urlsplit(raw.replace("{host}", "edge.hearing.example"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(WRONG_API)
    return raw.rstrip("/")
