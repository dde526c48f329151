"""Naming a reader, behind a personal link, at one's seat or at the office; the reader's page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.before.readers import actions, places, queries
from hemicycle.before.readers.actions import ReaderRefused
from hemicycle.before.readers.forms import AgreeForm, NameForm
from hemicycle.before.readers.places import ReadingPlace
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record.writer import Actor
from hemicycle.ui.uploads import open_if

METHODS = ["GET", "HEAD", "POST"]


@sized
@personal
def by_link(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Let a participant name their own reader."""
    secret = str(request.resolver_match.kwargs["secret"]) if request.resolver_match else ""
    if not registration.is_live:
        return redirect("registration:personal", secret)
    found = places.of_registration(registration)
    back = reverse("on_air:personal", args=(secret,))
    return _page(request, registration.hearing, found, actor_of(registration), back)


@never_cache
@for_roles(Role.PANELLIST)
@require_http_methods(METHODS)
def of_seat(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Let a panellist name their own reader."""
    assert isinstance(request.user, Person)
    member = aliases.seat_of(request.user, hearing.id)
    if member is None:
        return redirect("hearing:public-name", slug=hearing.slug)
    found = places.of_member(hearing, member)
    back = reverse("on_air:seat", args=(hearing.slug,))
    return _page(request, hearing, found, actor(request, Role.PANELLIST), back)


@never_cache
@for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
@require_http_methods(METHODS)
def of_registration(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Let the office name a participant's reader."""
    registration = get_object_or_404(Registration, hearing=hearing, pk=pk)
    found = places.of_registration(registration)
    back = reverse("on_air:registration", args=(hearing.slug, pk))
    return _page(request, hearing, found, actor(request, Role.SECRETARIAT), back)


@never_cache
@for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
@require_http_methods(METHODS)
def of_member(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Let the office name a panellist's reader."""
    rows = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    found = places.of_member(hearing, get_object_or_404(rows, pk=pk))
    back = reverse("on_air:member", args=(hearing.slug, pk))
    return _page(request, hearing, found, actor(request, Role.SECRETARIAT), back)


def _page(
    request: HttpRequest, hearing: Hearing, found: list[ReadingPlace], by: Actor, back: str
) -> HttpResponse:
    """Show each place with its reader, or the form that names one."""
    chosen = _chosen(request, found)
    forms = {
        place.slot: NameForm(
            request.POST if place is chosen and "name" in request.POST else None,
            auto_id=f"{place.slot.hex}-%s",
        )
        for place in found
        if place.reader is None
    }
    problem = ""
    if chosen is not None:
        try:
            done = _do(request, chosen, forms.get(chosen.slot), by)
        except ReaderRefused as refused:
            done, problem = "", refused.sentence
        if done:
            messages.success(request, done)
            return HttpResponseRedirect(request.path)
    lines = [{"place": place, "form": forms.get(place.slot)} for place in found]
    context = {
        "hearing": hearing,
        "lines": lines,
        "back": back,
        "problem": problem,
        "is_office": by.role == Role.SECRETARIAT,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "readers/page.html", context, status=status)


def _chosen(request: HttpRequest, found: list[ReadingPlace]) -> ReadingPlace | None:
    slot = request.POST.get("slot", "")
    return next((place for place in found if place.slot.hex == slot), None)


def _do(request: HttpRequest, place: ReadingPlace, form: NameForm | None, by: Actor) -> str:
    """Name a reader or take the seat back; return the message, or "" for an invalid form."""
    if "take_back" in request.POST:
        if place.reader is None:
            raise ReaderRefused(_("The seat has been taken back. You can no longer read from it."))
        actions.take_back(reader=place.reader, place=place, actor=by)
        return _("The seat has been taken back. The reader’s link no longer works.")
    if form is None:
        raise ReaderRefused(_("A reader has already been named. Take the seat back first."))
    if not form.is_valid():
        return ""
    actions.name(place=place, actor=by, **form.cleaned_data)
    return _("We have written to the reader. The seat stays yours until they agree.")


@open_if(queries.is_known)
@never_cache
@sized
@require_http_methods(METHODS)
def reader(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show the reader's own page: the request, their answer, the link to the seat."""
    found = queries.by_secret(secret)
    place = places.of_reader(found) if found else None
    if found is None or place is None:
        return render(request, "readers/closed.html", status=410)
    form = AgreeForm(initial={"may_be_named": found.may_be_named})
    problem = ""
    if request.method == "POST":
        try:
            if "decline" in request.POST:
                actions.take_back(reader=found, place=place, actor=actions.actor_of(found))
                return render(request, "readers/closed.html", {"has_declined": True})
            form = AgreeForm(request.POST)
            form.is_valid()
            named = bool(form.cleaned_data["may_be_named"])
            actions.confirm(reader=found, place=place, may_be_named=named)
        except ReaderRefused as refused:
            problem = refused.sentence
        else:
            return HttpResponseRedirect(request.path)
    context: dict[str, Any] = {
        "hearing": place.hearing,
        "place": place,
        "reader": found,
        "form": form,
        "problem": problem,
        "seat": queries.seat_url(found, secret),
    }
    return render(request, "readers/reader.html", context, status=422 if problem else 200)
