"""What erasure does to a person's own rows."""

from uuid import UUID

from allauth.mfa.models import Authenticator

from hemicycle.hearing.people.models import Appointment, Person, SignInLink
from hemicycle.record import clock
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer


@person_erased.connect
def erase_person(person: UUID, record: Writer) -> list[str]:
    """Blank the person and drop what let them in; who serves another hearing stays known there."""
    Appointment.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    SignInLink.objects.filter(person_id=person).delete()
    if not Appointment.objects.filter(person_id=person).exists():
        Authenticator.objects.filter(user_id=person).delete()
        Person.objects.filter(pk=person).update(
            name="", email="", title="", is_active=False, erased_at=clock.now()
        )
    return [person.hex]
