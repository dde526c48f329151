"""The rate limits of visitors: one table for all pages.

Reading an address that is not listed is unlimited; requests that change something count as `posts`.
A visitor is the person who has signed in, or the holder of a personal link, or else the network. So
an office behind one address is not locked out: identified visitors have their own allowance, and a
confirmed registration is no longer counted for its network (`hearing.people.limits.give_back`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from hemicycle.engine import web_api
from hemicycle.hearing.people import limits

HOUR, TEN_MINUTES, DAY = 3600, 600, 86_400


@dataclass(frozen=True, slots=True)
class Rate:
    """Up to `most` requests in a period of `seconds` that begins with the first request.

    Each process counts the first `alone` of them by itself, without a write to the database.
    """

    most: int
    seconds: int
    alone: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of one kind of act.

    `stranger` is for a network, `known` for a person or a link, and `target` for each e-mail
    address that is typed into the form: strangers must not cause many letters to one person.
    """

    name: str
    stranger: Rate
    known: Rate
    target: Rate | None = None


_REGISTRATIONS = Rate(limits.MOST_REGISTRATIONS, limits.REGISTRATIONS_WITHIN_S, 1)
REGISTER: Final = Policy("register", _REGISTRATIONS, _REGISTRATIONS, Rate(6, DAY, 1))
DRAFT: Final = Policy("draft", Rate(200, HOUR, 5), Rate(200, HOUR, 5))
"""Drafts that a browser stores automatically while a person types."""
SAVE_DRAFT: Final = Policy("draft-letter", Rate(20, HOUR, 1), Rate(20, HOUR, 1), Rate(6, DAY, 1))
"""Drafts saved by the button, which sends the link to the address in the form."""
UPLOAD: Final = Policy("upload", Rate(30, HOUR, 2), Rate(30, HOUR, 2))
CO_SIGN: Final = Policy("co-sign", Rate(30, HOUR, 2), Rate(30, HOUR, 2))
CHANGE: Final = Policy("change", Rate(60, HOUR, 5), Rate(60, HOUR, 5), Rate(6, DAY, 1))
PRACTICE: Final = Policy("practice", Rate(30, HOUR, 2), Rate(60, HOUR, 5))
LINK: Final = Policy("personal-link", Rate(20, HOUR, 1), Rate(20, HOUR, 1), Rate(6, DAY, 1))
SIGN_IN: Final = Policy("sign-in", Rate(60, HOUR, 2), Rate(60, HOUR, 2))
ASK_FOR_LINK: Final = Policy("ask-for-link", Rate(20, HOUR, 2), Rate(20, HOUR, 2))
"""Links that one person may request have a separate limit (`people.actions`)."""
PASSKEY: Final = Policy("passkey", Rate(60, HOUR, 2), Rate(60, HOUR, 2))
RECEIPT: Final = Policy("receipt", Rate(120, HOUR, 5), Rate(300, HOUR, 5))
COSIGN: Final = Policy("cosign", Rate(120, TEN_MINUTES, 10), Rate(120, TEN_MINUTES, 10))
"""A witness cosigns at most every ten seconds, and follows several hearings."""
SEARCH: Final = Policy("search", Rate(120, TEN_MINUTES, 10), Rate(300, TEN_MINUTES, 10))
ARCHIVE: Final = Policy("archive", Rate(20, HOUR, 2), Rate(60, HOUR, 2))
DOWNLOAD: Final = Policy("download", Rate(60, TEN_MINUTES, 5), Rate(120, TEN_MINUTES, 5))
LOG: Final = Policy("log", Rate(6000, TEN_MINUTES, 500), Rate(6000, TEN_MINUTES, 500))
"""A late reader fetches all tiles of a record: 400 for 100,000 entries."""
WALL: Final = Policy("wall", Rate(6000, TEN_MINUTES, 500), Rate(600, TEN_MINUTES, 100))
"""Screens poll for the newest posts."""
WALL_POST: Final = Policy("wall-post", Rate(5, TEN_MINUTES), Rate(5, TEN_MINUTES))
FEED: Final = Rate(6000, TEN_MINUTES, 500)
"""New streams; each screen holds one or two, and opens them again after an interruption."""
POSTS: Final = Policy("posts", Rate(300, TEN_MINUTES, 30), Rate(6000, TEN_MINUTES, 600))
"""Moderators press keys in quick succession, and no press may cost another write."""


def typed(request: HttpRequest) -> Mapping[str, str]:
    """Return the data of a form; empty if it is larger than allowed, which its view reports.

    Unreadable data raises the same error here as it would in the view.
    """
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return {}
    return request.POST.dict()


type Choice = Callable[[HttpRequest], Policy | None]


def _when_sent(policy: Policy) -> Choice:
    return lambda request: policy if request.method == "POST" else None


def _always(policy: Policy) -> Choice:
    return lambda request: policy


def _registering(request: HttpRequest) -> Policy | None:
    if request.method != "POST":
        return None
    saving = request.headers.get("X-Requested-With") == "autosave"
    if saving:
        return DRAFT
    if "add" in typed(request):  # adds a row to the form for several people
        return POSTS
    return SAVE_DRAFT if "save_draft" in typed(request) else REGISTER


def _asking_for_pass(request: HttpRequest) -> Policy | None:
    """Return the limit of requests for a pass; a seat that often loses its connection must be
    readmitted.
    """
    return PRACTICE if typed(request).get("use") == "practice" else POSTS


def _writing(request: HttpRequest) -> Policy | None:
    """Return the limit of posts on the wall, None for a GET; a bot that fills in the invisible
    field only counts as `posts`.
    """
    if request.method != "POST":
        return None
    return POSTS if typed(request).get("website") else WALL_POST


def _searching(request: HttpRequest) -> Policy | None:
    return SEARCH if any(request.GET.values()) else None


CHOICES: Final[dict[str, Choice]] = {
    "registration:register": _registering,
    "registration:inscribe": _registering,
    "registration:register-several": _registering,
    "registration:ask-again": _when_sent(LINK),
    "registration:check-receipt": _when_sent(RECEIPT),
    "registration:receipt": _always(RECEIPT),
    "registration:received-receipt": _always(RECEIPT),
    "registration:co-sign": _when_sent(CO_SIGN),
    "registration:details": _when_sent(CHANGE),
    "registration:replace": _when_sent(CHANGE),
    "registration:address": _when_sent(CHANGE),
    "registration:panels": _when_sent(CHANGE),
    "registration:co-signers": _when_sent(CHANGE),
    "registration:change": _when_sent(CHANGE),
    "registration:joint": _when_sent(CHANGE),
    "registration:withdraw": _when_sent(CHANGE),
    "registration:erase": _when_sent(CHANGE),
    "registration:public-name": _when_sent(CHANGE),
    "on_air:personal": _when_sent(CHANGE),
    "readers:personal": _when_sent(CHANGE),
    "readers:reader": _when_sent(CO_SIGN),
    "registration:chain-json": _always(DOWNLOAD),
    "hearing:log-tile": _always(LOG),
    "hearing:log-inclusion": _always(LOG),
    "hearing:log-timestamp": _always(LOG),
    "hearing:log-consistency": _always(LOG),
    "registration:verifier": _always(DOWNLOAD),
    "hearing:log-cosignatures": _when_sent(COSIGN),
    "registration:verify-page": _always(DOWNLOAD),
    "accreditation:evidence": _when_sent(UPLOAD),
    "statements:hand-in": _when_sent(UPLOAD),
    "statements:hand-in-for": _when_sent(UPLOAD),
    "statements:video": _when_sent(UPLOAD),
    "statements:library": _searching,
    "statements:library-csv": _always(DOWNLOAD),
    "statements:published-file": _always(DOWNLOAD),
    "speakers:public": _searching,
    "training:come-in": _when_sent(PRACTICE),
    "room:practice": _when_sent(PRACTICE),
    "room:own-practice": _when_sent(PRACTICE),
    "room:reader-practice": _when_sent(PRACTICE),
    "room:pass": _asking_for_pass,
    "room:own-pass": _asking_for_pass,
    "room:reader-pass": _asking_for_pass,
    "people:sign-in": _when_sent(ASK_FOR_LINK),
    "people:first-administrator": _when_sent(ASK_FOR_LINK),
    "people:passkey-begin-sign-in": _when_sent(PASSKEY),
    "people:use-link": _when_sent(SIGN_IN),
    "wall:page": _writing,
    "wall:posts": _always(WALL),
    "summary:public-docx": _always(DOWNLOAD),
    "summary:public-docx-in": _always(DOWNLOAD),
    "summary:public-pdf": _always(DOWNLOAD),
    "summary:public-pdf-in": _always(DOWNLOAD),
    "summary:messages-pdf": _always(DOWNLOAD),
    "summary:messages-pdf-in": _always(DOWNLOAD),
    "summary:public-recommendations": _always(DOWNLOAD),
    "summary:public-recommendations-in": _always(DOWNLOAD),
    "archive:public-zip": _always(ARCHIVE),
}
FREE: Final = frozenset({"room:beat"})
"""Addresses without a limit: the heartbeat of a screen."""


def policy_for(request: HttpRequest) -> Policy | None:
    """Return the limits on a request whose address has been resolved; None if it has no limits.

    The media engine has none: each of its requests has a token that it signed, it asks every
    second, and its machine reports for all people in a meeting.
    """
    match = request.resolver_match
    page = match.view_name if match else ""
    if page in FREE or page.startswith("api:"):  # the API counts by token (`site.api.limits`)
        return None
    if match and match.route.startswith(web_api.PREFIX):
        return None
    if page in CHOICES:
        return CHOICES[page](request)
    return POSTS if request.method == "POST" else None
