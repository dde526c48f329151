"""The public's live page: one inexpensive request, followed by the feed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from hemicycle.before.registration.list_phase import phase_of
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.public_delay import public_floor
from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import display_names
from hemicycle.meeting.state.meeting_view import STANDINGS, current_in_public, view_of
from hemicycle.meeting.wall import queries as wall
from hemicycle.meeting.webcast import player
from hemicycle.meeting.webcast.js_messages import words
from hemicycle.record import clock, feed


@gzip_page
@never_cache
@require_safe
@player.plays
@public_hearing
def live(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the floor, the clock, the programme and the chronicle."""
    meeting, floor = current_in_public(hearing.id)
    snapshot = view_of(meeting, floor) if meeting else None
    meetings = hearing.meetings.order_by("ordinal").prefetch_related("segments")
    context = {
        "hearing": hearing,
        "meeting": meeting,
        "snapshot": snapshot,
        "sittings": [_sitting(meeting) for meeting in meetings],
        "blanks": [{"kind": kind} for kind in chronicle.KINDS],
        "feed_url": feed.address(hearing.id, "public"),
        "words": words(),
        "wall_is_public": wall.is_public(hearing),
        "snippet": player.snippet(hearing),
    }
    if meeting is not None:
        context["player"] = player.context(hearing, meeting, floor, live=True)
    return render(request, "webcast/live.html", context)


@gzip_page
@require_safe
@public_hearing
def chronicle_part(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """Render the chronicle of a meeting, for a page that missed more lines than a snapshot has."""
    found = get_object_or_404(hearing.meetings.prefetch_related("segments"), pk=meeting)
    context = {"hearing": hearing, "sitting": _sitting(found)}
    return render(request, "webcast/_chronicle.html", context)


def _sitting(meeting: Meeting) -> dict[str, Any]:
    """Return a meeting with its items, their states and its chronicle, newest first."""
    floor = public_floor(meeting)
    segments = list(meeting.segments.all())
    for segment in segments:
        segment.meeting = meeting
    lines = chronicle.lines(floor)
    names = display_names([slot for line in lines for slot in line.slots])
    texts = chronicle.ChronicleTexts.of(lines, floor, segments, names)
    return {
        "meeting": meeting,
        "phase": floor.phase,
        "items": [(segment, STANDINGS[phase_of(segment, floor)]) for segment in segments],
        "lines": [texts.as_data(line) | {"moment": _minute(line.at)} for line in lines],
    }


def _minute(ms: int) -> datetime:
    """Return a time rounded down to the minute, like the times that the script adds."""
    return clock.from_ms(ms).replace(second=0, microsecond=0)
