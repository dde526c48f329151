"""The letter with the link to a draft, which contains no text of the form's sender."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)

ADDRESSES = {
    TrackKind.STAKEHOLDERS: "registration:register",
    TrackKind.MISSIONS: "registration:inscribe",
}
"""The names of the URLs of the forms, by the kind of track."""


def _text() -> Text:
    return built_in(
        _("your draft"),
        _("Someone, probably you, gave this address to continue a form for this hearing later.")
        % BRACES,
        _("Continue here, on any device: %(link)s") % BRACES,
        _(
            "Nothing has been submitted yet, and a draft does not reserve a place. It is "
            "deleted %(days)s days after the last change."
        )
        % BRACES,
        _("If this was not you, ignore this message. We will not write to you again."),
    )


def _example(hearing: Hearing) -> Values:
    return _values(hearing, hearing.all_tracks[-1], "…", "30")


def _values(hearing: Hearing, track: Track, key: str, days: str) -> Values:
    return {"link": links.absolute(path(hearing, track, key)), "days": days}


def path(hearing: Hearing, track: Track, key: str) -> str:
    """Return the address at which a draft is continued; `key` may be a placeholder in a browser."""
    address = form_address(hearing, track)
    return f"{address}{'&' if '?' in address else '?'}draft={key}"


def form_address(hearing: Hearing, track: Track, url_name: str = "") -> str:
    """Return the address of a track's form; it names the track where several have that form.

    `url_name` is the name of another URL of the track.
    """
    path = reverse(url_name or ADDRESSES[track.kind], args=(hearing.slug,))
    alike = [other for other in hearing.all_tracks if other.kind == track.kind]
    return f"{path}?track={track.key}" if len(alike) > 1 else path


LETTER = declare(
    Letter(
        "draft",
        Message.Purpose.DRAFT,
        gettext_lazy("Link to a draft"),
        _text,
        (
            Field("link", gettext_lazy("address at which the form is continued"), required=True),
            Field("days", gettext_lazy("days until the draft is deleted")),
        ),
        example=_example,
    )
)


def send_link(
    hearing: Hearing, track: Track, key: str, address: str, *, days: int
) -> Message | None:
    """Queue the letter, in the language in which the form was filled in."""
    values = _values(hearing, track, key, str(days))
    return send(LETTER, hearing=hearing, values=values, address=address)
