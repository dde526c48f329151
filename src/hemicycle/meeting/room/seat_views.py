"""The speaker's seat: behind a personal link, or for whoever has signed in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from hemicycle.before.registration.access import personal
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.speakers import queries
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import live_context, practice, seats
from hemicycle.meeting.room.audiences import seat_view
from hemicycle.meeting.room.seats import Seat, Sitter
from hemicycle.procedure.refusals import Refused
from hemicycle.record import clock, feed


@personal
def by_link(request: HttpRequest, registration: Registration, slug: str) -> HttpResponseBase:
    """The seat that a personal link opens."""
    if registration.hearing.slug != slug:
        raise Http404
    return _answer(request, seats.by_link(registration))


@never_cache
@public_hearing
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The seat of a panellist, a moderator or a speaker who has signed in."""
    if not isinstance(request.user, Person):
        return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
    return _answer(request, seats.by_name(hearing, request.user))


def _answer(request: HttpRequest, sitter: Sitter) -> HttpResponse:
    seat = sitter.at()
    if seat is None:
        context = {"hearing": sitter.hearing, "sitter": sitter}
        return render(request, "room/no_seat.html", context)
    return _do(request, sitter, seat) if request.method == "POST" else _page(request, sitter, seat)


def _do(request: HttpRequest, sitter: Sitter, seat: Seat) -> HttpResponse:
    """What was done at the seat; a script gets the refusal, if any, and a form the page again."""
    said = ""
    try:
        done = _done(request, sitter, seat)
    except Refused as error:
        done, said = True, gettext(error.sentence)
    if not done:
        return HttpResponse("There is no such act at a seat.", status=400)
    if "script" in request.POST:
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    return redirect(request.path)


def _done(request: HttpRequest, sitter: Sitter, seat: Seat) -> bool:
    match request.POST.get("act"):
        case "join" if connection := _connection(request):
            seats.join(sitter=sitter, seat=seat, connection=connection)
        case "leave" if connection := _connection(request):
            seats.leave(sitter=sitter, seat=seat, connection=connection)
        case "ready" | "not-ready" as word if seat.place.slot:
            seats.ready(sitter=sitter, seat=seat, is_ready=word == "ready")
        case "point":
            seats.raise_point(sitter=sitter, seat=seat)
        case _:
            return False
    return True


def _connection(request: HttpRequest) -> UUID | None:
    try:
        return UUID(hex=request.POST.get("connection", ""))
    except ValueError:
        return None


def _page(request: HttpRequest, sitter: Sitter, seat: Seat) -> HttpResponse:
    snapshot = seat_view(sitter.hearing.id) or {}
    me = seat.me
    context = {
        "hearing": sitter.hearing,
        "sitter": sitter,
        "seat": seat,
        "line": _line(seat),
        "snapshot": {**snapshot, "me": me},
        "expected": _expected(me),
        "seat_data": _data(sitter, seat) | {"pass": _pass_url(request, sitter)},
        "words": {"seat.failed": gettext("That did not reach the server. Press again.")},
        "feed_url": feed.address(sitter.hearing.id, "seat"),
        **_media(request, sitter, seat),
    }
    return render(request, "room/seat.html", context)


def _data(sitter: Sitter, seat: Seat) -> dict[str, Any]:
    """What the page's script is told of the seat."""
    place = seat.place
    return {
        "slot": place.slot,
        "meeting": place.segment.meeting_id.hex,
        "segment": place.segment.id.hex,
        "role": place.role.value,
        "me": seat.me,
        "others": [other.slot for other in sitter.places if other is not place],
    }


def _media(request: HttpRequest, sitter: Sitter, seat: Seat) -> dict[str, Any]:
    """What the seat's own microphone, its check and the meeting's picture need."""
    secret = _secret(request)
    own = reverse("room:own-practice", args=(sitter.hearing.slug,))
    return {
        "pass_url": _pass_url(request, sitter),
        "practice_url": reverse("room:practice", args=(secret,)) if secret else own,
        "channels": live_context.channels(sitter.hearing),
        "checks": practice.PARTS,
        "checked": practice.check_of(sitter.hearing.id, sitter.person),
        "may_share": seat.place.role != Role.SPEAKER,
    }


def _secret(request: HttpRequest) -> str:
    return request.resolver_match.kwargs.get("secret", "") if request.resolver_match else ""


def _pass_url(request: HttpRequest, sitter: Sitter) -> str:
    return live_context.pass_url(sitter.hearing, _secret(request))


def _line(seat: Seat) -> queries.Line | None:
    """The place on the list before the panel opens; None for those who stand on none."""
    if seat.me is not None or not seat.place.slot:
        return None
    row = Inscription.objects.filter(pk=UUID(hex=seat.place.slot)).first()
    return queries.listing(seat.place.segment).line_of(row.id) if row else None


def _expected(me: dict[str, Any] | None) -> tuple[datetime, datetime] | None:
    if not me or "earliest" not in me:
        return None
    return clock.from_ms(me["earliest"]), clock.from_ms(me["latest"])
