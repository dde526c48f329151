"""Pages on which a participant corrects the address, the panels and the co-signers."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import co_signer_rows, editing, joining, links, pending
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import PendingChange, Registration
from hemicycle.before.registration.office_forms import CoSignersForm
from hemicycle.before.registration.page_forms import AddressForm, PanelsForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.registration.views.personal import back, form_page
from hemicycle.hearing.people import private_links
from hemicycle.record import clock

Kind = PendingChange.Kind


@sized
@personal
def address(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Correct the e-mail address; nothing changes until the new address confirms it."""
    if request.POST.get("cancel") == Kind.EMAIL:
        pending.cancel(registration=registration, kind=Kind.EMAIL, actor=actor_of(registration))
        return back(request, _("The change has been cancelled. Nothing was changed."))
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = pending.ask(
                registration=registration,
                kind=Kind.EMAIL,
                email=form.cleaned_data["email"],
                actor=actor_of(registration),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _(
                "We have sent a link to %(email)s. Open it and press “Confirm” to change your "
                "e-mail address."
            )
            return back(request, said % {"email": change.email})
    waiting = registration.pending_changes.filter(kind=Kind.EMAIL).first()
    return form_page(request, "address", registration, form, waiting=waiting)


@sized
@personal
def panels(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Ask for the floor in other panels, until the deadline."""
    received_at, facts = clock.now(), facts_of(registration.hearing)
    closes_at = facts.closes_at(registration.track)
    may = registration.is_live and facts.has_list
    if not may or not facts.is_open(registration.track, received_at):
        return form_page(request, "panels", registration, None, closes_at=closes_at)
    held = [str(panel) for panel in editing.panels_of(registration)]
    sent = request.POST if request.method == "POST" else None
    form = PanelsForm(facts, registration, sent, initial={"segments": held})
    if form.is_valid():
        try:
            changed = editing.choose_panels(
                registration=registration,
                facts=facts,
                wanted=form.cleaned_data["segments"],
                received_at=received_at,
                actor=actor_of(registration),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _("Your panels have been changed.") if changed else _("Nothing was changed.")
            return back(request, said)
    return form_page(request, "panels", registration, form, closes_at=closes_at)


@sized
@personal
def co_signers(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Name the organizations that are asked to join the intervention."""
    if not registration.is_live or not registration.wishes_to_intervene:
        return form_page(request, "co_signers", registration, None)
    form = co_signers_form(registration, request, shows_all=False)
    if form.is_valid():
        try:
            changed = joining.set_co_signers(
                registration=registration, named=form.named(), actor=actor_of(registration)
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _("The co-signers have been changed.") if changed else _("Nothing was changed.")
            return back(request, said)
    return form_page(request, "co_signers", registration, form)


def co_signers_form(
    registration: Registration, request: HttpRequest, *, shows_all: bool
) -> CoSignersForm:
    """Return the form: as it was sent, or with the co-signers that are named now.

    Without `shows_all`, it leaves out the addresses that only the secretariat may read.
    """
    held = list(registration.co_signers.all())
    rows = co_signer_rows.names_of(max(co_signer_rows.MOST, len(held)))
    hidden = {
        row.organization_key: row.email for row in held if not (shows_all or row.shows_address)
    }
    form = partial(CoSignersForm, registration.organization.name, rows, hidden=hidden)
    if request.method != "POST":
        initial: dict[str, Any] = {}
        for (organization, email), row in zip(rows, held, strict=False):
            shown = "" if row.organization_key in hidden else row.email
            initial |= {organization: row.organization_name, email: shown}
        return form(initial=initial)
    if (typed := co_signer_rows.changed(request.POST, rows)) is not None:
        return form(initial={name: said[-1] for name, said in typed.items()})
    return form(request.POST)


# ── The other mailbox ─────────────────────────────────────────────────────────────────────────
@never_cache
@sized
def change(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show what is to be confirmed, and carry it out when the button is pressed."""
    found = pending.find(key)
    if found is None:
        return render(request, "registration/stale_link.html", status=410)
    problem = ""
    if request.method == "POST":
        try:
            registration = pending.confirm(change=found)
        except RegistrationRefused as refused:
            problem = refused.sentence
        else:
            if registration is None:
                return render(request, "registration/stale_link.html", status=410)
            secret = links.secret_of(registration)
            private_links.keep(request, secret)
            return HttpResponseRedirect(reverse("registration:personal", args=(secret,)))
    context = {
        "hearing": found.registration.hearing,
        "registration": found.registration,
        "change": found,
        "is_speaker": found.kind == Kind.SPEAKER,
        "problem": problem,
    }
    status = 409 if problem else 200
    return render(request, "registration/change.html", context, status=status)
