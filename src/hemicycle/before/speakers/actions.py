"""The secretariat's actions on the order of a list of speakers.

Before a panel opens, they change rows. From then on, each action is an act on the floor, and
`projections` writes its events back to the rows, so that list and floor always agree. Places are
taken and withdrawn in `registration.inscriptions`.
"""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration.inscriptions import ask
from hemicycle.before.registration.list_phase import ListPhase, floor_in, phase_of
from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.refusals import ListRefused
from hemicycle.before.speakers import entry_types, rules
from hemicycle.before.speakers.models import Move
from hemicycle.before.speakers.ordering import ids_in_order
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure import commands as c
from hemicycle.procedure.order import BadRule
from hemicycle.record import writer
from hemicycle.ui.refusals import sentence_of

RANKS = range(1, 10)
LONGEST_REASON = 500


def move(
    *, inscription: Inscription, before: Inscription | None, reason: str, actor: writer.Actor
) -> None:
    """Move a speaker in front of another, or to the end of the list; the reason is stored.

    Raises `ListRefused` without a reason, if either of them is not on the list, and for a move that
    changes nothing.
    """
    segment = inscription.segment
    reason = checked_reason(reason)
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        floor = floor_in(record, segment.meeting_id)
        phase = phase_of(segment, floor)
        check_changeable(phase)
        _check_move(inscription, before, ids_in_order(segment, floor))
        put(record, inscription, before, phase, reason)


def put(
    record: writer.Writer,
    inscription: Inscription,
    before: Inscription | None,
    phase: ListPhase,
    reason: str,
) -> Move:
    """Move a speaker in front of another; return the row that says who moved them and why."""
    target = before.id.hex if before else None
    if phase is ListPhase.OPEN:
        ask(inscription.segment, c.MoveSlot(inscription.id.hex, target), record.actor, note=reason)
        return Move.objects.filter(inscription=inscription).latest("seq")  # made by `projections`
    note = record.note(reason)
    body = {"inscription": inscription.id.hex, "before": target, "note": note}
    entry = record.append(entry_types.MOVED, body)
    return Move.objects.create(
        inscription=inscription,
        before=before,
        reason=note,
        moved_by=person_of(record.actor),
        seq=entry.seq,
    )


def checked_reason(reason: str) -> str:
    """Return the reason on one line, cut to `LONGEST_REASON` characters.

    Raises `ListRefused` for an empty one.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise ListRefused(_("Give the reason for moving the speaker. It is saved in the record."))
    return reason


def check_changeable(phase: ListPhase) -> None:
    """Raise `ListRefused` for the list of a panel that is over."""
    if phase is ListPhase.OVER:
        raise ListRefused(
            _("This panel is over, so its list of speakers can no longer be changed.")
        )


def _check_move(
    inscription: Inscription, before: Inscription | None, order: tuple[str, ...]
) -> None:
    own = inscription.id.hex
    if own not in order or (before is not None and before.id.hex not in order):
        raise ListRefused(_("Only speakers on the list of this panel can be moved."))
    target = before.id.hex if before else None
    after = (*order, None)[order.index(own) + 1]
    if target in (own, after):
        raise ListRefused(_("The speaker is already in this position."))


def set_rule(*, hearing: Hearing, merge: dict[str, Any], actor: writer.Actor) -> None:
    """Change how the tracks are merged; earlier moves still apply afterwards.

    Raises `ListRefused` for an invalid rule.
    """
    try:
        rule = rules.rule_of(merge)
    except BadRule as error:
        raise ListRefused(sentence_of(error)) from error
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
    """Set the protocol rank, 1 (highest) to 9, which counts if the rule is *protocol*.

    Raises `ListRefused` for another rank.
    """
    if rank not in RANKS:
        raise ListRefused(_("A protocol rank is a whole number from 1 (highest) to 9."))
    with writer.writing(inscription.hearing_id, actor=actor) as record:
        inscription.refresh_from_db(fields=["rank"])
        if inscription.rank == rank:
            return
        inscription.rank = rank
        inscription.save(update_fields=["rank"])
        record.append(entry_types.RANKED, {"inscription": inscription.id.hex, "rank": rank})


def person_of(actor: writer.Actor) -> Person | None:
    """Return the person behind an actor; None if a part of the system acts."""
    try:
        return Person.objects.filter(pk=UUID(hex=actor.id)).first()
    except ValueError:
        return None
