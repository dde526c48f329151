"""Reading a floor: a folded floor is kept, unless it may still be rolled back."""

from uuid import uuid4

import pytest
from django.db import transaction

from hemicycle.procedure import commands as c
from hemicycle.record import floor, writer

WHO = writer.Actor("a" * 32, "moderator")


@pytest.mark.django_db(transaction=True)
def test_a_second_reading_folds_only_what_is_new() -> None:
    hearing, meeting = uuid4(), uuid4()
    writer.begin(hearing)
    floor.act(hearing=hearing, meeting=meeting, command=c.OpenMeeting(meeting.hex), actor=WHO)
    floor._folded.clear()
    read = floor.floor_of(meeting)
    assert read.phase == "open"
    assert floor.floor_of(meeting) is read


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_kept() -> None:
    hearing, meeting = uuid4(), uuid4()
    writer.begin(hearing)
    with transaction.atomic():
        floor.act(hearing=hearing, meeting=meeting, command=c.OpenMeeting(meeting.hex), actor=WHO)
        assert floor.floor_of(meeting).phase == "open"
        transaction.set_rollback(True)
    assert floor.floor_of(meeting).phase == "not_opened"
