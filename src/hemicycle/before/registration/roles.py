"""The role of a participant, which they have only while their registration takes part."""

from hemicycle.before.registration.access import ROLES
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.record.writer import Writer


def give(registration: Registration) -> None:
    """Give a participant their role; a second call changes nothing.

    Only a registration that takes part gets one: a role includes the right to get sign-in links,
    and none may be sent to an unconfirmed address.
    """
    if registration.takes_part:
        given = Appointment(
            person=registration.person,
            hearing_id=registration.hearing_id,
            role=ROLES[registration.kind],
        )
        Appointment.every.bulk_create([given], ignore_conflicts=True)


def take(registration: Registration) -> None:
    """Remove the role that belongs to a registration which no longer takes part."""
    held = Appointment.every.filter(
        person=registration.person,
        hearing_id=registration.hearing_id,
        role=ROLES[registration.kind],
    )
    held.delete()
    end_access_of(registration.person)


def end_access_of(person: Person) -> None:
    """End the sessions and sign-in links of a person who no longer has a role."""
    if not Appointment.every.filter(person=person).exists():
        people.end_access(person)


def on_confirmed(record: Writer, registration: Registration) -> None:
    """Give the role that depended on the mailbox being confirmed."""
    give(registration)
