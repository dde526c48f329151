"""Passes to the media engine: who gets which pass, by appointment, seat or booth, and for how long.

Only people who are registered to speak, and those who run the meeting, enter the room; all others
follow the webcast (G6 of the reference hearing's rules: the link is personal, can be revoked, and
gives one seat). Each connection needs a new pass, so people who were removed, have withdrawn or
whose link was revoked get none. The engine follows the record and ends their open connections.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy

from hemicycle.before.on_air import choices
from hemicycle.before.readers import places
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.engine import protection
from hemicycle.engine.control import passes
from hemicycle.engine.control.passes import MediaRole, Use
from hemicycle.engine.edges.addresses import Audience
from hemicycle.engine.protection import OPEN, Protection
from hemicycle.hearing.people.access import standing_in
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import edges, engine, seats, turn
from hemicycle.meeting.room.seats import MeetingSeat, Participant
from hemicycle.meeting.room.signals import booth_of_interpreter
from hemicycle.meeting.state.display_names import names_of_people
from hemicycle.meeting.state.meeting_view import current_meeting
from hemicycle.procedure.state import Floor

MOST_AVOIDED = 100
"""The maximum number of edges to avoid in a page's request."""

USES = frozenset(get_args(Use.__value__)) - {"service"}

STAFF: dict[Role, MediaRole] = {
    Role.MODERATOR: "moderator",
    Role.TECHNICIAN: "technician",
    Role.SECRETARIAT: "technician",  # sees what the technician sees
    Role.INTERPRETER: "interpreter",
    Role.CAPTIONER: "captioner",
}
"""The engine's role for each appointment; a person with several gets the first in this order."""

SEATED: dict[Role, MediaRole] = {
    Role.MODERATOR: "moderator",
    Role.PANELLIST: "panellist",
    Role.SPEAKER: "speaker",
}
AT_EDGES: frozenset[MediaRole] = frozenset({"listener", "technician", "captioner"})
"""The roles that have no microphone and may listen at an edge: the extra delay does not matter."""
SPEAKING: frozenset[MediaRole] = frozenset({"moderator", "panellist", "speaker"})


SENTENCES: Final = {
    "unknown_use": gettext_lazy(
        "The page asked for something that is not available. Reload the page."
    ),
    "hearing_over": gettext_lazy("This hearing is over."),
    "removed": gettext_lazy(
        "You have been removed from this meeting. Ask the secretariat to readmit you."
    ),
    "meeting_closed": gettext_lazy("This meeting is closed. Watch the recording on the live page."),
    "not_taking_part": gettext_lazy(
        "The practice room is only for people who take part in this hearing."
    ),
    "no_captioner": gettext_lazy("Only people appointed by the secretariat can write captions."),
    "no_booth": gettext_lazy("You have no booth yet. Ask the secretariat to assign one to you."),
    "no_microphone": gettext_lazy("Only people registered to speak have a microphone here."),
    "no_screen": gettext_lazy(
        "You chose not to show your picture, so you cannot share a screen: a window may show a "
        "name."
    ),
    "read_for": gettext_lazy(
        "A reader has this seat. To speak yourself, take it back on your personal page."
    ),
    "withdrawn": gettext_lazy(
        "Your place on the list of speakers has been withdrawn. Follow the meeting on the live "
        "page."
    ),
    "outside": gettext_lazy(
        "Only people registered to speak can enter the room. Follow the meeting on the live page."
    ),
    "no_such_captions": gettext_lazy("This hearing has no captions in that language."),
    "not_signed_in": gettext_lazy("Sign in, or open your personal link, to enter the meeting."),
    "link_expired": gettext_lazy("This link is no longer valid. Ask for a new one."),
    "not_accepted": gettext_lazy(
        "Your registration has not been accepted yet. Until then, follow the meeting on the "
        "live page."
    ),
    "encoder_key": gettext_lazy(
        "This key is no longer valid. Make a new one on the page of your seat."
    ),
    "registration_ended": gettext_lazy(
        "Your registration is no longer valid. Follow the meeting on the live page."
    ),
}
"""The sentence of each refusal, by its code."""


_ENDED: Final = frozenset({"meeting_closed", "hearing_over"})


class PassRefused(Exception):
    """A pass is refused; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    @property
    def sentence(self) -> str:
        """The reason, in the active language."""
        return str(SENTENCES[self.code])

    @property
    def is_end(self) -> bool:
        """Whether the meeting or hearing has ended: every open page then gets this refusal."""
        return self.code in _ENDED


@dataclass(frozen=True, slots=True)
class PassHolder:
    """A person who asks for a pass: with a seat, an appointment, or both.

    `registration` is the id of a participant's registration, `link` the number of their personal
    link, and `sign_in` the id of a signed-in person's session. `tends` says whether an officer of
    the secretariat has the duty for media; without the duty, the officer follows as a listener.
    """

    hearing: Hearing
    person: UUID
    name: str
    roles: frozenset[Role]
    seat: MeetingSeat | None
    booth: str = ""
    practises: bool = True
    registration: str = ""
    link: str = ""
    sign_in: str = ""
    reader: ProxyReader | None = None
    tends: bool = False

    @property
    def is_read(self) -> bool:
        """Whether a reader has this person's seat."""
        return self.seat is not None and self.seat.assignment.is_read


@dataclass(frozen=True, slots=True)
class PassRequest:
    """A page's request: the use, the id under which it joined, and a captioner's language.

    A page that can listen at an edge names its `audience` ("" for a page that cannot) and the edges
    that it `avoids` because they have failed; `edge` is the one where it already listens. With
    `masked`, a person who practises hears their own voice changed, whatever they have chosen.
    """

    use: Use
    connection: str = ""
    language: str = ""
    masked: bool = False
    audience: Audience | Literal[""] = ""
    avoids: frozenset[str] = frozenset()
    edge: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> "PassRequest":
        """Read the request from a form. Raises `PassRefused` for an unknown use."""
        use = data.get("use", "")
        if use not in USES:
            raise PassRefused("unknown_use")
        known: Use = use  # type: ignore[assignment] # one of USES
        connection, language = _hex(data.get("connection", "")), data.get("booth", "")[:35]
        audience: dict[str, Audience] = {"room": "room", "public": "public"}
        return cls(
            known,
            connection,
            language,
            masked=data.get("voice") == "changed",
            audience=audience.get(data.get("edges", ""), ""),
            avoids=frozenset(data.get("avoid", "").split()[:MOST_AVOIDED]),
            edge=data.get("edge", ""),
        )


def by_name(participant: Participant, person: Person, sign_in: str = "") -> PassHolder:
    """Return a signed-in person as holder. Without `sign_in`, the pass can outlive the session."""
    hearing = participant.hearing
    standing = standing_in(person, hearing.id)
    roles = standing.roles
    interprets = Role.INTERPRETER in roles
    booths = booth_of_interpreter.send(hearing, person) if interprets else []
    own = None if roles & STAFF.keys() else seats.registration_of(hearing, person)
    return PassHolder(
        hearing,
        person.id,
        names_of_people(hearing.id, [person.id.hex])[person.id.hex].name,
        roles,
        participant.at(),
        booth=next(filter(None, booths), ""),
        practises=seats.may_practise(participant, person),
        registration=own.id.hex if own else "",
        sign_in=sign_in,
        tends=Duty.MEDIA in standing.duties,
    )


def by_link(participant: Participant, registration: Registration) -> PassHolder:
    """Return the holder of a personal link, without checking the registration."""
    return PassHolder(
        participant.hearing,
        participant.person,
        registration.alias or participant.name,
        frozenset(),
        participant.at(),
        registration=registration.id.hex,
        link=str(registration.link_number),
    )


def of_link(participant: Participant, registration: Registration) -> PassHolder:
    """Return a personal link's holder; raise `PassRefused` if the registration takes no part."""
    if not registration.is_live:
        raise PassRefused("registration_ended")
    if not registration.takes_part:
        raise PassRefused("not_accepted")
    return by_link(participant, registration)


def by_reader(participant: Participant, reader: ProxyReader) -> PassHolder:
    """Return the holder of a reader's link; others see the public name of the speaker."""
    place = places.of_reader(reader)
    registration = place.registration if place else None
    return PassHolder(
        participant.hearing,
        participant.person,
        place.public.name if place else "",
        frozenset(),
        participant.at(),
        practises=bool(participant.assignments),
        registration=registration.id.hex if registration else "",
        reader=reader,
    )


def issue(holder: PassHolder, asked: PassRequest) -> passes.Pass:
    """Return the pass for a request. Raises `PassRefused`."""
    hearing = holder.hearing
    if hearing.status != Hearing.Status.PUBLISHED:
        raise PassRefused("hearing_over")
    floor = _floor(holder)
    if holder.person.hex in floor.removed:
        raise PassRefused("removed")
    if asked.use == "practice":
        return _practice(holder, asked)
    if floor.phase == "closed":
        raise PassRefused("meeting_closed")
    role = _role(holder, asked)
    applies = _protection(holder, role)
    if asked.use == "screen" and not applies.shows:
        raise PassRefused("no_screen")
    engine.attended(hearing)
    return passes.Pass(
        hearing=hearing.id.hex,
        use=asked.use,
        role=role,
        seat=_seat(holder, asked, role),
        person=holder.person.hex,
        connection=_connection(floor, holder, asked),
        slot=_slot(holder) if role in SPEAKING else "",
        booth=_booth(holder, asked, role),
        name=holder.name,
        registration=holder.registration,
        link=holder.link,
        sign_in=holder.sign_in,
        reader=holder.reader.id.hex if holder.reader else "",
        camera=applies.camera,
        voice=applies.voice,
        edge=_edge(hearing, asked, role),
    )


def _edge(hearing: Hearing, asked: PassRequest, role: MediaRole) -> str:
    """Return the edge where the holder listens; "" for the engine itself."""
    if asked.use != "listen" or not asked.audience or role not in AT_EDGES:
        return ""
    return edges.choose(hearing, avoid=asked.avoids, keep=asked.edge)


def _protection(holder: PassHolder, role: MediaRole) -> Protection:
    """Return what may be seen and heard of the holder; an interpreter speaks without protection."""
    return protection_of(holder) if role in SPEAKING else OPEN


def protection_of(holder: PassHolder) -> Protection:
    """Return what may be seen and heard of somebody at their seat."""
    if holder.reader is not None:
        return _of_reader(holder.reader)
    return choices.of_seat(holder.hearing.id, slot=_slot(holder), registration=holder.registration)


def _of_reader(reader: ProxyReader) -> Protection:
    return protection.read({"camera": "card", "voice": reader.voice})


def as_data(
    given: passes.Pass, audience: Audience | Literal[""] = "", languages: Collection[str] = ()
) -> dict[str, Any]:
    """Return the pass for a page, with the addresses that it opens and the relays to them.

    If it names an edge, that has a token of its own, for an audience.
    """
    edge = edges.as_data(given.edge, given.hearing, languages, audience) if audience else None
    return {
        "token": passes.sign(given, settings.MEDIA_ENGINE.secret),
        "hearing": given.hearing,
        "seat": given.seat,
        "relays": turn.servers(settings.TURN),
        "edge": edge,
        **{door: f"/media/{door}/{given.hearing}" for door in ("whip", "whep", "attend")},
    }


def _floor(holder: PassHolder) -> Floor:
    """Return the floor of the seat's meeting; for staff without a seat, of the current meeting."""
    if holder.seat is None or holder.roles & STAFF.keys():
        return current_meeting(holder.hearing.id)[1]
    return holder.seat.floor


def _practice(holder: PassHolder, asked: PassRequest) -> passes.Pass:
    if not holder.practises:
        raise PassRefused("not_taking_part")
    engine.attended(holder.hearing)
    chosen = protection_of(holder)
    return passes.Pass(
        hearing=holder.hearing.id.hex,
        use="practice",
        role="listener",
        seat=holder.person.hex,
        person=holder.person.hex,
        connection=asked.connection,
        name=holder.name,
        registration=holder.registration,
        link=holder.link,
        sign_in=holder.sign_in,
        reader=holder.reader.id.hex if holder.reader else "",
        camera=chosen.camera,
        voice="changed" if asked.masked else chosen.voice,
    )


def _role(holder: PassHolder, asked: PassRequest) -> MediaRole:
    """Return the role of the pass. Raises `PassRefused` if the holder may not have one."""
    seated = _seated(holder)
    appointed = _appointed(holder)
    match asked.use:
        case "captions":
            return _captioner(holder)
        case "publish" if holder.booth and seated is None:
            return "interpreter"
        case "publish" | "screen" if holder.is_read:
            raise PassRefused("read_for")
        case "publish" | "screen":
            role = seated or appointed
            if role in SPEAKING:
                return role
            raise PassRefused(_why_silent(holder))
        case _:
            if holder.is_read and appointed is None and seated is not None:
                return "listener"
            # At a console, the appointment decides the role; at a seat, the seat does.
            role = seated if seated and appointed != "moderator" else appointed
            if role is None:
                raise PassRefused(_why_outside(holder))
            return role


def _appointed(holder: PassHolder) -> MediaRole | None:
    """Return the role of the holder's appointment; None without one."""
    held = [role for role in STAFF if role in holder.roles]
    as_officer = Role.SECRETARIAT in held and not holder.tends
    if as_officer:
        held.remove(Role.SECRETARIAT)
    if held:
        return STAFF[held[0]]
    return "listener" if as_officer else None


def _seated(holder: PassHolder) -> MediaRole | None:
    """Return the role of the holder's seat; None without a seat, or if its slot was withdrawn."""
    seat = holder.seat
    if seat is None or _withdrawn(seat):
        return None
    return SEATED[seat.assignment.role]


def _withdrawn(seat: MeetingSeat) -> bool:
    slot = seat.floor.slots.get(seat.assignment.slot)
    if slot is not None:
        return slot.state == "withdrawn"
    if seat.assignment.role != Role.SPEAKER or not seat.assignment.slot:
        return False
    if seat.assignment.segment.meeting.hearing.is_room:
        return False  # in a training room, a speaker is on the list without an inscription
    listed = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        pk=UUID(hex=seat.assignment.slot),
        state=Inscription.State.INSCRIBED,
    )
    return not listed.exists()


def _captioner(holder: PassHolder) -> MediaRole:
    if Role.CAPTIONER in holder.roles or holder.tends:
        return "captioner"
    raise PassRefused("no_captioner")


def _why_silent(holder: PassHolder) -> str:
    """Return the code that says why the holder may not speak."""
    if Role.INTERPRETER in holder.roles:
        return "no_booth"
    if holder.seat is not None:
        return _why_outside(holder)
    return "no_microphone"


def _why_outside(holder: PassHolder) -> str:
    """Return the code that says why the holder may not enter the room."""
    if holder.seat is not None:
        return "withdrawn"
    return "outside"


def _seat(holder: PassHolder, asked: PassRequest, role: MediaRole) -> str:
    """Return the id that only one live connection may hold: the slot's, or the person's.

    People who run the meeting have several screens, such as a hall's. Each of them gets its own id.
    """
    if asked.use in ("listen", "attend") and role in ("moderator", "technician", "captioner"):
        return asked.connection or secrets.token_hex(16)
    return _slot(holder) if role in SPEAKING and _slot(holder) else holder.person.hex


def _slot(holder: PassHolder) -> str:
    return holder.seat.assignment.slot if holder.seat else ""


def _booth(holder: PassHolder, asked: PassRequest, role: MediaRole) -> str:
    if asked.use == "captions":
        if asked.language not in holder.hearing.languages:
            raise PassRefused("no_such_captions")
        return asked.language
    return holder.booth if role == "interpreter" else ""


def _connection(floor: Floor, holder: PassHolder, asked: PassRequest) -> str:
    """Return the id under which the page joined, or "" if another person joined under it."""
    joined = floor.seats.get(asked.connection)
    return "" if joined and joined.person != holder.person.hex else asked.connection


def _hex(text: str) -> str:
    try:
        return UUID(hex=text).hex
    except ValueError:
        return ""
