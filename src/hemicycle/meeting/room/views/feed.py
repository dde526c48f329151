"""Stop and resume the public feed, from the console and from the technician's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.room import presses
from hemicycle.meeting.room.access import STOPPING
from hemicycle.procedure.commands import BadCommand
from hemicycle.procedure.refusals import Refused
from hemicycle.record.writer import Actor
from hemicycle.ui.refusals import sentence_of

COMMANDS = frozenset({"stop_feed", "resume_feed"})


@require_POST
@for_roles(*STOPPING)
def press(request: HttpRequest, hearing: Hearing, meeting: UUID) -> HttpResponse:
    """Stop or resume the public feed.

    A script gets 204, or 409 with the reason for the refusal; a form is redirected to its page.
    """
    shown = get_object_or_404(hearing.meetings, pk=meeting)
    held = roles_in(request.user, hearing.id)
    by = actor(request, next(role for role in STOPPING if role in held))
    refusal = _pressed(hearing, shown, request.POST.dict(), by)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": refusal}, status=409) if refusal else HttpResponse(status=204)
    if refusal:
        messages.warning(request, refusal)
    if request.POST.get("back") == "technician":
        return redirect("room:technician", slug=hearing.slug)
    return redirect("room:console-of", slug=hearing.slug, meeting=meeting)


def _pressed(hearing: Hearing, meeting: Meeting, data: dict[str, str], by: Actor) -> str:
    """Carry out the press; return why it was refused, or ""."""
    if data.get("press", "").partition(":")[0] not in COMMANDS:
        return gettext("Only the public feed can be stopped and resumed here.")
    try:
        presses.press(hearing=hearing, meeting=meeting, data=data, actor=by)
    except Refused as error:
        return sentence_of(error)
    except BadCommand as error:
        return str(error)
    return ""
