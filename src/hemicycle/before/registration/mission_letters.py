"""The letter that tells a known address of a mission that an unproved sender has inscribed it."""

from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.frame import page
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
from hemicycle.record import clock


def _text() -> Text:
    return built_in(
        _("an inscription that we could not verify"),
        _(
            "Someone asked for the floor for your mission from an address that we do not know "
            "as yours. The request is waiting for the secretariat. It does not take a place "
            "from you."
        ),
        _("If it was a colleague, please write to the secretariat: %(contact)s") % BRACES,
        _("You can still inscribe your delegation as usual: %(link)s") % BRACES,
    )


def _values(hearing: Hearing) -> Values:
    return {"contact": hearing.mailboxes.get("information", ""), "link": page(hearing)}


LETTER = declare(
    Letter(
        "unproved-mission",
        Message.Purpose.WITHDRAWAL,
        gettext_lazy("Unverified inscription, to the mission on file"),
        _text,
        (
            Field("contact", gettext_lazy("the hearing’s mailbox for information")),
            Field("link", gettext_lazy("address of the hearing’s page"), required=True),
        ),
        example=_values,
    )
)


def somebody_else(registration: Registration, address: str, language: str) -> None:
    """Tell an address of the mission about an unproved inscription, at most once a day.

    The letter contains no text of the form's sender.
    """
    day = clock.now().date().isoformat()
    about = f"{registration.hearing_id.hex} {registration.organization_key} {address} {day}"
    hearing = registration.hearing
    send(
        LETTER,
        hearing=hearing,
        values=_values(hearing),
        address=address,
        language=language,
        once=f"unproved:{sha256(about.encode()).hexdigest()[:32]}",
    )
