"""Automatic cuts: at an erasure, a withdrawal of consent, and the end of the retention period."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.before.consent import queries as consents
from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import consent_changed, removals, seat_consent_changed
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember
from hemicycle.hearing.setup.signals import copies_elsewhere, personal_holdings, retention_over
from hemicycle.meeting.cutting import actions, letters, proofs, stretches
from hemicycle.meeting.cutting.models import Cut, CutReason
from hemicycle.meeting.cutting.signals import cut_done
from hemicycle.procedure.events import Event, FloorEnded, FloorGiven
from hemicycle.procedure.state import Floor
from hemicycle.record.signals import floor_changed, person_erased
from hemicycle.record.writer import Actor, Writer

FROM_THE_AIR = (Use.WEBCAST, Use.RECORDING)
KEEPER = Actor.system("housekeeping")


def slots_of(hearing: UUID, person: UUID) -> set[str]:
    """Return the slots in which a person spoke or was due to speak."""
    theirs = Q(speaker=person) | Q(registration__person=person)
    own = Inscription.objects.filter(theirs, hearing_id=hearing).values_list("id", flat=True)
    seats = PanelMember.objects.filter(person=person, segment__meeting__hearing=hearing)
    return {slot.hex for slot in (*own, *seats.values_list("id", flat=True))}


@person_erased.connect
def erase_recordings(person: UUID, record: Writer) -> list[str]:
    """Order that an erased person be cut out of every recording, at the end of the transaction."""
    record.at_end(partial(_cut_erased, slots_of(record.hearing, person), person.hex))
    return []


def _cut_erased(slots: set[str], person: str, record: Writer) -> None:
    actions.order_slots(
        hearing=Hearing.objects.get(pk=record.hearing),
        slots=slots,
        reason=CutReason.SPEAKER,
        actor=record.actor,
        person=person,
    )


@consent_changed.connect
def follow_consent(record: Writer, registration: Registration, use: Use, is_given: bool) -> None:
    """Cut a person who withdraws consent out of every recording, including a turn in progress."""
    if not is_given:
        slots, person = consents.slots_of(registration), registration.person_id.hex
        _cut_withdrawn(record, registration.hearing, slots, use, person)


@seat_consent_changed.connect
def follow_seat(
    record: Writer, hearing: Hearing, slots: set[str], use: Use, is_given: bool
) -> None:
    """Cut a panellist out of every recording when they withdraw consent."""
    if not is_given:
        _cut_withdrawn(record, hearing, slots, use)


def _cut_withdrawn(
    record: Writer, hearing: Hearing, slots: set[str], use: Use, person: str = ""
) -> None:
    if use in consents.IN_PUBLIC:
        actions.order_slots(
            hearing=hearing,
            slots=slots,
            reason=CutReason.SPEAKER,
            actor=record.actor,
            only_text=use == Use.TRANSCRIPT,
            person=person,
        )


@floor_changed.connect
def follow_floor(record: Writer, meeting: UUID, event: Event, floor: Floor) -> None:
    """Cut what a person decided in advance to keep out of the webcast, recording or transcript.

    A turn that must not be in the webcast is cut from its start; a turn that may only be watched
    live is cut once it is over.
    """
    uses: tuple[Use, ...]
    if isinstance(event, FloorGiven) and floor.holder is not None:
        slot, uses = floor.holder.slot, (Use.WEBCAST, Use.TRANSCRIPT)
    elif isinstance(event, FloorEnded) and floor.history:
        slot, uses = floor.history[-1].slot, (Use.RECORDING,)
    else:
        return
    found = consents.withheld([slot], *uses).get(slot, set())
    if not found:
        return
    row = Meeting.objects.select_related("hearing").get(pk=meeting)
    stretch = [held for held in stretches.holdings(row, floor) if held.slot == slot][-1]
    for use in found:
        only_text = use == Use.TRANSCRIPT
        actions.order(record, row.hearing, stretch, CutReason.SPEAKER, only_text=only_text)


@retention_over.connect
def clear_recordings(hearing: Hearing) -> int:
    """Order that all recordings of a hearing be removed when their retention period ends."""
    return len(actions.order_all(hearing=hearing, actor=KEEPER))


@personal_holdings.connect
def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield what a person said in meetings, which an erasure cuts from the recordings."""
    spoken = [
        *stretches.of_slots(hearing, slots_of(hearing.id, person.id)),
        *stretches.of_person(hearing, person.id.hex),
    ]
    if spoken:
        yield _(
            "What you said in meetings: removed from the recordings, in every language, with "
            "its captions."
        )


@copies_elsewhere.connect
def downloads(hearing: Hearing) -> Iterable[str]:
    """Yield a warning that recordings may have been downloaded, which nobody counts."""
    if any(True for meeting in hearing.meetings.all() for _one in stretches.of_meeting(meeting)):
        yield _("Anyone can download recordings of the meetings. Downloads are not counted.")


removals.connect(proofs.sentences)


@cut_done.connect
def tell(record: Writer, cut: Cut) -> None:
    """Write to a person who was cut out once all cuts ordered for them have been made."""
    rows = Inscription.objects.filter(pk=UUID(hex=cut.slot)) if cut.slot else ()
    for row in rows:
        registration = row.registration
        slots = consents.slots_of(registration)
        if not Cut.objects.filter(slot__in=slots, done_at=None).exists():
            letters.removed(registration)
