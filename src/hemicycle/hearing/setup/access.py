"""Views of one hearing: found by its short address, open to the roles they name."""

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
"""How many officers a refusal names at most."""


def public_hearing[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give `view(request, hearing, …)` a hearing that the public may see, or a 404."""
    return _published(view, Hearing.objects)


def hearing_or_room[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """The same, also for the room of a training session: the view itself asks who comes."""
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

    The secretariat's role opens the page only with the duties that it `needs`: all of them, or
    `either`. Other roles need none. A visitor who has not signed in is redirected to do so; a wrong
    role or a missing duty gets a 403 with a sentence. Such pages are never cached. The view has the
    attributes `roles` and `opens_to`, and the request the visitor's `standing`, so that pages link
    only to what is open to them. With `in_rooms` the page is there for the rooms of training
    sessions too.
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


def may_open(request: HttpRequest, url: str) -> bool:
    """Whether the visitor of a guarded page may open another one; nothing is closed at no URL."""
    standing = getattr(request, "standing", HeldRoles())
    return not url or navigation.is_open(url, standing)


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
    """Who gives duties in a hearing, by name; without anybody, the operator of the site."""
    names = [officer.person.name for officer in full_officers(hearing.id)[:NAMED]]
    return listed(names) if names else _("the operator of this site")


def _log(event: SecurityEvent, request: HttpRequest, hearing: Hearing) -> None:
    """Log the page's name, so that every export from an office page is logged."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    who = request.user.id.hex if isinstance(request.user, Person) else ""
    security_log.note(event, hearing=hearing.id, actor=who, what=page)
