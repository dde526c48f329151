"""The page of the link to a new address: it shows the registration and one button.

The link works once, and contains no personal link that a browser could store. Pressing the button
is the first visit to the personal page.
"""

from copy import copy

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import confirming, links, queries
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.views import kept
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people import limits, private_links
from hemicycle.hearing.people.models import Organization, Person
from hemicycle.record import clock
from hemicycle.ui.templatetags.hemicycle import moment


@never_cache
@sized
def page(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show what is to be confirmed, and confirm it when the button is pressed."""
    registration = _found(key)
    if registration is None:
        return render(request, "registration/stale_link.html", status=410)
    if registration.is_confirmed:
        return _confirmed_before(request, registration)
    if request.method == "POST":
        registration = confirming.confirm(registration=registration)
        if registration.is_confirmed:
            limits.give_back("register", limits.network_of(request))  # confirmed: does not count
            secret = links.secret_of(registration)
            private_links.keep(request, secret)
            own_page = reverse("registration:personal", args=(secret,))
            return HttpResponseRedirect(f"{own_page}?confirmed=1")
    if confirming.is_overdue(registration, clock.now_ms()) or not registration.is_live:
        context = {"hearing": registration.hearing, "has_lapsed": True}
        return render(request, "registration/confirm.html", context, status=410)
    return HttpResponse(_question(request, registration))


def _found(key: str) -> Registration | None:
    """Return the registration that this address confirms or has confirmed."""
    row = links.row_of_confirmation(key)
    registration = queries.registration_by_id(row) if row else None
    return registration if registration and links.confirms(registration, key) else None


def _confirmed_before(request: HttpRequest, registration: Registration) -> HttpResponseBase:
    """Redirect the holder of the personal link to their page, and everybody else to the receipt."""
    secret = links.secret_of(registration)
    if private_links.is_kept(request, secret):
        private_links.keep(request, secret)
        return HttpResponseRedirect(reverse("registration:personal", args=(secret,)))
    receipt = links.receipt_secret(registration)
    return HttpResponseRedirect(reverse("registration:received", args=(receipt,)))


# ── The page, from a cached one ───────────────────────────────────────────────────────────────
def _question(request: HttpRequest, registration: Registration) -> str:
    """Return the page that asks, rendered once for all and filled in for each visitor."""
    hearing = registration.hearing
    inscriptions = [row for row in queries.inscriptions_of(registration) if row.is_kept]
    fills = {
        "name": escape(registration.person.name),
        "organization": escape(registration.organization.name),
        "reference": escape(registration.reference),
        "until": moment(registration.confirm_by, hearing),
        **{f"place_{at}": str(row.place) for at, row in enumerate(inscriptions)},
    }
    key = (
        *("confirm", hearing.slug, hearing.is_rehearsed, str(hearing), hearing.title),
        *(hearing.convener, hearing.time_zone),
        *((row.segment_id, row.segment.title) for row in inscriptions),
    )
    return kept.page(request, key, lambda: _written(request, registration, inscriptions), **fills)


def _written(
    request: HttpRequest, registration: Registration, inscriptions: list[Inscription]
) -> str:
    """Return the page with markers for each visitor's own values."""
    blank = copy(registration)
    blank.person = Person(name=kept.place("name"))
    blank.organization = Organization(name=kept.place("organization"))
    blank.reference = kept.place("reference")
    context = {
        "hearing": registration.hearing,
        "registration": blank,
        "places": [
            (row.segment.title, kept.place(f"place_{at}")) for at, row in enumerate(inscriptions)
        ],
        "until": kept.place("until"),
        "has_lapsed": False,
    }
    return render_to_string("registration/confirm.html", context, request)
