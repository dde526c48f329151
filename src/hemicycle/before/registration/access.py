"""Which registration a page is about: by its personal link, or by its id for an officer."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people import private_links
from hemicycle.hearing.people.models import Role, TrackKind
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.access import check_sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.compiled import CompiledQuery
from hemicycle.record.writer import Actor
from hemicycle.ui import times
from hemicycle.ui.uploads import open_if

ROLES = {TrackKind.MISSIONS.value: Role.MISSION, TrackKind.STAKEHOLDERS.value: Role.STAKEHOLDER}
"""The role that registering gives, by the kind of the track."""


_by_link = CompiledQuery(
    lambda link_hash: (
        Registration.objects.filter(link_hash=link_hash)
        .select_related("hearing", "person", "organization", "category")
        .order_by()
    ),
    link_hash=str,
)


def by_secret(secret: str) -> Registration | None:
    """Return the registration that a personal link opens, with its related rows."""
    return _by_link.first(link_hash=hash_secret(secret))


def _is_known(request: HttpRequest, secret: str, **others: object) -> bool:
    return by_secret(private_links.secret_of(request, secret)) is not None


def personal[**P](
    view: Callable[Concatenate[HttpRequest, Registration, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give `view(request, registration, …)` the registration of the `secret` in its address.

    The page shows times in the person's own zone, if it is known. An invalid link (incomplete,
    revoked, erased) gets a 410 and a way to a new link. Until the registration has been confirmed,
    all its addresses redirect to the page that confirms it.
    """

    @open_if(_is_known)
    @never_cache
    @wraps(view)
    def found(
        request: HttpRequest, secret: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        registration = by_secret(secret)
        if registration is None:
            return render(request, "registration/stale_link.html", status=410)
        if not registration.is_confirmed:
            key = links.confirmation_secret(registration)
            return HttpResponseRedirect(reverse("registration:confirm", args=(key,)))
        with times.reading_in(registration.person.time_zone):
            return view(request, registration, *args, **kwargs)

    return found


def for_officer(request: HttpRequest, hearing: Hearing, pk: UUID) -> Registration:
    """Return a registration for an officer. Raises `Http404` if there is none.

    Raises `PermissionDenied` if it has an alias and the officer lacks the duty *protected data*.
    """
    related = ("hearing", "person", "organization", "category")
    rows = Registration.objects.select_related(*related)
    found = get_object_or_404(rows, hearing=hearing, pk=pk)
    if found.alias:
        check_sees_names(request, hearing)
    return found


def actor_of(registration: Registration) -> Actor:
    """Return the actor for the registered person, who acts through the personal link."""
    return Actor(id=registration.person_id.hex, role=ROLES[registration.kind].value)
