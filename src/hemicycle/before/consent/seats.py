"""Consents of panellists and moderators: which apply to them, and how they change.

One person has the same consents in all their seats. The office puts panellists into the programme,
under an alias if they wish, so their consents cover only what is seen, heard and stored of them.
A moderator has no separate turn that could be cut out: their consent covers photographs only.
"""

from collections.abc import Collection, Iterator

from hemicycle.before.consent import entry_types, signals
from hemicycle.before.consent.models import SeatConsent, Use
from hemicycle.before.consent.queries import ConsentLine
from hemicycle.before.consent.uses import TERMS
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import aliases, panel_seats
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor

PANELLIST_USES = (Use.WEBCAST, Use.RECORDING, Use.TRANSCRIPT, Use.PHOTOGRAPH)
MODERATOR_USES = (Use.PHOTOGRAPH,)


def uses(seats: Collection[PanelMember]) -> tuple[Use, ...]:
    """Return the uses that apply to a person with these seats."""
    presents = any(seat.seat_role == Role.PANELLIST for seat in seats)
    return PANELLIST_USES if presents else MODERATOR_USES


def lines(seats: Collection[PanelMember]) -> list[ConsentLine]:
    """Return each use that applies, with its state."""
    rows = SeatConsent.objects.filter(member__in=[seat.pk for seat in seats]).order_by("seq")
    last = {row.use: row for row in rows}
    found = []
    for use in uses(seats):
        row = last.get(use)
        is_given = row.is_given if row else TERMS[use].stands_at_first
        found.append(ConsentLine(use, TERMS[use], is_given, row.changed_at if row else None))
    return found


def change(
    *, hearing: Hearing, member: PanelMember, use: Use, is_given: bool, actor: Actor
) -> bool:
    """Give or withdraw a consent for all seats of a person; return whether that changed anything.

    Return False if the consent is in that state already, or the use does not apply.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        seats = aliases.seats_of(member, hearing.id)
        standing = {line.use: line.is_given for line in lines(seats)}
        if standing.get(use, is_given) == is_given:
            return False
        kind = entry_types.SEAT_GIVEN if is_given else entry_types.SEAT_WITHDRAWN
        for seat in seats:
            entry = record.append(kind, {"slot": seat.id.hex, "use": use.value})
            SeatConsent.objects.update_or_create(
                member=seat,
                use=use,
                defaults={"is_given": is_given, "changed_at": clock.now(), "seq": entry.seq},
            )
        slots = {seat.id.hex for seat in seats}
        signals.seat_consent_changed.send(record, hearing, slots, use, is_given)
    return True


def overview(hearing: Hearing) -> Iterator[tuple[PanelMember, list[ConsentLine]]]:
    """Yield each panellist and moderator of a hearing once, with the uses that apply."""
    seen: set[object] = set()
    for member in panel_seats.members(hearing):
        if member.pk in seen:
            continue
        seats = aliases.seats_of(member, hearing.id)
        seen |= {seat.pk for seat in seats}
        yield member, lines(seats)
