"""Signals of the hearing and its office pages to higher apps.

Signals with a noun as their name are questions: a page sends them while it is rendered, outside any
transaction, and shows all answers in order.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.record.writer import Actor, Writer
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the overview; `tone` is ok, warn, bad or "".

    `url` is the page about what it counts: a person who may not open the page does not see the
    figure.
    """

    value: int | str
    label: str
    url: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How full a panel's list is: the interventions asked for, and those that the time allows."""

    title: str
    asked: int
    holds: int
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that waits for the secretariat, and the page on which it is done."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link: its label, and its path."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class DayGroup:
    """A part of the day's page: what is missing or late; `fine` is shown if nothing is.

    `link` is the label of the link to `url`. There are at most `MOST_LINES` `lines`; `total` counts
    all of them.
    """

    title: str
    fine: str
    url: str
    link: str
    lines: Sequence[str] = ()
    total: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether `lines` does not hold all of them."""
        return self.total > len(self.lines)


MOST_LINES = 50
"""The most lines of one part of the day's page; the page to which it links has all of them."""
MOST_FOUND = 10
"""The most rows of one kind in the office's search; the page of the kind has its own search."""


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """The results of one kind."""

    title: str
    found: Sequence[PageLink] = ()


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """A public document: its kind, the name of its language, its size in bytes."""

    kind: str
    title: str
    language: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class NameInUse:
    """A real name or an alias in a hearing; `owner` is the id of its row.

    `is_public` says whether anyone may know it.
    """

    name: str
    owner: UUID
    is_alias: bool = False
    is_public: bool = False


names_in_use = Signal[[UUID], Iterable[NameInUse]]("names_in_use")
"""Sent with (hearing id): the real names and aliases that the receiver's app stores."""

behind_aliases = Signal[[UUID], Iterable[tuple[UUID | None, str]]]("behind_aliases")
"""Sent with (hearing id): the people of the receiver's app who have an alias.

Each is a pair of a person's id and an e-mail address; either may be missing.
"""

public_name_changed = Signal[[Writer, Hearing, Sequence[str], str], None]("public_name_changed")
"""Sent with (writer, hearing, before, after) when an alias was set, changed or removed.

It is sent in the transaction of that change. `before` are the names that papers may contain until
now, `after` is the name that replaces them. A receiver corrects what was made with the names
before, and raises `AliasRefused` (`setup.aliases`) if something is published that it must not
change.
"""

overview_figures = Signal[[Hearing], Iterable[Figure]]("overview_figures")
"""Sent with (hearing): figures for the office's overview."""

overview_loads = Signal[[Hearing], Iterable[Load]]("overview_loads")
"""Sent with (hearing): how full each panel's list is, for the office's overview."""

overview_tasks = Signal[[Hearing, bool], Iterable[Task]]("overview_tasks")
"""Sent with (hearing, by real names): tasks for the secretariat, for the office's overview.

If real names must not be seen, tasks that need them to be opened or decided are not counted.
"""

day_groups = Signal[[Hearing, Sequence[Meeting]], Iterable[DayGroup]]("day_groups")
"""Sent with (hearing, meetings): what is missing on the day of these meetings, for its page."""

office_search = Signal[[Hearing, str, bool], Iterable[SearchGroup]]("office_search")
"""Sent with (hearing, words, by real names): rows of an app that contain the words.

It is sent for the office's search. Each group has at most `MOST_FOUND` rows, found in a fixed
number of queries. If real names must not be seen, no group contains people with an alias.
"""

overview_acts = Signal[[Hearing], Iterable[PageLink]]("overview_acts")
"""Sent with (hearing): pages for rare actions of its secretariat, for its overview."""

public_documents = Signal[[Hearing], Iterable[PublicDocument]]("public_documents")
"""Sent with (hearing): its documents by kind, in order, for its public page."""

outcome_links = Signal[[Hearing], Iterable[PageLink]]("outcome_links")
"""Sent with (hearing): links to the outcome of the hearing, for its public page."""

role_links = Signal[[Hearing], Iterable[PageLink]]("role_links")
"""Sent with (hearing): new links for participants, for the operator of the server."""

personal_holdings = Signal[[Hearing, Person], Iterable[str]]("personal_holdings")
"""Sent with (hearing, person): data about the person that erasure will blank or delete.

Each answer is a sentence in the reader's language.
"""

participation = Signal[[Hearing, Person], bool]("participation")
"""Sent with (hearing, person): whether the person takes part other than in a role of the staff."""

hearing_changed = Signal[[Writer, Hearing], None]("hearing_changed")
"""Sent with (writer, hearing) inside the transaction that changes the hearing's document.

An exception undoes the change.
"""

change_notices = Signal[[Hearing, Collection[str]], Iterable[str]]("change_notices")
"""Sent with (hearing, changed keys) after the office has changed the document: its consequences.

Each answer is a sentence in the reader's language, for example that a new limit is below what
exists.
"""

retention_changed = Signal[[Writer, Hearing], None]("retention_changed")
"""Sent with (writer, hearing) when the last day on which personal data is kept may have changed.

That is when the hearing's document or status changes, and when a postponement begins or ends.
`hemicycle.hearing.setup.retention` computes the day.
"""

people_kept = Signal[[Hearing], Iterable[UUID]]("people_kept")
"""Sent with (hearing): ids of the people who are erased at the end of the hearing's retention.

A person may be named more than once, and may have been erased already.
"""

retention_over = Signal[[Hearing], int]("retention_over")
"""Sent with (hearing) every day after the retention of its personal data has ended.

Each receiver deletes or blanks, in a separate transaction, its app's data of the hearing that
belongs to no person known here, and returns the number of rows. A receiver that fails does not stop
the others.
"""

copies_elsewhere = Signal[[Hearing], Iterable[str]]("copies_elsewhere")
"""Sent with (hearing): copies of its personal data that have left this machine.

Erasure cannot reach them, so the secretariat sees them before it erases a person. Each answer is
a sentence in the reader's language.
"""

erasure_asked = Signal[[Hearing, Person, Actor], str]("erasure_asked")
"""Sent with (hearing, person, actor) inside the transaction in which the office erases a person.

A receiver ends the person's present participation. It returns "", or a sentence that says why this
is not possible now; in that case nothing is changed.
"""

hearing_copied = Signal[[Writer, Hearing, Hearing, Collection[str]], None]("hearing_copied")
"""Sent with (writer, source, copy, parts) inside the transaction that copies a hearing as a draft.

`parts` are keys of `setup.beginning.COPIED` that the office asked for; a receiver copies its app's
data for them.
"""

hearing_moved = Signal[[Writer, Hearing, int], None]("hearing_moved")
"""Sent with (writer, hearing, days) inside the transaction that moves all its dates by `days`.

A receiver moves its app's plans for the hearing. It raises `InvalidDocument` if that is not
possible; in that case nothing is moved.
"""

unpublishing = Signal[[Hearing], str]("unpublishing")
"""Sent with (hearing) inside the transaction that would make it a draft again.

A receiver returns "", or a sentence that says why the hearing stays public.
"""
