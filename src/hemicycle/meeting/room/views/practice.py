"""The practice room, where participants try microphone, camera and network alone."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import Subject
from hemicycle.before.readers import queries as readers
from hemicycle.before.registration.access import personal
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import live_context, practice, seats
from hemicycle.ui.uploads import open_if


@dataclass(frozen=True, slots=True)
class PracticeVisitor:
    """A person who practises, and the address at which their page asks for passes."""

    hearing: Hearing
    person: UUID
    name: str
    pass_url: str
    is_masked: bool = False
    has_camera: bool = True


@require_safe
@personal
def by_link(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Show the practice room behind a personal link."""
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    hearing, person = registration.hearing, registration.person
    if not registration.takes_part:
        return render(request, "room/no_practice.html", {"hearing": hearing})
    asks = live_context.pass_url(hearing, secret)
    chosen = Subject.of_registration(registration).protection
    visitor = PracticeVisitor(
        hearing,
        person.id,
        registration.alias or person.name,
        asks,
        is_masked=chosen.masks,
        has_camera=chosen.shows,
    )
    return _page(request, visitor)


@require_safe
@never_cache
@public_hearing
def by_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the practice room to a signed-in participant, and to others how to enter it."""
    visitor = _visitor(request, hearing)
    if visitor is None:
        return render(request, "room/no_practice.html", {"hearing": hearing})
    return _page(request, visitor)


@require_safe
@open_if(readers.is_known)
@never_cache
def by_reader(request: HttpRequest, slug: str, secret: str) -> HttpResponseBase:
    """Show the practice room to a reader, who hears their own voice as others will hear it."""
    reader = readers.by_secret(secret)
    if reader is None or reader.hearing.slug != slug:
        return render(request, "readers/closed.html", status=410)
    participant, hearing = seats.of_reader(reader), reader.hearing
    if not participant.assignments:
        return render(request, "room/no_practice.html", {"hearing": hearing})
    visitor = PracticeVisitor(
        hearing,
        participant.person,
        participant.name,
        reverse("room:reader-pass", args=(slug, secret)),
        is_masked=reader.voice == "changed",
        has_camera=False,
    )
    return _page(request, visitor)


def _visitor(request: HttpRequest, hearing: Hearing) -> PracticeVisitor | None:
    person = request.user
    if not isinstance(person, Person):
        return None
    participant = seats.of_person(hearing, person)
    if not seats.may_practise(participant, person):
        return None
    seat = participant.at()
    chosen = choices.of_seat(hearing.id, slot=seat.assignment.slot if seat else "")
    return PracticeVisitor(
        hearing,
        person.id,
        participant.name,
        live_context.pass_url(hearing),
        is_masked=chosen.masks,
        has_camera=chosen.shows,
    )


def _page(request: HttpRequest, visitor: PracticeVisitor) -> HttpResponse:
    context = {
        "hearing": visitor.hearing,
        "visitor": visitor,
        "checks": practice.PARTS,
        "checked": practice.check_of(visitor.hearing.id, visitor.person),
        "unseen": not visitor.has_camera,
    }
    return render(request, "room/practice.html", context)
