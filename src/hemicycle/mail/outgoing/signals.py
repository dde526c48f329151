"""What outgoing mail asks the apps above: whom there is to write to, and who comes when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody on a list. `of` is what the list's slice knows them by."""

    address: str
    name: str = ""
    organization: str = ""
    language: str = "en"
    person: UUID | None = None
    of: Any = None


@dataclass(frozen=True, slots=True)
class RecipientSource:
    """A list that a slice keeps: its key, its name, and whom it holds now."""

    key: str
    name: str
    addressees: Callable[[], list[Addressee]]
    registered: bool = False
    """Whether these have registered, and so a page and a link of their own."""


distribution_lists = Signal[[Hearing], Iterable[RecipientSource]]("distribution_lists")
"""Sent with (hearing): the lists that the hearing has by itself, beside those of the secretariat.

Sent while pages are made and while a letter goes to a list.
"""

expected_attendance = Signal[[Hearing], Iterable[tuple[Person, Meeting]]]("expected_attendance")
"""Sent with (hearing): who is expected at which meeting, and so has it in their calendar.

`before.registration` is its one receiver.
"""

sender_chores = Signal[[], object]("sender_chores")
"""Sent with nothing, every half minute, by the process that sends mail, outside any transaction.

Each receiver queues the letters that have become due; its answer is ignored. One that fails is
logged and does not keep the others from their work.
"""
