"""The interpreters' console."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation import js_messages, queries
from hemicycle.meeting.interpretation.console import booth_console, text_of
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.meeting.room import live_context
from hemicycle.meeting.room.access import holder_of
from hemicycle.meeting.room.audiences import room_view
from hemicycle.record import feed
from hemicycle.ui.languages import language_name


def in_booth[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, Interpreter, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Call `view(request, hearing, interpreter, …)` for interpreters of the booth in the address.

    An interpreter of another booth gets a page that names their own.
    """

    @wraps(view)
    @for_roles(Role.INTERPRETER, in_rooms=True)
    def guarded(
        request: HttpRequest, hearing: Hearing, /, language: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        assert isinstance(request.user, Person)
        own = queries.place_of(hearing, request.user)
        if own is None or own.language != language:
            return _elsewhere(request, hearing, own, status=403)
        return view(request, hearing, own, *args, **kwargs)

    return guarded


def _elsewhere(
    request: HttpRequest, hearing: Hearing, own: Interpreter | None, status: int = 200
) -> HttpResponse:
    """Show where the visitor works, if they have a booth."""
    context = {"hearing": hearing, "own": own}
    return render(request, "interpretation/no_booth.html", context, status=status)


@require_safe
@for_roles(Role.INTERPRETER, in_rooms=True)
def own_booth(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Redirect an interpreter to their booth."""
    assert isinstance(request.user, Person)
    own = queries.place_of(hearing, request.user)
    if own is None:
        return _elsewhere(request, hearing, None)
    return redirect("interpretation:booth", slug=hearing.slug, language=own.language)


@require_safe
@in_booth
def booth(request: HttpRequest, hearing: Hearing, own: Interpreter) -> HttpResponse:
    """Show the console of one interpreter."""
    names = {tag: language_name(tag) for tag in hearing.languages}
    context = {
        **_meeting(hearing, own),
        "snapshot": room_view(hearing.id),
        "trainings": queries.training_booths(hearing, own.person_id),
        "names": names,
        "others": [(tag, name) for tag, name in names.items() if tag != own.language],
        "words": js_messages.messages(),
        "data": {
            "language": own.language,
            "names": names,
            "pass": live_context.pass_url(hearing),
        },
        "feed_url": feed.address(hearing.id, "room", holder_of(request)),
    }
    return render(request, "interpretation/booth.html", context)


@require_safe
@in_booth
def updates(request: HttpRequest, hearing: Hearing, own: Interpreter) -> HttpResponse:
    """Render the floor and the next speakers, to update a page that is open."""
    return render(request, "interpretation/_updates.html", _meeting(hearing, own))


def _meeting(hearing: Hearing, own: Interpreter) -> dict[str, object]:
    return {"hearing": hearing, "own": own, "booth": booth_console(hearing)}


@require_safe
@in_booth
def text(request: HttpRequest, hearing: Hearing, own: Interpreter, slot: str) -> HttpResponse:
    """Show the statement submitted for a place on a list, which may still be confidential."""
    try:
        found = text_of(hearing, UUID(hex=slot), own.language)
    except ValueError:
        raise Http404 from None
    context = {"hearing": hearing, "text": found}
    return render(request, "interpretation/_text.html", context)
