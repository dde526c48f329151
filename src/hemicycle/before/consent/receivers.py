"""What consents add to pages, and what erasing a person does to them."""

from uuid import UUID

from django.db.models import Q

from hemicycle.before.consent import cards
from hemicycle.before.consent.models import Consent, SeatConsent
from hemicycle.before.registration.signals import personal_cards
from hemicycle.hearing.setup.receivers import NOBODY
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

personal_cards.connect(cards.personal)


@person_erased.connect
def erase_consents(person: UUID, record: Writer) -> list[str]:
    """Delete what the person agreed to; the record says it by ids that point to nobody."""
    Consent.objects.filter(
        registration__person=person, registration__hearing=record.hearing
    ).delete()
    seats = SeatConsent.objects.filter(member__segment__meeting__hearing=record.hearing)
    # A seat may have been blanked before: then it is nobody's any more.
    seats.filter(Q(member__person=person) | Q(member__person=None, member__name=NOBODY)).delete()
    return []
