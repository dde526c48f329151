"""What a view declares about request bodies, before they are read (`site.http.request_bodies`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

type AnyView = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class FileRule:
    """Which files a form accepts, in words for the help text and for the error of a larger file.

    `words` is a sentence to be translated, in which %(n)s is the limit in MB; `most` is the limit
    in bytes; `accept` lists the types of files that the browser's dialog offers.
    """

    words: str
    most: int
    accept: str = ""

    def __str__(self) -> str:
        return gettext(self.words) % {"n": self.most // 2**20}

    @property
    def too_large(self) -> str:
        """The error for a file that is larger."""
        return gettext("This file is too large. Allowed: %(rule)s") % {"rule": self}


def takes_files[V: AnyView](most: int) -> Callable[[V], V]:
    """Let a form contain files of `most` bytes besides its fields; larger ones are refused
    unread.
    """

    def decorate(view: V) -> V:
        typed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        view.most_bytes = typed + most  # type: ignore[attr-defined] # a function takes any
        return view

    return decorate


def open_if[V: AnyView](asks: Callable[..., bool]) -> Callable[[V], V]:
    """Let a long body be read only if `asks(request, …)` returns True, with the view's own
    arguments.

    `asks` is called before middleware: the request has headers and cookies, but no user or body.
    The view must check again; this only avoids reading the body.
    """

    def decorate(view: V) -> V:
        view.is_open = asks  # type: ignore[attr-defined]
        return view

    return decorate
