"""Changes to a registration by the registered person and by co-signers."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration import (
    co_signer_letters,
    entry_types,
    inscriptions,
    links,
    names,
    page_letters,
    pending_letters,
    refusals,
    roles,
    signals,
    waiting,
)
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.before.registration.places import withdraw_places
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, erasure, writer
from hemicycle.record.writer import Actor

Status = Registration.Status
RESEND_PAUSE_S = 300
PERSON_FIELDS = ("name", "title", "time_zone")
OWN_FIELDS = ("language", "eligibility", "access_needs", "contact_email", "consents_to_list")


def search_key(registration: Registration, *organization: str) -> str:
    """Return everything by which the secretariat may search a registration, folded."""
    person = registration.person
    parts = (*organization, person.name, person.title, person.email, registration.reference)
    return names.search_key(*parts)


def resend_link(*, registration: Registration) -> bool:
    """Queue the personal link again, to the registered address only; return whether it was queued.

    It is queued at most once in five minutes, so that nobody's mailbox can be filled from a public
    page.
    """
    if not page_letters.may_send_link(registration, RESEND_PAUSE_S):
        return False
    page_letters.link_again(registration)
    return True


def withdraw(
    *, registration: Registration, segments: tuple[UUID, ...] = (), reason: str, actor: Actor
) -> Registration:
    """Withdraw the whole registration, or only the floor in the panels `segments`.

    Both are final. Raises `RegistrationRefused` for a registration that is no longer active.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        if not segments:
            current.status = Status.WITHDRAWN
        if any(not inscriptions.is_open(record, row) for row in _chosen(current, segments)):
            raise refusals.ListRefused(
                _("This panel is over, so you can no longer withdraw from it.")
            )
        withdrawn = [row.segment for row in withdraw_places(record, current, segments)]
        withdrawn += waiting.leave(current, segments)
        still_asks = bool(segments) and bool(inscriptions.on_lists(current))
        current.wishes_to_intervene = still_asks or current.waits.exists()
        current.save(update_fields=("status", "wishes_to_intervene"))
        if not segments:
            roles.take(current)
        body = {
            "registration": current.id.hex,
            "whole": not segments,
            "segments": [segment.id.hex for segment in withdrawn],
            "reason": record.note(reason),
        }
        record.append(entry_types.WITHDRAWN, body)
        page_letters.withdrawn(current, withdrawn)
        waiting.fill(record)
    return current


def leave(*, registration: Registration, actor: Actor) -> None:
    """Withdraw everything active of a person who is about to be erased.

    In a hearing that is over, nothing is withdrawn. Raises `RegistrationRefused` while the person
    has the floor.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = current_of(registration)
        if inscriptions.has_floor(record, current):
            raise refusals.ListRefused(
                _("This person has the floor now. Erase them when their turn is over.")
            )
        if current.is_live and not _is_over(current.hearing):
            withdraw(registration=current, reason="", actor=actor)


def _is_over(hearing: Hearing) -> bool:
    if hearing.is_postponed:
        return False
    ends = (meeting.ends_at for meeting in facts_of(hearing).meetings)
    return hearing.status == Hearing.Status.ENDED or all(end < clock.now() for end in ends)


def erase(*, registration: Registration, actor: Actor) -> None:
    """Erase a person at their own request, and end their further participation.

    Raises `RegistrationRefused`, with nothing changed, while they have the floor.
    """
    with writer.writing(registration.hearing_id, actor=actor):
        leave(registration=registration, actor=actor)
        erasure.erase(hearing=registration.hearing_id, person=registration.person_id, actor=actor)


def _chosen(registration: Registration, segments: tuple[UUID, ...]) -> list[Inscription]:
    return [row for row in inscriptions.on_lists(registration) if row.segment_id in segments]


def current_of(registration: Registration) -> Registration:
    """Read the registration again, as it is now; call this under the record's lock."""
    related = ("hearing", "person", "organization", "category")
    return Registration.objects.select_related(*related).get(pk=registration.pk)


def replace_speaker(
    *, registration: Registration, name: str, email: str, title: str, actor: Actor
) -> Registration:
    """Let another person speak for the organization: the place stays, the link changes."""
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        before = current.person
        after = Person.objects.create(name=name, email=email, title=title, language=before.language)
        Appointment.objects.filter(person=before, hearing_id=current.hearing_id).update(
            person=after
        )
        roles.end_access_of(before)
        current.person = after
        current.search_key = search_key(current, *current.organization.names)
        links.renew(current)
        current.save(update_fields=("person", "search_key", "link_number", "link_hash"))
        current.former_speakers.add(before)
        body = {
            "registration": current.id.hex,
            "before": before.id.hex,
            "after": after.id.hex,
            "link": current.link_number,
        }
        record.append(entry_types.REPLACED, body)
        inscriptions.replace_everywhere(record, current, after)
        signals.speaker_replaced.send(record, current, before, after)
        if current.alias:
            signals.alias_changed.send(record, current)
        page_letters.replaced(current, before)
        pending_letters.tell_contact(current)
    return current


def correct(
    *,
    registration: Registration,
    facts: Facts,
    data: dict[str, str | bool],
    received_at: datetime,
    actor: Actor,
) -> list[str]:
    """Correct one's own details until the track's deadline; return the names of what changed."""
    facts.check_open(registration.track, received_at)
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        changed = [
            *_assign(current.person, PERSON_FIELDS, data),
            *_assign(current, OWN_FIELDS, data),
        ]
        if not changed:
            return []
        current.search_key = search_key(current, *current.organization.names)
        current.person.save(update_fields=PERSON_FIELDS)
        current.save(update_fields=(*OWN_FIELDS, "search_key"))
        body = {"registration": current.id.hex, "fields": sorted(changed)}
        record.append(entry_types.CORRECTED, body)
        inscriptions.correct_language(record, current)
        signals.registration_corrected.send(record, current)
        if current.alias and "name" in changed:
            signals.alias_changed.send(record, current)
    return changed


def _assign(
    row: Person | Registration, fields: tuple[str, ...], data: dict[str, str | bool]
) -> list[str]:
    changed = [name for name in fields if name in data and getattr(row, name) != data[name]]
    for name in changed:
        setattr(row, name, data[name])
    return changed


def answer_co_signing(*, co_signer: CoSigner, state: CoSigner.State) -> CoSigner:
    """Agree or decline to join; the actor is the co-signer, who may change the answer later.

    Raises `RegistrationRefused` when the meeting has started or the registration is no longer
    active.
    """
    registration = co_signer.registration
    actor = Actor(id=co_signer.id.hex, role="co-signer")
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = CoSigner.objects.select_related(
            "registration__hearing", "registration__person", "registration__organization"
        ).get(pk=co_signer.pk)
        if not current.registration.is_live:
            raise refusals.withdrawn()
        if has_begun(current.registration, clock.from_ms(record.now)):
            raise refusals.meeting_begun()
        if current.state == state:
            return current
        current.state, current.answered_at = state, clock.from_ms(record.now)
        current.save(update_fields=("state", "answered_at"))
        body = {
            "registration": registration.id.hex,
            "co_signer": current.id.hex,
            "answer": state.value,
        }
        record.append(entry_types.CO_SIGNER_ANSWERED, body)
        co_signer_letters.answered(current)
    return current


def has_begun(registration: Registration, now: datetime) -> bool:
    """Whether the meeting of a panel that the registration asked for has started."""
    return registration.inscriptions.filter(
        state=Inscription.State.INSCRIBED, segment__meeting__starts_at__lte=now
    ).exists()
