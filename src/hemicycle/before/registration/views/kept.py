"""Pages that are rendered once and cached: in a surge, each visitor costs a copy, not a rendering.

The cached part is the same for everyone: the empty form, or the frame around a personal page. It
depends on the hearing's data (so a change shows at once), on the language, and on the minute (since
pages show the time left until the deadline). Each copy gets the visitor's CSRF token, the address,
and the content of `fills`. Visitors with a session or a pending message do not get cached pages.
"""

import re
from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import escape
from django.utils.translation import get_language

from hemicycle.record import clock

_TOKEN, _ADDRESS = "{kept:token}", "{kept:address}"
_TOKEN_FIELD = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')
_MOST_KEPT = 64
_kept: dict[tuple[object, ...], str] = {}


def place(name: str) -> str:
    """Return the marker that a template writes where `fills[name]` will be inserted."""
    return f"{{kept:{name}}}"


def page(
    request: HttpRequest, key: tuple[object, ...], write: Callable[[], str], **fills: str
) -> str:
    """Return a page as `write` renders it, with `fills` inserted.

    `key` contains everything that the page depends on, besides the language and the minute.
    """
    if any(
        cookie in request.COOKIES
        for cookie in (settings.SESSION_COOKIE_NAME, settings.MESSAGE_COOKIE_NAME)
    ):
        return _fill(write(), fills)
    address = escape(request.get_full_path())
    full_key = (*key, get_language(), clock.now_ms() // 60_000)
    html = _kept.get(full_key)
    if html is None:
        html = _TOKEN_FIELD.sub(rf"\g<1>{_TOKEN}", write())
        html = html.replace(f'value="{address}"', f'value="{_ADDRESS}"')
        _keep(full_key, html, request)
    return _fill(html, {"token": get_token(request), "address": address, **fills})


def _keep(key: tuple[object, ...], html: str, request: HttpRequest) -> None:
    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    for name in ("secret", "key"):
        link = str(kwargs.get(name, ""))
        assert not link or link not in html, "a frame that would show one visitor's link to others"
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[key] = html


_MARK = re.compile(r"(?:\{|%7B)kept:(\w+)(?:\}|%7D)")
"""A marker as templates write it, or percent-encoded in an address."""


def _fill(html: str, fills: Mapping[str, str]) -> str:
    return _MARK.sub(lambda mark: fills.get(mark[1], mark[0]), html)
