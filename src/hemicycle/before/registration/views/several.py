"""The form with which an organization registers several people at once."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import links
from hemicycle.before.registration.draft_letters import form_address
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts, facts_by_slug
from hemicycle.before.registration.several import MOST_PEOPLE, SeveralForm, submit_all
from hemicycle.before.registration.views import entry
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people import limits
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock


@sized
@never_cache
def register(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Register the people of one organization, one per row, with the organization's contact."""
    received_at = clock.now()  # the whole form is here; a later wait for the lock does not count
    facts = facts_by_slug(slug)
    if facts is None or facts.hearing.status == Hearing.Status.DRAFT:
        raise Http404
    if request.method != "POST":
        track = entry.asked_track(request, facts, TrackKind.STAKEHOLDERS)
        if track is None:
            return entry.to_choice(facts)
        if not facts.is_open(track.key, received_at):
            return entry.closed(request, facts, track)
        return _page(request, facts, SeveralForm.empty(facts, track.key))
    if "add" in request.POST:
        return _page(request, facts, SeveralForm.typed(facts, request.POST))
    form = SeveralForm.sent(facts, request.POST)
    if not form.is_valid():
        return _page(request, facts, form, status=422)
    return _send(request, facts, form, received_at)


def _send(
    request: HttpRequest, facts: Facts, form: SeveralForm, received_at: datetime
) -> HttpResponseBase:
    try:
        outcome = submit_all(
            facts=facts,
            people=form.people,
            received_at=received_at,
            may_go_on=lambda: _may_go_on(request),
        )
    except RegistrationRefused as refused:
        return entry.late(request, facts, form.people, refused)
    done = [*form.done, *(links.receipt_secret(row) for row in outcome.registered)]
    rest = replace(form, people=outcome.refused, done=done)
    if outcome.refused:
        return _page(request, facts, rest, status=409)
    context = {
        "hearing": facts.hearing,
        "registered": _registered(facts, done),
        "is_again": bool(outcome.repeated),
    }
    return render(request, "registration/several_done.html", context)


def _may_go_on(request: HttpRequest) -> bool:
    """Count one more registration from this network; the form itself counted as the first."""
    network = limits.network_of(request)
    if limits.is_free(network):
        return True
    until_ms = clock.now_ms() + limits.REGISTRATIONS_WITHIN_S * 1000
    most = limits.MOST_REGISTRATIONS
    return limits.count("register", network, most=most, until_ms=until_ms, alone=1).used <= most


def _page(
    request: HttpRequest, facts: Facts, form: SeveralForm, *, status: int = 200
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "hearing": facts.hearing,
        "facts": facts,
        "form": form,
        "address": form_address(facts.hearing, form.organization.of_track),
        "closes_at": facts.closes_at(form.organization.of_track.key),
        "registered": _registered(facts, form.done),
        "may_add": len(form.people) < MOST_PEOPLE,
    }
    return render(request, "registration/several.html", context, status=status)


def _registered(facts: Facts, keys: list[str]) -> list[tuple[str, Registration]]:
    """Return the registrations of this hearing that have these receipt keys, each with its key."""
    rows = {key: links.row_of_receipt(key) for key in keys}
    found = Registration.objects.select_related("person").filter(hearing=facts.hearing)
    by_id = found.in_bulk([row for row in rows.values() if row])
    return [(key, by_id[row]) for key, row in rows.items() if row and row in by_id]
