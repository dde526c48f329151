"""The person of a request: the one who signed in, while their session lasts."""

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hemicycle.hearing.people import second_factor, sessions
from hemicycle.hearing.people.models import Person


class PeopleMiddleware(AuthenticationMiddleware):
    """Django's middleware, with our limits on time and on what a session has proved.

    A page that never uses the person costs no query.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`, looked up when it is first used."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]


def _person(request: HttpRequest) -> Person | AnonymousUser:
    person = get_user(request)
    if not isinstance(person, Person):
        return AnonymousUser()
    if sessions.is_over(request):
        sessions.end_own(request)
        return AnonymousUser()
    # A role may have been given after the session began, and to somebody who takes part only no
    # second factor is asked of: so it is looked at here, not where people sign in.
    if not second_factor.is_strong(request) and second_factor.concerns(person):
        return AnonymousUser()
    sessions.seen(request)
    person.session_began = sessions.began(request)
    return person
