"""Projections of the floor: events of a slot are written to its inscription at once.

If an event frees a place, or opens a list again, waiting requests move up at the end of the
transaction.
"""

from uuid import UUID

from hemicycle.before.registration import inscriptions, waiting
from hemicycle.before.registration.entry_types import MERGED
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.speakers import letters
from hemicycle.before.speakers.actions import person_of
from hemicycle.before.speakers.models import Move
from hemicycle.hearing.people.models import Role
from hemicycle.procedure import Floor, Refused
from hemicycle.procedure import events as e
from hemicycle.record.models import Entry
from hemicycle.record.writer import Writer

State = Inscription.State
OWN_ACTORS = frozenset({"mission", "stakeholder", "speaker"})
"""Roles in which a participant acts for themselves."""


def follow(record: Writer, meeting: UUID, event: e.Event, floor: Floor) -> None:
    """Update the rows after one event of a meeting, inside its transaction."""
    match event:
        case e.SlotWithdrawn(slot=slot):
            _follow_withdrawal(record, UUID(slot))
        case e.ListReopened() if floor.segment is not None:
            segment = UUID(floor.segment.id)
            record.at_end(lambda turn: _join_late(turn, segment))
            record.at_end(waiting.fill)
        case e.SpeakerReplaced(slot=slot):
            _follow_speaker(slot, floor)
        case e.SlotMoved():
            _follow_move(record, event, floor)
        case e.SegmentClosed(not_reached=slots):
            letters.not_reached(record.hearing, slots)
        case e.ActUndone(act=act):
            _follow_undo(record, act, floor)


def _follow_withdrawal(record: Writer, slot: UUID) -> None:
    Inscription.objects.filter(pk=slot).update(state=State.WITHDRAWN)
    record.at_end(waiting.fill)


def _join_late(record: Writer, segment: UUID) -> None:
    """Put speakers on the open list who were accepted or confirmed while it was closed."""
    rows = Registration.objects.filter(
        Registration.taking_part(),
        inscriptions__segment=segment,
        inscriptions__state=State.INSCRIBED,
    )
    for registration in rows.order_by("inscriptions__arrival"):
        inscriptions.join_floor(record, registration)


def _follow_speaker(slot: str, floor: Floor) -> None:
    now = floor.slots[slot]
    changes: dict[str, object] = {"speaker_id": UUID(now.person)}
    if now.languages:
        changes["language"] = now.languages[0]
    Inscription.objects.filter(pk=UUID(slot)).update(**changes)


def _follow_move(record: Writer, event: e.SlotMoved, floor: Floor) -> None:
    wanted = {UUID(event.slot), *([UUID(event.before)] if event.before else [])}
    rows = Inscription.objects.in_bulk(wanted)
    if moved := rows.get(UUID(event.slot)):
        Move.objects.create(
            inscription=moved,
            before=rows.get(UUID(event.before)) if event.before else None,
            reason=event.note,
            moved_by=person_of(record.actor),
            seq=floor.seq,
        )


def _follow_undo(record: Writer, act: int, floor: Floor) -> None:
    undone = Entry.objects.get(hearing=record.hearing, seq=act)
    if undone.kind == e.SlotWithdrawn.KIND and undone.role in OWN_ACTORS:
        raise Refused("withdrawn")  # others cannot restore a place that its speaker has withdrawn
    if undone.kind in {e.SlotWithdrawn.KIND, e.SpeakerReplaced.KIND}:
        _check_not_merged(record, undone)
    if undone.kind == e.SlotAdded.KIND:
        _follow_undone_place(UUID(undone.fields()["slot"]["id"]), undone.role)
    if undone.kind == e.SegmentClosed.KIND:
        letters.reached_after_all(record.hearing, undone.fields()["not_reached"])
    Move.objects.filter(inscription__hearing_id=record.hearing, seq=act).delete()
    if floor.segment is not None and floor.segment_open:
        _agree(UUID(floor.segment.id), floor)
    record.at_end(waiting.fill)


def _check_not_merged(record: Writer, undone: Entry) -> None:
    """Refuse to undo what the merging of two registrations did on the floor."""
    slot = undone.fields()["slot"]
    merges = Entry.objects.filter(hearing=record.hearing, kind=MERGED, seq__gt=undone.seq)
    if merges.filter(body__contains=slot).exists():
        raise Refused("merged")


def _follow_undone_place(slot: UUID, role: str) -> None:
    # A moderator who added somebody in the room can undo that. An undo cannot remove a place that a
    # participant asked for and got, even if a moderator's act moved them up from the waiting list.
    place = Inscription.objects.filter(pk=slot, state=State.INSCRIBED)
    walked_up = role == Role.MODERATOR and place.filter(is_late=True).update(state=State.WITHDRAWN)
    if not walked_up and place.exists():
        raise Refused("joined")


def _agree(segment: UUID, floor: Floor) -> None:
    """Update every place of the open panel from the floor."""
    rows = Inscription.objects.filter(segment=segment).select_related("registration")
    changed = [row for row in rows if _differs(row, floor)]
    # Save withdrawn places first: a registration may be on a list only once.
    for row in sorted(changed, key=lambda row: row.state == State.INSCRIBED):
        row.save(update_fields=["state", "speaker", "language"])


def _differs(row: Inscription, floor: Floor) -> bool:
    before = (row.state, row.speaker_id, row.language)
    slot = floor.slots.get(row.id.hex)
    if slot is None:
        return False  # it does not take part yet, so the floor has never had it
    if slot.state != "withdrawn":
        if not row.registration.is_live:
            raise Refused("withdrawn")
        row.state = State.INSCRIBED
        row.speaker_id = UUID(slot.person)
        row.language = slot.languages[0] if slot.languages else row.language
    elif row.state == State.INSCRIBED and row.registration.is_live:
        row.state = State.WITHDRAWN
    return before != (row.state, row.speaker_id, row.language)
