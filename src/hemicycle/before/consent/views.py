"""A participant's page of consents, and the secretariat's view of everybody's."""

from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.before.consent import actions, queries
from hemicycle.before.consent.labels import SHORT
from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import removals
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def page(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Show every use with its purpose and date; take one back, or give it."""
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
        "removals": list(chain.from_iterable(removals.send(registration))),
        "secret": secret,
    }
    return render(request, "consent/own.html", context)


def _asked(request: HttpRequest) -> tuple[Use | None, bool]:
    """The use that was pressed, and whether it is given; None for none that there is."""
    for name, is_given in (("give", True), ("take_back", False)):
        value = request.POST.get(name, "")
        if value in Use.values:
            return Use(value), is_given
    return None, False


def _said(is_given: bool) -> str:
    if is_given:
        return _("Noted: you agree. What was removed before stays removed.")
    return _(
        "Noted: you took this back. It leaves the pages within seconds, and recordings and "
        "archives within a minute. This page says what was removed."
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT)
def office(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show who agreed to what; take one back for somebody who asks by letter or telephone."""
    if request.method == "POST":
        use, is_given = _asked(request)
        row = get_object_or_404(Registration, hearing=hearing, pk=_id(request))
        if use is not None and not is_given:
            by = actor(request, Role.SECRETARIAT)
            done = actions.change(registration=row, use=use, is_given=False, actor=by)
            messages.success(request, _("Taken back.") if done else _("Nothing was changed."))
        return redirect("consent:office", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "uses": list(SHORT.values()),
        "rows": list(queries.overview(hearing)),
    }
    return render(request, "consent/office.html", context)


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("registration", ""))
    except ValueError:
        return UUID(int=0)
