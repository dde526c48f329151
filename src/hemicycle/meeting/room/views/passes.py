"""The addresses at which pages ask for passes (docs/media.md), in JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.before.readers import queries as readers
from hemicycle.before.registration.access import by_secret
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.access import hearing_or_room
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import passes, seats
from hemicycle.meeting.room.passes import PassHolder, PassRefused, PassRequest


@never_cache
@require_POST
@hearing_or_room
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Issue a pass to a signed-in person."""
    person = request.user
    if not isinstance(person, Person):
        return _refusal(PassRefused("not_signed_in"))
    participant = seats.of_person(hearing, person)
    return _answer(request, passes.by_name(participant, person, sessions.holder(request)))


@never_cache
@require_POST
def by_link(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Issue a pass to the holder of a personal link."""
    registration = by_secret(secret)
    participant = seats.at_address(registration, slug) if registration is not None else None
    if registration is None or participant is None:
        return _refusal(PassRefused("link_expired"), status=410)
    try:
        return _answer(request, passes.of_link(participant, registration))
    except PassRefused as refused:
        return _refusal(refused)


@never_cache
@require_POST
def by_reader(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Issue a pass to the holder of a reader's link."""
    reader = readers.by_secret(secret)
    if reader is None or reader.hearing.slug != slug:
        return _refusal(PassRefused("link_expired"), status=410)
    participant = seats.of_reader(reader)
    if not participant.assignments:
        return _refusal(PassRefused("outside"))
    return _answer(request, passes.by_reader(participant, reader))


def _answer(request: HttpRequest, holder: PassHolder) -> HttpResponse:
    try:
        asked = PassRequest.read(request.POST.dict())
        given = passes.issue(holder, asked)
    except PassRefused as refused:
        return _refusal(refused)
    data = passes.as_data(given, asked.audience, holder.hearing.languages)
    return JsonResponse(data)


def _refusal(refused: PassRefused, status: int = 403) -> HttpResponse:
    """Return the code of a refusal, and its sentence in the reader's language.

    The end of a meeting is no error of the page that asks, so its status is 200: browsers report
    each answer from 400 on as an error.
    """
    told = {"code": refused.code, "error": refused.sentence}
    return JsonResponse(told, status=200 if refused.is_end else status)
