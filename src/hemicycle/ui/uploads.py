"""What a view says of the bodies it takes, before they are read (`site.http.request_bodies`)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

type AnyView = Callable[..., Any]


def takes_files[V: AnyView](most: int) -> Callable[[V], V]:
    """Let a form hold files of `most` bytes beside what is typed; others are refused unread."""

    def decorate(view: V) -> V:
        typed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        view.most_bytes = typed + most  # type: ignore[attr-defined] # a function takes any
        return view

    return decorate


def open_if[V: AnyView](asks: Callable[..., bool]) -> Callable[[V], V]:
    """Let a long body be read only if `asks(request, …)` says so, given the view's own arguments.

    It is asked without middleware: the request has headers and cookies, but no user and no body.
    The view decides for itself all the same; this only spares the reading.
    """

    def decorate(view: V) -> V:
        view.is_open = asks  # type: ignore[attr-defined]
        return view

    return decorate
