"""Training sessions follow a hearing that is moved to other days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.training import actions as trainings
from hemicycle.before.training.models import Session
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.mail.outgoing.models import Message

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


def test_sessions_to_come_move_and_their_people_are_told(world: World, session: Session) -> None:
    row = world.ngo("Open Doors", 0)
    trainings.sign_up(session=session, registration=row, actor=world.office)
    before = session.starts_at
    actions.move(hearing=world.hearing, first_day=date(2021, 7, 20), actor=world.office)
    session.refresh_from_db()
    assert session.starts_at == before + timedelta(days=7)
    letters = Message.objects.filter(purpose=Message.Purpose.TRAINING, person=row.person)
    assert letters.count() == 2  # the place in the session, and its new time


def test_nothing_moves_where_training_cannot(world: World, session: Session) -> None:
    first = world.hearing.meetings.first()
    assert first is not None
    with pytest.raises(InvalidDocument, match="cannot move with the hearing"):
        actions.move(hearing=world.hearing, first_day=date(2021, 7, 3), actor=world.office)
    session.refresh_from_db()
    assert session.sequence == 0
    meeting = Hearing.objects.get(pk=world.hearing.pk).meetings.first()
    assert meeting is not None
    assert meeting.starts_at == first.starts_at
