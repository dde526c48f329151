"""Signals of the hearing and its office pages to the apps above.

Those with a noun for a name are questions: a page sends them while it is rendered, outside any
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

    `url` is the page of what it counts: who may not open that does not see the figure.
    """

    value: int | str
    label: str
    url: str
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
    """A link: its label, and its path."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class DayGroup:
    """A part of the day's page: what is missing or late; `fine` is said where nothing is.

    `link` says what its link, to `url`, opens. `lines` are at most `MOST_LINES`; `total` counts all
    of them.
    """

    title: str
    fine: str
    url: str
    link: str
    lines: Sequence[str] = ()
    total: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the lines shown."""
        return self.total > len(self.lines)


MOST_LINES = 50
"""Lines of one part of the day's page: what it links to has all of them."""
MOST_FOUND = 10
"""Rows of one kind that the office's search shows; the page of the kind has a search of its own."""


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """What was found of one kind."""

    title: str
    found: Sequence[PageLink] = ()


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """A document that anybody may read: what it is, its language's name, its size in bytes."""

    kind: str
    title: str
    language: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class NameInUse:
    """A real name or an alias of a hearing; `owner` is the row that has it.

    `is_public` says whether anybody may know it.
    """

    name: str
    owner: UUID
    is_alias: bool = False
    is_public: bool = False


names_in_use = Signal[[UUID], Iterable[NameInUse]]("names_in_use")
"""Sent with (hearing id): the real names and aliases that the receiver's app stores."""

behind_aliases = Signal[[UUID], Iterable[tuple[UUID | None, str]]]("behind_aliases")
"""Sent with (hearing id): who of the receiver's app has an alias, each as the id of a person and an
e-mail address; either may be missing.
"""

public_name_changed = Signal[[Writer, Hearing, Sequence[str], str], None]("public_name_changed")
"""Sent with (writer, hearing, before, after) when an alias was set, changed or removed.

It is sent in the transaction that does so. `before` are the names that papers may contain until
now, `after` is the one that replaces them. A receiver corrects what was made with those before, and
raises `AliasRefused` (`setup.aliases`) if something is published that it must not change.
"""

overview_figures = Signal[[Hearing], Iterable[Figure]]("overview_figures")
"""Sent with (hearing): figures for the office's overview."""

overview_loads = Signal[[Hearing], Iterable[Load]]("overview_loads")
"""Sent with (hearing): how full each panel's list is, for the office's overview."""

overview_tasks = Signal[[Hearing, bool], Iterable[Task]]("overview_tasks")
"""Sent with (hearing, by real names): tasks for the secretariat, for the office's overview.

Where real names must not be seen, nothing is counted that only who sees them can open or decide.
"""

day_groups = Signal[[Hearing, Sequence[Meeting]], Iterable[DayGroup]]("day_groups")
"""Sent with (hearing, meetings): what is missing on the day of these meetings, for its page."""

office_search = Signal[[Hearing, str, bool], Iterable[SearchGroup]]("office_search")
"""Sent with (hearing, words, by real names): what of an app's rows has the words, for the office's
search.

Each group has at most `MOST_FOUND` rows, found in a fixed number of queries. Where real names must
not be seen, people with an alias are in none.
"""

overview_acts = Signal[[Hearing], Iterable[PageLink]]("overview_acts")
"""Sent with (hearing): pages on which its secretariat does something rare, for its overview."""

public_documents = Signal[[Hearing], Iterable[PublicDocument]]("public_documents")
"""Sent with (hearing): its documents by kind, in order, for its public page."""

outcome_links = Signal[[Hearing], Iterable[PageLink]]("outcome_links")
"""Sent with (hearing): the outcome of the hearing, for its public page."""

role_links = Signal[[Hearing], Iterable[PageLink]]("role_links")
"""Sent with (hearing): new links of participants, for the operator of the server."""

personal_holdings = Signal[[Hearing, Person], Iterable[str]]("personal_holdings")
"""Sent with (hearing, person): what is stored about the person and erasure will blank or delete.

Each answer is a sentence in the reader's language.
"""

participation = Signal[[Hearing, Person], bool]("participation")
"""Sent with (hearing, person): whether the person takes part without a role of the staff."""

hearing_changed = Signal[[Writer, Hearing], None]("hearing_changed")
"""Sent with (writer, hearing) inside the transaction that changes the hearing's document.

An exception undoes the change.
"""

change_notices = Signal[[Hearing, Collection[str]], Iterable[str]]("change_notices")
"""Sent with (hearing, changed keys) after the office has changed its document: what to know of it.

Each answer is a sentence in the reader's language, such as on a limit that is below what stands.
"""

retention_changed = Signal[[Writer, Hearing], None]("retention_changed")
"""Sent with (writer, hearing) where the day may have moved until which personal data is kept.

That is when the document changes and when the hearing is published or ended; the day is that of
`hemicycle.hearing.setup.retention`.
"""

people_kept = Signal[[Hearing], Iterable[UUID]]("people_kept")
"""Sent with (hearing): ids of the people who are erased at the end of the hearing's retention.

A person may be named more than once, and may have been erased already.
"""

retention_over = Signal[[Hearing], int]("retention_over")
"""Sent with (hearing) every day after the retention of its personal data has ended.

Each receiver deletes or blanks, in a separate transaction, its app's data of the hearing that
belongs to no person known here, and returns the number of rows. One that fails stops no other.
"""

copies_elsewhere = Signal[[Hearing], Iterable[str]]("copies_elsewhere")
"""Sent with (hearing): copies of its personal data that have left this machine.

Erasure cannot reach them, so the secretariat sees them before it erases a person. Each answer is
a sentence in the reader's language.
"""

erasure_asked = Signal[[Hearing, Person, Actor], str]("erasure_asked")
"""Sent with (hearing, person, actor) inside the transaction in which the office erases a person.

A receiver ends the person's present participation. It returns "", or a sentence that says why this
cannot be done now; nothing is then changed.
"""

hearing_copied = Signal[[Writer, Hearing, Hearing, Collection[str]], None]("hearing_copied")
"""Sent with (writer, source, copy, parts) inside the transaction that makes a draft of a hearing.

`parts` are keys of `setup.beginning.COPIED` that the office asked for; a receiver copies what its
app keeps of them.
"""

hearing_moved = Signal[[Writer, Hearing, int], None]("hearing_moved")
"""Sent with (writer, hearing, days) inside the transaction that moves all its dates by `days`.

A receiver moves what its app has planned for the hearing. It raises `InvalidDocument` where that
cannot be done; nothing is then moved.
"""

unpublishing = Signal[[Hearing], str]("unpublishing")
"""Sent with (hearing) inside the transaction that would make it a draft again.

A receiver returns "", or a sentence that says why the hearing stays public.
"""
