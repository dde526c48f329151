"""The personal page and its actions; the co-signer's page."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hemicycle.before.registration import (
    aliases,
    calendars,
    changes,
    next_step,
    pending,
    queries,
    signals,
    waiting,
)
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import CoSigner, Inscription, PendingChange, Registration
from hemicycle.before.registration.page_forms import (
    AliasForm,
    DetailsForm,
    EraseForm,
    LinkForm,
    ReplaceForm,
    WithdrawForm,
)
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.registration.views import kept, receipts
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.registration.views.received import receipt_file, waits_shown
from hemicycle.hearing.setup.signals import personal_holdings
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

LONG_NAME = 60
"""Names with more characters than this are set in smaller type."""


@require_GET
@personal
def page(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Show everything about one registration: its receipt, its place and the possible actions."""
    inscriptions = queries.inscriptions_of(registration)
    cards = _cards(request, registration)
    seat = _seat(request, registration, inscriptions)
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "step": next_step.next_step(
            registration,
            inscriptions,
            cards,
            seat=seat,
            calendar=reverse("registration:calendar", args=(_secret(request),)),
        ),
        "inscriptions": inscriptions,
        "receipts": receipts.receipts_of(registration, inscriptions, _secret(request)),
        "has_long_name": len(registration.person.name) > LONG_NAME,
        **_about_others(registration, inscriptions),
        "waits": waits_shown(registration, inscriptions),
        "cards": cards,
        "seat": seat,
        "secret": _secret(request),
        "is_confirmed": "confirmed" in request.GET,
        "has_list": facts_of(registration.hearing).has_list,
        "public": registration.public_identity(registration.person),
    }
    return _framed(request, registration, context)


def _about_others(registration: Registration, inscriptions: list[Inscription]) -> dict[str, Any]:
    co_signers = list(registration.co_signers.all()) if inscriptions else []
    similar = queries.similar_keys(registration, inscriptions, co_signers)
    return {"co_signers": co_signers, "has_similar": bool(similar)}


def _framed(
    request: HttpRequest, registration: Registration, context: dict[str, Any]
) -> HttpResponse:
    """Return the page in its frame, which is the same for everyone and cached."""
    main = render_to_string("registration/personal_main.html", context, request)
    hearing = registration.hearing
    frame = {"hearing": hearing, "main": kept.place("main")}
    html = kept.page(
        request,
        (
            *("personal", hearing.slug, hearing.is_rehearsed, str(hearing)),
            *(hearing.convener, hearing.time_zone),
        ),
        lambda: render_to_string("registration/personal.html", frame, request),
        main=main,
    )
    return HttpResponse(html)


def _cards(request: HttpRequest, registration: Registration) -> list[signals.Card]:
    cards = filter(None, signals.personal_cards.send(request, registration))
    return sorted(cards, key=lambda card: card.order)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


def _seat(request: HttpRequest, registration: Registration, inscriptions: list[Inscription]) -> str:
    """Return the address of the seat of a speaker who takes part and is on a list."""
    is_speaker = registration.takes_part and any(row.is_on_list for row in inscriptions)
    if not is_speaker:
        return ""
    return reverse("room:seat", args=(registration.hearing.slug, _secret(request)))


@require_GET
@personal
def receipt(request: HttpRequest, registration: Registration, seq: int) -> HttpResponseBase:
    """Download a signed receipt."""
    return receipt_file(request, registration, seq)


@require_GET
@personal
def calendar(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Return the participant's panels, or else the hearing's meetings, as a calendar file."""
    inscriptions = [row for row in queries.inscriptions_of(registration) if row.is_on_list]
    text = calendars.write(registration, inscriptions, facts_of(registration.hearing))
    disposition = f'attachment; filename="{registration.hearing.slug}.ics"'
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


def back(request: HttpRequest, sentence: str) -> HttpResponseRedirect:
    """Redirect to the personal page, with a sentence that says what was done."""
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("registration:personal", args=(_secret(request),)))


def form_page(
    request: HttpRequest, template: str, registration: Registration, form: Any, **more: Any
) -> HttpResponseBase:
    """Show a page under the personal page, with its form."""
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "form": form,
        "secret": _secret(request),
        **more,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, f"registration/{template}.html", context, status=status)


@sized
@personal
def details(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Correct one's own details, until the deadline."""
    received_at = clock.now()
    facts = facts_of(registration.hearing)
    if not registration.is_live or not facts.is_open(registration.track, received_at):
        return form_page(
            request, "details", registration, None, closes_at=facts.closes_at(registration.track)
        )
    if request.method != "POST":
        return form_page(
            request, "details", registration, DetailsForm(facts, initial=_details_of(registration))
        )
    form = DetailsForm(facts, request.POST)
    if form.is_valid():
        try:
            changed = changes.correct(
                registration=registration,
                facts=facts,
                data=form.cleaned_data,
                received_at=received_at,
                actor=actor_of(registration),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _("Your details have been corrected.") if changed else _("Nothing was changed.")
            return back(request, said)
    return form_page(request, "details", registration, form)


def _details_of(registration: Registration) -> dict[str, Any]:
    own = {name: getattr(registration, name) for name in changes.OWN_FIELDS}
    return own | {name: getattr(registration.person, name) for name in changes.PERSON_FIELDS}


@sized
@personal
def replace(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Ask another person to speak for the organization; nothing changes until they confirm."""
    kind = PendingChange.Kind.SPEAKER
    if request.POST.get("cancel") == kind:
        pending.cancel(registration=registration, kind=kind, actor=actor_of(registration))
        return back(request, _("The change has been cancelled. Nothing was changed."))
    form = ReplaceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = pending.ask(
                registration=registration,
                kind=kind,
                actor=actor_of(registration),
                **form.cleaned_data,
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            context = {
                "hearing": registration.hearing,
                "change": change,
                "secret": _secret(request),
            }
            return render(request, "registration/replaced.html", context)
    waiting = registration.pending_changes.filter(kind=kind).first()
    return form_page(request, "replace", registration, form, waiting=waiting)


@sized
@personal
def public_name(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Set, change or remove one's own alias."""
    if not registration.is_live:
        return form_page(request, "public_name", registration, None)
    sent = request.POST if "alias" in request.POST else None  # only a sent field may remove it
    form = AliasForm(sent, initial={"alias": registration.alias})
    if form.is_valid():
        try:
            current = aliases.set_alias(
                registration=registration, actor=actor_of(registration), **form.cleaned_data
            )
        except RegistrationRefused as refused:
            form.add_error(refused.field or None, refused.sentence)
        else:
            return back(request, _now_called(current))
    return form_page(request, "public_name", registration, form)


def _now_called(registration: Registration) -> str:
    if not registration.alias:
        return _("You no longer have an alias. The public may see your name.")
    return _("From now on the public sees “%(alias)s”.") % {"alias": registration.alias}


WHOLE = "whole"


@sized
@personal
def withdraw(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Withdraw the whole registration or the place in a panel; this is final."""
    inscriptions = [row for row in queries.inscriptions_of(registration) if row.is_on_list]
    waits = [wait.segment for wait in waiting.waits_of(registration) if wait.segment]
    panels = [*(inscription.segment for inscription in inscriptions), *waits]
    offered = [
        (
            panel.id.hex,
            _("The place on the list of speakers of “%(panel)s”") % {"panel": panel.title},
        )
        for panel in panels
    ]
    offered.append((WHOLE, _("The whole registration")))
    form = WithdrawForm(offered, request.POST if request.method == "POST" else None)
    if form.is_valid():
        what = form.cleaned_data["what"]
        try:
            changes.withdraw(
                registration=registration,
                segments=tuple(panel.id for panel in panels if panel.id.hex == what),
                reason=form.cleaned_data["reason"],
                actor=actor_of(registration),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            return back(request, _("The withdrawal has been recorded."))
    return form_page(request, "withdraw", registration, form)


@sized
@personal
def erase(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Erase one's own data.

    Before, the page shows what is deleted and what stays; afterwards, it confirms the erasure.
    """
    hearing, person = registration.hearing, registration.person
    holdings = list(chain.from_iterable(personal_holdings.send(hearing, person)))
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            changes.erase(registration=registration, actor=actor_of(registration))
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            return _erased(request, registration, holdings)
    return form_page(request, "erase", registration, form, holdings=holdings)


def _erased(
    request: HttpRequest, registration: Registration, holdings: list[str]
) -> HttpResponseBase:
    """Show the last page of the link, which is shown only once."""
    hearing, person = registration.hearing, registration.person_id.hex
    entry = Entry.objects.filter(hearing=hearing.pk, kind="person.erased", body__contains=person)
    context = {
        "hearing": hearing,
        "holdings": holdings,
        "is_complete": not erasure.unfinished(hearing.pk).filter(person=person).exists(),
        "seq": entry.values_list("seq", flat=True).last(),
    }
    return render(request, "registration/erased.html", context)


@never_cache
@sized
def ask_again(request: HttpRequest) -> HttpResponseBase:
    """Send a personal link for a reference and an address; the answer is the same for everyone."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    sent = form.is_valid()
    if sent:
        found = Registration.objects.select_related("hearing", "person").filter(
            reference=form.cleaned_data["reference"],
            person__email__iexact=form.cleaned_data["email"],
        )
        for registration in found:
            changes.resend_link(registration=registration)
    status = 422 if form.is_bound and not sent else 200
    return render(
        request, "registration/ask_again.html", {"form": form, "sent": sent}, status=status
    )


# ── Co-signers ────────────────────────────────────────────────────────────────────────────────
ANSWERS = {"agree": CoSigner.State.CONSENTED, "decline": CoSigner.State.DECLINED}


@never_cache
@sized
def co_sign(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show the request to a co-signer, and receive the answer and the alias."""
    co_signer = queries.co_signer_by(secret)
    if co_signer is None:
        return render(request, "registration/stale_link.html", {"co_signer": True}, status=410)
    answer, problem = ANSWERS.get(request.POST.get("answer", "")), ""
    named = request.POST if "alias" in request.POST else None
    form = AliasForm(named, initial={"alias": co_signer.alias})
    if request.method == "POST" and answer is not None:
        try:
            changes.answer_co_signing(co_signer=co_signer, state=answer)
        except RegistrationRefused as refused:
            problem = refused.sentence
        else:
            return HttpResponseRedirect(request.path)
    elif form.is_valid():
        try:
            by = Actor(id=co_signer.id.hex, role="co-signer")
            aliases.set_co_signer_alias(co_signer=co_signer, actor=by, **form.cleaned_data)
        except RegistrationRefused as refused:
            form.add_error("alias", refused.sentence)
        else:
            return HttpResponseRedirect(request.path)
    return _co_sign_page(request, co_signer, form, problem)


def _co_sign_page(
    request: HttpRequest, co_signer: CoSigner, form: AliasForm, problem: str
) -> HttpResponseBase:
    registration = co_signer.registration
    inscriptions = queries.inscriptions_of(registration)
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "co_signer": co_signer,
        "inscriptions": [row for row in inscriptions if row.is_on_list],
        "may_answer": registration.is_live and not changes.has_begun(registration, clock.now()),
        "form": form,
        "problem": problem,
    }
    status = 409 if problem else 422 if form.is_bound else 200
    return render(request, "registration/co_sign.html", context, status=status)
