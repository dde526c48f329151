"""The page that the letter to a new address leads to: what is registered, and one button."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import confirming, queries
from hemicycle.before.registration.access import by_secret
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people import limits
from hemicycle.record import clock


@never_cache
@sized
def page(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Say what is to be confirmed, and confirm it when the button is pressed."""
    registration = by_secret(secret)
    if registration is None:
        return render(request, "registration/stale_link.html", status=410)
    own_page = reverse("registration:personal", args=(secret,))
    if registration.is_confirmed:
        return HttpResponseRedirect(own_page)
    if request.method == "POST":
        registration = confirming.confirm(registration=registration)
        if registration.is_confirmed:
            limits.give_back("register", limits.network_of(request))  # it was no stranger
            return HttpResponseRedirect(f"{own_page}?confirmed=1")
    has_lapsed = confirming.is_overdue(registration, clock.now_ms()) or not registration.is_live
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "inscriptions": [row for row in queries.inscriptions_of(registration) if row.is_kept],
        "has_lapsed": has_lapsed,
    }
    status = 410 if has_lapsed else 200
    return render(request, "registration/confirm.html", context, status=status)
