"""The template context of pages with live sound and picture: pass address and channels."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name


def pass_url(hearing: Hearing, secret: str = "") -> str:
    """Return the address for requests for passes: after signing in, or by a link's secret."""
    if secret:
        return reverse("room:pass", args=(hearing.slug, secret))
    return reverse("room:own-pass", args=(hearing.slug,))


def channels(hearing: Hearing) -> list[tuple[str, str]]:
    """Return the floor and the hearing's languages, as (channel, name in the reader's language)."""
    spoken = [(tag, language_name(tag)) for tag in hearing.languages]
    return [("floor", _("The floor, as it is spoken")), *spoken]


def ends(*roles: str) -> list[tuple[str, str]]:
    """Return the recipients of messages by role, with their names for a menu."""
    names = {"technician": _("Technician"), "moderator": _("Moderator")}
    return [(role, names[role]) for role in roles]


def console(hearing: Hearing, *, here: str) -> dict[str, Any]:
    """Return what the moderator's and the technician's pages need to follow the engine.

    `here` names the page: "moderator" or "technician".
    """
    booths = [(f"booth:{tag}", name) for tag, name in channels(hearing)[1:]]
    return {
        "pass_url": pass_url(hearing),
        "channels": channels(hearing),
        "chat_to": [end for end in ends("technician", "moderator") if end[0] != here] + booths,
        "engine_data": {"pass": pass_url(hearing), "languages": dict(channels(hearing))},
    }
