"""PURE: who is at a microphone in a rehearsed hearing now, and which of them speak."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hemicycle.procedure import Floor
from hemicycle.procedure.state import PRESENTING, Holding

MOST = 6
"""The maximum at the same time: each uses as much of this machine as a browser would."""
BOOTHS = 2


@dataclass(frozen=True, slots=True)
class MicrophoneUser:
    """A person at a microphone: at the seat of a slot ("" for a moderator), or in a booth.

    `connection` is the id under which the person joined the meeting, or "".
    """

    person: str
    slot: str = ""
    connection: str = ""
    booth: str = ""


type MicrophoneUsers = Mapping[MicrophoneUser, bool]
"""Who is there, and whether they speak."""


def wanted_users(floor: Floor, moderator: str, interpreters: Mapping[str, str]) -> MicrophoneUsers:
    """Return who must be at a microphone: at most `MOST`, the most important first.

    These are the holder of the floor, the next speaker if already seated, an interpreter in each of
    `BOOTHS` booths (`interpreters`: language → person), the moderator and the panellists.
    """
    if floor.phase == "closed":
        return {}
    heard = floor.phase == "open" and _runs(floor.holder)
    presides = floor.phase == "open" and floor.holder is None and floor.segment is not None
    wanted: list[tuple[MicrophoneUser, bool]] = [
        *((user, heard) for user in _seated(floor, _holding(floor))),
        *((user, False) for user in _seated(floor, _next(floor))),
        *((MicrophoneUser(who, booth=tag), heard) for tag, who in [*interpreters.items()][:BOOTHS]),
        *((user, presides) for user in _moderating(floor, moderator)),
        *((user, False) for user in _seated(floor, _panel(floor))),
    ]
    chosen: dict[str, tuple[MicrophoneUser, bool]] = {}
    for user, speaks in wanted:
        chosen.setdefault(user.person, (user, speaks))
    return dict([*chosen.values()][:MOST])


def _runs(holding: Holding | None) -> bool:
    return holding is not None and holding.running_since is not None


def _holding(floor: Floor) -> Iterator[str]:
    if floor.holder is not None:
        yield floor.holder.slot


def _next(floor: Floor) -> Iterator[str]:
    """Yield the slot of the first waiting speaker who is present; absent ones never took a seat."""
    seated = floor.connected()
    yield from [slot.id for slot in floor.waiting() if slot.id in seated][:1]


def _panel(floor: Floor) -> Iterator[str]:
    yield from (slot.id for slot in floor.slots.values() if slot.role in PRESENTING)


def _seated(floor: Floor, slots: Iterable[str]) -> Iterator[MicrophoneUser]:
    joined = {seat.slot: connection for connection, seat in floor.seats.items()}
    for slot in slots:
        if person := floor.slots[slot].person:
            yield MicrophoneUser(person, slot, joined.get(slot, ""))


def _moderating(floor: Floor, moderator: str) -> Iterator[MicrophoneUser]:
    if moderator:
        yield MicrophoneUser(moderator)
