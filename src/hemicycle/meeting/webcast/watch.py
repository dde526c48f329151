"""The recording of a meeting, and the player for other sites' pages."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.public_delay import public_floor
from hemicycle.meeting.cutting import queries
from hemicycle.meeting.cutting.models import Cut
from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import display_names
from hemicycle.meeting.state.meeting_view import current_in_public
from hemicycle.meeting.webcast import player, recordings
from hemicycle.meeting.webcast.js_messages import words
from hemicycle.procedure.events import MeetingClosed
from hemicycle.procedure.state import Floor
from hemicycle.record import clock, feed
from hemicycle.record.models import Entry

ON_THE_AIR = frozenset({"open", "suspended"})
AWAITED_MS = 10 * 60_000
"""How long after the closing a recording may still begin to exist, in ms.

The engine writes the first metadata while the meeting is open, so this leaves time for an engine
that restarts.
"""


@gzip_page
@never_cache
@require_safe
@player.plays
@public_hearing
def watch(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponseBase:
    """Show a meeting's recording with its chapters; during the meeting, redirect to it live."""
    found = get_object_or_404(hearing.meetings.prefetch_related("segments"), pk=meeting)
    floor = public_floor(found)
    if floor.phase in ON_THE_AIR:
        return redirect("webcast:live", slug=hearing.slug)
    known = recordings.known(found)
    cuts = queries.cut_from(found)
    context = {
        "hearing": hearing,
        "meeting": found,
        "phase": floor.phase,
        "recorded": known.ended,
        "awaited": not known.ended and _may_come(found, floor, known),
        "player": player.context(hearing, found, floor, live=False),
        "chapters": _chapters(found, floor, known, cuts),
        "downloads": recordings.downloads(hearing, found, known),
        "snippet": player.snippet(hearing, found),
        "words": words(),
    }
    return render(request, "webcast/watch.html", context)


@never_cache
@require_safe
@player.embeds
@public_hearing
def embed(request: HttpRequest, hearing: Hearing, meeting: UUID | None = None) -> HttpResponse:
    """Show only the player, for other sites: a meeting's recording, or the live webcast."""
    if meeting is None:
        found, floor = current_in_public(hearing.id)
    else:
        found = get_object_or_404(hearing.meetings, pk=meeting)
        floor = public_floor(found)
    live = floor.phase in ON_THE_AIR or meeting is None
    context: dict[str, Any] = {"hearing": hearing, "meeting": found, "words": words()}
    context["feed_url"] = feed.address(hearing.id, "public")
    if found is not None:
        context["player"] = player.context(hearing, found, floor, live=live)
    return render(request, "webcast/embed.html", context)


def _chapters(
    meeting: Meeting, floor: Floor, known: WebcastMetadata, cuts: list[Cut]
) -> list[recordings.RecordingChapter]:
    lines = chronicle.lines(floor)
    names = display_names([slot for line in lines for slot in line.slots])
    texts = chronicle.ChronicleTexts.of(lines, floor, meeting.segments.all(), names)
    return list(recordings.chapters(lines, texts, known, cuts))


def _may_come(meeting: Meeting, floor: Floor, known: WebcastMetadata) -> bool:
    """Return whether a closed meeting's recording is being made, or may still be found."""
    if floor.phase != "closed" or known.spans:
        return floor.phase == "closed"
    entries = Entry.objects.filter(meeting=meeting.id.hex, kind=MeetingClosed.KIND)
    closed = entries.order_by("-seq").values_list("at", flat=True).first()
    return closed is not None and clock.now_ms() - closed < AWAITED_MS
