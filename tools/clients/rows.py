"""What the clients and players are, what was found of them, and the page that says it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.clients.hall import Hall, Heard, Listening, Publishing, Result, Way

ROLES = ("speaker", "interpreter", "listener")
TIMES = ("live", "on demand")

type Needs = Callable[[], str]
"""Says what is missing on this machine; empty if nothing is."""


@dataclass(frozen=True)
class Client:
    """A client of others.

    `cannot` says for a role why the client does not have it, and what to use instead. `done` says
    for a role what is done about a failure that is known. A client that `hears` only has no
    decoder for the program's picture.
    """

    name: str
    of: str
    version: Callable[[], str]
    needs: Needs
    publish: Callable[[Way], Publishing] | None = None
    listen: Callable[[Way], Listening] | None = None
    sees: bool = True
    cannot: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Player:
    """A player of others for the webcast: `play` returns what was heard and seen of an address."""

    name: str
    of: str
    version: Callable[[], str]
    needs: Needs
    play: Callable[[str, float], Awaitable[Heard]]
    cannot: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of one trial: `works`, `fails`, or `none` where there is nothing to try."""

    state: str
    text: str


@dataclass(slots=True)
class Row:
    """A line of a table: what was found on a day, by role or by time."""

    name: str
    of: str
    version: str
    day: str
    found: dict[str, Found]


def worked(result: Result) -> Found:
    """What is written of a trial that came about."""
    heard = result.heard
    size = f", {heard.width}×{heard.height}" if heard.width else ""
    note = f". {result.note}" if result.note else ""
    return Found("works", f"after {result.seconds:.1f} s{size}{note}")


async def trial(client: Client, role: str, hall: Hall) -> Found:
    """Try a client in a role."""
    if reason := client.cannot.get(role):
        return Found("none", reason)
    try:
        return worked(await _tried(client, role, hall))
    except Exception as error:  # noqa: BLE001 - whatever a client of others does is its result
        done = client.done.get(role, "It is not explained yet.")
        return Found("fails", f"{first_line(error)} {done}")


async def _tried(client: Client, role: str, hall: Hall) -> Result:
    if role == "listener":
        assert client.listen is not None, "It cannot listen."
        return await hall.listener(client.listen, client.sees)
    assert client.publish is not None, "It cannot publish."
    run = hall.speaker if role == "speaker" else hall.interpreter
    return await run(client.publish)


def first_line(error: Exception) -> str:
    """What an error says, in one sentence."""
    lines = str(error).strip().splitlines()
    said = (lines[0] if lines else type(error).__name__)[:200]
    return said if said.endswith(".") else f"{said}."


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Return a table in Markdown."""
    head = ["client", "version", "tried on", *columns]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        cells = [f"**{row.name}**, {row.of}", row.version, row.day]
        cells += [_cell(row.found[column]) for column in columns]
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def _cell(found: Found) -> str:
    word = {"works": "works", "fails": "**fails**:", "none": "—"}[found.state]
    return f"{word} {found.text}"
