"""The person of a request: the person who has signed in, for as long as their session lasts."""

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hemicycle.hearing.people import second_factor, sessions
from hemicycle.hearing.people.models import Person


class PeopleMiddleware(AuthenticationMiddleware):
    """Django's middleware, with our limits on the time of a session and on its proof.

    A page that does not use the person makes no query.
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
    # A role may have been given after the session began, and participants need no second factor
    # when they sign in. So it is checked here.
    if not second_factor.is_strong(request) and second_factor.concerns(person):
        return AnonymousUser()
    sessions.seen(request)
    person.session_began = sessions.began(request)
    return person
