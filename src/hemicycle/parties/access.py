"""Who may open what: roles in a hearing, and the actor behind a request."""

from uuid import UUID

from django.http import HttpRequest

from hemicycle.parties.models import Person, Role
from hemicycle.record.gate import Actor

STAFF = frozenset({Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER, Role.TECHNICIAN})


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
