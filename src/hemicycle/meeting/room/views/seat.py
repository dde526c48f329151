"""The seat of a speaker or panellist, by personal link or after signing in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from hemicycle.before.on_air import choices
from hemicycle.before.readers import places
from hemicycle.before.readers import queries as readers
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration.access import personal
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.speakers import queries
from hemicycle.engine.protection import Protection
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import live_context, practice, seats
from hemicycle.meeting.room.access import holder_by_link, holder_by_reader, holder_of
from hemicycle.meeting.room.audiences import seat_view
from hemicycle.meeting.room.seats import MeetingSeat, Participant
from hemicycle.procedure.refusals import Refused
from hemicycle.record import clock, feed
from hemicycle.ui.refusals import sentence_of
from hemicycle.ui.uploads import open_if


@personal
def by_link(request: HttpRequest, registration: Registration, slug: str) -> HttpResponseBase:
    """Show the seat behind a personal link."""
    participant = seats.at_address(registration, slug)
    if participant is None:
        raise Http404
    return _answer(request, participant, holder_by_link(registration))


@never_cache
@public_hearing
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the seat of a signed-in panellist, moderator or speaker."""
    if not isinstance(request.user, Person):
        return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
    return _answer(request, seats.of_person(hearing, request.user), holder_of(request))


@open_if(readers.is_known)
@never_cache
def by_reader(request: HttpRequest, slug: str, secret: str) -> HttpResponseBase:
    """Show a reader's seat; redirect a reader who has not agreed yet to the page that asks."""
    reader = readers.by_secret(secret)
    if reader is None or reader.hearing.slug != slug:
        return render(request, "readers/closed.html", status=410)
    if reader.confirmed_at is None:
        return redirect("readers:reader", secret)
    return _answer(request, seats.of_reader(reader), holder_by_reader(reader), reader)


def _answer(
    request: HttpRequest, participant: Participant, holder: str, reader: ProxyReader | None = None
) -> HttpResponse:
    seat = participant.at()
    if seat is None:
        context = {"hearing": participant.hearing, "participant": participant}
        return render(request, "room/no_seat.html", context)
    return (
        _do(request, participant, seat)
        if request.method == "POST"
        else _page(request, participant, seat, holder, reader)
    )


def _do(request: HttpRequest, participant: Participant, seat: MeetingSeat) -> HttpResponse:
    """Carry out a press. A script gets the refusal, if any; a form is redirected to the page."""
    refusal, told = None, None
    try:
        told = _done(request, participant, seat)
    except Refused as refused:
        refusal = {"code": refused.code, "error": sentence_of(refused)}
    if refusal is None and told is None:
        return HttpResponse("There is no such act at a seat.", status=400)
    if "script" not in request.POST:
        return redirect(request.path)
    if refusal is not None:
        return JsonResponse(refusal, status=409)
    return JsonResponse(told) if told else HttpResponse(status=204)


def _done(
    request: HttpRequest, participant: Participant, seat: MeetingSeat
) -> dict[str, str] | None:
    """Carry out a press; return data for its page, None for an unknown one. Raises `Refused`."""
    match request.POST.get("act"):
        case "join" | "rejoin" as word if (connection := _connection(request)) and seat.may_join(
            participant.person, connection
        ):
            seats.join(
                participant=participant,
                seat=seat,
                connection=connection,
                if_free=word == "rejoin",
            )
        case "leave" if connection := _connection(request):
            seats.leave(participant=participant, seat=seat, connection=connection)
        case "ready" | "not-ready" as word if seat.assignment.joined_slot:
            seats.ready(participant=participant, seat=seat, is_ready=word == "ready")
        case "point":
            return {"point": seats.raise_point(participant=participant, seat=seat)}
        case _:
            return None
    return {}


def _connection(request: HttpRequest) -> UUID | None:
    try:
        return UUID(hex=request.POST.get("connection", ""))
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    participant: Participant,
    seat: MeetingSeat,
    holder: str,
    reader: ProxyReader | None,
) -> HttpResponse:
    snapshot = seat_view(participant.hearing.id) or {}
    me = seat.me
    context = {
        "hearing": participant.hearing,
        "participant": participant,
        "seat": seat,
        "line": _line(seat),
        "point": _point(participant, seat),
        "snapshot": {**snapshot, "me": me},
        "expected": _expected(me),
        "seat_data": _data(participant, seat) | {"pass": _pass_url(request, participant, reader)},
        "words": {
            "seat.failed": gettext("Your action did not reach the server. Try again."),
            "seat.call.next": gettext("You are next. Please be ready."),
            "seat.call.speaking": gettext("You have the floor."),
        },
        "feed_url": feed.address(participant.hearing.id, "seat", holder),
        "chat_to": live_context.ends("technician"),
        "reads_for": seat_owner(reader),
        **_media(request, participant, seat, reader),
    }
    return render(request, "room/seat.html", context)


def _data(participant: Participant, seat: MeetingSeat) -> dict[str, Any]:
    """Return the data about the seat for the page's script."""
    assignment = seat.assignment
    return {
        "slot": assignment.slot,
        "meeting": assignment.segment.meeting_id.hex,
        "segment": assignment.segment.id.hex,
        "role": assignment.role.value,
        "me": seat.me,
        "is_read": assignment.is_read,
        "is_over": seat.floor.phase == "closed",
        "own_points": seat.open_points(participant.person),
        "others": [other.slot for other in participant.assignments if other is not assignment],
    }


def _point(participant: Participant, seat: MeetingSeat) -> str:
    """Return the state of the participant's point of order: "open", "heard", or "" for none."""
    own = seat.open_points(participant.person)
    if not own:
        return ""
    return "heard" if seat.floor.point_raiser and seat.floor.hearing_point in own else "open"


def _media(
    request: HttpRequest, participant: Participant, seat: MeetingSeat, reader: ProxyReader | None
) -> dict[str, Any]:
    """Return the context of the microphone, its check and the meeting's picture."""
    hearing = participant.hearing
    if reader is not None:
        applies = Protection("card", "changed" if reader.voice == "changed" else "live")
    else:
        slot = seat.assignment.slot
        applies = choices.of_seat(hearing.id, slot=slot, registration=participant.registration)
    return {
        "pass_url": _pass_url(request, participant, reader),
        "encoder_url": _encoder_url(participant, reader, _secret(request)),
        "channels": live_context.channels(participant.hearing),
        "checks": practice.PARTS,
        "checked": practice.check_of(participant.hearing.registered_id, participant.person),
        "may_share": seat.assignment.role != Role.SPEAKER,
        "protection": applies,
        "unseen": not applies.shows,
    }


def _encoder_url(participant: Participant, reader: ProxyReader | None, secret: str) -> str:
    """Return the address of the key for an encoder; "" for readers and in a training room."""
    hearing = participant.hearing
    if reader is not None or hearing.id != hearing.registered_id:
        return ""
    if secret:
        return reverse("room:encoder", args=(hearing.slug, secret))
    return reverse("room:own-encoder", args=(hearing.slug,))


def _secret(request: HttpRequest) -> str:
    return request.resolver_match.kwargs.get("secret", "") if request.resolver_match else ""


def seat_owner(reader: ProxyReader | None) -> str:
    """Return the public name of the person for whom a reader reads; "" without a reader."""
    place = places.of_reader(reader) if reader else None
    return place.public.name if place else ""


def _pass_url(request: HttpRequest, participant: Participant, reader: ProxyReader | None) -> str:
    if reader is not None:
        return reverse("room:reader-pass", args=(participant.hearing.slug, _secret(request)))
    return live_context.pass_url(participant.hearing, _secret(request))


def _line(seat: MeetingSeat) -> queries.ListedSpeaker | None:
    """Return the place on the list before the panel opens; None for a person on no list."""
    if seat.me is not None or not seat.assignment.slot:
        return None
    row = Inscription.objects.filter(pk=UUID(hex=seat.assignment.slot)).first()
    return queries.listing(seat.assignment.segment).line_of(row.id) if row else None


def _expected(me: dict[str, Any] | None) -> tuple[datetime, datetime] | None:
    if not me or "earliest" not in me:
        return None
    return clock.from_ms(me["earliest"]), clock.from_ms(me["latest"])
