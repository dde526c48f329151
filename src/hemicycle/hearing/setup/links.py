"""Addresses of rooms that other slices own, by name; "" while nobody has built them."""

from django.urls import NoReverseMatch, reverse

from hemicycle.hearing.people.models import Role

DOORS: dict[Role, tuple[str, ...]] = {
    Role.SECRETARIAT: ("hearing:office",),
    Role.MODERATOR: ("room:console",),
    Role.TECHNICIAN: ("room:technician",),
    Role.INTERPRETER: ("interpretation:own-booth", "room:hall"),
    Role.CAPTIONER: ("captions:door", "room:hall"),
    Role.PANELLIST: ("room:own-seat", "room:hall"),
}


def to(name: str, slug: str) -> str:
    """The path of the room `name` of a hearing."""
    try:
        return reverse(name, kwargs={"slug": slug})
    except NoReverseMatch:
        return ""


def site(name: str) -> str:
    """The path of a page that belongs to no hearing."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def door(role: Role, slug: str) -> str:
    """Where someone who signs in for a role begins."""
    rooms = (to(name, slug) for name in DOORS.get(role, ()))
    return next(filter(None, rooms), "") or to("hearing:page", slug)
