"""Clients and players, the outcomes of their trials, and the tables of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.clients.hall import Hall, Heard, Listening, Publishing, Result, Way

ROLES = ("speaker", "interpreter", "listener")
TIMES = ("live", "on demand")

SOUND_ONLY = ", sound only"
UNEXPLAINED = "It is not explained yet."

type Needs = Callable[[], str]
"""Says what is missing on this machine; empty if nothing is."""


@dataclass(frozen=True)
class Client:
    """A third-party client.

    `cannot` says for a role why the client cannot have it, and what to use instead. `done` says for
    a role why the trial fails or has no picture, and what is done about that.
    """

    name: str
    of: str
    version: Callable[[], str]
    needs: Needs
    publish: Callable[[Way], Publishing] | None = None
    listen: Callable[[Way], Listening] | None = None
    cannot: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Player:
    """A third-party player of the webcast; `play` plays an address and returns what it received."""

    name: str
    of: str
    version: Callable[[], str]
    needs: Needs
    play: Callable[[str, float], Awaitable[Heard]]
    cannot: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of one trial: `works`, `fails`, or `none` if it was not tried."""

    state: str
    text: str


@dataclass(slots=True)
class Row:
    """A row of a table: the outcomes of a day, by role or by time (live, on demand)."""

    name: str
    of: str
    version: str
    day: str
    found: dict[str, Found]


def worked(result: Result, without: str = "") -> Found:
    """Return the outcome of a trial that succeeded; `without` is its text if no picture came."""
    heard = result.heard
    size = f", {heard.width}×{heard.height}" if heard.width else without
    note = f". {result.note}" if result.note else ""
    return Found("works", f"after {result.seconds:.1f} s{size}{note}")


async def trial(client: Client, role: str, hall: Hall) -> Found:
    """Try a client in a role; return the outcome, `none` if the client cannot have the role."""
    if reason := client.cannot.get(role):
        return Found("none", reason)
    try:
        without = "" if role == "interpreter" else SOUND_ONLY
        return worked(await _tried(client, role, hall), without)
    except Exception as error:  # noqa: BLE001 - any error of a third-party client is its result
        return Found("fails", first_line(error))


async def _tried(client: Client, role: str, hall: Hall) -> Result:
    if role == "listener":
        assert client.listen is not None, "It cannot listen."
        return await hall.listener(client.listen)
    assert client.publish is not None, "It cannot publish."
    run = hall.speaker if role == "speaker" else hall.interpreter
    return await run(client.publish)


def first_line(error: Exception) -> str:
    """Return the first line of an error as a sentence of up to 200 characters."""
    lines = str(error).strip().splitlines()
    said = (lines[0] if lines else type(error).__name__).removeprefix("Error: ")[:200]
    return said if said.endswith(".") else f"{said}."


def explained(row: Row, done: Mapping[str, str]) -> Row:
    """Return the row with an explanation from `done` for each failure or missing picture."""

    def whole(column: str, found: Found) -> Found:
        if found.state != "fails" and SOUND_ONLY not in found.text:
            return found
        end = "" if found.text.endswith(".") else "."
        return Found(found.state, f"{found.text}{end} {done.get(column, UNEXPLAINED)}")

    return replace(row, found={name: whole(name, one) for name, one in row.found.items()})


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
