"""How consents are shown on pages and erased."""

from uuid import UUID

from hemicycle.before.consent import cards
from hemicycle.before.consent.models import Consent, SeatConsent
from hemicycle.before.registration.signals import personal_cards
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

personal_cards.connect(cards.personal)


@person_erased.connect
def erase_consents(person: UUID, record: Writer) -> list[str]:
    """Delete the person's consents; in the record, only ids that identify nobody remain."""
    Consent.objects.filter(
        registration__person=person, registration__hearing=record.hearing
    ).delete()
    SeatConsent.objects.filter(
        member__person=person, member__segment__meeting__hearing=record.hearing
    ).delete()
    return []
