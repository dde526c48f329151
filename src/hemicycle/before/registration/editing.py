"""The secretariat's corrections of a registration, also after the deadline: details and panels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from hemicycle.before.registration import (
    changes,
    entry_types,
    inscriptions,
    links,
    names,
    page_letters,
    refusals,
    review,
    signals,
    waiting,
)
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.panel_room import is_full
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Segment
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer
from hemicycle.ui import territories
from hemicycle.ui.languages import SOURCE
from hemicycle.ui.words import original

OF_PERSON = ("name", "title", "email")
OF_ORGANIZATION = ("organization", "country")
OWN = (
    *("language", "gender", "rank", "eligibility", "access_needs", "consents_to_list"),
    *("contact_email", "category"),
)


def edit(
    *,
    registration: Registration,
    facts: Facts,
    data: Mapping[str, Any],
    reason: str,
    tell: bool = True,
    actor: Actor,
) -> list[str]:
    """Correct a registration as the secretariat; return the names of what changed.

    `data` has fields of `office_forms.EditForm`; fields that it lacks do not change. A panel that
    is added after the deadline needs a `reason`, and its place is marked as admitted late. With
    `tell` the participant gets a letter. Raises `RegistrationRefused`, with nothing changed.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        old_email = current.person.email
        changed = [
            *_assign(current.person, OF_PERSON, data),
            *_assign_organization(record, current, data),
            *_assign(current, OWN, _with_category(facts, data)),
        ]
        if changed:
            _save(record, current, changed, old_email)
        if "segments" in data:
            changed += _set_panels(record, current, facts, data["segments"], reason=reason)
        if changed:
            review.add_note(registration=current, note=reason, actor=actor)
        if changed and tell:
            page_letters.corrected(current)
        if current.alias and not {"organization", "other_name", "name"}.isdisjoint(changed):
            signals.alias_changed.send(record, current)
    return changed


def _with_category(facts: Facts, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` with the category itself in place of its id."""
    if "category" not in data:
        return dict(data)
    wanted = str(data["category"])
    return dict(data) | {"category": next(row for row in facts.categories if str(row.id) == wanted)}


def _assign(
    row: Person | Registration, fields: tuple[str, ...], data: Mapping[str, Any]
) -> list[str]:
    changed = [name for name in fields if name in data and getattr(row, name) != data[name]]
    for name in changed:
        setattr(row, name, data[name])
    return changed


def _assign_organization(
    record: Writer, registration: Registration, data: Mapping[str, Any]
) -> list[str]:
    """Change the name or country of the organization's row; return the names of what changed."""
    body = registration.organization
    before = {"organization": original(body.name), "country": body.country}
    wanted = {name: data.get(name, before[name]) for name in OF_ORGANIZATION}
    changed = [name for name in OF_ORGANIZATION if wanted[name] != before[name]]
    given = _given_names(data)
    if given not in (None, (body.original_language, body.translations)):
        changed.append("other_name")
    if not changed:
        return []
    key = names.name_key(wanted["organization"])
    if registration.is_mission and key != registration.organization_key:
        _move_delegation(registration, wanted["organization"], key)
    if given is not None:
        body.original_language, body.translations = given
    elif "organization" in changed:  # its other names belonged to its former name
        others = _other_names(registration, wanted["organization"], wanted["country"])
        body.original_language = SOURCE if others else ""
        body.translations = {tag: {"name": name} for tag, name in others.items()}
    body.name, body.country, body.name_key = wanted["organization"], wanted["country"], key
    registration.organization_key = key
    registration.loose_key = names.loose_key(wanted["organization"])
    body.save(update_fields=("name", "country", "name_key", "original_language", "translations"))
    return changed


def _given_names(data: Mapping[str, Any]) -> tuple[str, dict[str, dict[str, str]]] | None:
    """Return the language of the name and the second name; None if the form has no such fields."""
    if "other_name" not in data:
        return None
    if not data["other_name"]:
        return data["organization_language"], {}
    return data["organization_language"], {
        data["other_name_language"]: {"name": data["other_name"]}
    }


def _other_names(registration: Registration, name: str, country: str) -> dict[str, str]:
    """Return a Member State's name in the other official languages; nothing for another name."""
    if not registration.is_mission or not country:
        return {}
    own = territories.official_names(country)
    return own if own.pop(SOURCE) == name else {}


def _move_delegation(registration: Registration, name: str, key: str) -> None:
    """Change the delegation of the places; refuse one that is already on the list of a panel."""
    held = registration.inscriptions.exclude(delegation="").select_related("segment")
    on_list = [row for row in held if row.is_on_list]
    for row in on_list:
        others = Inscription.objects.filter(
            segment=row.segment_id, delegation=key, state=Inscription.State.INSCRIBED
        )
        if others.exclude(registration=registration).exists():
            raise refusals.inscribed_already(name, row.segment)
    held.update(delegation=key)


def _save(record: Writer, registration: Registration, changed: list[str], old_email: str) -> None:
    person = registration.person
    registration.search_key = changes.search_key(registration, *registration.organization.names)
    person.save(update_fields=OF_PERSON)
    if "email" in changed:
        links.renew(registration)
    registration.save(
        update_fields=(
            *OWN,
            *("organization_key", "loose_key", "search_key", "link_number", "link_hash"),
        )
    )
    own = registration.id.hex
    record.append(entry_types.CORRECTED, {"registration": own, "fields": sorted(changed)})
    inscriptions.correct_language(record, registration)
    if "rank" in changed:
        registration.inscriptions.update(rank=registration.rank)
    signals.registration_corrected.send(record, registration)
    if "email" in changed:
        body = {"registration": own, "link": registration.link_number}
        record.append(entry_types.EMAIL_CHANGED, body)
        page_letters.address_changed(registration, old_email)


def choose_panels(
    *,
    registration: Registration,
    facts: Facts,
    wanted: tuple[UUID, ...],
    received_at: datetime,
    actor: Actor,
) -> bool:
    """Let a participant ask for other panels, until the deadline; return whether that changed any.

    Raises `RegistrationRefused`, with nothing changed.
    """
    facts.check_open(registration.track, received_at)
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        if not current.is_live:
            raise refusals.withdrawn()
        return bool(_set_panels(record, current, facts, wanted, received_at=received_at))


# ── Panels ────────────────────────────────────────────────────────────────────────────────────
def _set_panels(
    record: Writer,
    registration: Registration,
    facts: Facts,
    wanted: tuple[UUID, ...],
    *,
    reason: str = "",
    received_at: datetime | None = None,
) -> list[str]:
    """Join the new panels at the ends of their lists, then leave those that are not wanted."""
    held = panels_of(registration)
    gone = tuple(panel for panel in held if panel not in wanted)
    new = [facts.panel(panel) for panel in wanted if panel not in held]
    is_late = facts.is_past(registration.track, received_at or clock.from_ms(record.now))
    if new and is_late and not reason.strip():
        raise refusals.reason_for_late("reason")
    for panel in new:
        _join(record, registration, panel, reason if is_late else "")
    if wanted and not registration.wishes_to_intervene:
        registration.wishes_to_intervene = True
        registration.save(update_fields=("wishes_to_intervene",))
    if gone:
        changes.withdraw(
            registration=registration, segments=gone, reason=reason, actor=record.actor
        )
    elif new:
        waiting.fill(record)
    return ["segments"] if gone or new else []


def panels_of(registration: Registration) -> set[UUID]:
    """Return the panels whose lists a registration is on, waits for, or joins once proved."""
    rows = registration.inscriptions.filter(
        state__in=(Inscription.State.INSCRIBED, Inscription.State.UNPROVED)
    )
    return {
        *rows.values_list("segment_id", flat=True),
        *registration.waits.values_list("segment_id", flat=True),
    }


def check_delegation(registration: Registration, panel: Segment) -> None:
    """Raise `RegistrationRefused` if the mission's delegation is already on the panel's list."""
    if registration.is_mission and not registration.lacks_proof:
        stands = Inscription.objects.filter(
            segment=panel,
            delegation=registration.organization_key,
            state=Inscription.State.INSCRIBED,
        )
        if stands.exists():
            raise refusals.inscribed_already(registration.organization.name, panel)


def _join(record: Writer, registration: Registration, panel: Segment, late: str) -> None:
    check_delegation(registration, panel)
    if panel.waiting_list and (
        is_full(panel, registration) or registration.status == registration.Status.WAITING
    ):
        waiting.join(record, registration, [panel])
        return
    row = inscriptions.inscribe(registration=registration, segment=panel, actor=record.actor)
    if late:
        admit_late(record, row, late)


def admit_late(record: Writer, row: Inscription, reason: str) -> None:
    """Mark a place as given after the deadline, with the reason on the record."""
    row.is_late = True
    row.save(update_fields=("is_late",))
    body = {
        "inscription": row.id.hex,
        "registration": row.registration_id.hex,
        "reason": record.note(reason),
    }
    record.append(entry_types.SPEAKER_ADMITTED_LATE, body)
