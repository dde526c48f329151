"""How the lists follow the meeting and the erasing of a person, and what they add to pages."""

from uuid import UUID

from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.signals import personal_cards
from hemicycle.before.speakers import cards, day_before, projections
from hemicycle.hearing.setup.signals import overview_loads, personal_holdings
from hemicycle.mail.outgoing.signals import distribution_lists, sender_chores
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.signals import floor_changed, person_erased
from hemicycle.record.writer import Writer

distribution_lists.connect(day_before.sources)
sender_chores.connect(day_before.tell)
floor_changed.connect(projections.follow)
personal_cards.connect(cards.personal)
overview_loads.connect(cards.loads)
personal_holdings.connect(cards.holdings)


@person_erased.connect
def erase_notes(person: UUID, record: Writer) -> list[str]:
    """Blank the remarks about a person's places; the places stay, so that no list shifts."""
    rows = Inscription.objects.filter(registration__person=person, hearing_id=record.hearing)
    ids = [row.hex for row in rows.values_list("id", flat=True)]
    for slot in ids:
        for entry in Entry.objects.filter(hearing=record.hearing, body__contains=slot):
            if key := entry.fields().get("note"):
                erasure.erase_note(record, key)
    return ids
