"""Receivers of the lists for signals of the meeting, of erasure, and of pages."""

from uuid import UUID

from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.signals import personal_cards
from hemicycle.before.speakers import cards, csv_columns, day_before, projections
from hemicycle.before.speakers.balancing import PLACES
from hemicycle.before.speakers.models import Move
from hemicycle.hearing.exports import tables
from hemicycle.hearing.setup.signals import overview_loads, personal_holdings
from hemicycle.mail.outgoing.signals import distribution_lists, sender_chores
from hemicycle.procedure.events import ParticipantRemoved
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.signals import floor_changed, person_erased
from hemicycle.record.writer import Writer

distribution_lists.connect(day_before.sources)
sender_chores.connect(day_before.tell)
floor_changed.connect(projections.follow)
tables.register(csv_columns.TABLE)
personal_cards.connect(cards.personal)
overview_loads.connect(cards.loads)
personal_holdings.connect(cards.holdings)


@person_erased.connect
def erase_notes(person: UUID, record: Writer) -> list[str]:
    """Blank the reasons given about a person's places and about their removal from the meeting.

    The groups by which a list with the person was balanced are blanked too. The places stay, so
    that the positions on the list do not change.
    """
    rows = Inscription.objects.filter(registration__person=person, hearing_id=record.hearing)
    ids = [row.hex for row in rows.values_list("id", flat=True)]
    entries = Entry.objects.filter(hearing=record.hearing)
    removed = entries.filter(kind=ParticipantRemoved.KIND, body__contains=person.hex)
    for about in (removed, *(entries.filter(body__contains=slot) for slot in ids)):
        for entry in about:
            said = entry.fields()
            for key in filter(None, (said.get("note"), said.get("groups_note"))):
                erasure.erase_note(record, key)
    for move in Move.objects.filter(inscription__in=rows, balance__isnull=False):
        said = move.balance or {}
        move.balance = {name: said[name] for name in PLACES}
        move.save(update_fields=["balance"])
    return ids
