"""The letters to both people whose registrations the secretariat has merged."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import inscriptions, letters, links
from hemicycle.before.registration.letters import LINK, NAME, page_words
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.redaction import without_links
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
    written,
)


def _merged_text() -> Text:
    return built_in(
        _("your registrations have been merged"),
        "{change}",
        _("Reason: %(reason)s") % BRACES,
        "{places}",
        _("If something is wrong, please write to us."),
        page_words(),
    )


def _change(own: Registration, kept: Registration, left: Registration) -> str:
    """Return what has changed for the holder of `own`, in the active language."""
    said = (
        _(
            "The secretariat has merged the registration %(left)s with yours, %(kept)s. Yours "
            "stays and has all places on lists of speakers."
        )
        if own.pk == kept.pk
        else _(
            "The secretariat has merged your registration, %(left)s, with the registration "
            "%(kept)s. All places on lists of speakers now belong to %(kept)s, and %(left)s has "
            "ended."
        )
    )
    return said % {"kept": kept.reference, "left": left.reference}


def _values(
    own: Registration,
    kept: Registration,
    left: Registration,
    reason: str,
    places: Iterable[Inscription],
) -> Values:
    return {
        "name": own.person.name,
        "change": _change(own, kept, left),
        "reason": reason,
        "places": "\n".join(letters.place_words(row) for row in places if own.pk == kept.pk),
        "link": links.personal_url(own),
    }


def _example(hearing: Hearing) -> Values | None:
    rows = Registration.objects.filter(hearing=hearing, person__erased_at=None)
    merged = rows.exclude(merged_into=None).select_related("person", "merged_into__person")
    last = merged.order_by("-arrival").first()
    if last is None or last.merged_into is None:
        return None
    kept, reason = last.merged_into, _("You had registered twice.")
    return _values(kept, kept, last, reason, inscriptions.on_lists(kept))


MERGED = declare(
    Letter(
        "registrations-merged",
        Message.Purpose.DECISION,
        gettext_lazy("Registrations merged by the secretariat"),
        _merged_text,
        (
            NAME,
            Field("change", gettext_lazy("what changes for the recipient"), required=True),
            Field("reason", gettext_lazy("the secretariat’s reason")),
            Field("places", gettext_lazy("places on lists of speakers, a line for each")),
            LINK,
        ),
        example=_example,
    )
)


def told(kept: Registration, left: Registration) -> list[Registration]:
    """Return the registrations that get a letter: confirmed, released and with an address."""
    return [
        row
        for row in (kept, left)
        if row.is_confirmed and not row.is_unwritten and row.person.email
    ]


def as_sent(
    own: Registration, kept: Registration, left: Registration, places: Iterable[Inscription]
) -> Text:
    """Return the letter that merging would send, in the recipient's language, without a reason.

    `places` are those that `kept` would have.
    """
    text = written(
        MERGED,
        hearing=own.hearing,
        values=lambda: _values(own, kept, left, "…", places),
        person=own.person,
    )
    return replace(text, body=without_links(text.body))


def merged(own: Registration, kept: Registration, left: Registration, reason: str) -> None:
    """Tell the holder of one of the two what has changed."""
    places = inscriptions.on_lists(kept)
    send(
        MERGED,
        hearing=own.hearing,
        values=lambda: _values(own, kept, left, reason, places),
        person=own.person,
    )
