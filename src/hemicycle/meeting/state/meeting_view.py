"""The public view of a hearing, for the `public` audience of the feed.

A snapshot always has the whole state of the current meeting, so a screen that missed ten entries is
correct after one frame. A snapshot must be small, because each viewer gets one for each entry, so
it has only the newest lines of the chronicle.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.before.registration.list_phase import ListPhase, phase_of
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.hearing.setup.public_delay import delay_s, public_floor
from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import DisplayName, display_names
from hemicycle.meeting.wall import queries as wall
from hemicycle.procedure import channels, transitions
from hemicycle.procedure.clock import shown_clock
from hemicycle.procedure.state import CHAIR, Floor, Slot
from hemicycle.record.floor import floor_of
from hemicycle.ui import words

type MeetingView = dict[str, Any]
"""One snapshot of a meeting for one audience of the feed, as JSON holds it."""

NEWEST = 4
"""The number of chronicle lines in a snapshot; a page that missed more requests them."""

STANDINGS = {ListPhase.BEFORE: "upcoming", ListPhase.OPEN: "now", ListPhase.OVER: "done"}
"""The state of an item of the programme, in the words of `ui.states`."""


def current_meeting(hearing: UUID) -> tuple[Meeting | None, Floor]:
    """Return the meeting that a screen shows: the one in progress, else the next, else the last."""
    return _current(hearing, lambda meeting: floor_of(meeting.pk))


def current_in_public(hearing: UUID) -> tuple[Meeting | None, Floor]:
    """Return the meeting that the public sees, which may lag behind the room by the delay.

    A training room has none.
    """
    return _current(hearing, public_floor, hearing__room_of=None)


def _current(
    hearing: UUID, floor: Callable[[Meeting], Floor], **only: None
) -> tuple[Meeting | None, Floor]:
    meetings = Meeting.objects.filter(hearing_id=hearing, **only).select_related("hearing")
    both = [(meeting, floor(meeting)) for meeting in meetings.order_by("ordinal")]
    for phases in ({"open", "suspended"}, {"not_opened"}, {"closed"}):
        found = [pair for pair in both if pair[1].phase in phases]
        if found:
            return found[-1] if "closed" in phases else found[0]
    return None, Floor()


def clock_state(floor: Floor) -> MeetingView | None:
    """Return the clock in the form of `clock.js`; None without a speaker or a discussion."""
    clock = shown_clock(floor)
    if clock is None:
        return None
    return {"running": clock.running_since_ms is not None, **asdict(clock)}


def feed_state(floor: Floor) -> MeetingView:
    """Return whether the public feed is stopped, and the number of its last stop or resumption."""
    return {"stopped": floor.feed_stopped, "stop": floor.feed_seq}


def public_view(hearing: UUID) -> MeetingView | None:
    """Return the public view of the current meeting; None for a hearing without meetings."""
    meeting, floor = current_in_public(hearing)
    return None if meeting is None else view_of(meeting, floor)


def live_view(hearing: UUID) -> MeetingView | None:
    """Return the public view without its delay, for those who run the meeting."""
    meeting, floor = current_meeting(hearing)
    return None if meeting is None else view_of(meeting, floor)


def view_of(meeting: Meeting, floor: Floor) -> MeetingView:
    """Return the public view: who has the floor and who is next, never the rest of the list."""
    upcoming = floor.next_slot()
    held = floor.slots[floor.holder.slot] if floor.holder else None
    lines = chronicle.lines(floor)
    newest = lines[:NEWEST]
    segments = list(Segment.objects.filter(meeting=meeting).order_by("ordinal"))
    names = display_names(_slots(held, upcoming, newest))
    texts = chronicle.ChronicleTexts.of(newest, floor, segments, names)
    view = {
        "meeting": {"id": meeting.id.hex, "title": meeting.title, "phase": floor.phase},
        "standing": transitions.standing(floor),
        "segment": _segment(floor, segments),
        "items": {segment.id.hex: STANDINGS[phase_of(segment, floor)] for segment in segments},
        "holder": _speaker(held, names) if held else None,
        "clock": clock_state(floor),
        "microphone": bool(floor.microphones),
        "discussing": floor.discussion is not None,
        "uninterpreted": uninterpreted(meeting.hearing.languages, floor),
        "next": _speaker(upcoming, names) if upcoming else None,
        "question": _question(floor, texts.questions),
        "list_open": floor.list_open,
        "listed": len(floor.order),
        "waiting": len(floor.waiting()),
        "lines": [texts.as_data(line) for line in newest],
        "line_count": len(lines),
        "wall": wall.on_screens(meeting.hearing_id),
        "feed": {**feed_state(floor), "delay_s": delay_s(meeting, floor, segments)},
        "act_seq": floor.act_seq,
    }
    return {**view, "words": words.dictionary(view)}


def uninterpreted(languages: Sequence[str], floor: Floor) -> list[str]:
    """Return the languages whose channel carries the floor because nobody interprets into them.

    The result is empty while nobody speaks, or if the speaker's language is unknown.
    """
    held = floor.slots[floor.holder.slot] if floor.holder and floor.phase == "open" else None
    if held is None or not held.languages:
        return []
    booths = sorted(floor.booths.items(), key=lambda booth: booth[1].since)
    live = {language: booth.output for language, booth in booths if booth.live}
    situation = channels.Situation(languages, live, held.languages[0])
    carried = channels.carries(situation)
    silent = {tag for tag, what in carried.items() if what.source == channels.FLOOR}
    return [tag for tag in languages if tag in silent - situation.spoken]


def _slots(
    held: Slot | None, upcoming: Slot | None, newest: Iterable[chronicle.ChronicleLine]
) -> list[Slot]:
    named = [slot for line in newest for slot in line.slots]
    return [*named, *(slot for slot in (held, upcoming) if slot is not None)]


def _segment(floor: Floor, segments: list[Segment]) -> MeetingView | None:
    if not floor.segment_open or floor.segment is None:
        return None
    titles = {segment.id.hex: segment.title for segment in segments}
    return {
        "id": floor.segment.id,
        "title": titles.get(floor.segment.id, ""),
        "kind": floor.segment.kind,
        "ends_at": floor.segment.ends_at,
    }


def _speaker(slot: Slot, names: dict[str, DisplayName]) -> MeetingView:
    speaker = names[slot.id]
    return {
        "slot": slot.id,
        "name": speaker.name,
        "organization": speaker.organization,
        "title": speaker.title,
        "is_read": speaker.reading is not None,
        "reader": speaker.reading.name if speaker.reading else "",
        "role": slot.role,
        "chairs": slot.role == CHAIR,
        "language": slot.languages[0] if slot.languages else "",
    }


def _question(floor: Floor, questions: dict[str, Question]) -> MeetingView | None:
    drawn = chronicle.open_question(floor)
    row = questions.get(drawn.question) if drawn else None
    if row is None or not row.text:
        return None
    return {
        "text": row.public_text,
        "organization": row.public_asker,
        "to": row.to.public.name if row.to else "",
    }


def as_json(view: Callable[[UUID], MeetingView | None]) -> Callable[[UUID], str]:
    """Return a view for the feed: a function that returns JSON on one line.

    One frame is sent to readers of all languages, so texts are originals with their translations.
    """

    def written(hearing: UUID) -> str:
        data = words.originals(view(hearing))
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)

    return written
