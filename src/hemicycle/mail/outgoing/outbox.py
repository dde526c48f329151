"""Queries of the outbox: the hearing's messages, filtered, and their table."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.aliases import Hidden, hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import MOST_FOUND, PageLink, SearchGroup
from hemicycle.mail.outgoing import lists
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.ui import searches, times
from hemicycle.ui.charts import Bar, ChartRow, Picture, bars, parts
from hemicycle.ui.languages import labelled
from hemicycle.ui.spreadsheets import Rows, Value
from hemicycle.ui.states import state

State = Message.State
UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Sieve:
    """A filter of messages."""

    words: str = ""
    purpose: str = ""
    state: str = ""
    mailing: UUID | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> "Sieve":
        """Read the filter of an address; ignore invalid values."""
        purpose, state = asked.get("purpose", ""), asked.get("state", "")
        try:
            mailing = UUID(asked.get("mailing", ""))
        except ValueError:
            mailing = None
        return cls(
            words=searches.words(asked),
            purpose=purpose if purpose in Message.Purpose.values else "",
            state=state if state in {*State.values, UNCLEAR} else "",
            mailing=mailing,
        )

    @property
    def query(self) -> str:
        """The filter as a query string."""
        asked = {
            "q": self.words,
            "purpose": self.purpose,
            "state": self.state,
            "mailing": str(self.mailing or ""),
        }
        return urlencode({name: value for name, value in asked.items() if value})

    def messages(self, hearing: Hearing) -> QuerySet[Message]:
        """Return the hearing's messages that match the filter, the latest first."""
        found = Message.objects.filter(hearing_id=hearing.id).select_related("person", "mailing")
        if self.words:
            found = found.filter(
                Q(address__icontains=self.words)
                | Q(subject__icontains=self.words)
                | Q(person__name__icontains=self.words)
            )
        if self.purpose:
            found = found.filter(purpose=self.purpose)
        if self.mailing:
            found = found.filter(mailing_id=self.mailing)
        if self.state == UNCLEAR:
            return found.filter(unclear())
        return found.filter(state=self.state) if self.state else found


def without(hidden: Hidden, messages: QuerySet[Message]) -> QuerySet[Message]:
    """Leave out messages to people with an alias, and messages that may name them (approvals)."""
    if not hidden:
        return messages
    to_them = Q(person__in=hidden.people) | Q(folded__in=hidden.addresses)
    names_them = Q(purpose=Message.Purpose.APPROVAL)
    return messages.annotate(folded=Lower("address")).exclude(to_them).exclude(names_them)


def unclear() -> Q:
    """Return a filter: the messages that the mail server may or may not have."""
    late = Q(claimed_until=None) | Q(claimed_until__lte=clock.now())
    return Q(state=State.SENDING) & late


def counts(hearing: Hearing) -> dict[str, int]:
    """Count the hearing's messages by state."""
    return counts_of(Message.objects.filter(hearing_id=hearing.id))


def counts_of(messages: QuerySet[Message]) -> dict[str, int]:
    """Count messages by state; `UNCLEAR` is for those that the mail server may or may not have."""
    rows = messages.order_by().values_list("state")
    found = dict(rows.annotate(number=Count("pk")))
    own = messages.filter(unclear()).count()
    found[State.SENDING] = found.get(State.SENDING, 0) - own
    return {key: number for key, number in {**found, UNCLEAR: own}.items() if number}


def states() -> list[tuple[str, str]]:
    """Return the states for the filter's menu."""
    return [*((str(key), str(label)) for key, label in State.choices), (UNCLEAR, _("unclear"))]


def picture(found: dict[str, int]) -> Picture | None:
    """Return a chart of the counts by state, as `counts` returns them; None if there are none."""
    if not found:
        return None
    title = _("Messages by state")
    labels = [str(state(key).label) for key in found]
    figures = [times.number(number) for number in found.values()]
    rows = [
        ChartRow(label, (Bar(part, figure),))
        for label, part, figure in zip(labels, parts(list(found.values())), figures, strict=True)
    ]
    head = (_("State"), _("Messages"))
    svg = bars("messages", title, (head[1],), rows)
    return Picture(svg, head, tuple(zip(labels, figures, strict=True)))


def goes_nowhere() -> bool:
    """Return whether no mail server is configured, so that mail stays in the outbox."""
    return not (settings.SMTP or settings.MAIL_BACKEND)


def is_trial() -> bool:
    """Return whether this is a trial: no mail server, and the site's address is loopback."""
    return goes_nowhere() and is_loopback(urlsplit(settings.BASE_URL).hostname or "")


def is_trial_at(host: str) -> bool:
    """Return whether this is a trial, and the requested `host` (perhaps with port) is loopback."""
    name = host.rpartition(":")[0].strip("[]") or host
    return is_trial() and is_loopback(name)


def is_loopback(host: str) -> bool:
    """Return whether the name or address of a host means this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def head() -> tuple[str, ...]:
    """Return the columns of the table."""
    return (
        *(_("Queued"), _("Name"), _("Address"), _("Purpose"), _("Subject"), _("Language")),
        *(_("State"), _("Sent"), _("Attempts"), _("Answer"), _("List"), _("Message-ID")),
    )


def rows(messages: QuerySet[Message]) -> Rows:
    """Yield a row for each message: who got what, and when."""
    from hemicycle.mail.outgoing.delivery.mail import message_id

    for message in messages.iterator(chunk_size=500):
        row: tuple[Value, ...] = (
            message.queued_at,
            message.person.name if message.person else "",
            message.address,
            message.get_purpose_display(),
            message.subject,
            message.language,
            _("unclear") if message.is_unclear else message.get_state_display(),
            message.sent_at,
            message.attempts,
            message.answer,
            lists.stored_name(message.mailing) if message.mailing else "",
            message_id(message),
        )
        yield row


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    messages = Sieve.of(asked).messages(hearing)
    return TableToExport("letters", head(), rows(messages), messages.count())


TABLE = TableKind("letters", gettext_lazy("Outbox"), "outgoing:office", _read)


def found(hearing: Hearing, words: str, by_real_names: bool) -> Iterable[SearchGroup]:
    """Return messages whose address or subject contains the words, for the secretariat's search."""
    has_words = Q(subject__icontains=words) | Q(address__icontains=words)
    rows = Message.objects.filter(has_words, hearing_id=hearing.pk)
    if not by_real_names:
        rows = without(hidden_in(hearing.pk), rows)
    links = [
        PageLink(
            labelled(row.address, row.subject),
            reverse("outgoing:detail", args=(hearing.slug, row.pk)),
        )
        for row in rows.order_by("-queued_at", "pk")[:MOST_FOUND]
    ]
    yield SearchGroup(_("Letters"), links)
