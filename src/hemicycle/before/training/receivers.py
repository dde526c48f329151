"""Receivers of training sessions for signals of registrations, of pages and of erasure."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.on_air.signals import choice_changed
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import (
    Merge,
    alias_changed,
    daily_chores,
    link_revoked,
    personal_cards,
    registration_decided,
    registration_withdrawn,
    registrations_merged,
    speaker_replaced,
)
from hemicycle.before.training import actions, cards, csv_columns, letters, rooms
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.exports import tables
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.signals import role_taken
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument, Problem
from hemicycle.hearing.setup.signals import hearing_moved, personal_holdings
from hemicycle.record import clock
from hemicycle.record.signals import floor_changed, person_erased
from hemicycle.record.writer import Writer
from hemicycle.ui import times

tables.register(csv_columns.TABLE)
personal_cards.connect(cards.personal)
daily_chores.connect(actions.remind)
daily_chores.connect(rooms.clear)
personal_holdings.connect(cards.holdings)
floor_changed.connect(rooms.attend)
role_taken.connect(rooms.dismiss)
alias_changed.connect(rooms.follow_identity)
choice_changed.connect(rooms.follow_identity)


@link_revoked.connect
@registration_decided.connect
def follow_access(record: Writer, registration: Registration) -> None:
    """Relay to open rooms who may no longer enter."""
    record.at_end(rooms.relay_access)


@registration_withdrawn.connect
def withdraw(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """Cancel the places of a withdrawn registration in future sessions."""
    record.at_end(rooms.relay_access)
    if registration.is_live:
        return
    for own in _to_come(registration):
        actions.sign_off(session=own.session, registration=registration, actor=record.actor)


@speaker_replaced.connect
def replace_speaker(
    record: Writer, registration: Registration, before: Person, after: Person
) -> None:
    """Notify the new speaker; the place stays with the registration."""
    record.at_end(rooms.relay_access)
    rooms.erase(record.hearing, before.pk)
    for own in _to_come(registration):
        letters.taken_over(own)


@registrations_merged.connect
def follow_merge(_record: Writer, merge: Merge) -> None:
    """Move places in future sessions from the merged registration to the one that stays.

    A session in which the latter already has a place is left out.
    """
    known = set(merge.kept.trainings.values_list("session", flat=True))
    for own in _to_come(merge.left):
        if own.session_id not in known:
            own.registration = merge.kept
            own.save(update_fields=["registration"])


def _to_come(registration: Registration) -> list[SignUp]:
    rows = registration.trainings.filter(
        state__in=actions.HELD, session__starts_at__gt=clock.now(), session__cancelled_at=None
    )
    return list(rows.select_related("session__hearing", "registration__person"))


@person_erased.connect
def erase_sign_ups(person: UUID, record: Writer) -> list[str]:
    """Delete a person's places in the sessions; the entries about attendance stay."""
    own = SignUp.objects.filter(registration__person=person, session__hearing=record.hearing)
    own.delete()
    rooms.erase(record.hearing, person)
    record.at_end(rooms.relay_access)
    return []


@hearing_moved.connect
def move_sessions(record: Writer, hearing: Hearing, days: int) -> None:
    """Move the future sessions with the hearing, at the same time of day."""
    to_come = Session.objects.filter(
        hearing=hearing, starts_at__gt=clock.from_ms(record.now), cancelled_at=None
    )
    for session in to_come:
        local = session.starts_at.astimezone(hearing.zone).replace(tzinfo=None)
        starts_at = (local + timedelta(days=days)).replace(tzinfo=hearing.zone)
        plan = replace(actions.SessionPlan.of(session), starts_at=starts_at)
        try:
            actions.change(session=session, plan=plan, actor=record.actor)
        except actions.TrainingRefused as refused:
            sentence = _("Training on %(when)s cannot move with the hearing: %(why)s")
            said = sentence % {"when": times.when(session.starts_at, hearing), "why": refused}
            raise InvalidDocument([Problem((), said)]) from refused
