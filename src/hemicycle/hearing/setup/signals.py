"""What the hearing and the pages of its office ask the apps above, and tell them.

Those with a noun for a name are questions: a page sends them while it is made, outside any
transaction, and shows all answers in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the overview; `tone` is ok, warn, bad or ""."""

    value: int | str
    label: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How full a panel's list is: interventions asked for against those that the time holds."""

    title: str
    asked: int
    holds: int
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the secretariat, and where it is done."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where something is: its words, and the path."""

    label: str
    path: str


overview_figures = Signal[[Hearing], Iterable[Figure]]("overview_figures")
"""Sent with (hearing): figures for the office's overview."""

overview_loads = Signal[[Hearing], Iterable[Load]]("overview_loads")
"""Sent with (hearing): how full each panel's list is, for the office's overview."""

overview_tasks = Signal[[Hearing], Iterable[Task]]("overview_tasks")
"""Sent with (hearing): what waits for the secretariat, for the office's overview."""

overview_acts = Signal[[Hearing], Iterable[PageLink]]("overview_acts")
"""Sent with (hearing): pages on which its secretariat does something rare, for its overview."""

outcome_links = Signal[[Hearing], Iterable[PageLink]]("outcome_links")
"""Sent with (hearing): what came out of the hearing, for its public page."""

role_links = Signal[[Hearing], Iterable[PageLink]]("role_links")
"""Sent with (hearing): fresh links of participants, for whoever runs the server."""

personal_holdings = Signal[[Hearing, Person], Iterable[str]]("personal_holdings")
"""Sent with (hearing, person): what is held about the person and erasure will blank or delete.

Each answer is a sentence in the reader's language.
"""

participation = Signal[[Hearing, Person], bool]("participation")
"""Sent with (hearing, person): whether the person takes part without a role of the staff."""

hearing_changed = Signal[[Writer, Hearing], None]("hearing_changed")
"""Sent with (writer, hearing) inside the transaction that changes the hearing's document.

An exception undoes the change.
"""
