"""Which inscriptions come from the mission that they name, and what happens to the others.

Anybody can write the name of a State into a form. An inscription counts for a mission once one of
three things proves it: the link in the mission's own invitation, a confirmed mailbox on the
secretariat's list of missions, or the secretariat's decision. An unproved one keeps its place in
the order of arrival and waits for the secretariat. It takes no place of a panel or a category, and
does not keep the mission itself from inscribing. The mission on file is notified.
"""

from uuid import UUID

from hemicycle.before.registration import (
    entry_types,
    mission_letters,
    panel_room,
    refusals,
    security_notes,
    waiting,
)
from hemicycle.before.registration.models import Inscription, MissionAddress, Registration
from hemicycle.before.registration.names import name_key
from hemicycle.mail.outgoing import lists
from hemicycle.record.writer import Writer
from hemicycle.ui.territories import missions as names

State = Inscription.State
Status = Registration.Status
Vouch = Registration.Vouch


# ── Whose address is it? ──────────────────────────────────────────────────────────────────────
def addresses_on_file(registration: Registration) -> set[str]:
    """Return the addresses and domains of the mission that a registration names, case-folded.

    They come from the hearing's list of missions and its distribution lists of missions.
    """
    key = registration.organization_key
    own = MissionAddress.objects.filter(hearing=registration.hearing_id, organization_key=key)
    english = names("en")
    found = set(own.values_list("address", flat=True))
    for line in lists.of_missions(registration.hearing):
        called = (line.organization, english.get(line.country, ""))
        if line.country == registration.organization.country or key in map(name_key, called):
            found.add(line.address.casefold())
    return found


def is_on_file(registration: Registration) -> bool:
    """Whether the registered address, or its domain, is on file for the mission."""
    address = registration.person.email.casefold()
    on_file = addresses_on_file(registration)
    return address in on_file or address.rpartition("@")[2] in on_file


# ── Proved ────────────────────────────────────────────────────────────────────────────────────
def prove(record: Writer, registration: Registration, by: Registration.Vouch) -> None:
    """Record the proof that a registration is the mission's, and give it the places it asked for.

    It joins a panel's list by its arrival, waits if the panel is full, and withdraws from a panel
    in which the mission has another inscription already.
    """
    registration.vouched_by = by
    registration.save(update_fields=("vouched_by",))
    record.append(entry_types.VOUCHED, {"registration": registration.id.hex, "by": by.value})
    security_notes.proved(registration, by)
    unproved = registration.inscriptions.filter(state=State.UNPROVED)
    for row in unproved.select_related("segment__meeting").order_by("segment__ordinal"):
        settle(record, registration, row)


def settle(record: Writer, registration: Registration, row: Inscription) -> None:
    """Put the place of a proved mission on the list, on the waiting list, or withdraw it."""
    taken = _stands_already(registration.organization_key, row.segment_id)
    if not taken and not panel_room.is_full(row.segment, registration):
        row.state, row.delegation = State.INSCRIBED, registration.organization_key
    else:
        row.state = State.WITHDRAWN
        body = {"inscription": row.id.hex, "cause": row.state}
        record.append(entry_types.SPEAKER_WITHDRAWN, body)
        if not taken and row.segment.waiting_list:
            waiting.join(record, registration, [row.segment])
    row.save(update_fields=("state", "delegation"))


def _stands_already(key: str, segment: UUID) -> bool:
    rows = Inscription.objects.filter(segment=segment, delegation=key, state=State.INSCRIBED)
    return rows.exists()


def check_mission_free(registration: Registration) -> None:
    """Raise `RegistrationRefused` if the mission already has a place in a requested panel."""
    unproved = registration.inscriptions.filter(state=State.UNPROVED).select_related("segment")
    for row in unproved:
        if _stands_already(registration.organization_key, row.segment_id):
            raise refusals.inscribed_already(registration.organization.name, row.segment)


# ── Not proved ────────────────────────────────────────────────────────────────────────────────
def settle_confirmed(record: Writer, registration: Registration) -> None:
    """Prove a confirmed inscription if its address is on file; otherwise notify the mission."""
    if is_on_file(registration):
        prove(record, registration, Vouch.LIST)
    else:
        security_notes.disputed(registration)
        _tell_mission(registration)


def _tell_mission(registration: Registration) -> None:
    """Write to the mission on file: its addresses, and the people already inscribed for it.

    The letter to a person is in their language. The language of an address alone is unknown, so its
    letter is in English.
    """
    on_file = {address: "en" for address in addresses_on_file(registration) if "@" in address}
    inscribed = Registration.objects.filter(
        Registration.taking_part(),
        hearing=registration.hearing_id,
        organization_key=registration.organization_key,
    ).exclude(vouched_by="")
    for row in inscribed.select_related("person"):
        on_file[row.person.email.casefold()] = row.person.language
    for address, language in sorted(on_file.items()):
        mission_letters.somebody_else(registration, address, language)
