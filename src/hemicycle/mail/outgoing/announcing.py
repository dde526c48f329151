"""Announce changes of plan: one letter to each person concerned, calendars, and the public page.

Nothing is sent before the secretariat has seen the changes and decided. Until then, calendars that
were sent by mail keep the old times (`calendar_entries`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.aliases import Hidden
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.plan_changes import PlanChange
from hemicycle.hearing.setup.signals import Task
from hemicycle.mail.outgoing import entry_types, lists, mailings, signals, unsubscribing
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.frame import page, when
from hemicycle.mail.outgoing.mailings import MailingSample, Plan
from hemicycle.mail.outgoing.models import Mailing, Message
from hemicycle.mail.outgoing.signals import Addressee, PlanListener
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare
from hemicycle.record import writer
from hemicycle.ui.languages import apart

NOT_INVITED = (Message.State.CANCELLED, Message.State.BOUNCED, Message.State.FAILED)
"""States of an invitation that has not reached its addressee, and will not."""
_INVITATION = ("address", "language")
ALL_PANELS = (Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN)
"""Roles that serve every panel; what concerns moderators and panellists depends on their seats."""


def _text() -> Text:
    return built_in(
        _("changes to the plan"),
        _("The plan of “%(title)s” has changed.") % BRACES,
        "{changes}",
        _("The programme as it stands: %(link)s") % BRACES,
    )


@dataclass(frozen=True, slots=True)
class Concern:
    """The changes in the letter to one addressee."""

    changes: tuple[PlanChange, ...]


def _common(hearing: Hearing) -> Values:
    return {"title": apart(hearing.title), "link": page(hearing)}


def _personal(hearing: Hearing, to: Addressee) -> Values | None:
    if not isinstance(to.of, Concern):
        return None
    said = plan_changes.sentences(hearing, list(to.of.changes), when)
    return {"changes": "\n".join(said)}


def _example(hearing: Hearing) -> Values:
    moment: datetime | None = hearing.statements_close_at
    closes = when(moment, hearing) if moment else "…"
    said = _("New deadline for %(what)s: %(now)s. Before: %(was)s.")
    change = said % {"what": _("written statements"), "now": closes, "was": "…"}
    return {**_common(hearing), "changes": change}


CONCERNED = gettext_lazy("Changes of plan: people affected")
LETTER = declare(
    Letter(
        "plan-changes",
        Message.Purpose.ANNOUNCEMENT,
        gettext_lazy("Changes of plan"),
        _text,
        (
            Field("title", gettext_lazy("the hearing’s title")),
            Field("changes", gettext_lazy("what changed, a line for each change"), required=True),
            Field("link", gettext_lazy("address of the hearing’s page"), required=True),
        ),
        example=_example,
        common=_common,
        personal=_personal,
        is_chosen=False,
    )
)


def listeners(hearing: Hearing) -> Iterator[PlanListener]:
    """Yield everybody who has planned by the programme or is invited; some may occur twice."""
    yield from chain.from_iterable(signals.plan_listeners.send(hearing))
    seats = PanelMember.objects.filter(segment__meeting__hearing=hearing, person__erased_at=None)
    for seat in seats.exclude(person=None).select_related("person").order_by("pk"):
        assert seat.person is not None
        yield PlanListener(_addressee(seat.person), frozenset({seat.segment_id.hex}))
    staff = Appointment.objects.filter(
        hearing_id=hearing.pk, role__in=ALL_PANELS, person__erased_at=None
    )
    for appointment in staff.select_related("person").order_by("pk"):
        yield PlanListener(_addressee(appointment.person))
    yield from _invited(hearing)


def _invited(hearing: Hearing) -> Iterator[PlanListener]:
    """Yield those who were sent an invitation and have not answered it by registering.

    They may come to any panel. People who have unsubscribed from letters to lists are left out,
    since they do not take part. Runs four queries, and those of `answered`.
    """
    rows = Message.objects.filter(hearing_id=hearing.pk, purpose=Message.Purpose.INVITATION)
    sent = rows.exclude(state__in=NOT_INVITED).order_by("queued_at", "pk")
    asked = {address.casefold(): (address, tag) for address, tag in sent.values_list(*_INVITATION)}
    left = unsubscribing.gone(hearing.pk).union(
        address.casefold() for address in chain.from_iterable(signals.answered.send(hearing))
    )
    known = {line.address.casefold(): line for line in lists.lines_of(hearing)}
    tracks = frozenset(hearing.categories.order_by().values_list("track", flat=True))
    for key, (address, language) in asked.items():
        if key not in left:
            line = known.get(key)
            to = replace(lists.addressee(line), of=None) if line else Addressee(address)
            yield PlanListener(replace(to, language=language), deadlines=tracks)


def _addressee(person: Person) -> Addressee:
    return Addressee(
        address=person.email, name=person.name, language=person.language, person=person.pk
    )


def concerned(hearing: Hearing, changes: list[PlanChange]) -> list[Addressee]:
    """Return the people whom a change concerns, each address once, with the changes (`Concern`)."""
    by_address: dict[str, Addressee] = {}
    if not changes:
        return []
    for listener in listeners(hearing):
        mine = {change for change in changes if _concerns(change, listener)}
        key = listener.addressee.address.casefold()
        known = by_address.get(key, replace(listener.addressee, of=Concern(())))
        both = mine | set(known.of.changes)
        if both:
            in_order = tuple(change for change in changes if change in both)
            by_address[key] = replace(known, of=Concern(in_order))
    return list(by_address.values())


def _concerns(change: PlanChange, listener: PlanListener) -> bool:
    if change.is_general:
        return True
    if change.kind == "deadline":
        return change.of in listener.deadlines
    return listener.segments is None or change.of in listener.segments


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """The recipients of the letters, and a sample in each language and for each audience."""

    people: list[Addressee]
    samples: list[MailingSample]

    def count(self, change: PlanChange) -> int:
        """Return the number of recipients whom a change concerns."""
        return sum(change in to.of.changes for to in self.people)


def preview(
    hearing: Hearing, changes: list[PlanChange], hidden: Hidden | None = None
) -> LetterPreview:
    """Preview the letters without writing all of them: one for each language and audience.

    No sample is a letter to a person in `hidden`.
    """
    people = [to for to in concerned(hearing, changes) if lists.is_address(to.address)]
    if hidden:
        people.sort(key=lambda to: hidden.has(to.person, to.address))
    readers = mailings.readers_of(hearing, LETTER, people)

    def alike(to: Addressee) -> tuple[str, str]:
        return to.language, readers.get(to.address.casefold(), "")

    first = {alike(to): to for to in reversed(people)}
    letters = mailings.plan_for(hearing, LETTER, "", first.values(), is_essential=True)
    letters.hidden = hidden
    groups = {alike(written.to): written.group for written in letters.written}
    numbers = Counter(groups[alike(to)] for to in people)
    samples = [
        replace(one, count=numbers[one.language, one.audience])
        for one in letters.samples
        if one.text
    ]
    return LetterPreview(people, sorted(samples, key=lambda one: -one.count))


def plan(hearing: Hearing, changes: list[PlanChange]) -> Plan:
    """Plan the letters about `changes`, one to each person whom a change concerns."""
    people = concerned(hearing, changes)
    return mailings.plan_for(hearing, LETTER, CONCERNED, people, is_essential=True)


def announce(*, hearing: Hearing, shown: str, actor: writer.Actor) -> Mailing | None:
    """Queue the letters, held as all letters to lists, and show the changes on pages.

    Returns None if there is no letter. `shown` is `plan_changes.digest` of the changes that the
    secretariat saw. Raises `OutgoingRefused` if the plan has changed since, or if there is nothing
    to announce any more.
    """
    with writer.writing(hearing.pk, actor=actor) as record:
        changes = _seen(hearing, shown)
        letters = plan(hearing, changes)
        if letters.count:
            mailings.send(letters, record)
        plan_changes.settle(record, hearing, shown=changes)
        counts = {"changes": len(changes), "recipients": letters.count}
        record.append(entry_types.ANNOUNCED, counts)
    return letters.mailing if letters.count else None


def keep_quiet(*, hearing: Hearing, shown: str, actor: writer.Actor) -> None:
    """Accept the changes without a letter or a notice. Calendars sent by mail are still updated.

    Raises `OutgoingRefused` as `announce` does.
    """
    with writer.writing(hearing.pk, actor=actor) as record:
        changes = _seen(hearing, shown)
        plan_changes.settle(record, hearing, shown=None)
        record.append(entry_types.KEPT_QUIET, {"changes": len(changes)})


def _seen(hearing: Hearing, shown: str) -> list[PlanChange]:
    hearing.refresh_from_db()
    changes = plan_changes.pending(hearing)
    if not changes:
        raise OutgoingRefused(_("There is nothing to announce any more."))
    if plan_changes.digest(changes) != shown:
        sentence = _("The plan has changed again. Look at the changes, then decide.")
        raise OutgoingRefused(sentence)
    return changes


def tasks(hearing: Hearing, by_real_names: bool) -> Iterator[Task]:
    """Yield a task for the overview if there are changes of plan that are not announced."""
    if number := len(plan_changes.pending(hearing)):
        text = ngettext(
            "%(n)s change of plan is not announced yet. See whom it concerns.",
            "%(n)s changes of plan are not announced yet. See whom they concern.",
            number,
        )
        yield Task(text % {"n": number}, reverse("outgoing:plan", args=(hearing.slug,)))
