"""The letter to a person who was cut out of a recording, as proof."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.consent import queries as consents
from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.reader import speaking_to
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
from hemicycle.meeting.cutting import proofs
from hemicycle.meeting.cutting.models import Cut


def _text() -> Text:
    return built_in(
        _("you have been removed from the recording"),
        _(
            "The parts for which you withdrew your consent have been removed from the recordings "
            "of this hearing:"
        ),
        "{removed}",
        _("Your consents: %(link)s") % BRACES,
    )


def _example(hearing: Hearing) -> Values | None:
    slots = Cut.objects.filter(hearing=hearing).exclude(done_at=None).values_list("slot", flat=True)
    found = Registration.objects.filter(hearing=hearing, person__erased_at=None)
    for registration in found.filter(inscriptions__in=[slot for slot in slots if slot]):
        return _values(registration)
    return None


REMOVED = declare(
    Letter(
        "recording-removed",
        Message.Purpose.WITHDRAWAL,
        gettext_lazy("Removed from the recording"),
        _text,
        (
            Field("removed", gettext_lazy("what was removed, where and when"), required=True),
            Field("link", gettext_lazy("the participant’s page of consents")),
        ),
        example=_example,
    )
)


def removed(registration: Registration) -> None:
    """Tell a person what was removed; an erased person has no address any more."""
    person = registration.person
    if person.erased_at is not None or not person.email:
        return
    with speaking_to(person):
        send(REMOVED, hearing=registration.hearing, values=_values(registration), person=person)


def _values(registration: Registration) -> dict[str, str]:
    return {
        "removed": "\n".join(
            proofs.sentences(registration.hearing, consents.slots_of(registration))
        ),
        "link": links.absolute(whole("consent:own", links.secret_of(registration))),
    }
