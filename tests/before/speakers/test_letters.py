"""Closing a panel sends a letter to each speaker who was not reached."""

from __future__ import annotations

from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from tests.support.lists import World


def owed() -> list[tuple[str, str]]:
    rows = Message.objects.filter(purpose=Message.Purpose.NOT_REACHED).order_by("address")
    return list(rows.values_list("person__name", "language"))


def test_only_those_who_wait_are_told_each_in_their_language(world: World) -> None:
    world.mission("Examplia", 0)
    world.ngo("Open Doors", 0)
    world.ngo("دار الأمان", 0, speaker="أمل", interface_language="ar")
    world.open_panel()
    speakers = [member for member in world.panels[0].members.all() if member.role == "panellist"]
    for _ in speakers:
        world.press(c.GiveFloor())
    world.press(c.GiveFloor())
    world.press(c.CloseSegment())
    assert owed() == [("Speaker of Open Doors", "en"), ("أمل", "ar")]
    letter = Message.objects.get(purpose=Message.Purpose.NOT_REACHED, language="en")
    assert world.panels[0].title in letter.body
    assert "/my/" in letter.body


def test_a_letter_that_has_not_left_goes_when_the_closing_is_undone(world: World) -> None:
    world.ngo("Open Doors", 0)
    world.open_panel()
    world.press(c.CloseSegment())
    assert owed() == [("Speaker of Open Doors", "en")]
    world.press(c.Undo())
    assert owed() == []
    world.press(c.CloseSegment())
    assert owed() == [("Speaker of Open Doors", "en")]


def test_one_that_has_left_is_corrected(world: World) -> None:
    world.ngo("Open Doors", 0)
    world.open_panel()
    world.press(c.CloseSegment())
    Message.objects.filter(purpose=Message.Purpose.NOT_REACHED).update(sent_at=clock.now())
    world.press(c.Undo())
    letter = Message.objects.get(purpose=Message.Purpose.NOT_REACHED, sent_at=None)
    assert "you can still be called" in letter.subject
