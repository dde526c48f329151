"""What leads where: the places of the public pages and of the back office.

A place is named by its URL; one whose URL does not exist, or does not fit the hearing, is left
out, so that a hearing (or an installation) without it shows no dead link.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Place:
    """A link as a page shows it."""

    url: str
    label: str | Promise
    current: bool


PUBLIC: list[tuple[str, str | Promise]] = [
    ("hearing:page", _("The hearing")),
    ("registration:choose", _("Take part")),
    ("speakers:public", _("Speakers")),
    ("statements:library", _("Statements")),
    ("webcast:live", _("Watch")),
    ("registration:check-receipt", _("Verify")),
]
OFFICE: list[tuple[str, str | Promise]] = [
    ("hearing:office", _("Overview")),
    ("registration:office", _("Registrations")),
    ("accreditation:office", _("Review")),
    ("speakers:office", _("Lists of speakers")),
    ("hearing:programme", _("Programme")),
    ("statements:office", _("Statements")),
    ("questions:office", _("Questions")),
    ("training:office", _("Training")),
    ("wall:office", _("Wall")),
    ("summary:office", _("Summary")),
    ("hearing:people", _("People")),
    ("interpretation:office", _("Booths")),
    ("room:floor", _("Floor")),
    ("outgoing:mailings", _("Letters")),
    ("incoming:office", _("Mailroom")),
    ("outgoing:office", _("Outbox")),
    ("hearing:record", _("Record")),
    ("api:office", _("Programs")),
]
AREAS = {"public": PUBLIC, "office": OFFICE}
ROOTS = {"outgoing:mailings": "outgoing:letters"}
"""A place whose pages lie below another address than its own."""


def places(area: str, slug: str, path: str, roles: frozenset[str] | None = None) -> list[Place]:
    """The links of an area for the hearing `slug`, those only that are open to `roles`, if given.

    The longest address that `path` begins with is the current one; an area's first place is so
    only on its own page, since the others often lie below it.
    """
    named = [(name, url, label) for name, label in AREAS[area] if (url := _url(name, slug))]
    found = [place for place in named if roles is None or _open(place[1], roles)]
    roots = {url: _url(ROOTS.get(name, name), slug) for name, url, _label in found}
    below = [url for _name, url, _label in found[1:] if path.startswith(roots[url])]
    here = max(below, key=lambda url: len(roots[url]), default=path)
    return [Place(url, label, url == here) for _name, url, label in found]


def _open(url: str, roles: frozenset[str]) -> bool:
    """Whether the view behind `url` is open to one of `roles` (set by `setup.access.for_roles`)."""
    wanted = getattr(resolve(url).func, "roles", None)
    return wanted is None or not roles.isdisjoint(wanted)


def _url(name: str, slug: str) -> str:
    attempts: tuple[dict[str, Any], ...] = ({"hearing": slug}, {"slug": slug}, {})
    for kwargs in attempts:
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""
