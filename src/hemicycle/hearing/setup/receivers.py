"""Receivers of other apps' signals for the programme."""

from collections.abc import Iterable
from itertools import chain
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.people.signals import hearing_name_asked
from hemicycle.hearing.setup import note_uploads, plan_changes
from hemicycle.hearing.setup.models import NOBODY, Hearing, PanelMember
from hemicycle.hearing.setup.queries import name_of
from hemicycle.hearing.setup.signals import (
    Task,
    erasure_asked,
    overview_tasks,
    people_kept,
    retention_over,
)
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.record.signals import identity_erased, person_erased
from hemicycle.record.writer import Actor, Writer

KEPT = (Role.SECRETARIAT, Role.MISSION, Role.STAKEHOLDER, Role.SPEAKER)
"""Roles that do not end with the hearing's retention, or whose holders have registered."""

hearing_name_asked.connect(name_of)
kinds.register(note_uploads.READING)


@identity_erased.connect
def erase_panel_member(person: UUID, record: Writer, is_complete: bool) -> list[str]:
    """Blank the person's seats on panels; the rows stay, because questions refer to them.

    A seat keeps its person until the erasure is complete, because other erasers use it to find
    rows.
    """
    seats = PanelMember.objects.filter(person_id=person, segment__meeting__hearing=record.hearing)
    ids = [seat.hex for seat in seats.values_list("id", flat=True)]
    seats.update(name=NOBODY, alias="", title="", topic="")
    if is_complete:
        seats.update(person=None)
    if ids:
        plan_changes.forget_people(Hearing.objects.get(pk=record.hearing))
    return ids


@people_kept.connect
def staff_of(hearing: Hearing) -> Iterable[UUID]:
    """Yield moderators, panellists and all others who work or worked for the hearing.

    Members of the secretariat are left out, also if they have another role too.
    """
    roles = Appointment.every.filter(hearing_id=hearing.pk)
    goes_on = set(roles.filter(role=Role.SECRETARIAT).values_list("person_id", flat=True))
    held = roles.exclude(role__in=KEPT).values_list("person_id", flat=True)
    dismissed = (
        UUID(taken["person"])
        for taken in (
            entry.fields() for entry in Entry.objects.filter(hearing=hearing.pk, kind="role.taken")
        )
        if taken["role"] not in KEPT
    )
    seats = PanelMember.objects.filter(segment__meeting__hearing=hearing).exclude(person=None)
    seated = filter(None, seats.values_list("person_id", flat=True))
    yield from (person for person in chain(held, dismissed, seated) if person not in goes_on)


@retention_over.connect
def clear_panels(hearing: Hearing) -> int:
    """Blank the names in the programme of people who never had an account here; return how many."""
    seats = PanelMember.objects.filter(segment__meeting__hearing=hearing).exclude(name=NOBODY)
    number = seats.update(name=NOBODY, alias="", title="", topic="")
    plan_changes.forget_people(hearing)
    return number


@overview_tasks.connect
def tell_of_unfinished(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task for erasures that failed, which are tried again every day."""
    if number := erasure.unfinished(hearing.pk).count():
        text = ngettext(
            "%(n)s erasure could not be completed. We try again every day. The log gives the "
            "reason.",
            "%(n)s erasures could not be completed. We try again every day. The log gives the "
            "reasons.",
            number,
        )
        yield Task(text % {"n": number}, reverse("hearing:office-privacy", args=(hearing.slug,)))


@person_erased.connect
def erase_note_uploads(person: UUID, record: Writer) -> list[str]:
    """Delete the concept notes that wait to be read for a person of the secretariat."""
    queue.forget(Job.objects.filter(asker=f"person:{person.hex}"))
    return []


@erasure_asked.connect
def wait_for_turn(hearing: Hearing, person: Person, actor: Actor) -> str:
    """Refuse to erase a member of a panel while they have the floor."""
    seats = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    for pk, meeting in seats.values_list("pk", "segment__meeting_id"):
        holder = floor_of(meeting).holder
        if holder is not None and holder.slot == pk.hex:
            return _("This person has the floor now. Erase them when their turn is over.")
    return ""
