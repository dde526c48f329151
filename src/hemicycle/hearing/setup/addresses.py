"""Addresses of pages in higher folders, by URL name; "" if no page has the name."""

from django.urls import NoReverseMatch, reverse

from hemicycle.hearing.people.models import Role

STARTS: dict[Role, tuple[str, ...]] = {
    Role.SECRETARIAT: ("hearing:office",),
    Role.MODERATOR: ("room:console",),
    Role.TECHNICIAN: ("room:technician",),
    Role.INTERPRETER: ("interpretation:own-booth", "room:hall"),
    Role.CAPTIONER: ("captions:door", "room:hall"),
    Role.PANELLIST: ("room:own-seat", "room:hall"),
}
"""The start pages of each role; the first one that exists is used."""


def path_of(name: str, slug: str) -> str:
    """Return the path of a page of a hearing."""
    try:
        return reverse(name, kwargs={"slug": slug})
    except NoReverseMatch:
        return ""


def site_path(name: str) -> str:
    """Return the path of a page that belongs to no hearing."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def start_of(role: Role, slug: str) -> str:
    """Return the path of the first page for a person who signs in with a role."""
    paths = (path_of(name, slug) for name in STARTS.get(role, ()))
    return next(filter(None, paths), "") or path_of("hearing:page", slug)
