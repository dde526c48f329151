"""The page that shows a key for an encoder, and the address to which encoders send."""

from datetime import timedelta

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hemicycle.before.registration.access import personal
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import encoders, passes, seats
from hemicycle.meeting.room.passes import PassHolder, PassRefused


@personal
def by_link(request: HttpRequest, registration: Registration, slug: str) -> HttpResponseBase:
    """Show the key of the seat behind a personal link."""
    if registration.hearing.slug != slug:
        raise Http404
    holder = passes.by_link(seats.of_registration(registration), registration)
    return _page(request, holder)


@never_cache
@public_hearing
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the key of a signed-in panellist, moderator or speaker."""
    person = request.user
    if not isinstance(person, Person):
        return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
    participant = seats.of_person(hearing, person)
    return _page(request, passes.by_name(participant, person, sessions.holder(request)))


def _page(request: HttpRequest, holder: PassHolder) -> HttpResponse:
    key, refused = "", ""
    if request.method == "POST":
        try:
            key = encoders.key_of(holder)
        except PassRefused as reason:
            refused = reason.sentence
    whip = reverse("room:whip", args=(holder.hearing.slug,))
    context = {
        "hearing": holder.hearing,
        "key": key,
        "refused": refused,
        "address": request.build_absolute_uri(whip),
        "hours": encoders.LASTS // timedelta(hours=1),
        "masks": holder.seat is not None and passes.protection_of(holder).masks,
        "shows": holder.seat is None or passes.protection_of(holder).shows,
    }
    return render(request, "room/encoder.html", context, status=403 if refused else 200)


@csrf_exempt  # encoders have no cookies; the key authorizes them
@never_cache
@require_POST
@public_hearing
def whip(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Receive an encoder's offer (WHIP, RFC 9725) and return the media engine's answer."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return _refusal(401, "pass_needed")
    if request.content_type != encoders.SDP:
        return _refusal(415, "not_sdp")
    if int(request.META.get("CONTENT_LENGTH") or 0) > encoders.LARGEST_OFFER:
        return _refusal(413, "too_long")
    try:
        answer = encoders.offer(hearing, key.strip(), request.body)
    except PassRefused as refused:
        return _refusal(403, refused.code, refused.sentence)
    except OSError:
        return _refusal(503, "unreachable")
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _refusal(status: int, code: str, detail: str = "") -> HttpResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"code": code, **({"detail": detail} if detail else {})}
    return JsonResponse(body, status=status, headers=headers)
