"""The officers of a secretariat and their duties, which officers with all duties give and remove.

A hearing always has an officer with all duties, because no one else could give them. Only the
operator of the site may remove the role of the last one.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from hemicycle import security_log
from hemicycle.hearing.people.entry_types import DUTIES_SET
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Role
from hemicycle.record import writer
from hemicycle.record.writer import Actor, Writer
from hemicycle.security_log import SecurityEvent


class LastOfficer(Exception):
    """Raised for a change after which no one would have all duties in the hearing."""


def full_officers(hearing_id: UUID) -> QuerySet[Appointment]:
    """Return the officers with all duties who can sign in, by name."""
    rows = Appointment.objects.filter(
        hearing_id=hearing_id,
        role=Role.SECRETARIAT,
        duties__isnull=True,
        person__is_active=True,
        person__erased_at=None,
    )
    return rows.select_related("person").order_by("person__name", "pk")


def stored(duties: Collection[Duty]) -> list[str] | None:
    """Return duties as a row of `Appointment` stores them, each once and in their usual order.

    The result is None for all duties.
    """
    if WHOLE_OFFICE.issubset(duties):
        return None
    return [duty.value for duty in Duty if duty in duties]


def set_duties(*, appointment: Appointment, duties: Collection[Duty], actor: Actor) -> bool:
    """Set the duties of an officer; return whether they have changed.

    Raises `LastOfficer` if no one would have all duties afterwards, `ValueError` if `duties` is
    empty, and `Appointment.DoesNotExist` if the officer no longer works for the secretariat.
    """
    if not duties:
        raise ValueError("an officer has at least one duty")
    with writer.writing(appointment.hearing_id, actor=actor) as record:
        held = Appointment.every.select_related("person").get(
            pk=appointment.pk, role=Role.SECRETARIAT
        )
        if held.held_duties == frozenset(duties):
            return False
        keep_one(held)
        held.duties = stored(duties)
        held.save(update_fields=["duties"])
        note_duties(record, held)
    return True


def keep_one(appointment: Appointment) -> None:
    """Raise `LastOfficer` if this is the only one of the hearing's officers with all duties."""
    if appointment.duties is None and not appointment.is_pending:
        others = full_officers(appointment.hearing_id).exclude(pk=appointment.pk)
        if not others.exists():
            raise LastOfficer


def note_duties(record: Writer, appointment: Appointment) -> None:
    """Write the duties of an officer to the record and to the security log."""
    person = appointment.person_id.hex
    duties = [duty.value for duty in Duty if duty in appointment.held_duties]
    record.append(DUTIES_SET, {"person": person, "duties": duties})
    security_log.note(
        SecurityEvent.DUTIES_SET,
        hearing=appointment.hearing_id,
        person=person,
        actor=record.actor.id,
        role=Role.SECRETARIAT.value,
        what="duties",
    )
