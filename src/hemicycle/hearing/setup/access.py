"""Decorators for views of one hearing: they find it by its short address and check roles."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Manager
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from hemicycle import security_log
from hemicycle.hearing.people.access import HeldRoles, standing_in, visitor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Duty, Person, Role
from hemicycle.hearing.people.officers import full_officers
from hemicycle.hearing.setup.models import Hearing
from hemicycle.security_log import SecurityEvent
from hemicycle.ui import navigation
from hemicycle.ui.languages import listed
from hemicycle.ui.uploads import open_if

NAMED = 3
"""The most officers that a refusal names."""


def public_hearing[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give `view(request, hearing, …)` a hearing that the public may see, or a 404."""
    return _published(view, Hearing.objects)


def hearing_or_room[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Like `public_hearing`, but also for training rooms; the view itself checks the visitor."""
    return _published(view, Hearing.every)


def _published[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
    hearings: Manager[Hearing],
) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def found(
        request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        hearing = get_object_or_404(hearings.exclude(status=Hearing.Status.DRAFT), slug=slug)
        return view(request, hearing, *args, **kwargs)

    return found


def for_roles[**P](
    *roles: Role, needs: Collection[Duty] = (), either: bool = False, in_rooms: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Give `view(request, hearing, …)` its hearing if the visitor has one of `roles` in it.

    The secretariat's role opens the page only with the duties that it `needs`: all of them, or with
    `either` one of them. Other roles need none. A visitor who has not signed in is redirected to
    the sign-in page; a wrong role or a missing duty raises `PermissionDenied` with a sentence. The
    pages are never cached. The view gets the attributes `roles` and `opens_to`, and the request
    gets the visitor's `standing`, so that pages link only to pages that the visitor may open. With
    `in_rooms`, the page exists for the rooms of training sessions too.
    """

    hearings = Hearing.every if in_rooms else Hearing.objects
    wanted, needed = frozenset(roles), frozenset(needs)

    def opens_to(standing: HeldRoles) -> bool:
        held = needed & standing.duties if either else needed
        return not standing.roles_for(held or needed).isdisjoint(wanted)

    def may_enter(request: HttpRequest, slug: str, **others: object) -> bool:
        hearing = hearings.filter(slug=slug).first()
        return hearing is not None and opens_to(standing_in(visitor(request), hearing.id))

    def decorate(
        view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @open_if(may_enter)
        @wraps(view)
        def guarded(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
            hearing = get_object_or_404(hearings, slug=slug)
            standing = standing_in(request.user, hearing.id)
            request.standing = standing  # type: ignore[attr-defined] # for the navigation
            if not opens_to(standing):
                _log(SecurityEvent.ACCESS_REFUSED, request, hearing)
                lacking = [duty for duty in Duty if duty in needed - standing.duties]
                asked = lacking[:1] if either else lacking
                raise PermissionDenied(_refusal(hearing, standing, roles, asked, needed))
            response = view(request, hearing, *args, **kwargs)
            if response.headers.get("Content-Disposition", "").startswith("attachment"):
                _log(SecurityEvent.EXPORTED, request, hearing)
            add_never_cache_headers(response)
            return response

        guarded.opens_to = opens_to  # type: ignore[attr-defined] # for the navigation
        guarded.roles = wanted  # type: ignore[attr-defined] # likewise
        return guarded

    return decorate


def standing_of(request: HttpRequest) -> HeldRoles:
    """Return the standing of the visitor of a guarded page."""
    standing: HeldRoles = getattr(request, "standing", HeldRoles())
    return standing


def may_open(request: HttpRequest, url: str) -> bool:
    """Whether the visitor of a guarded page may open another page; true if `url` is empty."""
    return not url or navigation.is_open(url, standing_of(request))


def sees_names(request: HttpRequest) -> bool:
    """Whether the visitor of a guarded page may know the person behind an alias."""
    return standing_of(request).sees_names


def check_sees_names(request: HttpRequest, hearing: Hearing) -> None:
    """Refuse an officer without the duty *protected data*, for data about a person with an alias.

    Raises `PermissionDenied` with the sentence of a refused page.
    """
    if not sees_names(request):
        _log(SecurityEvent.ACCESS_REFUSED, request, hearing)
        asked = frozenset({Duty.PROTECTED})
        office = {Role.SECRETARIAT}
        raise PermissionDenied(_refusal(hearing, standing_of(request), office, asked, asked))


def _refusal(
    hearing: Hearing,
    standing: HeldRoles,
    roles: Collection[Role],
    lacking: Collection[Duty],
    needed: frozenset[Duty],
) -> str:
    if standing.roles.isdisjoint(roles):
        names = listed(role.label for role in roles)
        return _("This page is for: %(roles)s.") % {"roles": names}
    officers = _whom_to_ask(hearing)
    if needed == WHOLE_OFFICE:
        said = _("This page is for officers with all duties. Ask %(officers)s.")
        return said % {"officers": officers}
    said = _("This page needs the duty: %(duties)s. Ask %(officers)s.")
    return said % {"duties": listed(duty.label for duty in lacking), "officers": officers}


def _whom_to_ask(hearing: Hearing) -> str:
    """Return the names of officers who can give duties; without any, the operator of the site."""
    names = [officer.person.name for officer in full_officers(hearing.id)[:NAMED]]
    return listed(names) if names else _("the operator of this site")


def _log(event: SecurityEvent, request: HttpRequest, hearing: Hearing) -> None:
    """Log the page's name, so that every export from an office page is logged."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    who = request.user.id.hex if isinstance(request.user, Person) else ""
    security_log.note(event, hearing=hearing.id, actor=who, what=page)
