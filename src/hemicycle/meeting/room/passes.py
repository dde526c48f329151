"""Who gets which pass to the media engine: by appointment, by seat, by booth, and for how long.

Only those who are registered to intervene, and those who run the meeting, come into the room; the
rest follow the webcast (G6 of the reference hearing's rules: the link is personal, can be revoked,
and holds one seat). A pass is asked for each connection anew, so whoever was removed, has withdrawn
or had the link revoked gets none; what is open then is ended by the engine, which follows the
record.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription
from hemicycle.engine.control import passes
from hemicycle.engine.control.passes import MediaRole, Use
from hemicycle.hearing.people.access import roles_in
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import engine
from hemicycle.meeting.room.seats import Seat, Sitter
from hemicycle.meeting.room.signals import booth_of_interpreter
from hemicycle.meeting.state.meeting_view import current_meeting
from hemicycle.procedure.state import Floor

USES = frozenset(get_args(Use.__value__)) - {"service"}

STAFF: dict[Role, MediaRole] = {
    Role.MODERATOR: "moderator",
    Role.TECHNICIAN: "technician",
    Role.SECRETARIAT: "technician",  # sees what the technician sees
    Role.INTERPRETER: "interpreter",
    Role.CAPTIONER: "captioner",
}
"""What an appointment makes of somebody in the room; of several, the first here."""

SEATED: dict[Role, MediaRole] = {
    Role.MODERATOR: "moderator",
    Role.PANELLIST: "panellist",
    Role.SPEAKER: "speaker",
}
SPEAKING: frozenset[MediaRole] = frozenset({"moderator", "panellist", "speaker"})


class NoPass(Exception):
    """No pass, and why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who asks: somebody with a seat, an appointment, or both."""

    hearing: Hearing
    person: UUID
    name: str
    roles: frozenset[Role]
    seat: Seat | None
    booth: str = ""
    practises: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the use, the id by which the page joined, and a captioner's language."""

    use: Use
    connection: str = ""
    language: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> "Wish":
        """From a form. Raises `NoPass` for a use that there is none for."""
        use = data.get("use", "")
        if use not in USES:
            raise NoPass(_("There is no pass for that. Reload the page."))
        wished: Use = use  # type: ignore[assignment] # one of USES
        return cls(wished, _hex(data.get("connection", "")), data.get("booth", "")[:35])


def by_name(sitter: Sitter, person: Person) -> Guest:
    """Whoever has signed in."""
    hearing = sitter.hearing
    roles = roles_in(person, hearing.id)
    interprets = Role.INTERPRETER in roles
    booths = booth_of_interpreter.send(hearing, person) if interprets else []
    booth = next(filter(None, booths), "")
    practises = bool(roles or sitter.places)
    return Guest(hearing, person.id, person.name, roles, sitter.at(), booth, practises)


def by_link(sitter: Sitter) -> Guest:
    """Whoever opens a personal link."""
    return Guest(sitter.hearing, sitter.person, sitter.name, frozenset(), sitter.at())


def issue(guest: Guest, wish: Wish) -> passes.Pass:
    """A pass for what somebody asks for. Raises `NoPass` with a sentence."""
    hearing = guest.hearing
    if hearing.status != Hearing.Status.PUBLISHED:
        raise NoPass(_("This hearing is over."))
    floor = _floor(guest)
    if guest.person.hex in floor.removed:
        raise NoPass(_("You were removed from this meeting. Ask the secretariat to be readmitted."))
    if wish.use == "practice":
        return _practice(guest, wish)
    if floor.phase == "closed":
        raise NoPass(_("This meeting is closed. What was said can be heard on the live page."))
    role = _role(guest, wish)
    engine.attended(hearing)
    return passes.Pass(
        hearing=hearing.id.hex,
        use=wish.use,
        role=role,
        seat=_seat(guest, wish, role),
        person=guest.person.hex,
        connection=_connection(floor, guest, wish),
        slot=_slot(guest) if role in SPEAKING else "",
        booth=_booth(guest, wish, role),
        name=guest.name,
    )


def told(given: passes.Pass) -> dict[str, str]:
    """The pass as a page gets it, with the addresses that it opens."""
    return {
        "token": passes.sign(given, settings.MEDIA_ENGINE.secret),
        "hearing": given.hearing,
        "seat": given.seat,
        **{door: f"/media/{door}/{given.hearing}" for door in ("whip", "whep", "attend")},
    }


def _floor(guest: Guest) -> Floor:
    """Of the meeting that somebody comes to: their seat's, or for those who run it, the present."""
    if guest.seat is None or guest.roles & STAFF.keys():
        return current_meeting(guest.hearing.id)[1]
    return guest.seat.floor


def _practice(guest: Guest, wish: Wish) -> passes.Pass:
    if not guest.practises:
        raise NoPass(_("The practice room is for those who take part in this hearing."))
    engine.attended(guest.hearing)
    return passes.Pass(
        hearing=guest.hearing.id.hex,
        use="practice",
        role="listener",
        seat=guest.person.hex,
        person=guest.person.hex,
        connection=wish.connection,
        name=guest.name,
    )


def _role(guest: Guest, wish: Wish) -> MediaRole:
    """As what somebody comes in. Raises `NoPass` where they may not, or not for this."""
    seated = _seated(guest)
    appointed = next((STAFF[role] for role in STAFF if role in guest.roles), None)
    match wish.use:
        case "captions":
            return _captioner(guest)
        case "publish" if guest.booth and seated is None:
            return "interpreter"
        case "publish" | "screen":
            role = seated or appointed
            if role in SPEAKING:
                return role
            raise NoPass(_why_silent(guest))
        case _:
            # At a console somebody is what they were appointed to, at a seat what they sit as.
            role = seated if seated and appointed != "moderator" else appointed
            if role is None:
                raise NoPass(_why_outside(guest))
            return role


def _seated(guest: Guest) -> MediaRole | None:
    """As what somebody sits; None without a seat, or where its place was withdrawn."""
    seat = guest.seat
    if seat is None or _withdrawn(seat):
        return None
    return SEATED[seat.place.role]


def _withdrawn(seat: Seat) -> bool:
    slot = seat.floor.slots.get(seat.place.slot)
    if slot is not None:
        return slot.state == "withdrawn"
    if seat.place.role != Role.SPEAKER:
        return False
    listed = Inscription.objects.filter(
        pk=UUID(hex=seat.place.slot), state=Inscription.State.INSCRIBED
    )
    return not listed.exists()


def _captioner(guest: Guest) -> MediaRole:
    if guest.roles & {Role.CAPTIONER, Role.SECRETARIAT}:
        return "captioner"
    raise NoPass(_("Captions are written by those whom the secretariat has appointed to it."))


def _why_silent(guest: Guest) -> str:
    if Role.INTERPRETER in guest.roles:
        return _("You have no booth yet. Ask the secretariat to assign you to one.")
    if guest.seat is not None:
        return _why_outside(guest)
    return _("Only those who are registered to intervene have a microphone here.")


def _why_outside(guest: Guest) -> str:
    if guest.seat is not None:
        return _("Your place on the list was withdrawn. Follow the meeting on the live page.")
    return _("The room is for those who are registered to intervene. Follow the live page.")


def _seat(guest: Guest, wish: Wish, role: MediaRole) -> str:
    """The one live seat: the slot's, or the person's own.

    Who runs the meeting has several screens, a hall's among them: each listens for itself.
    """
    if wish.use in ("listen", "attend") and role in ("moderator", "technician", "captioner"):
        return wish.connection or secrets.token_hex(16)
    return _slot(guest) if role in SPEAKING and _slot(guest) else guest.person.hex


def _slot(guest: Guest) -> str:
    return guest.seat.place.slot if guest.seat else ""


def _booth(guest: Guest, wish: Wish, role: MediaRole) -> str:
    if wish.use == "captions":
        if wish.language not in guest.hearing.languages:
            raise NoPass(_("This hearing has no captions in that language."))
        return wish.language
    return guest.booth if role == "interpreter" else ""


def _connection(floor: Floor, guest: Guest, wish: Wish) -> str:
    """The id under which the page joined, unless somebody else did."""
    joined = floor.seats.get(wish.connection)
    return "" if joined and joined.person != guest.person.hex else wish.connection


def _hex(text: str) -> str:
    try:
        return UUID(hex=text).hex
    except ValueError:
        return ""
