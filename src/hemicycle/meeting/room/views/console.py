"""The moderator's console: its page, its updates, and its presses."""

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.room import live_context, presses
from hemicycle.meeting.room.access import (
    NEEDS_PRESSING,
    NEEDS_TENDING,
    PRESSING,
    STOPPING,
    TENDING,
    WATCHING,
    holder_of,
)
from hemicycle.meeting.room.console import Console, console, walk_ups
from hemicycle.meeting.state.meeting_view import current_meeting, feed_state
from hemicycle.procedure.commands import BadCommand
from hemicycle.procedure.refusals import Refused
from hemicycle.record import feed
from hemicycle.record.writer import Actor
from hemicycle.ui.refusals import sentence_of

UPDATES = "room/_console_updates.html"


def _meetings(hearing: Hearing) -> QuerySet[Meeting]:
    return hearing.meetings.order_by("ordinal")


def _may(
    request: HttpRequest, hearing: Hearing, roles: Collection[Role], needs: Collection[Duty]
) -> bool:
    return bool(roles_in(request.user, hearing.id, needs=needs) & set(roles))


def _context(request: HttpRequest, hearing: Hearing, seen: Console) -> dict[str, object]:
    return {
        "hearing": hearing,
        "console": seen,
        "presses": _may(request, hearing, PRESSING, NEEDS_PRESSING),
    }


@never_cache
@for_roles(*WATCHING, in_rooms=True)
def console_page(
    request: HttpRequest, hearing: Hearing, meeting: UUID | None = None
) -> HttpResponse:
    """Show the moderator's console; staff who may not use its keys see it without them.

    Without `meeting`, redirect to the current one, or to the programme if there is none.
    """
    if meeting is None:
        found, _floor = current_meeting(hearing.id)
        if found is None:
            messages.info(request, gettext("This hearing has no meeting yet. Add one first."))
            return redirect("hearing:programme", slug=hearing.slug)
        return redirect("room:console-of", slug=hearing.slug, meeting=found.id)
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    return _console_page(request, _context(request, hearing, console(hearing, shown)))


def _console_page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    hearing, seen = context["hearing"], context["console"]
    assert isinstance(hearing, Hearing)
    assert isinstance(seen, Console)
    more = {
        "meetings": _meetings(hearing),
        "feed_url": feed.address(hearing.id, "room", holder_of(request)),
        "may_speak": Role.MODERATOR in roles_in(request.user, hearing.id),
        "may_tend": _may(request, hearing, TENDING, NEEDS_TENDING),
        "may_stop": _may(request, hearing, STOPPING, ()) and not hearing.is_room,
        "public_feed": feed_state(seen.floor),
        "phase": seen.floor.phase,
        **live_context.console(hearing, here="moderator"),
    }
    return render(request, "room/console.html", context | more)


@never_cache
@for_roles(*WATCHING, in_rooms=True)
def console_updates(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """Render the parts of the console that change, to update a page that is open."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    seen = console(hearing, shown)
    answer = render(request, UPDATES, _context(request, hearing, seen))
    answer.headers["X-Act-Seq"] = str(seen.floor.act_seq)
    return answer


@require_POST
@for_roles(*PRESSING, needs=NEEDS_PRESSING, in_rooms=True)
def press(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """Carry out a press, or say why it was refused; return the console as it then is."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    refusal, act_seq = _pressed(request, hearing, shown)
    if "HX-Request" not in request.headers:
        if refusal:
            messages.warning(request, refusal)
        return redirect("room:console-of", slug=hearing.slug, meeting=meeting)
    context = _context(request, hearing, console(hearing, shown)) | {"refusal": refusal}
    if refusal:
        return render(request, UPDATES, context)
    context["pressed"] = request.POST["press"].partition(":")[0]
    answer = render(request, UPDATES, context)
    answer.headers["X-Act-Seq"] = str(act_seq)  # the act that the next press has seen
    return answer


def _pressed(request: HttpRequest, hearing: Hearing, meeting: Meeting) -> tuple[str, int]:
    """Return why the press was refused ("" if it was not), and the number of the act."""
    by = _presser(request, hearing)
    try:
        floor = presses.press(hearing=hearing, meeting=meeting, data=request.POST.dict(), actor=by)
    except Refused as error:
        return sentence_of(error), 0
    except BadCommand as error:
        return str(error), 0
    return "", floor.act_seq


def _presser(request: HttpRequest, hearing: Hearing) -> Actor:
    """Return the actor of a press, in the first of the person's roles that may press the keys."""
    held = roles_in(request.user, hearing.id, needs=NEEDS_PRESSING)
    return actor(request, next(role for role in PRESSING if role in held))


@never_cache
@for_roles(*PRESSING, needs=NEEDS_PRESSING, in_rooms=True)
def move_form(request: HttpRequest, hearing: Hearing, meeting: UUID, slot: str) -> HttpResponse:
    """Ask where to move a speaker, and why; updates do not replace this form below the list."""
    seen = console(hearing, get_object_or_404(_meetings(hearing), pk=meeting))
    moved = next((row for row in seen.rows if row.slot.id == slot), None)
    return _asking(request, hearing, seen, "move", moved)


@never_cache
@for_roles(*PRESSING, needs=NEEDS_PRESSING, in_rooms=True)
def call_form(request: HttpRequest, hearing: Hearing, meeting: UUID, slot: str) -> HttpResponse:
    """Ask for confirmation to give the floor out of turn; the form is below the list."""
    seen = console(hearing, get_object_or_404(_meetings(hearing), pk=meeting))
    called = next((row for row in seen.rows if row.slot.id == slot and row.callable), None)
    return _asking(request, hearing, seen, "call", called)


@never_cache
@for_roles(*PRESSING, needs=NEEDS_PRESSING)
def walk_up(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """Ask who in the room is to be added to the end of the list, and why; a POST adds them."""
    shown = get_object_or_404(_meetings(hearing), pk=meeting)
    if request.method == "POST":
        return _added(request, hearing, shown)
    seen = console(hearing, shown)
    return _asking(request, hearing, seen, "walk_up", walk_ups(seen))


@never_cache
@for_roles(*PRESSING, needs=NEEDS_PRESSING, in_rooms=True)
def remove_form(request: HttpRequest, hearing: Hearing, meeting: UUID, person: str) -> HttpResponse:
    """Ask why a person is removed; the form is below the connections."""
    seen = console(hearing, get_object_or_404(_meetings(hearing), pk=meeting))
    removed = next((row for row in seen.attendees if row.person == person), None)
    return _asking(request, hearing, seen, "remove", removed)


def _asking(
    request: HttpRequest, hearing: Hearing, seen: Console, act: str, about: object
) -> HttpResponse:
    """Show the form of an act that needs more data; if `about` is None, the console without it."""
    asked = None if about is None else {"act": act, "fields": f"room/_{act}.html", "about": about}
    context = _context(request, hearing, seen) | {"asked": asked}
    if "HX-Request" in request.headers:
        return render(request, "room/_asked.html", context)
    return _console_page(request, context)


def _added(request: HttpRequest, hearing: Hearing, meeting: Meeting) -> HttpResponse:
    refusal = ""
    try:
        presses.walk_up(
            hearing=hearing, meeting=meeting, data=request.POST, actor=_presser(request, hearing)
        )
    except (BadCommand, RegistrationRefused) as error:
        refusal = str(error)
    if "HX-Request" not in request.headers:
        if refusal:
            messages.warning(request, refusal)
        return redirect("room:console-of", slug=hearing.slug, meeting=meeting.id)
    seen = console(hearing, meeting)
    context = _context(request, hearing, seen) | {"refusal": refusal}
    if not refusal:
        context["pressed"] = "walk_up"
    answer = render(request, UPDATES, context)
    answer.headers["X-Act-Seq"] = str(seen.floor.act_seq)
    return answer
