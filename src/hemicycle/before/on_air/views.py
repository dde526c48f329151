"""Choosing what is seen and heard: behind a personal link, on a seat's page, at the office."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import ChoiceRefused, Subject
from hemicycle.before.on_air.forms import OnAirForm
from hemicycle.before.readers import queries
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record.writer import Actor

METHODS = ["GET", "HEAD", "POST"]


@sized
@personal
def by_link(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Let a participant choose."""
    back = reverse("registration:personal", args=[_secret(request)])
    practice = reverse("room:practice", args=[_secret(request)])
    if not registration.is_live:
        return HttpResponseRedirect(back)
    subject, by = Subject.of_registration(registration), actor_of(registration)
    reader = reverse("readers:personal", args=[_secret(request)])
    return _page(request, subject, by, back, reader=reader, practice=practice)


@never_cache
@for_roles(Role.PANELLIST, Role.MODERATOR)
@require_http_methods(METHODS)
def of_seat(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Let a panellist or moderator choose."""
    assert isinstance(request.user, Person)
    member = aliases.seat_of(request.user, hearing.id)
    if member is None:
        return redirect("hearing:public-name", slug=hearing.slug)
    by = actor(request, member.seat_role)
    back = reverse("hearing:public-name", args=[hearing.slug])
    reads = member.role == Role.PANELLIST  # only a panellist can have a reader
    reader = reverse("readers:seat", args=[hearing.slug]) if reads else ""
    return _page(request, Subject.of_member(hearing, member), by, back, reader=reader)


@never_cache
@for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
@require_http_methods(METHODS)
def of_registration(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Let the office choose for a participant."""
    registration = get_object_or_404(Registration, hearing=hearing, pk=pk)
    back = reverse("registration:detail", args=[hearing.slug, pk])
    by = actor(request, Role.SECRETARIAT)
    subject = Subject.of_registration(registration)
    reader = reverse("readers:registration", args=[hearing.slug, pk])
    return _page(request, subject, by, back, is_office=True, reader=reader)


@never_cache
@for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
@require_http_methods(METHODS)
def of_member(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Let the office choose for a panellist or moderator."""
    rows = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    member = get_object_or_404(rows, pk=pk)
    back = reverse("hearing:people", args=[hearing.slug])
    by = actor(request, Role.SECRETARIAT)
    reads = member.role == Role.PANELLIST
    reader = reverse("readers:member", args=[hearing.slug, pk]) if reads else ""
    return _page(
        request, Subject.of_member(hearing, member), by, back, is_office=True, reader=reader
    )


def _secret(request: HttpRequest) -> str:
    return str(request.resolver_match.kwargs["secret"]) if request.resolver_match else ""


def _page(
    request: HttpRequest,
    subject: Subject,
    by: Actor,
    back: str,
    *,
    is_office: bool = False,
    reader: str = "",
    practice: str = "",
) -> HttpResponse:
    now = subject.protection
    sent = request.POST if request.method == "POST" else None
    form = OnAirForm(sent, initial={"camera": now.camera, "voice": now.voice})
    if form.is_valid():
        try:
            choices.choose(subject, form.protection, actor=by)
        except ChoiceRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Your choice has been saved and takes effect now."))
            return HttpResponseRedirect(back)
    context = {
        "hearing": subject.hearing,
        "form": form,
        "back": back,
        "is_office": is_office,
        "practice": practice,
        "reader": reader,
        "readings": queries.readings(UUID(hex=slot) for slot in subject.all_slots),
        "has_begun": subject.has_begun,
        "is_suggested": subject.chosen is None and bool(subject.alias),
    }
    status = 422 if form.is_bound else 200
    return render(request, "on_air/page.html", context, status=status)
