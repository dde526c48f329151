"""The secretariat merges two registrations of the same person or organization.

One stays, and all places on lists of speakers are its own from then on: a place that only the other
one has moves to it with its order of arrival, and of two places in one panel the earlier one stays.
Co-signers move with their answers, and what has been written moves with its place
(`signals.registrations_merged`). The other registration ends as if it had been withdrawn. A merge
cannot be undone. Nobody is asked to agree, unlike organizations that are to speak jointly
(`joint`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration import (
    changes,
    decision_letters,
    editing,
    entry_types,
    inscriptions,
    joining,
    merge_letters,
    places,
    proving,
    refusals,
    review,
    roles,
    signals,
    waiting,
)
from hemicycle.before.registration.list_phase import ListPhase, phase_of
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure import Floor
from hemicycle.record import writer
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
MOST_SHOWN = 20
_STANDING = {Status.WAITING: 0, Status.SUBMITTED: 1, Status.ACCEPTED: 2}
_ANSWERED = {
    CoSigner.State.NAMED: 0,
    CoSigner.State.ASKED: 1,
    CoSigner.State.DECLINED: 2,
    CoSigner.State.CONSENTED: 3,
}


# ── Which could be meant ──────────────────────────────────────────────────────────────────────
def candidates(registration: Registration, *, with_aliases: bool) -> list[Registration]:
    """Return active registrations of the same track with the same or nearly the same names.

    Their organization, their person or their address is alike. Without `with_aliases`, those that
    have an alias are left out. They come in the order of arrival.
    """
    person = registration.person
    alike = Q(organization_key=registration.organization_key) | Q(loose_key=registration.loose_key)
    if person.email:
        alike |= Q(person__email__iexact=person.email)
    if person.name:
        alike |= Q(person__name__iexact=person.name)
    return list(_others(registration, with_aliases).filter(alike)[:MOST_SHOWN])


def by_reference(
    registration: Registration, reference: str, *, with_aliases: bool
) -> Registration | None:
    """Return the active registration of the same track with that reference."""
    return _others(registration, with_aliases).filter(reference=reference).first()


def _others(registration: Registration, with_aliases: bool) -> QuerySet[Registration]:
    rows = Registration.objects.filter(
        hearing=registration.hearing_id, track=registration.track, status__in=Registration.LIVE
    ).exclude(pk=registration.pk)
    if not with_aliases:
        rows = rows.filter(alias="")
    return rows.select_related("person", "organization", "category").order_by("arrival")


# ── What changes ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class MergedPlace:
    """The place in a panel that stays, whether it moves to `kept`, and the other one that ends."""

    stays: Inscription
    moves: bool
    ends: Inscription | None

    @property
    def title(self) -> str:
        """The panel's title."""
        return self.stays.segment.title


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging changes: `kept` stays, `left` ends."""

    kept: Registration
    left: Registration
    places: tuple[MergedPlace, ...]
    waits: tuple[Waiting, ...]
    """What `left` waits for, which `kept` then waits for."""

    co_signers: tuple[CoSigner, ...]
    """The co-signers of `left` that move."""

    @property
    def merge(self) -> signals.Merge:
        """The merge as the apps above read it."""
        return signals.Merge(
            self.kept,
            self.left,
            frozenset(place.stays.id for place in self.places),
            {place.ends.id: place.stays.id for place in self.places if place.ends},
        )

    def effects(self) -> list[str]:
        """Return a sentence for each effect on statements, questions and the like."""
        return [said for found in signals.merge_effects.send(self.merge) for said in found]


def plan(kept: Registration, left: Registration) -> MergePlan:
    """Return what `merge` would do now. Raises `RegistrationRefused` if `merge` would."""
    held = _places(kept, left)
    floors = {row.segment.meeting_id: floor_of(row.segment.meeting_id) for row in held}
    _check(kept, left)
    _check_turns(held, floors)
    found = tuple(_merged_places(kept, held, floors))
    panels = {place.stays.segment_id for place in found}
    return MergePlan(kept, left, found, _waits(kept, left, panels), _co_signers(kept, left))


def _places(kept: Registration, left: Registration) -> list[Inscription]:
    rows = Inscription.objects.filter(
        registration__in=(kept, left),
        state__in=(Inscription.State.INSCRIBED, Inscription.State.UNPROVED),
    )
    return list(rows.select_related("segment__meeting").order_by("segment__ordinal", "arrival"))


def _merged_places(
    kept: Registration, held: list[Inscription], floors: dict[UUID, Floor]
) -> Iterable[MergedPlace]:
    """Choose the place that stays in each panel: on the list first, then called, then earlier."""

    def order(row: Inscription) -> tuple[bool, bool, int]:
        floor = floors[row.segment.meeting_id]
        is_called = phase_of(row.segment, floor) is ListPhase.OPEN and row.id.hex in floor.slots
        return not row.is_on_list, not is_called, row.arrival

    for _panel, rows in groupby(held, key=attrgetter("segment_id")):
        stays, *others = sorted(rows, key=order)
        moves = stays.registration_id != kept.id
        yield MergedPlace(stays, moves, others[0] if others else None)


def _waits(kept: Registration, left: Registration, panels: set[UUID]) -> tuple[Waiting, ...]:
    known = panels | set(kept.waits.values_list("segment_id", flat=True))
    rows = left.waits.exclude(segment__in=known).select_related("segment")
    found = tuple(rows.order_by("segment__ordinal"))
    if found and left.arrival < kept.arrival:
        raise _lost_turn(kept, left)
    return found


def _co_signers(kept: Registration, left: Registration) -> tuple[CoSigner, ...]:
    """Return the co-signers of `left` that `kept` has not named or whose answer counts more."""
    own = {row.organization_key: _answered(row) for row in kept.co_signers.all()}
    own[kept.organization_key] = own[left.organization_key] = len(_ANSWERED)
    return tuple(
        row for row in left.co_signers.all() if own.get(row.organization_key, -1) < _answered(row)
    )


def _answered(row: CoSigner) -> int:
    """Return how much an answer counts where both name the same organization."""
    return _ANSWERED[CoSigner.State(row.state)]


# ── What speaks against it ────────────────────────────────────────────────────────────────────
def _check(kept: Registration, left: Registration) -> None:
    if kept.pk == left.pk or (kept.hearing_id, kept.track) != (left.hearing_id, left.track):
        said = _("Only two registrations of one hearing and one track can be merged.")
        raise RegistrationRefused(Reason.UNFIT, said)
    if not kept.is_live or not left.is_live:
        said = _("One of these registrations is no longer active, so they cannot be merged.")
        raise RegistrationRefused(Reason.WITHDRAWN, said)
    if left.alias and left.alias != kept.alias:
        raise _unfit(
            _(
                "%(left)s has an alias, and its places would then show another name. Keep %(left)s "
                "instead."
            ),
            kept,
            left,
        )
    _check_standing(kept, left)


def _check_standing(kept: Registration, left: Registration) -> None:
    """Check that `kept` has at least the standing of `left`, so that no place is lost."""
    theirs = _STANDING[Status(left.status)]
    standing = _STANDING[Status(kept.status)]
    if standing < theirs:
        raise _unfit(
            _(
                "The status of %(left)s is “%(left_status)s” and that of %(kept)s is "
                "“%(kept_status)s”. Keep %(left)s instead."
            ),
            kept,
            left,
        )
    if left.is_confirmed and not kept.is_confirmed:
        said = _("%(left)s is confirmed and %(kept)s is not. Keep %(left)s instead.")
        raise _unfit(said, kept, left)
    if kept.lacks_proof and not left.lacks_proof:
        said = _(
            "The mission of %(left)s is verified and that of %(kept)s is not. Keep %(left)s "
            "instead."
        )
        raise _unfit(said, kept, left)
    if kept.status == left.status == Status.WAITING and left.arrival < kept.arrival:
        raise _lost_turn(kept, left)


def _check_turns(held: list[Inscription], floors: dict[UUID, Floor]) -> None:
    for row in held:
        floor = floors[row.segment.meeting_id]
        slot = floor.slots.get(row.id.hex)
        if floor.holder is not None and floor.holder.slot == row.id.hex:
            raise refusals.ListRefused(_("One of the two has the floor now. Nothing was changed."))
        is_over = phase_of(row.segment, floor) is ListPhase.OVER
        if is_over or (slot is not None and (slot.times or slot.state in inscriptions.SPENT)):
            raise refusals.ListRefused(
                _(
                    "One of the two has spoken, or its panel is over, so they can no longer be "
                    "merged."
                )
            )


def _lost_turn(kept: Registration, left: Registration) -> RegistrationRefused:
    said = _(
        "%(left)s came before %(kept)s and is on a waiting list. Keep %(left)s instead, so that it "
        "keeps its turn."
    )
    return _unfit(said, kept, left)


def _unfit(sentence: str, kept: Registration, left: Registration) -> RegistrationRefused:
    values = {
        "kept": kept.reference,
        "left": left.reference,
        "kept_status": kept.get_status_display(),
        "left_status": left.get_status_display(),
    }
    return RegistrationRefused(Reason.UNFIT, sentence % values)


# ── The act ───────────────────────────────────────────────────────────────────────────────────
def merge(
    *, hearing: Hearing, kept: UUID, left: UUID, reason: str, note: str = "", actor: Actor
) -> bool:
    """Merge `left` into `kept`; return whether that changed anything.

    Merging again changes nothing. Both people read the `reason`; only the secretariat reads the
    `note`. The deadline does not matter. Raises `RegistrationRefused`, with nothing changed, if
    `plan` does.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        rows = {row.pk: changes.current_of(row) for row in _pair(hearing, kept, left)}
        if rows[left].merged_into_id == kept:
            return False
        planned = plan(rows[kept], rows[left])
        told = merge_letters.told(planned.kept, planned.left)
        _move_places(record, planned)
        _move_waits(planned)
        _move_co_signers(record, planned)
        signals.registrations_merged.send(record, planned.merge)
        _end(record, planned)
        _record(record, planned, reason)
        review.add_note(registration=planned.kept, note=note, actor=actor)
        for registration in told:
            merge_letters.merged(registration, planned.kept, planned.left, reason)
        waiting.fill(record)
    return True


def _pair(hearing: Hearing, *ids: UUID) -> list[Registration]:
    rows = list(Registration.objects.filter(hearing=hearing, pk__in=ids))
    if len(rows) != len(ids):
        said = _("Only two registrations of one hearing and one track can be merged.")
        raise RegistrationRefused(Reason.UNFIT, said)
    return rows


def _move_places(record: Writer, planned: MergePlan) -> None:
    for place in planned.places:
        if place.ends:
            _end_place(record, place.ends)
    for place in planned.places:
        if place.moves:
            _move_place(record, planned.kept, place.stays)
    if planned.kept.takes_part:
        inscriptions.join_floor(record, planned.kept)


def _end_place(record: Writer, row: Inscription) -> None:
    if row.is_on_list:
        inscriptions.withdraw(inscription=row, actor=record.actor)
    else:
        row.state = Inscription.State.WITHDRAWN
        row.save(update_fields=("state",))


def _move_place(record: Writer, kept: Registration, row: Inscription) -> None:
    """Give a place with its order of arrival to the registration that stays."""
    if kept.is_mission and row.is_on_list and row.delegation != kept.organization_key:
        editing.check_delegation(kept, row.segment)
        row.delegation = kept.organization_key
    row.registration, row.rank = kept, kept.rank
    row.save(update_fields=("registration", "rank", "delegation"))
    inscriptions.replace_speaker(
        inscription=row, person=kept.person, language=kept.language, actor=record.actor
    )
    if row.state == Inscription.State.UNPROVED and not kept.lacks_proof:
        proving.settle(record, kept, row)


def _move_waits(planned: MergePlan) -> None:
    panels = [place.stays.segment_id for place in planned.places]
    planned.kept.waits.filter(segment__in=panels).delete()
    Waiting.objects.filter(pk__in=[row.pk for row in planned.waits]).update(
        registration=planned.kept
    )
    planned.left.waits.all().delete()


def _move_co_signers(record: Writer, planned: MergePlan) -> None:
    """Move co-signers with their answers; of two with the same name, one is removed."""
    kept, moving = planned.kept, planned.co_signers
    doubled = kept.co_signers.filter(organization_key__in=[row.organization_key for row in moving])
    staying = planned.left.co_signers.exclude(pk__in=[row.pk for row in moving])
    for row in (*doubled, *staying):
        body = {"registration": row.registration_id.hex, "co_signer": row.id.hex}
        record.append(entry_types.CO_SIGNER_REMOVED, body)
        row.delete()
    for row in moving:
        row.registration = kept
        row.save(update_fields=("registration",))
    if kept.is_confirmed:
        named = [row for row in moving if row.state == CoSigner.State.NAMED]
        joining.ask_all(record, kept, named)


def _end(record: Writer, planned: MergePlan) -> None:
    kept, left = planned.kept, planned.left
    left.status, left.merged_into, left.wishes_to_intervene = Status.WITHDRAWN, kept, False
    left.save(update_fields=("status", "merged_into", "wishes_to_intervene"))
    left.pending_changes.all().delete()
    asks = bool(inscriptions.on_lists(kept)) or kept.waits.exists()
    kept.wishes_to_intervene = kept.wishes_to_intervene or asks
    kept.save(update_fields=("wishes_to_intervene",))
    roles.take(left)
    decision_letters.supersede(left)
    places.withdraw_places(record, left, ())
    if kept.alias:
        signals.alias_changed.send(record, kept)


def _record(record: Writer, planned: MergePlan, reason: str) -> None:
    record.append(
        entry_types.MERGED,
        {
            "registration": planned.kept.id.hex,
            "merged": planned.left.id.hex,
            "places": [place.stays.id.hex for place in planned.places if place.moves],
            "ended": [place.ends.id.hex for place in planned.places if place.ends],
            "reason": record.note(reason),
        },
    )
