"""What everybody may see of a hearing: the `public` audience of the feed.

A sight is always the whole state of the current meeting, so a screen that missed ten entries and a
screen that missed none show the same as soon as either gets one frame. It is small, since one goes
to every viewer for every entry: of what was said before, it carries only the newest lines.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.before.speakers.standing import Standing, standing
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import Face, faces
from hemicycle.meeting.wall import queries as wall
from hemicycle.procedure import transitions
from hemicycle.procedure.state import Floor, Slot
from hemicycle.record import feed
from hemicycle.record.floor import floor_of

Sight = dict[str, Any]

NEWEST = 4
"""Lines of the chronicle that every frame carries; a page that missed more asks for them."""

STANDINGS = {Standing.BEFORE: "upcoming", Standing.OPEN: "now", Standing.OVER: "done"}
"""Where an item of the programme stands, as `ui.states` calls it."""


def current_meeting(hearing: UUID) -> tuple[Meeting | None, Floor]:
    """The meeting that a screen should show: the one under way, else the next, else the last."""
    meetings = list(Meeting.objects.filter(hearing_id=hearing).order_by("ordinal"))
    both = [(meeting, floor_of(meeting.id)) for meeting in meetings]
    for phases in ({"open", "suspended"}, {"not_opened"}, {"closed"}):
        found = [pair for pair in both if pair[1].phase in phases]
        if found:
            return found[-1] if "closed" in phases else found[0]
    return None, Floor()


def clock_state(floor: Floor) -> Sight | None:
    """The holder's clock as `clock.js` takes it; None when nobody has the floor."""
    holder = floor.holder
    if holder is None:
        return None
    rules = floor.rules
    return {
        "running": holder.running_since is not None,
        "limit_ms": holder.limit_ms,
        "used_before_ms": holder.used_before_ms,
        "running_since_ms": holder.running_since,
        "warning_ms": rules.warning_ms,
        "at_limit": rules.at_limit,
        "grace_ms": rules.grace_ms,
    }


def public_view(hearing: UUID) -> Sight | None:
    """What anyone sees of the current meeting; None for a hearing without meetings."""
    meeting, floor = current_meeting(hearing)
    return None if meeting is None else public_sight(meeting, floor)


def public_sight(meeting: Meeting, floor: Floor) -> Sight:
    """What anyone may see: who has the floor and who is next, never the rest of the list."""
    upcoming = floor.next_slot()
    held = floor.slots[floor.holder.slot] if floor.holder else None
    told = chronicle.lines(floor)
    newest = told[:NEWEST]
    segments = list(Segment.objects.filter(meeting=meeting).order_by("ordinal"))
    known = faces(_slots(held, upcoming, newest))
    named = chronicle.Names.of(newest, floor, segments, known)
    return {
        "meeting": {"id": meeting.id.hex, "title": meeting.title, "phase": floor.phase},
        "standing": transitions.standing(floor),
        "segment": _segment(floor, segments),
        "items": {each.id.hex: STANDINGS[standing(each, floor)] for each in segments},
        "holder": _shown(held, known) if held else None,
        "clock": clock_state(floor),
        "microphone": floor.microphone is not None,
        "next": _shown(upcoming, known) if upcoming else None,
        "question": _question(floor, named.questions),
        "list_open": floor.list_open,
        "listed": len(floor.order),
        "waiting": len(floor.waiting()),
        "lines": [named.told(line) for line in newest],
        "told": len(told),
        "wall": wall.on_screens(meeting.hearing_id),
        "act_seq": floor.act_seq,
    }


def _slots(
    held: Slot | None, upcoming: Slot | None, newest: Iterable[chronicle.Line]
) -> list[Slot]:
    named = [line.slot for line in newest if line.slot is not None]
    return [*named, *(each for each in (held, upcoming) if each is not None)]


def _segment(floor: Floor, segments: list[Segment]) -> Sight | None:
    if not floor.segment_open or floor.segment is None:
        return None
    titles = {each.id.hex: each.title for each in segments}
    return {
        "id": floor.segment.id,
        "title": titles.get(floor.segment.id, ""),
        "kind": floor.segment.kind,
        "ends_at": floor.segment.ends_at,
    }


def _shown(slot: Slot, known: dict[str, Face]) -> Sight:
    face = known[slot.id]
    return {
        "slot": slot.id,
        "name": face.name,
        "organization": face.organization,
        "title": face.title,
        "role": slot.role,
        "language": slot.languages[0] if slot.languages else "",
    }


def _question(floor: Floor, known: dict[str, Question]) -> Sight | None:
    drawn = chronicle.open_question(floor)
    row = known.get(drawn.question) if drawn else None
    if row is None or not row.text:
        return None
    return {
        "text": row.text,
        "organization": row.registration.public_organization,
        "to": row.to.name if row.to else "",
    }


def spoken(view: Callable[[UUID], Sight | None]) -> Callable[[UUID], str]:
    """A view as the feed sends it: one JSON text on one line."""
    return lambda hearing: json.dumps(view(hearing), separators=(",", ":"), ensure_ascii=False)


feed.declare(feed.Audience("public", spoken(public_view), open_to_all=True))
