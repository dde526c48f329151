"""Entries about registrations, and what erasing a person does to the rows behind them."""

from uuid import UUID

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.secrets import new_secret
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only
from hemicycle.record.writer import Writer

RECEIVED = declare(
    "registration.received",
    *("registration", "person", "organization", "track", "category", "received"),
    erasure=ids_only("registration", "person"),
).name
CORRECTED = declare(
    "registration.corrected", "registration", "fields", erasure=ids_only("registration")
).name
DECIDED = declare(
    "registration.decided",
    *("registration", "outcome", "reason"),
    erasure=ids_only("registration", "reason"),
).name
WITHDRAWN = declare(
    "registration.withdrawn",
    *("registration", "whole", "segments", "reason"),
    erasure=ids_only("registration", "reason"),
).name
REPLACED = declare(
    "registration.person_replaced",
    *("registration", "before", "after"),
    erasure=ids_only("registration", "before", "after"),
).name
_PLACE = ("registration", "segment")
WAITS = declare("registration.waits", *_PLACE, erasure=ids_only("registration")).name
PROMOTED = declare("registration.promoted", *_PLACE, erasure=ids_only("registration")).name
"""`segment` is the panel whose list it is about, or "" for a place in the hearing itself."""
LINK_REVOKED = declare(
    "registration.link_revoked",
    "registration",
    "reason",
    erasure=ids_only("registration", "reason"),
).name
CO_SIGNER_ASKED = declare(
    "co_signer.asked",
    *("registration", "co_signer"),
    erasure=ids_only("registration", "co_signer"),
).name
CO_SIGNER_ANSWERED = declare(
    "co_signer.answered",
    *("registration", "co_signer", "answer"),
    erasure=ids_only("registration", "co_signer"),
).name

_SLOT = ("inscription", "registration", "segment", "track", "place")
SPEAKER_INSCRIBED = declare(
    "speaker.inscribed", *_SLOT, erasure=ids_only("inscription", "registration")
).name
SPEAKER_REINSTATED = declare(
    "speaker.reinstated", *_SLOT, erasure=ids_only("inscription", "registration")
).name
SPEAKER_WITHDRAWN = declare(
    "speaker.withdrawn", "inscription", "cause", erasure=ids_only("inscription")
).name
SPEAKER_ARRIVED_EARLIER = declare(
    "speaker.arrived_earlier", "inscription", "arrival", erasure=ids_only("inscription")
).name
SPEAKER_LANGUAGE_CHANGED = declare(
    "speaker.language_changed", "inscription", "language", erasure=ids_only("inscription")
).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Blank what the person typed, the co-signers they named, and the reasons of decisions."""
    registrations = Registration.objects.filter(person=person, hearing=record.hearing)
    return [row for one in registrations for row in _blank(one, record)]


def _blank(registration: Registration, record: Writer) -> list[str]:
    ids = [registration.id.hex]
    for decision in registration.decisions.exclude(reason=""):
        erasure.erase_note(record, decision.reason)
    for co_signer in registration.co_signers.all():
        ids.append(co_signer.id.hex)
        co_signer.organization_name = co_signer.organization_key = co_signer.id.hex
        co_signer.email, co_signer.link_hash = "", new_secret()[1]
        co_signer.save()
    registration.eligibility = registration.access_needs = ""
    registration.gender = registration.search_key = ""
    registration.alias = "–" if registration.alias else ""  # still no name where there was none
    registration.consents_to_list = False
    registration.link_hash = new_secret()[1]
    registration.save()
    return ids
