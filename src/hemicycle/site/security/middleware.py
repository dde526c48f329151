"""Adds the visitor's network to the security log's lines about a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from hemicycle import security_log
from hemicycle.hearing.people.limits import network_of

type Answer = Callable[[HttpRequest], HttpResponseBase]


def name_network(answer: Answer) -> Answer:
    """Add the client's network to every line that is noted during a request."""

    def named(request: HttpRequest) -> HttpResponseBase:
        with security_log.coming_from(network_of(request)):
            return answer(request)

    return named
