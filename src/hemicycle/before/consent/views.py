"""A participant's page of consents, and the secretariat's page of all consents."""

from collections.abc import Iterable
from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.before.consent import actions, queries, seats
from hemicycle.before.consent.labels import SHORT
from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import removals
from hemicycle.before.registration import covering
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing, PanelMember


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def page(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Show every use with its purpose and date, and give or withdraw consents."""
    assert request.resolver_match is not None
    secret = str(request.resolver_match.kwargs["secret"])
    if request.method == "POST":
        use, is_given = _asked(request)
        if use is not None:
            by = actor_of(registration)
            done = actions.change(registration=registration, use=use, is_given=is_given, actor=by)
            messages.success(request, _said(is_given) if done else _("Nothing was changed."))
        return redirect(f"{reverse('consent:own', args=(secret,))}#uses")
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "lines": queries.lines(registration),
        "removals": _removed(registration.hearing, queries.slots_of(registration)),
        "secret": secret,
    }
    return render(request, "consent/own.html", context)


def _removed(hearing: Hearing, slots: set[str]) -> list[str]:
    return list(chain.from_iterable(removals.send(hearing, slots)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.PANELLIST, Role.MODERATOR)
def of_seat(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the same page to a panellist or moderator, for all of their seats."""
    assert isinstance(request.user, Person)
    member = aliases.seat_of(request.user, hearing.id)
    if member is None:
        return redirect("hearing:public-name", slug=hearing.slug)
    if request.method == "POST":
        use, is_given = _asked(request)
        if use is not None:
            by = actor(request, member.seat_role)
            done = seats.change(
                hearing=hearing, member=member, use=use, is_given=is_given, actor=by
            )
            messages.success(request, _said(is_given) if done else _("Nothing was changed."))
        return redirect(f"{reverse('consent:seat', args=(hearing.slug,))}#uses")
    own = aliases.seats_of(member, hearing.id)
    context = {
        "hearing": hearing,
        "member": member,
        "lines": seats.lines(own),
        "presents": seats.uses(own) == seats.PANELLIST_USES,
        "removals": _removed(hearing, {seat.pk.hex for seat in own}),
    }
    return render(request, "consent/seat.html", context)


def _asked(request: HttpRequest) -> tuple[Use | None, bool]:
    """Return the use that the form names, or None, and whether consent to it is given."""
    for name, is_given in (("give", True), ("take_back", False)):
        value = request.POST.get(name, "")
        if value in Use.values:
            return Use(value), is_given
    return None, False


def _said(is_given: bool) -> str:
    if is_given:
        return _("You have given your consent. What was removed before stays removed.")
    return _(
        "You have withdrawn your consent. The content is removed from pages within seconds, "
        "and from recordings and archives within a minute. This page shows what was removed."
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.MEDIA})
def office(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show consents; record the withdrawal of one by letter or telephone."""
    if request.method == "POST":
        use, is_given = _asked(request)
        if use is not None and not is_given:
            done = _take_back(request, hearing, use)
            messages.success(
                request, _("Consent withdrawn.") if done else _("Nothing was changed.")
            )
        return redirect("consent:office", slug=hearing.slug)
    found = list(queries.overview(hearing))
    asked = {line.use for _registration, lines in found for line in lines}
    columns = [use for use in Use if use in asked]
    members = list(seats.overview(hearing))
    if not sees_names(request):
        covering.cover((row for row, _lines in found), as_organization=True)
        for member, _lines in members:
            member.name = member.alias or member.name
        # The query's order is that of the real names, which would reveal them.
        found.sort(key=lambda row: (row[0].organization.name.casefold(), row[0].pk))
    context = {
        "hearing": hearing,
        "uses": [SHORT[use] for use in columns],
        "rows": [(registration, _in_columns(lines, columns)) for registration, lines in found],
        "seat_uses": [SHORT[use] for use in seats.PANELLIST_USES],
        "seats": [(member, _in_columns(own, seats.PANELLIST_USES)) for member, own in members],
    }
    return render(request, "consent/office.html", context)


def _in_columns(
    lines: Iterable[queries.ConsentLine], columns: Iterable[Use]
) -> list[queries.ConsentLine | None]:
    """Return a cell for each use; None where the use does not apply."""
    by_use = {line.use: line for line in lines}
    return [by_use.get(use) for use in columns]


def _take_back(request: HttpRequest, hearing: Hearing, use: Use) -> bool:
    by = actor(request, Role.SECRETARIAT)
    if "member" in request.POST:
        found = PanelMember.objects.filter(segment__meeting__hearing=hearing)
        member = get_object_or_404(found, pk=_id(request, "member"))
        return seats.change(hearing=hearing, member=member, use=use, is_given=False, actor=by)
    row = get_object_or_404(Registration, hearing=hearing, pk=_id(request, "registration"))
    return actions.change(registration=row, use=use, is_given=False, actor=by)


def _id(request: HttpRequest, field: str) -> UUID:
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        return UUID(int=0)
