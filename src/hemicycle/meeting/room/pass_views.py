"""Where pages ask for passes (docs/media.md): JSON, whether there is one or not."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.before.registration.access import by_secret
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import passes, seats
from hemicycle.meeting.room.passes import Guest, NoPass, Wish


@never_cache
@require_POST
@public_hearing
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """A pass for whoever has signed in."""
    person = request.user
    if not isinstance(person, Person):
        return _refused(_("Sign in, or open your own link, to come into the room."), 403)
    return _answer(request, passes.by_name(seats.by_name(hearing, person), person))


@never_cache
@require_POST
def by_link(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """A pass for whoever opens a personal link."""
    registration = by_secret(secret)
    if registration is None or registration.hearing.slug != slug:
        return _refused(_("This link is no longer good. Ask for a new one."), 410)
    if not registration.is_live:
        return _refused(_("Your registration no longer stands. Follow the live page."), 403)
    return _answer(request, passes.by_link(seats.by_link(registration)))


def _answer(request: HttpRequest, guest: Guest) -> HttpResponse:
    try:
        given = passes.issue(guest, Wish.read(request.POST.dict()))
    except NoPass as why:
        return _refused(str(why), 403)
    return JsonResponse(passes.told(given))


def _refused(sentence: str, status: int) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status)
