"""Entries that only a newer version can read: the floor is unknown, and all else works.

The tests make this process the older one: they write an entry, and then change the version of its
kind that this process knows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.record import floor, unreadable, writer
from hemicycle.record.unreadable import UnreadableEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]
WHO = writer.Actor("a" * 32, "moderator")


@pytest.fixture
def meeting() -> Iterator[UUID]:
    """A meeting that was opened and suspended."""
    hearing, meeting = uuid4(), uuid4()
    writer.begin(hearing)
    for command in (c.OpenMeeting(meeting.hex), c.Suspend()):
        floor.act(hearing=hearing, meeting=meeting, command=command, actor=WHO)
    floor.forget()
    yield meeting
    floor.forget()


def test_a_floor_is_not_guessed_and_known_again_once_it_can_be_read(
    meeting: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(e.MeetingSuspended, "VERSION", 2)
        for _ in range(3):
            with pytest.raises(UnreadableEntry, match=r"meeting\.suspended is read in version 2"):
                floor.floor_of(meeting)
        assert floor._folded[meeting].phase == "open", "the next look begins where this one ended"
        assert unreadable.has_met()
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "upgrade this machine" in said.getMessage()
    assert floor.floor_of(meeting).phase == "suspended"


def test_an_unknown_kind_hides_its_own_meeting_alone(
    meeting: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing, other = uuid4(), uuid4()
    writer.begin(hearing)
    floor.act(hearing=hearing, meeting=other, command=c.OpenMeeting(other.hex), actor=WHO)
    monkeypatch.delitem(e.EVENTS, "meeting.suspended")
    with pytest.raises(UnreadableEntry, match="no event is called"):
        floor.floor_of(meeting)
    with pytest.raises(UnreadableEntry):
        floor.floor_at(meeting, 2**52)
    assert floor.floor_of(other).phase == "open"
