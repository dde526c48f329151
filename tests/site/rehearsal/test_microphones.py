"""Who of a rehearsed hearing is at a microphone, and whose turn it is to speak."""

from hemicycle.procedure import EMPTY, Listed
from hemicycle.procedure import commands as c
from hemicycle.site.rehearsal.microphones import MOST, MicrophoneUser, wanted_users
from tests.procedure.meeting import Meeting, opened

BOOTHS = {"en": "ivy", "fr": "coral", "de": "linden"}
IVY, CORAL, CHAIR = (
    MicrophoneUser("ivy", booth="en"),
    MicrophoneUser("coral", booth="fr"),
    MicrophoneUser("chair"),
)


def held() -> Meeting:
    """Return a meeting with three speakers on the list: b has taken the seat, and c has not."""
    meeting = opened(Listed("p", "", "panellist-p", role="panellist"), "a", "b", "c")
    meeting.do(c.Join("b" * 32, "person-b", "b"))
    return meeting


def test_before_a_meeting_its_moderator_and_booths_are_there_and_silent() -> None:
    assert wanted_users(EMPTY, "chair", BOOTHS) == {IVY: False, CORAL: False, CHAIR: False}


def test_while_the_floor_is_free_the_moderator_speaks() -> None:
    meeting = held()
    seated = MicrophoneUser("person-b", "b", "b" * 32)
    panellist = MicrophoneUser("panellist-p", "p")
    assert wanted_users(meeting.floor, "chair", BOOTHS) == {
        seated: False,
        IVY: False,
        CORAL: False,
        CHAIR: True,
        panellist: False,
    }


def test_who_has_the_floor_speaks_and_the_booths_with_them() -> None:
    meeting = held()
    meeting.do(c.GiveFloor("a"))
    found = wanted_users(meeting.floor, "chair", BOOTHS)
    assert found[MicrophoneUser("person-a", "a")]
    assert [user for user, speaks in found.items() if speaks] == [
        MicrophoneUser("person-a", "a"),
        IVY,
        CORAL,
    ]
    assert MicrophoneUser("person-b", "b", "b" * 32) in found
    assert len(found) == MOST


def test_who_was_interrupted_is_silent_and_stays() -> None:
    meeting = held()
    meeting.do(c.GiveFloor("a"), c.Interrupt("technical"))
    found = wanted_users(meeting.floor, "chair", BOOTHS)
    assert not any(found.values())
    assert MicrophoneUser("person-a", "a") in found


def test_who_takes_two_parts_is_there_once() -> None:
    meeting = held()
    assert MicrophoneUser("person-b") not in wanted_users(meeting.floor, "person-b", {})


def test_nobody_is_there_once_the_meeting_is_closed() -> None:
    meeting = held()
    meeting.do(c.CloseSegment(), c.CloseMeeting())
    assert wanted_users(meeting.floor, "chair", BOOTHS) == {}
