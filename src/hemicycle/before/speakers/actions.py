"""What is done to a list of speakers.

Before a panel opens it is done to rows. From then on each act goes through the floor, and
`following` brings the rows after it, so that list and floor never disagree.
"""

from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from hemicycle.before.registration import refusals
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import Reason
from hemicycle.before.speakers import entry_types, rules
from hemicycle.before.speakers.models import Inscription, Move
from hemicycle.before.speakers.ordering import ids_in_order
from hemicycle.before.speakers.standing import Standing, floor_in, listed, standing
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.procedure import Floor, Refused
from hemicycle.procedure import commands as c
from hemicycle.procedure.order import BadRule
from hemicycle.record import floor as floors
from hemicycle.record import writer
from hemicycle.record.models import Entry

State = Inscription.State
RANKS = range(1, 10)
LONGEST_REASON = 500
SPENT = frozenset({"delivered", "not_reached"})
"""States of a slot whose turn is over: nothing is left to withdraw or to replace."""


class ListRefused(refusals.Refused):
    """An act that the list does not allow; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str, reason: Reason = Reason.MEETING_BEGUN) -> None:
        super().__init__(reason, sentence, "segments")


def inscribe(
    *, registration: Registration, segment: Segment, actor: writer.Actor
) -> tuple[Inscription, Entry]:
    """Put a registration on a panel's list: its place is fixed by the turn that this is called in.

    A place lost by a refusal that is now reversed is given back. Raises `ListRefused` where the
    panel is full, over, or holds the registration already.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        floor = floor_in(record, segment.meeting_id)
        where = standing(segment, floor)
        if where is Standing.OVER:
            raise ListRefused(_("This panel is over; its list takes no more speakers."))
        if where is Standing.OPEN and not floor.list_open:
            raise ListRefused(_("The list of speakers of this panel is closed."))
        _check_room(registration, segment)
        row = _refused_before(registration, segment, floor)
        kind = entry_types.INSCRIBED if row is None else entry_types.REINSTATED
        if row is None:
            row = _new(registration, segment)
        entry = record.append(kind, _place_body(row))
        row.state = State.INSCRIBED
        row.arrival = row.arrival or entry.seq
        row.save()
        if where is Standing.OPEN:
            _ask(segment, c.AddSlot(listed(row)), actor)
    return row, entry


def _check_room(registration: Registration, segment: Segment) -> None:
    standing_now = Inscription.objects.filter(segment=segment, state=State.INSCRIBED)
    if standing_now.filter(registration=registration).exists():
        raise ListRefused(_("You are on the list of this panel already."), Reason.INSCRIBED_ALREADY)
    if segment.max_inscriptions is not None and standing_now.count() >= segment.max_inscriptions:
        raise refusals.panel_full(segment, "segments")


def _refused_before(
    registration: Registration, segment: Segment, floor: Floor
) -> Inscription | None:
    if registration.status != Registration.Status.ACCEPTED:
        return None
    refused = Inscription.objects.filter(
        registration=registration, segment=segment, state=State.REFUSED
    )
    # A slot that the floor has let go of cannot come back to it: that takes a new place.
    return next((row for row in refused if row.id.hex not in floor.slots), None)


def _new(registration: Registration, segment: Segment) -> Inscription:
    same = Inscription.objects.filter(segment=segment, track=registration.track)
    last = same.aggregate(last=Max("place"))["last"] or 0
    return Inscription(
        hearing_id=registration.hearing_id,
        segment=segment,
        registration=registration,
        track=registration.track,
        speaker_id=registration.person_id,
        language=registration.language,
        rank=registration.rank,
        arrival=0,
        place=last + 1,
    )


def _place_body(row: Inscription) -> dict[str, Any]:
    return {
        "inscription": row.id.hex,
        "registration": row.registration_id.hex,
        "segment": row.segment_id.hex,
        "track": row.track,
        "place": row.place,
    }


def count_from(*, inscription: Inscription, seq: int, actor: writer.Actor) -> None:
    """Let a place's order of arrival be that of entry `seq`, by which its request came by mail."""
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        inscription.arrival = seq
        inscription.save(update_fields=["arrival"])
        body = {"inscription": inscription.id.hex, "arrival": seq}
        record.append(entry_types.ARRIVED_EARLIER, body)


def withdraw(
    *, inscription: Inscription, actor: writer.Actor, cause: State = State.WITHDRAWN
) -> Inscription:
    """Give up a place; withdrawing twice is withdrawing once.

    `cause` tells a speaker's own withdrawal from the refusal of the registration. Raises
    `ListRefused` once the speaker has spoken, or the panel is over.
    """
    segment = inscription.segment
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        inscription.refresh_from_db()
        if inscription.state != State.INSCRIBED:
            return inscription
        floor = floor_in(record, segment.meeting_id)
        where = standing(segment, floor)
        if where is Standing.OVER:
            raise ListRefused(_("This panel is over; there is no place left to withdraw."))
        if where is Standing.OPEN and inscription.id.hex in floor.slots:
            _ask(segment, c.WithdrawSlot(inscription.id.hex), actor)
            inscription.refresh_from_db()
            return inscription
        record.append(
            entry_types.WITHDRAWN, {"inscription": inscription.id.hex, "cause": cause.value}
        )
        inscription.state = cause
        inscription.save(update_fields=["state"])
    return inscription


def replace_speaker(
    *, inscription: Inscription, person: Person, language: str = "", actor: writer.Actor
) -> Inscription:
    """Let another person speak in this place, or the same in another language.

    The place stays. Raises `ListRefused` for one who is speaking or whose turn is over.
    """
    segment = inscription.segment
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        floor = floor_in(record, segment.meeting_id)
        where = standing(segment, floor)
        if where is Standing.OVER:
            raise ListRefused(_("This panel is over; nobody can be replaced any more."))
        if where is Standing.OPEN and inscription.id.hex in floor.slots:
            languages = (language,) if language else ()
            slot = inscription.id.hex
            _ask(segment, c.ReplaceSpeaker(slot, person.id.hex, languages), actor)
            inscription.refresh_from_db()
            return inscription
        if language and language != inscription.language:
            body = {"inscription": inscription.id.hex, "language": language}
            record.append(entry_types.LANGUAGE_CHANGED, body)
            inscription.language = language
        inscription.speaker = person
        inscription.save(update_fields=["speaker", "language"])
    return inscription


def move(
    *, inscription: Inscription, before: Inscription | None, reason: str, actor: writer.Actor
) -> None:
    """Put a speaker in front of another, or at the end of the list; a reason is always kept.

    Raises `ListRefused` without a reason, for a place that is none, and for a move that moves
    nothing.
    """
    segment = inscription.segment
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise ListRefused(_("Say why the speaker is moved. The reason is kept on the record."))
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        floor = floor_in(record, segment.meeting_id)
        where = standing(segment, floor)
        if where is Standing.OVER:
            raise ListRefused(_("This panel is over; its list stays as it is."))
        _check_move(inscription, before, ids_in_order(segment, floor))
        target = before.id.hex if before else None
        if where is Standing.OPEN:
            _ask(segment, c.MoveSlot(inscription.id.hex, target), actor, note=reason)
            return
        note = record.note(reason)
        body = {"inscription": inscription.id.hex, "before": target, "note": note}
        entry = record.append(entry_types.MOVED, body)
        Move.objects.create(
            inscription=inscription,
            before=before,
            reason=note,
            moved_by=person_of(record.actor),
            seq=entry.seq,
        )


def _check_move(
    inscription: Inscription, before: Inscription | None, order: tuple[str, ...]
) -> None:
    own = inscription.id.hex
    if own not in order or (before is not None and before.id.hex not in order):
        raise ListRefused(_("Only speakers who stand on the list of this panel can be moved."))
    target = before.id.hex if before else None
    after = (*order, None)[order.index(own) + 1]
    if target in (own, after):
        raise ListRefused(_("The speaker stands there already."))


def set_rule(*, hearing: Hearing, merge: dict[str, Any], actor: writer.Actor) -> None:
    """Change how the tracks are merged; the moves made so far stay on top.

    Raises `ListRefused` for what is no rule.
    """
    try:
        rule = rules.rule_of(merge)
    except BadRule as error:
        raise ListRefused(str(error)) from error
    with writer.writing(hearing.id, actor=actor) as record:
        counts = [turns for _track, turns in rule.tracks] if rule.kind == rules.RATIO else []
        tracks = [track for track, _turns in rule.tracks]
        kept = {"kind": rule.kind, "tracks": tracks, "counts": counts}
        hearing.refresh_from_db(fields=["merge"])
        if {"counts": [], **hearing.merge} == kept:
            return
        hearing.merge = kept
        hearing.save(update_fields=["merge"])
        record.append(entry_types.RULE_CHANGED, kept)


def set_rank(*, inscription: Inscription, rank: int, actor: writer.Actor) -> None:
    """Set the protocol rank, 1 (highest) to 9; it counts where the rule is *protocol*."""
    if rank not in RANKS:
        raise ListRefused(_("A protocol rank is a whole number from 1 (highest) to 9."))
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        inscription.refresh_from_db(fields=["rank"])
        if inscription.rank == rank:
            return
        inscription.rank = rank
        inscription.save(update_fields=["rank"])
        record.append(entry_types.RANKED, {"inscription": inscription.id.hex, "rank": rank})


def _ask(segment: Segment, command: c.Command, actor: writer.Actor, note: str = "") -> None:
    try:
        floors.act(
            hearing=segment.meeting.hearing_id,
            meeting=segment.meeting_id,
            command=command,
            actor=actor,
            note=note,
        )
    except Refused as refused:
        raise ListRefused(_(refused.sentence)) from refused


def person_of(actor: writer.Actor) -> Person | None:
    """The person behind an actor; None where a part of the system acts."""
    try:
        return Person.objects.filter(pk=UUID(hex=actor.id)).first()
    except ValueError:
        return None
