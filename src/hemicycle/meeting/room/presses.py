"""Turn presses on the console into commands of the procedure.

The console names a press and its slot. Other data of a command, such as the list of speakers when a
panel opens, are read here, in the transaction that appends the entry.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hemicycle import metrics
from hemicycle.before.consent import queries as consents
from hemicycle.before.registration import walk_ups
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers.panel_rules import segment_rules
from hemicycle.before.speakers.queries import slots_for_floor
from hemicycle.before.speakers.rules import rule_or_default
from hemicycle.before.statements.video import queries as videos
from hemicycle.hearing.setup.models import Hearing, Meeting, Segment
from hemicycle.procedure import commands
from hemicycle.procedure.commands import BadCommand, Command
from hemicycle.procedure.refusals import Refused
from hemicycle.procedure.state import Floor
from hemicycle.procedure.terms import SegmentKind
from hemicycle.record import clock, writer
from hemicycle.record.floor import act, floor_of

FIELDS: dict[str, tuple[str, ...]] = {
    "open_meeting": (),
    "suspend": (),
    "resume": (),
    "close_meeting": (),
    "open_segment": ("segment",),
    "close_segment": (),
    "close_list": (),
    "reopen_list": (),
    "give_floor": ("slot", "waits"),
    "end_floor": ("reason",),
    "extend": (),
    "reschedule": ("minutes",),
    "interrupt": ("reason",),
    "continue": (),
    "open_discussion": (),
    "close_discussion": (),
    "mute": ("slot",),
    "unmute": ("slot",),
    "remove_participant": ("person",),
    "readmit_participant": ("person",),
    "skip": ("slot",),
    "mark_absent": ("slot",),
    "recall": ("slot", "to"),
    "move_slot": ("slot", "before"),
    "draw_question": ("question", "to"),
    "answer_question": ("question",),
    "hear_point_of_order": ("point",),
    "rule_point_of_order": ("point", "ruling"),
    "stop_feed": (),
    "resume_feed": ("stop",),
    "undo": (),
}
"""The presses of the console, and the fields that may follow a press: `give_floor:<slot>`."""

# Export each counter from 0 on, so that the first press also counts as an increase.
for _name in FIELDS:
    metrics.PRESSES.labels(press=_name)
for _outcome in ("done", "refused", "failed"):
    metrics.OUTCOMES.labels(outcome=_outcome)

LONGEST_MIN = 240
"""The longest time by which one press prolongs a segment, in minutes."""

KINDS: dict[str, SegmentKind] = {
    Segment.Kind.OPENING: "opening",
    Segment.Kind.PANEL: "panel",
    Segment.Kind.CLOSING: "closing",
}


def press(
    *,
    hearing: Hearing,
    meeting: Meeting,
    data: Mapping[str, str],
    actor: writer.Actor,
) -> Floor:
    """Carry out a press; return the new floor.

    `data["press"]` is its name, followed by its fields after colons. `data["seen"]` is the number
    of the last act that the console showed, and `data["note"]` the reason in words.

    Raises `BadCommand` for an unknown press, and `Refused` (or `Stale`) if the procedure does not
    allow it now.
    """
    name, *about = data.get("press", "").split(":")
    if name not in FIELDS:
        raise BadCommand(f"The console has no press called {name!r:.60}.")
    fields = {**data, **dict(zip(FIELDS[name], about, strict=False))}
    seen = data.get("seen", "")
    is_number = seen.isascii() and seen.isdigit() and len(seen) < 16
    with _timed(name), writer.writing(hearing.id, actor=actor):
        command = _command(name, hearing, meeting, fields)
        note = " ".join(data.get("note", "").replace("\0", "").split())[:500]
        return act(
            hearing=hearing.id,
            meeting=meeting.id,
            command=command,
            actor=actor,
            seen=int(seen) if is_number and command.ACT else None,
            note=note,
        )


def walk_up(
    *, hearing: Hearing, meeting: Meeting, data: Mapping[str, str], actor: writer.Actor
) -> None:
    """Add a person who is in the room to the end of the open list; `data` says who, and why.

    Raises `BadCommand` if `data` names nobody or no panel is open, and `RegistrationRefused` as
    `walk_ups.add` does.
    """
    segment = floor_of(meeting.id).segment
    rows = Segment.objects.select_related("meeting__hearing")
    opened = rows.filter(pk=UUID(hex=segment.id), meeting=meeting).first() if segment else None
    try:
        chosen = UUID(data.get("registration", ""))
    except ValueError as error:
        raise BadCommand(_("Choose whom to add to the list.")) from error
    found = Registration.objects.filter(pk=chosen, hearing=hearing).first()
    if found is None or opened is None:
        raise BadCommand(_("Choose whom to add to the list."))
    note = data.get("note", "").replace("\0", "")
    walk_ups.add(registration=found, segment=opened, reason=note, actor=actor)


@contextmanager
def _timed(name: str) -> Iterator[None]:
    begun, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    except (BadCommand, Refused):
        outcome = "refused"
        raise
    finally:
        metrics.PRESSES.labels(press=name).observe(time.perf_counter() - begun)
        metrics.OUTCOMES.labels(outcome=outcome).inc()


def _command(name: str, hearing: Hearing, meeting: Meeting, data: Mapping[str, str]) -> Command:
    if (read := READERS.get(name)) is not None:
        return read(hearing, meeting, data)
    fields: dict[str, Any] = {field: data[field] for field in FIELDS[name] if data.get(field)}
    return commands.from_json({"command": name, **fields})


def give_floor(hearing: Hearing, meeting: Meeting, data: Mapping[str, str]) -> commands.GiveFloor:
    """Return the command that gives the floor; its clock waits if the press says so.

    A recorded video needs no line, so the rule about speakers without a line does not stop its
    clock.
    """
    slot = data.get("slot") or None
    waits = True if data.get("waits") else None
    if waits is None and hearing.without_line == Hearing.WithoutLine.STOP:
        upcoming = floor_of(meeting.id).next_slot()
        called = slot or (upcoming.id if upcoming else "")
        waits = False if called in videos.brief(hearing)["videos"] else None
    return commands.GiveFloor(slot, waits=waits)


def hear_point(
    hearing: Hearing, meeting: Meeting, data: Mapping[str, str]
) -> commands.HearPointOfOrder:
    """Return the command that hears a point of order.

    Raises `Refused` if its author has chosen in the meantime to stay out of the webcast, recording
    or transcript.
    """
    floor, point = floor_of(meeting.id), data.get("point", "")
    raiser = floor.points.get(point, "")
    if raiser and consents.keeps_out(hearing.registered_id, raiser, floor.slot_of(raiser)):
        raise Refused("raiser_keeps_out")
    return commands.HearPointOfOrder(point)


def prolong(hearing: Hearing, meeting: Meeting, data: Mapping[str, str]) -> commands.Reschedule:
    """Return the command that moves the end of the open segment some minutes later.

    The minutes count from the planned end, or from now if the planned end has passed.
    """
    minutes = _number(
        data.get("minutes", ""), _("Enter the number of minutes by which to prolong the panel.")
    )
    if not 0 < minutes <= LONGEST_MIN:
        said = _("A panel is prolonged by up to %(most)d minutes at a time.")
        raise BadCommand(said % {"most": LONGEST_MIN})
    segment = floor_of(meeting.id).segment
    planned = segment.ends_at if segment else 0
    return commands.Reschedule(max(planned, clock.now_ms()) + minutes * 60_000)


def _number(text: str, error: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadCommand(error)
    return int(text)


def open_segment(
    hearing: Hearing, meeting: Meeting, data: Mapping[str, str]
) -> commands.OpenSegment:
    """Return the command that opens a segment with its rules and its list at this moment."""
    try:
        key = UUID(data.get("segment", ""))
    except ValueError as error:
        raise BadCommand(_("Choose the segment to open.")) from error
    segments = Segment.objects.select_related("meeting__hearing").prefetch_related("members")
    segment = get_object_or_404(segments, pk=key, meeting=meeting)
    return commands.OpenSegment(
        segment=segment.id.hex,
        segment_kind=KINDS.get(segment.kind, "other"),
        ends_at=clock.to_ms(segment.ends_at),
        rules=segment_rules(segment),
        slots=slots_for_floor(segment),
        rule=rule_or_default(segment.meeting.hearing.merge),
    )


def open_meeting(
    hearing: Hearing, meeting: Meeting, data: Mapping[str, str]
) -> commands.OpenMeeting:
    """Return the command that opens a meeting."""
    return commands.OpenMeeting(meeting.id.hex)


def resume_feed(hearing: Hearing, meeting: Meeting, data: Mapping[str, str]) -> commands.ResumeFeed:
    """Return the command that lifts a stop of the public feed."""
    stop = data.get("stop", "")
    refused = _("It is not clear which stop of the public feed is to end. Reload the page.")
    return commands.ResumeFeed(_number(stop, refused))


READERS: dict[str, Callable[[Hearing, Meeting, Mapping[str, str]], Command]] = {
    "open_meeting": open_meeting,
    "open_segment": open_segment,
    "give_floor": give_floor,
    "reschedule": prolong,
    "hear_point_of_order": hear_point,
    "resume_feed": resume_feed,
}
"""The functions that build commands from presses which need more data than their fields."""
