"""What the clients and players are, what was found of them, and the page that says it."""

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
    """A client of others.

    `cannot` says for a role why the client does not have it, and what to use instead. `done` says
    for a role why it fails or has no picture, and what is done about that.
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


def worked(result: Result, without: str = "") -> Found:
    """What is written of a trial that came about; `without` is said where no picture came."""
    heard = result.heard
    size = f", {heard.width}×{heard.height}" if heard.width else without
    note = f". {result.note}" if result.note else ""
    return Found("works", f"after {result.seconds:.1f} s{size}{note}")


async def trial(client: Client, role: str, hall: Hall) -> Found:
    """Try a client in a role."""
    if reason := client.cannot.get(role):
        return Found("none", reason)
    try:
        without = "" if role == "interpreter" else SOUND_ONLY
        return worked(await _tried(client, role, hall), without)
    except Exception as error:  # noqa: BLE001 - whatever a client of others does is its result
        return Found("fails", first_line(error))


async def _tried(client: Client, role: str, hall: Hall) -> Result:
    if role == "listener":
        assert client.listen is not None, "It cannot listen."
        return await hall.listener(client.listen)
    assert client.publish is not None, "It cannot publish."
    run = hall.speaker if role == "speaker" else hall.interpreter
    return await run(client.publish)


def first_line(error: Exception) -> str:
    """What an error says, in one sentence."""
    lines = str(error).strip().splitlines()
    said = (lines[0] if lines else type(error).__name__).removeprefix("Error: ")[:200]
    return said if said.endswith(".") else f"{said}."


def explained(row: Row, done: Mapping[str, str]) -> Row:
    """Return the row with why something fails or has no picture, and what is done about it."""

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
