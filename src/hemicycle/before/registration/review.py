"""The secretariat's actions on registrations: decide, and revoke or reissue links."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hemicycle import security_log
from hemicycle.before.registration import (
    entry_types,
    inscriptions,
    letters,
    links,
    page_letters,
    panel_room,
    places,
    proving,
    refusals,
    roles,
    signals,
    waiting,
)
from hemicycle.before.registration.changes import current_of
from hemicycle.before.registration.models import Decision, Inscription, Registration
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.redaction import without_links
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer
from hemicycle.security_log import SecurityEvent

Status = Registration.Status


def decide(
    *,
    hearing: Hearing,
    chosen: Iterable[UUID],
    outcome: RegistrationStatus,
    reason: str,
    note: str = "",
    decided_by: Person | None,
    actor: Actor,
    at: datetime | None = None,
) -> int:
    """Accept or refuse registrations in one transaction; return how many changed.

    The applicant reads `reason` in the letter; only the secretariat reads `note`. If `at` is given,
    the letters are sent at that time, and can be stopped until then.

    Registrations already decided in this way, and withdrawn ones, stay unchanged. A refusal
    withdraws the places; reversing it requests them again, and each gets its former position on the
    list. A freed place is given to the registration that has waited longest for it. Raises
    `RegistrationRefused`, with nothing changed, if it would accept a registration on the waiting
    list or if the places are taken by then.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        found = undecided(hearing, chosen, outcome)
        if outcome == Status.ACCEPTED:
            _check_accepted(found, note or reason)
        for registration in found:
            _decide(record, registration, outcome, reason, decided_by)
            letters.decided(registration, reason, at)
            add_note(registration=registration, note=note, actor=actor)
        waiting.fill(record, at)
    return len(found)


@dataclass(frozen=True, slots=True)
class DecisionPreview:
    """What a decision about several registrations would change, and who would get a letter.

    `samples` has for each language the number of letters, the first letter, and its recipient.
    """

    count: int
    letters: int
    samples: tuple[tuple[str, int, Text, Person], ...]


def preview(
    *,
    hearing: Hearing,
    chosen: Iterable[UUID],
    outcome: RegistrationStatus,
    reason: str,
    note: str = "",
    all_or_none: bool = True,
) -> DecisionPreview:
    """Return what `decide` would do now, without changing anything.

    Raises `RegistrationRefused` where `decide` would. Without `all_or_none` nothing is raised: a
    decision leaves out the registrations that cannot be decided.
    """
    rows = undecided(hearing, chosen, outcome)
    if outcome == Status.ACCEPTED and all_or_none:
        _check_accepted(rows, note or reason)
    told: dict[str, list[Registration]] = defaultdict(list)
    for row in rows:
        waits = outcome == Status.ACCEPTED and row.status == Status.WAITING
        if row.is_confirmed and row.person.email and not waits:
            told[row.person.language].append(row)
    samples = tuple(
        (
            language,
            len(found),
            _without_links(letters.decided_text(found[0], outcome, reason)),
            found[0].person,
        )
        for language, found in sorted(told.items())
    )
    return DecisionPreview(len(rows), sum(map(len, told.values())), samples)


def _without_links(text: Text) -> Text:
    return replace(text, body=without_links(text.body))


def undecided(
    hearing: Hearing, chosen: Iterable[UUID], outcome: RegistrationStatus
) -> list[Registration]:
    """Return the chosen registrations that a decision changes, in the order of arrival."""
    rows = Registration.objects.filter(hearing=hearing, pk__in=list(chosen))
    wanted = rows.exclude(status__in=(outcome, Status.WITHDRAWN)).order_by("arrival")
    return list(wanted.select_related("hearing", "person", "organization", "category"))


def _check_accepted(found: list[Registration], reason: str) -> None:
    if waits := sum(registration.status == Status.WAITING for registration in found):
        raise refusals.waits(waits)
    places.check_room_again(
        [registration for registration in found if registration.status == Status.REFUSED]
    )
    for registration in found:
        if registration.lacks_proof:
            proving.check_mission_free(registration)
    signals.pre_accept.send(found, reason)


def add_note(*, registration: Registration, note: str, actor: Actor) -> None:
    """Add a note about a registration to its history, which only the secretariat reads."""
    if not note:
        return
    with writer.writing(registration.hearing_id, actor=actor) as record:
        body = {"registration": registration.id.hex, "note": record.note(note)}
        record.append(entry_types.NOTED, body)


def _decide(
    record: Writer,
    registration: Registration,
    outcome: RegistrationStatus,
    reason: str,
    decided_by: Person | None,
) -> None:
    registration.status = outcome
    registration.save(update_fields=("status",))
    if outcome == Status.ACCEPTED and registration.lacks_proof:
        proving.prove(record, registration, Registration.Vouch.SECRETARIAT)
    note = record.note(reason)
    Decision.objects.create(
        registration=registration,
        outcome=outcome,
        reason=note,
        decided_by=decided_by,
        decided_at=clock.from_ms(record.now),
    )
    body = {"registration": registration.id.hex, "outcome": outcome.value, "reason": note}
    record.append(entry_types.DECIDED, body)
    if outcome == Status.ACCEPTED:
        roles.give(registration)
        _give_places_back(record, registration)
        inscriptions.join_floor(record, registration)
    else:
        roles.take(registration)
        places.withdraw_places(record, registration, ())
    signals.registration_decided.send(record, registration)


def _give_places_back(record: Writer, registration: Registration) -> None:
    """Request the places again that a refusal withdrew; a participant's own withdrawal is final."""
    if not registration.wishes_to_intervene:
        return
    fallen = registration.inscriptions.filter(state=Inscription.State.REFUSED)
    rows = fallen.select_related("segment__meeting").order_by("segment__ordinal")
    for segment in {row.segment_id: row.segment for row in rows}.values():
        if not panel_room.is_full(segment, registration):
            inscriptions.inscribe(registration=registration, segment=segment, actor=record.actor)
        elif segment.waiting_list:
            waiting.join(record, registration, [segment])
        else:
            raise panel_room.refusal(segment, registration)


def revoke_link(
    *, registration: Registration, reason: str, send_new: bool, actor: Actor
) -> Registration:
    """Revoke the personal link; with `send_new`, queue a letter with a new one."""
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = current_of(registration)
        links.renew(current)
        current.save(update_fields=("link_number", "link_hash"))
        body = {
            "registration": current.id.hex,
            "link": current.link_number,
            "reason": record.note(reason),
        }
        record.append(entry_types.LINK_REVOKED, body)
        signals.link_revoked.send(record, current)
        security_log.note(
            SecurityEvent.LINK_REVOKED,
            hearing=current.hearing_id,
            person=current.person_id,
            actor=actor.id,
            what="personal",
        )
        if send_new:
            page_letters.link_replaced(current)
    return current
