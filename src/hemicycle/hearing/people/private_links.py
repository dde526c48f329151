"""Private links: the secret disappears from the address when the browser has opened the link.

A letter contains the whole link, `/my/<secret>/`. When a browser opens it, the middleware puts the
secret into a cookie that only the server reads, and redirects the browser to `/my/~<handle>/`. The
handle names the cookie and gives no access by itself, so histories, screenshots, bookmarks and
`Referer` headers contain nothing that would give access. Views and templates need no change: they
receive the secret, and an address made with a secret of this browser shows its handle.

Programs (a calendar that fetches a file, a mail server that unsubscribes) continue to use the whole
link: only requests for a page, as browsers send them, are redirected.
"""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import register_converter, reverse
from django.urls.converters import StringConverter
from django.utils.cache import add_never_cache_headers

MOST_KEPT = 20
"""The most private links in one browser; a further one removes the oldest."""
IN_QUERY = ("draft", "invited")
"""Query parameters that hold a secret: of a draft, and of the mission that a letter invites."""
USED_ONCE = frozenset({"people:use-link"})
"""Pages whose link no longer works after its button was pressed."""
_SECRET = re.compile(r"(?:[0-9a-f]{32}[.:])?[A-Za-z0-9_-]{43}")
"""256 bits, or the id of a row with a signature."""
_HANDLE = re.compile(r"~[A-Za-z0-9_-]{16}")
_held: ContextVar[frozenset[str]] = ContextVar("private_links_held", default=frozenset())


class SecretConverter(StringConverter):
    """The part of an address that holds a link's secret, or its handle in this browser."""

    def to_url(self, value: Any) -> str:
        """Return the secret or its handle, as this page may show it."""
        return shown(str(value))


register_converter(SecretConverter, "secret")


def handle_of(secret: str) -> str:
    """Return the handle of a secret: it names the secret and cannot be turned back into it."""
    digest = sha256(f"hemicycle.private-link {secret}".encode("utf-8", "surrogatepass")).digest()
    return f"~{base64.urlsafe_b64encode(digest)[:16].decode()}"


def shown(secret: str) -> str:
    """Return the handle if this browser has the secret in a cookie, else the secret."""
    return handle_of(secret) if secret in _held.get() else secret


@contextmanager
def written_out() -> Iterator[None]:
    """Make whole links inside the block, for letters and files, which are opened elsewhere."""
    token = _held.set(frozenset())
    try:
        yield
    finally:
        _held.reset(token)


def whole(name: str, *args: Any) -> str:
    """Return the path of a URL with the whole secret, which works in every browser."""
    with written_out():
        return reverse(name, args=args)


def keep(request: HttpRequest, secret: str) -> None:
    """Let this browser open the link from now on, although it did not visit the whole link."""
    request.META.setdefault("hemicycle.links", []).append(secret)
    _held.set(_held.get() | {secret})


def kept(request: HttpRequest) -> list[str]:
    """Return the secrets of all links that this browser has opened and still has in cookies."""
    named = request.COOKIES.items()
    return [secret for name, secret in named if name == _cookie(secret)]


def is_kept(request: HttpRequest, secret: str) -> bool:
    """Whether this browser has opened the link and still has its cookie."""
    return request.COOKIES.get(_cookie(secret)) == secret


def secret_of(request: HttpRequest, given: str) -> str:
    """Return the secret that `given` is or names; "" for the handle of another browser."""
    if not _HANDLE.fullmatch(given):
        return given
    secret = request.COOKIES.get(_name(given), "")
    return secret if handle_of(secret) == given else ""


class PrivateLinks:
    """Middleware that exchanges a link's secret for a cookie, and a handle for the secret."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and set the cookies of the links that the browser opened."""
        token = _held.set(frozenset())
        try:
            response = self._answer(request)
        finally:
            _held.reset(token)
        for secret in request.META.get("hemicycle.links", ()):
            _set_cookie(request, response, secret)
        match = request.resolver_match
        if match and match.view_name in USED_ONCE and request.method == "POST":
            response.delete_cookie(_cookie(match.kwargs["secret"]))
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Give the view the secret; redirect a browser that used the whole link."""
        for name, given in _given(request, kwargs):
            if _HANDLE.fullmatch(given):
                secret = request.COOKIES.get(_name(given), "")
                if handle_of(secret) != given:
                    return _ask_for_link(request)
                _put_in(request, kwargs, name, secret)
            elif _SECRET.fullmatch(given) and _opens_page(request):
                return _sent_on(request, name, given)
        return None


def _given(request: HttpRequest, kwargs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the secrets or handles in the address, each with its parameter's name."""
    if isinstance(kwargs.get("secret"), str):
        yield "secret", kwargs["secret"]
    yield from ((name, request.GET[name]) for name in IN_QUERY if name in request.GET)


def _put_in(request: HttpRequest, kwargs: dict[str, Any], name: str, secret: str) -> None:
    """Give the view the secret in place of the handle."""
    if name in IN_QUERY:
        query: Any = request.GET.copy()  # a mutable copy, which the types do not know
        query[name] = secret
        request.GET = query
    else:
        kwargs[name] = secret
    _held.set(_held.get() | {secret})


def _sent_on(request: HttpRequest, name: str, secret: str) -> HttpResponseBase:
    """Redirect the browser to the same address with the handle, and set the cookie."""
    keep(request, secret)
    response = HttpResponseRedirect(_address(request, name, secret))
    add_never_cache_headers(response)
    return response


def _opens_page(request: HttpRequest) -> bool:
    """Whether a browser opens the page: browsers accept HTML, programs do not ask for it."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def _address(request: HttpRequest, name: str, secret: str) -> str:
    """Return the requested address with the handle in place of the secret."""
    if name not in IN_QUERY:
        return request.get_full_path().replace(f"/{secret}/", f"/{handle_of(secret)}/", 1)
    query = request.GET.copy()
    query[name] = handle_of(secret)
    return f"{request.path}?{query.urlencode()}"


def _ask_for_link(request: HttpRequest) -> HttpResponseBase:
    """Answer a request with a handle but no cookie: from another browser, or without cookies."""
    response = render(request, "people/link_needed.html", status=410)
    add_never_cache_headers(response)
    return response


def _cookie(secret: str) -> str:
    return _name(handle_of(secret))


def _name(handle: str) -> str:
    return f"{_prefix()}{handle.removeprefix('~')}"


def _prefix() -> str:
    return f"{settings.COOKIE_PREFIX}link-"


def _set_cookie(request: HttpRequest, response: HttpResponseBase, secret: str) -> None:
    """Set a cookie that lasts until the browser is closed; the database decides what it opens."""
    own = _cookie(secret)
    kept = [name for name in request.COOKIES if name.startswith(_prefix()) and name != own]
    for name in kept[: max(0, len(kept) + 1 - MOST_KEPT)]:
        response.delete_cookie(name)
    response.set_cookie(
        own, secret, secure=bool(settings.SESSION_COOKIE_SECURE), httponly=True, samesite="Lax"
    )
