"""Who may open which page: roles in a hearing, and the actor of a request."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.record.writer import Actor
from hemicycle.ui.uploads import open_if

STAFF = frozenset(
    {Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN}
)


def appointments_of(person: Person) -> QuerySet[Appointment]:
    """Return the appointments of a person that are valid in the present session.

    A role that was accepted by a letter is valid only in sessions that began then or later.
    """
    held = person.appointments.all()
    if person.session_began is None:
        return held
    return held.filter(Q(accepted_at=None) | Q(accepted_at__lte=person.session_began))


@dataclass(frozen=True, slots=True)
class HeldRoles:
    """The roles of a person in a hearing, and their duties if they are an officer."""

    roles: frozenset[Role] = frozenset()
    duties: frozenset[Duty] = frozenset()

    @property
    def has_whole_office(self) -> bool:
        """Whether they are an officer with all duties."""
        return self.duties == WHOLE_OFFICE

    @property
    def sees_names(self) -> bool:
        """Whether they are an officer who may know the person behind an alias."""
        return Duty.PROTECTED in self.duties

    def roles_for(self, needs: Collection[Duty] = ()) -> frozenset[Role]:
        """Return the roles in which they may act: secretariat only with the duties in `needs`."""
        if self.duties.issuperset(needs):
            return self.roles
        return self.roles - {Role.SECRETARIAT}


def standing_in(person: object, hearing_id: UUID) -> HeldRoles:
    """Return the standing of `person` (or an anonymous visitor) in a hearing."""
    if not isinstance(person, Person):
        return HeldRoles()
    held = list(appointments_of(person).filter(hearing_id=hearing_id))
    duties = frozenset[Duty]().union(*(appointment.held_duties for appointment in held))
    return HeldRoles(frozenset(Role(appointment.role) for appointment in held), duties)


def may_convene(person: Person) -> bool:
    """Whether a person may convene hearings: members of a secretariat and administrators may."""
    if person.is_administrator:
        return True
    return appointments_of(person).filter(role=Role.SECRETARIAT).exists()


def roles_in(person: object, hearing_id: UUID, *, needs: Collection[Duty] = ()) -> frozenset[Role]:
    """Return the roles of `person` (or an anonymous visitor) in a hearing.

    The secretariat's role is among them only if they have the duties that it `needs`.
    """
    return standing_in(person, hearing_id).roles_for(needs)


def sessions_in(hearing_id: UUID, ids: Iterable[UUID], roles: Iterable[Role]) -> set[UUID]:
    """Return the ids of those sessions that are alive and whose person holds one of `roles`."""
    held = Appointment.objects.filter(
        Q(accepted_at=None) | Q(accepted_at__lte=OuterRef("began_at")),
        person=OuterRef("person"),
        hearing_id=hearing_id,
        role__in=list(roles),
    )
    return set(sessions.alive(ids).filter(Exists(held)).values_list("pk", flat=True))


def actor(request: HttpRequest, role: Role) -> Actor:
    """Return the signed-in person as the actor of an entry, in their role.

    Raises `PermissionError` for a visitor who has not signed in.
    """
    if not isinstance(request.user, Person):
        raise PermissionError("nobody has signed in")
    return Actor(id=request.user.id.hex, role=role.value)


def visitor(request: HttpRequest) -> object:
    """Return the person who makes a request, looked up in the session without any middleware."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return get_user(request)


def _is_administrator(request: HttpRequest, **others: object) -> bool:
    person = visitor(request)
    return isinstance(person, Person) and person.is_administrator


def for_administrators[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Open a page to the site's administrators; ask others to sign in, or refuse them."""

    @open_if(_is_administrator)
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, Person):
            return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
        if not request.user.is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _has_signed_in(request: HttpRequest, **others: object) -> bool:
    return isinstance(visitor(request), Person)


def signed_in[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Redirect a visitor who has not signed in to the sign-in page, and afterwards back."""

    @open_if(_has_signed_in)
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("people:sign-in"))
        return view(request, *args, **kwargs)

    return guarded
