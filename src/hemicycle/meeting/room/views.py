"""The live pages: thin, since the floor decides."""

import json
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.room import live_context, screens
from hemicycle.meeting.room.acts import press as do_press
from hemicycle.meeting.room.console import Console, console
from hemicycle.meeting.room.technician_views import TENDING
from hemicycle.meeting.state.meeting_view import current_meeting, public_view
from hemicycle.procedure.commands import BadCommand
from hemicycle.procedure.refusals import Refused
from hemicycle.record import feed

PRESSING = (Role.MODERATOR, Role.SECRETARIAT)
WATCHING = (*PRESSING, Role.TECHNICIAN, Role.INTERPRETER)


def _meetings(hearing: Hearing) -> QuerySet[Meeting]:
    return hearing.meetings.order_by("ordinal")


def _context(request: HttpRequest, hearing: Hearing, seen: Console) -> dict[str, object]:
    return {
        "hearing": hearing,
        "console": seen,
        "presses": bool(roles_in(request.user, hearing.id) & set(PRESSING)),
    }


@never_cache
@for_roles(*WATCHING)
def console_page(
    request: HttpRequest, hearing: Hearing, meeting: UUID | None = None
) -> HttpResponse:
    """The moderator's console; others of the staff see it without its keys."""
    if meeting is None:
        found, _floor = current_meeting(hearing.id)
        if found is None:
            messages.info(request, gettext("This hearing has no meeting yet. Add one first."))
            return redirect("hearing:programme", slug=hearing.slug)
        return redirect("room:console-of", slug=hearing.slug, meeting=found.id)
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    return _console_page(request, _context(request, hearing, console(hearing, shown)))


def _console_page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    hearing = context["hearing"]
    assert isinstance(hearing, Hearing)
    held = roles_in(request.user, hearing.id)
    more = {
        "meetings": _meetings(hearing),
        "feed_url": feed.address(hearing.id, "room"),
        "may_speak": Role.MODERATOR in held,
        "may_tend": bool(held & set(TENDING)),
        **live_context.desk(hearing, here="moderator"),
    }
    return render(request, "room/console.html", context | more)


@never_cache
@for_roles(*WATCHING)
def console_panes(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """The console's panes as they now are, for a page that shows older ones."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    return render(request, "room/_panes.html", _context(request, hearing, console(hearing, shown)))


@require_POST
@for_roles(*PRESSING)
def press(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """One press: done, or refused with a sentence; either way the panes as they now are."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    refusal, act_seq = _pressed(request, hearing, shown)
    if "HX-Request" not in request.headers:
        if refusal:
            messages.warning(request, refusal)
        return redirect("room:console-of", slug=hearing.slug, meeting=meeting)
    context = _context(request, hearing, console(hearing, shown)) | {"refusal": refusal}
    if refusal:
        return render(request, "room/_panes.html", context)
    context["pressed"] = request.POST["press"].partition(":")[0]
    answer = render(request, "room/_panes.html", context)
    answer.headers["X-Act-Seq"] = str(act_seq)  # what a press already made on top of it has seen
    return answer


def _pressed(request: HttpRequest, hearing: Hearing, meeting: Meeting) -> tuple[str, int]:
    """Why the press was refused, "" if it was not; and the number of the act."""
    held = roles_in(request.user, hearing.id)
    by = actor(request, next(role for role in PRESSING if role in held))
    try:
        floor = do_press(hearing=hearing, meeting=meeting, data=request.POST.dict(), actor=by)
    except Refused as error:
        return gettext(error.sentence), 0
    except BadCommand as error:
        return str(error), 0
    return "", floor.act_seq


@never_cache
@for_roles(*PRESSING)
def move_form(request: HttpRequest, hearing: Hearing, meeting: UUID, slot: str) -> HttpResponse:
    """Where to move a speaker, and why: shown at the foot of the list, where no update reaches."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    seen = console(hearing, shown)
    line = next((line for line in seen.lines if line.slot.id == slot), None)
    context = _context(request, hearing, seen) | {"moved": line}
    if "HX-Request" in request.headers:
        return render(request, "room/_move.html", context)
    return _console_page(request, context)


@never_cache
@for_roles(*PRESSING)
def remove_form(request: HttpRequest, hearing: Hearing, meeting: UUID, person: str) -> HttpResponse:
    """Why somebody is removed: asked at the foot of the connections."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    seen = console(hearing, shown)
    removing = next((one for one in seen.present if one.person == person), None)
    context = _context(request, hearing, seen) | {"removing": removing}
    if "HX-Request" in request.headers:
        return render(request, "room/_remove.html", context)
    return _console_page(request, context)


@never_cache
@public_hearing
def hall(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The screen of a hall: who has the floor, the clock, who is next."""
    context = {
        "hearing": hearing,
        "snapshot": public_view(hearing.id),
        "feed_url": feed.address(hearing.id, "public"),
        **_hears(request, hearing),
    }
    return render(request, "room/hall.html", context)


def _hears(request: HttpRequest, hearing: Hearing) -> dict[str, object]:
    """Picture and sound, where somebody of the staff has signed in: the screen is public."""
    if not roles_in(request.user, hearing.id) & set(WATCHING):
        return {}
    return {"pass_url": live_context.pass_url(hearing), "channels": live_context.channels(hearing)}


@require_POST
@public_hearing
def beat(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """A screen tells how it knows the time and what its clock shows."""
    try:
        screens.report(hearing=hearing, data=json.loads(request.body))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return HttpResponse("This is no report of a screen.", status=400)
    return HttpResponse(status=204)


@never_cache
@for_roles(*WATCHING)
def diagnostics(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """How every connected screen knows the time, measured against the server."""
    context = {"hearing": hearing, "screens": screens.connected(hearing)}
    part = "HX-Request" in request.headers
    return render(request, "room/_screens.html" if part else "room/diagnostics.html", context)
