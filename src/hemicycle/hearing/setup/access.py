"""Views of one hearing: found by its short address, open to the roles they name."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from hemicycle.hearing.people.access import roles_in
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Hearing


def public_hearing[**P](
    view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give `view(request, hearing, …)` a hearing that the public may see, or a 404."""

    @wraps(view)
    def found(
        request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        hearing = get_object_or_404(Hearing.objects.exclude(status=Hearing.Status.DRAFT), slug=slug)
        return view(request, hearing, *args, **kwargs)

    return found


def for_roles[**P](
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Give `view(request, hearing, …)` its hearing if the visitor holds one of `roles` in it.

    A visitor who has not signed in is sent to do so; a wrong role gets a 403 with a sentence.
    No browser or proxy keeps what is behind such a door.
    The view carries its `roles`, and the request those that the visitor holds, so that the
    navigation shows each person the rooms that are open to them.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Hearing, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
            hearing = get_object_or_404(Hearing, slug=slug)
            held = roles_in(request.user, hearing.id)
            if not held & set(roles):
                names = ", ".join(str(role.label) for role in roles)
                raise PermissionDenied(_("This page is for: %(roles)s.") % {"roles": names})
            request.roles = held  # type: ignore[attr-defined] # for the navigation
            response = view(request, hearing, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined] # for the navigation
        return guarded

    return decorate
