"""Who may open what: roles in a hearing, and the actor behind a request."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from hemicycle.hearing.people.models import Person, Role
from hemicycle.record.writer import Actor

STAFF = frozenset(
    {Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN}
)


def roles_in(person: object, hearing_id: UUID) -> frozenset[Role]:
    """The roles that `person` (or an anonymous visitor) holds in a hearing."""
    if not isinstance(person, Person):
        return frozenset()
    held = person.appointments.filter(hearing_id=hearing_id).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def actor(request: HttpRequest, role: Role) -> Actor:
    """The signed-in person as the actor of an entry, in the role they act in.

    Raises `PermissionError` for a visitor who has not signed in.
    """
    if not isinstance(request.user, Person):
        raise PermissionError("nobody has signed in")
    return Actor(id=request.user.id.hex, role=role.value)


def signed_in[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Send a visitor who has not signed in to do so, and then back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
        return view(request, *args, **kwargs)

    return guarded
