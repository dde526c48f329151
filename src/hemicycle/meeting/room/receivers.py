"""What the room adds to personal pages, and what erasing a person does to their check."""

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
    """Drop what a person's check found; that somebody passed one stays true."""
    Check.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    return [person.hex]
