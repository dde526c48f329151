"""The empty form, written once and kept: a surge of visitors costs a copy each, not a rendering.

What is kept depends on what the hearing says (so a change shows at once), on the language and on
the minute (since the page tells what is left until the deadline). Into each copy go a token against
forged requests and two fresh keys. Only visitors without a session get a kept page.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from hemicycle.record import clock
from hemicycle.registration import links
from hemicycle.registration.facts import Facts

FORM_KEY, DRAFT_KEY, TOKEN = "{form-key}", "{draft-key}", "{csrf-token}"
_TOKEN_FIELD = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')
_MOST_KEPT = 32
_kept: dict[tuple[object, ...], str] = {}


def page(request: HttpRequest, facts: Facts, write: Callable[[], str]) -> str:
    """The empty form's page; `write` renders it with `FORM_KEY` and `DRAFT_KEY` in their places."""
    if any(name in request.COOKIES for name in (settings.SESSION_COOKIE_NAME, "messages")):
        return _fill(write(), get_token(request))
    key = (request.path, get_language(), clock.now_ms() // 60_000, facts.fingerprint)
    html = _kept.get(key)
    if html is None:
        html = _TOKEN_FIELD.sub(rf"\g<1>{TOKEN}", write())
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = html
    return _fill(html, get_token(request))


def _fill(html: str, token: str) -> str:
    return (
        html.replace(TOKEN, token)
        .replace(FORM_KEY, links.new_key())
        .replace(DRAFT_KEY, links.new_key())
    )
