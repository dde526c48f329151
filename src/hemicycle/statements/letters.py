"""The letters that statements cause."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.record import gate
from hemicycle.registration import links
from hemicycle.speakers.models import Inscription


def remind(*, inscriptions: list[Inscription], actor: gate.Actor) -> int:
    """Ask speakers for the statement that is missing; returns how many letters are queued."""
    return sum(_remind(inscription, actor) for inscription in inscriptions)


def _remind(inscription: Inscription, actor: gate.Actor) -> bool:
    registration = inscription.registration
    with (
        gate.writing(registration.hearing_id, actor=actor),
        override(inscription.speaker.language),
    ):
        panel = {"panel": inscription.segment.title}
        said = _("You are on the list of speakers of “%(panel)s”.") % panel
        asked = _("Your written statement is not here yet: please hand it in before the meeting.")
        link = _("You can do so on your page: %(link)s") % {
            "link": links.personal_url(registration)
        }
        message = queue(
            hearing_id=registration.hearing_id,
            purpose=Message.Purpose.MISSING_STATEMENT,
            subject=f"{registration.hearing}: {_('your statement is missing')}",
            body=f"{said}\n\n{asked}\n\n{link}",
            person=inscription.speaker,
        )
    return message is not None
