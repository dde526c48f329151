"""The state of the booths: values from which `rules` computes the next ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from hemicycle.engine.refusals import Refusal
from hemicycle.procedure.channels import FLOOR, Situation
from hemicycle.procedure.commands import ReportBooth, ReportSignal

DESKS = ("technician", "moderator")
"""Roles other than the booths that can write to every room of the booths."""


class BoothRefused(Refusal):
    """Raised for a control that a booth does not carry out now; nothing has changed."""


def refuse(code: str) -> NoReturn:
    """Refuse a control for the reason that `code` names (`engine.refusals`)."""
    raise BoothRefused(code)


@dataclass(frozen=True, slots=True)
class BoothMessage:
    """A message from one room to another: a booth ("booth:fr"), a seat ("seat:…"), the technician,
    the moderator.
    """

    id: str
    sender: str
    name: str
    to: str
    text: str
    at: int

    def data(self) -> dict[str, Any]:
        """Return the event's data (docs/media.md)."""
        told = {"id": self.id, "from": self.sender, "name": self.name, "to": self.to}
        return {**told, "text": self.text, "at": self.at}


@dataclass(frozen=True, slots=True)
class BoothSession:
    """A session of a person who can send messages: from a booth, a desk or a seat.

    `use` is that of its pass: an interpreter speaks by "publish" and hears by "listen". `up` says
    whether sound passes; a session whose connection is lost stays here until it ends.
    """

    session: str
    use: str
    role: str
    person: str
    name: str
    booth: str = ""
    up: bool = True
    seat: str = ""

    @property
    def room(self) -> str:
        """The room of this session: messages to it go there, and its own come from there."""
        if self.booth:
            return f"booth:{self.booth}"
        return self.role if self.role in DESKS else f"seat:{self.seat}"


@dataclass(frozen=True, slots=True)
class MicrophoneOffer:
    """The microphone offered by its holder, or requested by another, with its time of expiry."""

    person: str
    until: int


@dataclass(frozen=True, slots=True)
class BoothState:
    """One booth. `holder` is the person who has the microphone, "" for nobody.

    `left_at` is when the holder's connection was lost; None while they are connected. `incoming` is
    the chosen channel, `output` the language they speak into. `signals` says until when each signal
    is shown; `ended_at` is when the speaker whom they still interpret ended. `reported` is the last
    report to the record, as (person, output) while live; `restored` is set while the interpreter
    named by the record may still come back.
    """

    language: str
    output: str
    holder: str = ""
    since: int = 0
    left_at: int | None = None
    incoming: str = FLOOR
    offer: MicrophoneOffer | None = None
    coughing_since: int | None = None
    signals: Mapping[str, int] = field(default_factory=dict)
    spoke_at: int = 0
    ended_at: int | None = None
    reported: tuple[str, str] | None = None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Booths:
    """All booths of a hearing. `booths` is in the hearing's order of languages.

    `speaks` is the language on the floor according to the list, `corrected` the language that an
    interpreter heard instead ("" if the list is right); `holding` identifies the holding of the
    floor (0: the floor is free), `given_at` is when it began.
    """

    booths: Mapping[str, BoothState]
    sessions: Mapping[str, BoothSession] = field(default_factory=dict)
    speaks: str = ""
    corrected: str = ""
    holding: int = 0
    given_at: int = 0
    messages: tuple[BoothMessage, ...] = ()
    message_count: int = 0

    @property
    def languages(self) -> tuple[str, ...]:
        """The hearing's languages, in its order."""
        return tuple(self.booths)

    def voice(self, language: str) -> str:
        """Return the session that is the live voice of a booth; "" while it is silent."""
        holder = self.booths[language].holder
        return self.voice_of(language, holder) if holder else ""

    def voice_of(self, language: str, person: str) -> str:
        """Return the newest session by which this person can be heard in a booth; "" for none."""
        own = [
            session.session
            for session in self.sessions.values()
            if (session.use, session.booth, session.person) == ("publish", language, person)
            and session.up
        ]
        return own[-1] if own else ""

    def situation(self) -> Situation:
        """Return the booths as the channel rules see them, the one that has been live longest
        first.
        """
        live = [booth for booth in self.booths.values() if self.voice(booth.language)]
        live.sort(key=lambda booth: booth.since)
        return Situation(
            languages=self.languages,
            live={booth.language: booth.output for booth in live},
            speaks=self.corrected or self.speaks,
            chosen={booth.language: booth.incoming for booth in self.booths.values()},
            ending=frozenset(booth.language for booth in live if booth.ended_at is not None),
        )


@dataclass(frozen=True, slots=True)
class SwitchVoice:
    """Make a session's microphone the voice of a booth (None: no voice), with a cross-fade."""

    language: str
    session: str | None


@dataclass(frozen=True, slots=True)
class SetCough:
    """The order to silence a session's microphone for a cough, or to make it heard again."""

    session: str
    on: bool


@dataclass(frozen=True, slots=True)
class SwitchChannel:
    """The order to switch a listening session to a channel."""

    session: str
    channel: str


@dataclass(frozen=True, slots=True)
class SendEvent:
    """The order to send an event to a session or to an audience.

    Audiences: "all", "booths" (every interpreter), "booth:fr", "technician", "moderator", and
    "holder" (the speaker who has the floor).
    """

    to: str
    event: Literal["signal", "message", "handover", "spoken"]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReportFact:
    """A fact for the record."""

    command: ReportBooth | ReportSignal


type BoothEffect = SwitchVoice | SetCough | SwitchChannel | SendEvent | ReportFact
