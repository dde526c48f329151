"""Where the slices above join in: who wrote, and what is done with mail of each purpose.

`AppConfig.ready` fills these. The mailroom itself knows no registrations: it asks `FIND` whose a
message may be and hands it to the desk of its purpose.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django import forms

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reading.letter import Letter
from hemicycle.record.writer import Actor, Writer


@dataclass(frozen=True, slots=True)
class Clues:
    """What a message tells about who sent it. `people` are those whose mail from us it answers."""

    hearing: UUID
    address: str
    name: str
    tokens: tuple[str, ...] = ()
    people: tuple[UUID, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registration that a message may belong to: how sure (0 to 100), and why (`reasons`)."""

    registration: UUID
    person: UUID
    confidence: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """How a page shows a registration."""

    name: str
    organization: str
    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Case:
    """A message on a desk, with the registration it belongs to, if it is known."""

    hearing: Hearing
    mail: Mail
    letter: Letter
    registration: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: the answer to its sender (none where the act itself sends one)."""

    subject: str = ""
    body: str = ""
    person: Person | None = None
    registration: UUID | None = None


Take = Callable[[Writer], Outcome]
"""What is done inside the hearing's turn, together with saying that the message is done."""


class Waits(Exception):
    """A desk leaves a message to a person: a code of `reasons.WHY`, and what it understood."""

    def __init__(self, why: str, draft: Mapping[str, Any] | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.draft = dict(draft or {})


class NotTaken(Exception):
    """What the message asks for cannot be done; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Desk(Protocol):
    """What is done with mail of one purpose."""

    needs: int
    """How sure the match must be before anything is done without a person; 101 for never."""
    needs_registration: bool
    """Whether a person must say whose it is before it can be taken."""

    def receive(self, case: Case) -> Take:
        """What to do by itself; slow work is done now. Raises `Waits` or `NotTaken`."""
        ...

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """What a person fills in to have it taken, filled with what was understood."""
        ...

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """What to do as the (valid) form says. Raises `NotTaken`."""
        ...


FIND: list[Callable[[Clues], Iterable[Candidate]]] = []
TELL: list[Callable[[Iterable[UUID]], Mapping[UUID, Told]]] = []
SEARCH: list[Callable[[Hearing, str], Iterable[Candidate]]] = []
"""(hearing, words): registrations for a person to choose from."""
DESKS: dict[Purpose, Desk] = {}


def told(ids: Iterable[UUID]) -> dict[UUID, Told]:
    """The registrations that somebody knows, by id."""
    wanted = list(ids)
    return {key: value for tell in TELL for key, value in tell(wanted).items()}
