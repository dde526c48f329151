"""Events and commands as plain data: they are written and read again, and all else is refused."""

import json
from typing import Any

import pytest

from hemicycle.procedure import Listed, Rules, bodies
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.codec import Malformed
from hemicycle.procedure.snapshot import from_json, to_json
from tests.procedure.meeting import opened

OPENED = e.SegmentOpened(
    segment="panel",
    segment_kind="panel",
    ends_at=5,
    rules=Rules(max_extensions=2),
    slots=(Listed("a", "floor", "person-a", languages=("ar", "fr"), limit_ms=90_000),),
)


def test_an_event_as_the_record_holds_it() -> None:
    body = {
        "segment": "panel",
        "segment_kind": "panel",
        "ends_at": 5,
        "rules": {
            "time_limit_ms": 180_000,
            "presentation_limit_ms": 420_000,
            "warning_ms": 30_000,
            "extension_ms": 30_000,
            "max_extensions": 2,
            "at_limit": "signal",
            "grace_ms": 0,
            "clock_starts": "on_floor",
            "points_of_order": False,
            "without_line": "run",
            "discussion": "off",
        },
        "slots": [
            {
                "id": "a",
                "track": "floor",
                "person": "person-a",
                "role": "speaker",
                "languages": ["ar", "fr"],
                "limit_ms": 90_000,
                "rank": 0,
            }
        ],
        "rule": None,
    }
    assert bodies.to_body(OPENED) == body
    assert bodies.from_body("segment.opened", 1, json.loads(json.dumps(body))) == OPENED


@pytest.mark.parametrize(
    ("kind", "version", "body", "says"),
    [
        ("floor.taken", 1, {}, "no event is called 'floor.taken'"),
        ("list.closed", 2, {}, "list.closed is read in version 1, not 2"),
        ("list.closed", 1, {"why": "x"}, "list.closed: ListClosed: unknown field 'why'"),
        ("slot.withdrawn", 1, {}, "field 'slot' is missing"),
        ("floor.warned", 1, {"slot": "a", "limit_ms": 1.5}, "limit_ms: a whole number"),
        ("floor.warned", 1, {"slot": "a", "limit_ms": True}, "limit_ms: a whole number"),
        ("floor.warned", 1, {"slot": "a", "limit_ms": 2**53}, "limit_ms: too large"),
        ("slot.readied", 1, {"slot": "a", "ready": 1}, "ready: true or false"),
        ("slot.recalled", 1, {"slot": "a", "to": "first"}, "not one of own_place, last"),
        ("slot.withdrawn", 1, {"slot": "x" * 65}, "slot: at most 64 characters"),
        ("slot.withdrawn", 1, [], "an object is needed"),
        ("segment.closed", 1, {"segment": "s", "not_reached": "a"}, "a list is needed"),
    ],
)
def test_what_this_version_cannot_read(kind: str, version: int, body: Any, says: str) -> None:
    with pytest.raises(bodies.UnknownEvent) as unknown:
        bodies.from_body(kind, version, body)
    assert says in str(unknown.value)


def test_an_entry_from_before_a_field_was_added_is_read_as_it_was() -> None:
    assert bodies.from_body("microphone.opened", 1, {"slot": "a"}) == e.MicrophoneOpened("a")
    closed = {"slot": "a", "cause": "engine", "limit_ms": 0}
    assert bodies.from_body("microphone.closed", 1, closed) == e.MicrophoneClosed("a", "engine")


def test_the_fields_that_name_somebody() -> None:
    assert {kind: bodies.naming_fields(event) for kind, event in e.EVENTS.items()} == {
        "meeting.opened": (),
        "meeting.suspended": ("note",),
        "meeting.resumed": (),
        "meeting.closed": (),
        "segment.opened": ("slots",),
        "segment.rescheduled": (),
        "segment.closed": ("not_reached",),
        "list.closed": (),
        "list.reopened": (),
        "slot.added": ("slot", "before", "note"),
        "slot.moved": ("slot", "before", "note"),
        "slot.withdrawn": ("slot", "note"),
        "slot.speaker_replaced": ("slot", "person", "note"),
        "slot.skipped": ("slot", "note"),
        "slot.marked_absent": ("slot",),
        "slot.recalled": ("slot",),
        "slot.readied": ("slot",),
        "participant.joined": ("connection", "person", "slot"),
        "participant.left": ("connection",),
        "participant.removed": ("person", "note"),
        "participant.readmitted": ("person",),
        "floor.given": ("slot", "question", "note"),
        "floor.warned": ("slot",),
        "floor.expired": ("slot",),
        "floor.extended": ("slot",),
        "floor.interrupted": ("slot",),
        "floor.continued": ("slot",),
        "floor.ended": ("slot",),
        "microphone.opened": ("slot",),
        "microphone.closed": ("slot",),
        "discussion.opened": (),
        "discussion.closed": (),
        "microphone.muted": ("slot",),
        "microphone.unmuted": ("slot",),
        "link.changed": ("connection", "person", "slot"),
        "voice.heard": ("slot",),
        "sound.measured": ("slot",),
        "booth.changed": ("person",),
        "booth.signalled": (),
        "technician.acted": ("person", "connection", "slot"),
        "feed.stopped": ("person", "note"),
        "feed.resumed": ("note",),
        "question.drawn": ("question", "to"),
        "question.answered": ("question",),
        "point_of_order.raised": ("point", "person"),
        "point_of_order.heard": ("point",),
        "point_of_order.ruled": ("point", "note"),
        "act.undone": (),
    }


def test_a_command_as_a_console_sends_it() -> None:
    command = c.Extend(60_000)
    assert c.to_json(command) == {"command": "extend", "by_ms": 60_000}
    assert c.from_json({"command": "extend", "by_ms": 60_000}) == command
    assert c.from_json({"command": "give_floor"}) == c.GiveFloor(slot=None)
    assert c.from_json({"command": "give_floor", "slot": "a"}) == c.GiveFloor("a")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "A command is an object with a field “command”."),
        ([], "A command is an object with a field “command”."),
        ({}, "There is no command called None."),
        ({"command": ["give_floor"]}, "There is no command called ['give_floor']."),
        ({"command": "give"}, "There is no command called 'give'."),
        (
            {"command": "recall"},
            "The command 'recall' does not fit: Recall: field 'slot' is missing.",
        ),
        (
            {"command": "extend", "by_ms": "30"},
            "The command 'extend' does not fit: by_ms: a whole number is needed, not '30'.",
        ),
        (
            {"command": "recall", "slot": "a", "to": "top"},
            "The command 'recall' does not fit: to: 'top' is not one of own_place, last.",
        ),
        (
            {"command": "suspend", "because": "tea"},
            "The command 'suspend' does not fit: Suspend: unknown field 'because'.",
        ),
        (
            {
                "command": "suspend",
                "note": "Because the interpreters of the second booth are ill. "
                "We go on at three o'clock.",
            },
            "The command 'suspend' does not fit: note: at most 64 characters.",
        ),
    ],
)
def test_what_is_no_command(data: Any, says: str) -> None:
    with pytest.raises(c.BadCommand) as bad:
        c.from_json(data)
    assert str(bad.value) == says


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"format": 2},
        {"format": 1, "floor": {}, "marks": []},
        {"format": 1, "floor": None, "marks": []},
    ],
)
def test_what_is_no_snapshot(data: Any) -> None:
    with pytest.raises(Malformed):
        from_json(data)


def test_a_snapshot_whose_marks_are_broken() -> None:
    data: Any = to_json(opened("a").floor)
    data["marks"] = [{"act": 1}]
    with pytest.raises(Malformed, match="not a whole snapshot"):
        from_json(data)


def test_a_snapshot_of_a_long_list_is_not_twenty_lists() -> None:
    meeting = opened(*(f"slot-{n:026}" for n in range(500)))
    for _ in range(30):
        meeting.do(c.GiveFloor())
    data = json.dumps(to_json(meeting.floor))
    assert from_json(json.loads(data)) == meeting.floor
    assert len(data) < 300_000
