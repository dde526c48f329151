"""Adds the room to personal pages, and deletes a person's check at an erasure."""

from uuid import UUID

from hemicycle.before.registration.signals import personal_cards
from hemicycle.hearing.setup.signals import copies_elsewhere, day_groups, personal_holdings
from hemicycle.meeting.room import broadcasters, cards
from hemicycle.meeting.room.models import Check
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

personal_cards.connect(cards.personal)
copies_elsewhere.connect(broadcasters.copies)
personal_holdings.connect(cards.holdings)
day_groups.connect(cards.of_the_day)


@person_erased.connect
def erase_check(person: UUID, record: Writer) -> list[str]:
    """Delete an erased person's check; the entry that somebody passed a check stays."""
    Check.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    return [person.hex]
