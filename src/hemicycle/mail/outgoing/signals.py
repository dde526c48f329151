"""Signals with which outgoing mail asks other apps: for recipients, and for expected attendance."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.mail.outgoing.models import Message
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Addressee:
    """A recipient on a list. `of` is the id by which the list's app knows them."""

    address: str
    name: str = ""
    organization: str = ""
    language: str = "en"
    person: UUID | None = None
    of: Any = None


@dataclass(frozen=True, slots=True)
class RecipientSource:
    """A list that an app keeps: its key, its name, and its present members."""

    key: str
    name: str
    addressees: Callable[[], list[Addressee]]
    registered: bool = False
    """Whether the members have registered, and so have a page and a personal link."""


@dataclass(frozen=True, slots=True)
class PlanListener:
    """Somebody who has planned by a hearing's programme, and the parts that concern them.

    `segments` are ids of panels in hexadecimal, None for all panels; `deadlines` are tracks, and
    `setup.plan_changes.STATEMENTS`.
    """

    addressee: Addressee
    segments: frozenset[str] | None = None
    deadlines: frozenset[str] = frozenset()


plan_listeners = Signal[[Hearing], Iterable[PlanListener]]("plan_listeners")
"""Sent with (hearing): returns the people who take part in it without a role of the staff.

Sent while a page shows whom a change of plan concerns, and when the letters are queued.
"""

answered = Signal[[Hearing], Iterable[str]]("answered")
"""Sent with (hearing): returns the addresses of people who have registered, with any outcome.

Sent together with `plan_listeners`, to leave these people out of those who are only invited.
"""

distribution_lists = Signal[[Hearing], Iterable[RecipientSource]]("distribution_lists")
"""Sent with (hearing): returns the hearing's automatic lists, beside those of the secretariat.

Sent while pages are rendered and while a letter is sent to a list.
"""

audiences = Signal[[UUID, Collection[str]], Mapping[str, str]]("audiences")
"""Sent with (hearing's id, case-folded addresses): the `models.LetterAudience` of known ones.

Sent while a letter is written that the hearing has worded for an audience.
"""

expected_attendance = Signal[[Hearing], Iterable[tuple[Person, Meeting]]]("expected_attendance")
"""Sent with (hearing): returns who is expected at which meeting and should have it in a calendar.

`before.registration` is its one receiver.
"""

sender_chores = Signal[[], object]("sender_chores")
"""Sent without arguments every half minute by the process that sends mail, outside any transaction.

Each receiver queues the letters that are due; its return value is ignored. A receiver that fails is
logged and does not stop the others.
"""

sending_again = Signal[[Message], str]("sending_again")
"""Sent with (message) before the secretariat sends it again, in the transaction of that act.

A receiver returns a sentence that says why it must not be sent, or "".
"""
