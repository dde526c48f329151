"""The links of an area of pages: the public's, or the back office's.

The setting `NAVIGATION` names the destinations, so that this folder knows no page above it. A
destination whose URL does not exist, or does not fit the hearing, is left out, so that no page
shows a dead link.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Destination:
    """The target of a link: the name of a URL, and a label.

    `root` is the name of the URL below which the pages of this destination are, if it is not the
    target itself. `group` is the heading above the link.
    """

    name: str
    label: str | Promise
    root: str = ""
    group: str | Promise = ""


@dataclass(frozen=True, slots=True)
class NavLink:
    """A link as a page shows it."""

    url: str
    label: str | Promise
    current: bool
    group: str | Promise = ""


def destinations(area: str) -> list[Destination]:
    """Return the destinations of an area, in the order of their links."""
    areas: dict[str, list[Destination]] = import_string(settings.NAVIGATION)
    return areas[area]


def links(area: str, slug: str, path: str, standing: object = None) -> list[NavLink]:
    """Return the links of an area for the hearing `slug`: only those open to `standing`, if given.

    The current link is the one with the longest address that `path` begins with; an area's first
    link is current only on its own page, since the other pages are often below its address.
    """
    named = [(place, url) for place in destinations(area) if (url := _url(place.name, slug))]
    found = [(place, url) for place, url in named if standing is None or is_open(url, standing)]
    roots = {url: _url(place.root or place.name, slug) for place, url in found}
    below = [url for _place, url in found[1:] if path.startswith(roots[url])]
    here = max(below, key=lambda url: len(roots[url]), default=path)
    return [NavLink(url, place.label, url == here, place.group) for place, url in found]


def is_open(url: str, standing: object) -> bool:
    """Whether the page at a URL of this site is open to a standing (`setup.access.for_roles`)."""
    opens_to = getattr(resolve(urlsplit(url).path).func, "opens_to", None)
    return opens_to is None or opens_to(standing)


def _url(name: str, slug: str) -> str:
    attempts: tuple[dict[str, Any], ...] = ({"hearing": slug}, {"slug": slug}, {})
    for kwargs in attempts:
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""
