"""The balance adviser: a list's shares, a proposal within the published bound, and its acceptance.

A person decides: `accept` makes the proposal's moves in the usual way, each with the reason, after
one entry with the inputs from which `hemicycle verify` recomputes them (`record.verify.balances`).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from hemicycle.before.registration.list_phase import floor_in
from hemicycle.before.registration.refusals import ListRefused
from hemicycle.before.speakers import actions, entry_types, grouping, queries
from hemicycle.before.speakers.models import Move
from hemicycle.before.speakers.ordering import arranged
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.before.speakers.rules import rule_or_default
from hemicycle.hearing.setup.balance import GENDER, BalanceRule, rule_of
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.procedure.balance import (
    NOBODY,
    BalanceEntry,
    ShareChange,
    explained,
    moves_between,
    propose,
    referenced,
    worst_off,
)
from hemicycle.record import writer

UNCALLED = frozenset({"inscribed", "waiting"})
"""The states of speakers who can be moved: neither called nor passed over."""

PLACES = ("act", "attribute", "arrival", "from", "to")
"""The data of a move that stays when its speaker is erased; nothing about the group."""


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """A move of the proposal: places count from 1; `by_arrival` is the place of arrival.

    `change` is the effect on the share of the speaker's group; None if pages do not show it.
    """

    line: ListedSpeaker
    by_arrival: int
    place: int
    to: int
    change: ShareChange | None


@dataclass(frozen=True)
class ListBalance:
    """The inputs of a proposal.

    `arrival` has the ids in order of arrival, `current` in their present order, and `group_of` has
    the group of each.
    """

    listing: SpeakerList
    rule: BalanceRule
    arrival: tuple[str, ...]
    current: tuple[str, ...]
    fixed: frozenset[str]
    group_of: Mapping[str, str]

    @property
    def entries(self) -> list[BalanceEntry]:
        """The speakers in the order of reference."""
        order = referenced(self.arrival, self.current, self.fixed)
        return [BalanceEntry(id, self.group_of[id], id in self.fixed) for id in order]


@dataclass(frozen=True)
class BalanceProposal:
    """The adviser's proposal for a list; `worst_before` and `worst_after` are in places."""

    inputs: ListBalance
    moves: tuple[ProposedMove, ...]
    pairs: tuple[tuple[str, str | None], ...]
    furthest: int
    worst_before: float
    worst_after: float

    @property
    def digest(self) -> str:
        """The digest of the proposal, which is accepted only as the officer saw it."""
        said = [self.inputs.arrival, self.inputs.current, sorted(self.inputs.fixed), self.pairs]
        return sha256(json.dumps(said).encode()).hexdigest()[:32]


def inputs_for(listing: SpeakerList, left: Collection[str] = ()) -> ListBalance:
    """Return the inputs of a list; `left` are ids of speakers who stay in place.

    Speakers whom the secretariat moved by hand, or who were called, stay as well.
    """
    segment = listing.segment
    lines = listing.on_list
    rows = [line.inscription for line in listing.lines]
    by_hand = list(
        Move.objects.filter(inscription__segment=segment, balance__isnull=True)
        .order_by("seq")
        .values_list("inscription_id", "before_id")
    )
    current = tuple(line.inscription.id.hex for line in lines)
    hand_moved = {id.hex for id, _before in by_hand}
    called = {line.inscription.id.hex for line in lines if line.state not in UNCALLED}
    rule = rule_of(segment.meeting.hearing)
    merge = rule_or_default(segment.meeting.hearing.merge)
    standing = frozenset(current)
    ordered = [id for id in arranged(rows, merge, by_hand) if id in standing]
    held = [line.inscription for line in lines]
    return ListBalance(
        listing=listing,
        rule=rule,
        arrival=(*ordered, *(id for id in current if id not in set(ordered))),
        current=current,
        fixed=standing & (hand_moved | called | set(left)),
        group_of=grouping.groups_of(held, rule.attribute) if rule.is_on else {},
    )


def proposal(inputs: ListBalance) -> BalanceProposal:
    """Return the proposal for a list; the hearing must have a rule of balance."""
    rule, entries = inputs.rule, inputs.entries
    order = propose(entries, rule.bound, rule.shares).order
    pairs = moves_between(inputs.current, order, inputs.fixed)
    by_id = {line.inscription.id.hex: line for line in inputs.listing.on_list}
    arrival = {id: place for place, id in enumerate(inputs.arrival, 1)}
    was = {id: place for place, id in enumerate(inputs.current, 1)}
    now = {id: place for place, id in enumerate(order, 1)}
    ids = [id for id, _before in pairs]
    changes = explained(entries, inputs.current, order, ids, rule.shares)
    moves = [
        ProposedMove(by_id[id], arrival[id], was[id], now[id], _sayable(rule, changes.get(id)))
        for id in sorted(ids, key=lambda id: now[id])
    ]
    reference = {entry.id: place for place, entry in enumerate(entries, 1)}
    return BalanceProposal(
        inputs,
        tuple(moves),
        tuple(pairs),
        furthest=max((abs(now[id] - reference[id]) for id in order), default=0),
        worst_before=float(worst_off(entries, inputs.current, rule.shares)),
        worst_after=float(worst_off(entries, order, rule.shares)),
    )


def _sayable(rule: BalanceRule, change: ShareChange | None) -> ShareChange | None:
    """Return the change of a share; None if it says nothing or would reveal a person's gender."""
    if rule.attribute == GENDER or change is None or change.before == change.after:
        return None
    return change


def accept(
    *, segment: Segment, left: Collection[str], seen: str, reason: str, actor: writer.Actor
) -> int:
    """Make the moves of the proposal that was `seen` (its digest); return how many.

    Raises `ListRefused` without a reason, without a rule, if the proposal has changed since, and if
    there is nothing to move.
    """
    reason = actions.checked_reason(reason)
    hearing = segment.meeting.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        fresh = Hearing.objects.get(pk=hearing.pk)
        hearing.balance, hearing.merge = fresh.balance, fresh.merge
        floor = floor_in(record, segment.meeting_id)
        listing = queries.listing(segment, floor)
        actions.check_changeable(listing.where)
        inputs = inputs_for(listing, left)
        if not inputs.rule.is_on:
            raise ListRefused(_("This hearing has published no rule of balance."))
        made = proposal(inputs)
        if made.digest != seen:
            raise ListRefused(
                _("This is no longer the proposal that you saw. Look at the new one.")
            )
        if not made.moves:
            raise ListRefused(_("There is nothing to move."))
        entry = record.append(entry_types.BALANCED, _body(record, made, reason))
        details = {one.line.inscription.id.hex: one for one in made.moves}
        rows = {line.inscription.id.hex: line.inscription for line in listing.on_list}
        for id, before in made.pairs:
            target = rows[before] if before else None
            row = actions.put(record, rows[id], target, listing.where, reason)
            row.balance = {"act": entry.seq, **_kept(inputs.rule, details[id])}
            row.save(update_fields=["balance"])
    return len(made.moves)


def _kept(rule: BalanceRule, one: ProposedMove) -> dict[str, Any]:
    """Return what pages show about a move, in the form in which its row stores it."""
    said = asdict(one.change) if one.change else {}
    places = {"arrival": one.by_arrival, "from": one.place, "to": one.to}
    return {"attribute": rule.attribute, **places, **said}


def _body(record: writer.Writer, made: BalanceProposal, reason: str) -> dict[str, Any]:
    """Return the body of the entry: all inputs of the moves, with people as places of arrival."""
    inputs = made.inputs
    place = {id: number for number, id in enumerate(inputs.arrival)}
    names = sorted({group for group in inputs.group_of.values() if group != NOBODY})
    groups = [
        names.index(group) if group != NOBODY else None
        for group in (inputs.group_of[id] for id in inputs.arrival)
    ]
    is_beside = inputs.rule.attribute in grouping.BESIDE
    key = record.note(json.dumps({"names": names, "groups": groups})) if is_beside else ""
    return {
        "segment": inputs.listing.segment.id.hex,
        "attribute": inputs.rule.attribute,
        "bound": inputs.rule.bound,
        "shares": dict(inputs.rule.shares),
        "arrival": list(inputs.arrival),
        "current": [place[id] for id in inputs.current],
        "fixed": sorted(place[id] for id in inputs.fixed),
        "names": [] if is_beside else names,
        "groups": [] if is_beside else groups,
        "groups_note": key,
        "moves": [[place[id], place[before] if before else None] for id, before in made.pairs],
        "note": record.note(reason),
    }
