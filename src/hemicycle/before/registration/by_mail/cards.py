"""The card with the addresses that identify a participant's mail."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.registration.by_mail.finding import own_address
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card
from hemicycle.mail.incoming.addresses import purpose_of
from hemicycle.mail.incoming.config import current
from hemicycle.mail.incoming.models import Purpose


def personal(_request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card with the hearing's addresses that contain the participant's token."""
    if not current().own_addresses:
        return None
    words = {
        Purpose.STATEMENTS: _("to submit a statement"),
        Purpose.PUBLICATION: _("to have it published"),
        Purpose.QUESTIONS: _("to submit a question"),
    }
    found = [
        (words[purpose], own_address(registration, address))
        for word, address in registration.hearing.mailboxes.items()
        if (purpose := purpose_of(word)) in words
    ]
    if not found:
        return None
    return Card(_("By e-mail"), "registration/_mail_card.html", {"addresses": found}, order=60)
