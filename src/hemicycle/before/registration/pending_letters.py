"""Letters that ask another mailbox to confirm a change, and notify the organization's contact."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration.models import PendingChange, Registration
from hemicycle.hearing.setup.models import Hearing
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
from hemicycle.ui.languages import speaking

Purpose = Message.Purpose
_LINK = Field("link", gettext_lazy("address at which the change is confirmed"), required=True)


def _press() -> str:
    return _(
        "Open this page and press “Confirm”: %(link)s\n"
        "Until then nothing changes. If this was not you, do nothing."
    )


def _address_text() -> Text:
    return built_in(
        _("confirm your new e-mail address"),
        _("Someone, probably you, gave this address for a registration for this hearing."),
        _press() % BRACES,
    )


def _speaker_text() -> Text:
    return built_in(
        _("you are asked to speak"),
        _(
            "An organization that is registered for this hearing asks you to speak for it, in "
            "place of the person who is registered now."
        ),
        _press() % BRACES,
    )


def _example(_hearing: Hearing) -> Values | None:
    return None


ADDRESS = declare(
    Letter(
        "confirm-address",
        Purpose.CONFIRMATION,
        gettext_lazy("Confirmation of a corrected e-mail address"),
        _address_text,
        (_LINK,),
        example=_example,
    )
)
SPEAKER = declare(
    Letter(
        "confirm-speaker",
        Purpose.CONFIRMATION,
        gettext_lazy("Another speaker asked to confirm"),
        _speaker_text,
        (_LINK,),
        example=_example,
    )
)


def ask(change: PendingChange, link: str) -> None:
    """Ask the new address to confirm; the letter contains no text that somebody else has typed."""
    registration = change.registration
    language = registration.person.language
    with speaking(language):
        send(
            ADDRESS if change.kind == PendingChange.Kind.EMAIL else SPEAKER,
            hearing=registration.hearing,
            values={"link": link},
            address=change.email,
            language=language,
        )


# ── The organization's contact ────────────────────────────────────────────────────────────────
def _contact_text() -> Text:
    return built_in(
        _("%(name)s now speaks for %(organization)s") % BRACES,
        _(
            "%(name)s has confirmed and now speaks for %(organization)s. You get this letter "
            "because you are the organization’s contact. If this is not right, write to the "
            "secretariat: %(contact)s"
        )
        % BRACES,
    )


def _contact_values(registration: Registration) -> Values:
    return {
        # Under an alias, even colleagues do not learn who speaks now.
        "name": registration.public_identity(registration.person).name,
        "organization": registration.organization.name,
        "contact": registration.hearing.mailboxes.get("information", ""),
    }


def _contact_example(hearing: Hearing) -> Values | None:
    rows = hearing.registrations.filter(person__erased_at=None)
    last = rows.select_related("person", "organization", "hearing").last()
    return _contact_values(last) if last else None


CONTACT = declare(
    Letter(
        "speaker-contact",
        Purpose.WITHDRAWAL,
        gettext_lazy("Speaker replaced, to the organization’s contact"),
        _contact_text,
        (
            Field("name", gettext_lazy("name of the person"), required=True),
            Field("organization", gettext_lazy("organization of the participant")),
            Field("contact", gettext_lazy("the hearing’s mailbox for information")),
        ),
        example=_contact_example,
    )
)


def tell_contact(registration: Registration) -> None:
    """Tell the organization's contact, if there is one, who speaks now."""
    if not registration.contact_email:
        return
    language = registration.person.language
    with speaking(language):
        send(
            CONTACT,
            hearing=registration.hearing,
            values=_contact_values(registration),
            address=registration.contact_email,
            language=language,
        )
