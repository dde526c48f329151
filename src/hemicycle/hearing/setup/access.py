"""Views of one hearing: found by its short address, open to the roles they name."""

from collections.abc import Callable
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
from hemicycle.hearing.people.access import roles_in, visitor
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.security_log import SecurityEvent
from hemicycle.ui.languages import listed
from hemicycle.ui.uploads import open_if


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
    *roles: Role, in_rooms: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Give `view(request, hearing, …)` its hearing if the visitor has one of `roles` in it.

    A visitor who has not signed in is redirected to do so; a wrong role gets a 403 with a sentence.
    Such pages are never cached. The view has the attribute `roles`, and the request those of the
    visitor, so that the navigation shows each person only what is open to them. With `in_rooms`
    the page is there for the rooms of training sessions too.
    """

    hearings = Hearing.every if in_rooms else Hearing.objects

    def may_enter(request: HttpRequest, slug: str, **others: object) -> bool:
        hearing = hearings.filter(slug=slug).first()
        return hearing is not None and bool(roles_in(visitor(request), hearing.id) & set(roles))

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
            held = roles_in(request.user, hearing.id)
            if not held & set(roles):
                _log(SecurityEvent.ACCESS_REFUSED, request, hearing)
                names = listed(role.label for role in roles)
                raise PermissionDenied(_("This page is for: %(roles)s.") % {"roles": names})
            request.roles = held  # type: ignore[attr-defined] # for the navigation
            response = view(request, hearing, *args, **kwargs)
            if response.headers.get("Content-Disposition", "").startswith("attachment"):
                _log(SecurityEvent.EXPORTED, request, hearing)
            add_never_cache_headers(response)
            return response

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined] # for the navigation
        return guarded

    return decorate


def _log(event: SecurityEvent, request: HttpRequest, hearing: Hearing) -> None:
    """Log the page's name, so that every export from an office page is logged."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    who = request.user.id.hex if isinstance(request.user, Person) else ""
    security_log.note(event, hearing=hearing.id, actor=who, what=page)
