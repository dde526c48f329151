"""The screen of a hall, and the reports of all screens about their clocks."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.hearing.people.access import roles_in
from hemicycle.hearing.setup.access import for_roles, hearing_or_room, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import live_context, screens
from hemicycle.meeting.room.access import WATCHING, holder_of
from hemicycle.meeting.state.meeting_view import live_view, public_view
from hemicycle.record import feed


@never_cache
@public_hearing
def hall(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the speaker, the clock and the next speaker on the screen of a hall."""
    watches = bool(roles_in(request.user, hearing.id) & set(WATCHING))
    outside = "outside" in request.GET
    context = {
        "hearing": hearing,
        "outside": outside,
        **(_public(hearing) if outside or not watches else _live(request, hearing)),
        **(_media(hearing) if watches else {}),
    }
    return render(request, "room/hall.html", context)


def _live(request: HttpRequest, hearing: Hearing) -> dict[str, object]:
    """Return the context of a screen inside the room, opened by staff: the undelayed feed."""
    return {
        "snapshot": live_view(hearing.id),
        "feed_url": feed.address(hearing.id, "live", holder_of(request)),
    }


def _media(hearing: Hearing) -> dict[str, object]:
    """Return the context of picture and sound, which only staff get: the page itself is public."""
    return {"pass_url": live_context.pass_url(hearing), "channels": live_context.channels(hearing)}


def _public(hearing: Hearing) -> dict[str, object]:
    """Return the context of a screen opened by anyone, or outside the room: the public feed."""
    return {
        "snapshot": public_view(hearing.id),
        "feed_url": feed.address(hearing.id, "public"),
    }


@require_POST
@hearing_or_room
def beat(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Receive a screen's report about its clock."""
    try:
        screens.report(hearing=hearing, data=json.loads(request.body))
    except screens.ForeignScreen:
        return HttpResponse("Reload the page: its pass to report is no longer good.", status=403)
    except screens.TooManyScreens:
        return HttpResponse("More screens than can be followed report already.", status=429)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return HttpResponse("This is no report of a screen.", status=400)
    return HttpResponse(status=204)


@never_cache
@for_roles(*WATCHING, in_rooms=True)
def diagnostics(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show how far the clock of each connected screen is from the server's."""
    context = {"hearing": hearing, "screens": screens.connected(hearing)}
    part = "HX-Request" in request.headers
    return render(request, "room/_screens.html" if part else "room/diagnostics.html", context)
