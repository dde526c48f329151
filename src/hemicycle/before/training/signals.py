"""How training sessions follow the registrations."""

from uuid import UUID

from hemicycle.before.registration.models import Registration
from hemicycle.before.training import actions, letters
from hemicycle.before.training.models import SignUp
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock
from hemicycle.record.writer import Writer


def withdraw(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """Who no longer takes part at all gives up their places in sessions to come."""
    if registration.is_live:
        return
    for own in _to_come(registration):
        actions.sign_off(session=own.session, registration=registration, actor=record.actor)


def replace_speaker(
    record: Writer, registration: Registration, before: Person, after: Person
) -> None:
    """The place stays with the registration; the one who now has it is told."""
    for own in _to_come(registration):
        letters.taken_over(own)


def _to_come(registration: Registration) -> list[SignUp]:
    rows = registration.trainings.filter(
        state__in=actions.HELD, session__starts_at__gt=clock.now(), session__cancelled_at=None
    )
    return list(rows.select_related("session__hearing", "registration__person"))
