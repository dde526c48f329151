"""The balance adviser's page: the shares of a list, a proposal, and the decision about it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hemicycle.before.registration.list_phase import ListPhase
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.speakers import balance_notes, balancing, queries, shares
from hemicycle.before.speakers.forms import BalanceForm
from hemicycle.before.speakers.queries import SpeakerList
from hemicycle.before.speakers.views import listing_of, staff
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import balance as rules
from hemicycle.hearing.setup.access import sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.floor import floor_of


@staff
@require_http_methods(["GET", "POST"])
def balance(request: HttpRequest, hearing: Hearing, segment: UUID) -> HttpResponse:
    """Show the shares and a proposal, and accept it.

    A POST may name speakers who stay in place; the proposal then leaves them out.
    """
    listing = listing_of(hearing, segment)
    form = BalanceForm(listing, request.POST if request.method == "POST" else None)
    left = form.left
    if request.POST.get("do") == "again":
        form = BalanceForm(listing, initial={"reason": request.POST.get("reason", "")})
    elif request.method == "POST" and _is_accepted(request, listing, form):
        return redirect("speakers:balance", slug=hearing.slug, segment=segment)
    rule = rules.rule_of(hearing)
    inputs = balancing.inputs_for(listing, left)
    is_open = rule.is_on and listing.where is not ListPhase.OVER
    made = balancing.proposal(inputs) if is_open else None
    if not sees_names(request):
        queries.cover(listing.lines)
    context = {
        "hearing": hearing,
        "segment": listing.segment,
        "form": form,
        "balance": rules.in_words(hearing, rule),
        "balance_changes": rules.changes(hearing),
        "tables": shares.share_tables(listing, floor_of(listing.segment.meeting_id)),
        "proposal": made,
        "moves": balance_notes.explanation(hearing, rule, made.moves) if made else [],
        "left": [line for line in listing.on_list if line.inscription.pk.hex in left],
    }
    return render(request, "speakers/balance.html", context)


def _is_accepted(request: HttpRequest, listing: SpeakerList, form: BalanceForm) -> bool:
    if not form.is_valid():
        return False
    try:
        count = balancing.accept(
            segment=listing.segment,
            left=form.left,
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except RegistrationRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    sentence = ngettext("%(n)s speaker has been moved.", "%(n)s speakers have been moved.", count)
    messages.success(request, sentence % {"n": count})
    return True
