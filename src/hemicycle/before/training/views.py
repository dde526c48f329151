"""A participant's pages of training sessions."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hemicycle.before.registration import links
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.training import actions, calendars, queries, rooms
from hemicycle.before.training.models import Session, SignUp
from hemicycle.record.writer import Actor


def _found(registration: Registration, pk: UUID) -> Session:
    sessions = Session.objects.select_related("hearing")
    return get_object_or_404(sessions, pk=pk, hearing=registration.hearing_id)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


@require_GET
@personal
def session(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Show one session: its time, its description, and how to enter."""
    found = _found(registration, pk)
    context = {
        "hearing": found.hearing,
        "registration": registration,
        "offer": queries.offer(found, registration),
        "reason": queries.reason_of(found),
        "secret": _secret(request),
    }
    return render(request, "training/session.html", context)


@require_POST
@personal
def sign_up(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Take a place, or join the waiting list."""

    def do(found: Session, by: Actor) -> str:
        own = actions.sign_up(session=found, registration=registration, actor=by)
        if own.state == SignUp.State.SIGNED_UP:
            return _("You have a place in the session. We have sent you a letter with the link.")
        return _("All places are taken. You are on the waiting list and move up automatically.")

    return _done(request, registration, pk, do)


@require_POST
@personal
def sign_off(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Cancel the place."""

    def do(found: Session, by: Actor) -> str:
        actions.sign_off(session=found, registration=registration, actor=by)
        return _("You have cancelled your place in the session.")

    return _done(request, registration, pk, do)


def _done(
    request: HttpRequest,
    registration: Registration,
    pk: UUID,
    do: Callable[[Session, Actor], str],
) -> HttpResponseBase:
    """Perform an action, report its result or refusal, and show the session."""
    try:
        messages.success(request, do(_found(registration, pk), actor_of(registration)))
    except actions.TrainingRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("training:session", secret=_secret(request), pk=pk)


@require_POST
@personal
def come_in(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Redirect a participant to their seat in the session's room."""
    found = _found(registration, pk)
    try:
        room = rooms.enter(session=found, registration=registration, actor=actor_of(registration))
    except actions.TrainingRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("training:session", secret=_secret(request), pk=pk)
    return redirect("room:seat", slug=room.slug, secret=_secret(request))


@require_GET
@personal
def calendar(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Download the session as a calendar file."""
    found = _found(registration, pk)
    url = links.absolute(reverse("training:session", args=(_secret(request), pk)))
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    name = f"{found.hearing.slug}-training-{found.starts_at:%Y-%m-%d}.ics"
    return HttpResponse(
        calendars.write(found, url=url, host=host),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
