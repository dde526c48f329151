"""Who of a rehearsed hearing is at a microphone, and whose turn it is to speak."""

from hemicycle.procedure import EMPTY, Listed
from hemicycle.procedure import commands as c
from hemicycle.site.rehearsal.parts import MOST, Part, company
from tests.procedure.meeting import Meeting, opened

BOOTHS = {"en": "ivy", "fr": "coral", "de": "linden"}
IVY, CORAL, CHAIR = Part("ivy", booth="en"), Part("coral", booth="fr"), Part("chair")


def held() -> Meeting:
    """Three on the list, of whom b has taken the seat and c has not."""
    meeting = opened(Listed("p", "", "panellist-p", role="panellist"), "a", "b", "c")
    meeting.do(c.Join("b" * 32, "person-b", "b"))
    return meeting


def test_before_a_meeting_its_moderator_and_booths_are_there_and_silent() -> None:
    assert company(EMPTY, "chair", BOOTHS) == {IVY: False, CORAL: False, CHAIR: False}


def test_while_the_floor_is_free_the_moderator_speaks() -> None:
    meeting = held()
    seated = Part("person-b", "b", "b" * 32)
    panellist = Part("panellist-p", "p")
    assert company(meeting.floor, "chair", BOOTHS) == {
        seated: False,
        IVY: False,
        CORAL: False,
        CHAIR: True,
        panellist: False,
    }


def test_who_has_the_floor_speaks_and_the_booths_with_them() -> None:
    meeting = held()
    meeting.do(c.GiveFloor("a"))
    found = company(meeting.floor, "chair", BOOTHS)
    assert found[Part("person-a", "a")]
    assert [part for part, speaks in found.items() if speaks] == [
        Part("person-a", "a"),
        IVY,
        CORAL,
    ]
    assert Part("person-b", "b", "b" * 32) in found
    assert len(found) == MOST


def test_who_was_interrupted_is_silent_and_stays() -> None:
    meeting = held()
    meeting.do(c.GiveFloor("a"), c.Interrupt("technical"))
    found = company(meeting.floor, "chair", BOOTHS)
    assert not any(found.values())
    assert Part("person-a", "a") in found


def test_who_takes_two_parts_is_there_once() -> None:
    meeting = held()
    assert Part("person-b") not in company(meeting.floor, "person-b", {})


def test_nobody_is_there_once_the_meeting_is_closed() -> None:
    meeting = held()
    meeting.do(c.CloseSegment(), c.CloseMeeting())
    assert company(meeting.floor, "chair", BOOTHS) == {}
