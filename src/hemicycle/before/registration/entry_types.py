"""Entries about registrations."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

RECEIVED = declare(
    "registration.received",
    *("registration", "person", "organization", "track", "category", "received", "closes"),
    erasure=ids_only("registration", "person"),
).name
"""`received` and `closes`, the deadline, in ms: `verify` compares them."""
ADMITTED_LATE = declare(
    "registration.admitted_late",
    *("registration", "reason"),
    erasure=ids_only("registration", "reason"),
).name
"""The secretariat admits a registration after the deadline; `registration.received` follows."""
ENTERED = declare(
    "registration.entered", "registration", "way", erasure=ids_only("registration")
).name
"""The secretariat entered the registration for somebody."""
CONFIRMED = declare("registration.confirmed", "registration", erasure=ids_only("registration")).name
LAPSED = declare("registration.lapsed", "registration", erasure=ids_only("registration")).name
VOUCHED = declare(
    "registration.vouched", "registration", "by", erasure=ids_only("registration")
).name
CORRECTED = declare(
    "registration.corrected", "registration", "fields", erasure=ids_only("registration")
).name
EMAIL_CHANGED = declare(
    "registration.email_changed", "registration", "link", erasure=ids_only("registration")
).name
"""The registered address changed; `link` is the number of the new personal link."""
CHANGE_ASKED = declare(
    "registration.change_asked", *("registration", "kind"), erasure=ids_only("registration")
).name
CHANGE_CANCELLED = declare(
    "registration.change_cancelled", *("registration", "kind"), erasure=ids_only("registration")
).name
"""The request to another mailbox to confirm a new address or speaker was cancelled."""
DECIDED = declare(
    "registration.decided",
    *("registration", "outcome", "reason"),
    erasure=ids_only("registration", "reason"),
).name
NOTED = declare(
    "registration.noted", *("registration", "note"), erasure=ids_only("registration", "note")
).name
"""A note of the secretariat, which the applicant does not read."""
WITHDRAWN = declare(
    "registration.withdrawn",
    *("registration", "whole", "segments", "reason"),
    erasure=ids_only("registration", "reason"),
).name
MERGED = declare(
    "registration.merged",
    *("registration", "merged", "places", "ended", "reason"),
    erasure=ids_only("registration", "merged", "reason"),
).name
"""`merged` ended in favour of `registration`: `places` moved to it, `ended` were duplicates."""
REPLACED = declare(
    "registration.person_replaced",
    *("registration", "before", "after", "link"),
    erasure=ids_only("registration", "before", "after"),
).name
PUBLIC_NAME = declare(
    "registration.public_name", *("registration", "alias"), erasure=ids_only("registration")
).name
"""`alias` says whether there is one; the alias itself is in the row, where it can be erased."""
_PLACE = ("registration", "segment")
WAITS = declare("registration.waits", *_PLACE, erasure=ids_only("registration")).name
PROMOTED = declare("registration.promoted", *_PLACE, erasure=ids_only("registration")).name
"""`segment` is the panel whose list it is about, or "" for a place in the hearing itself."""
LINK_REVOKED = declare(
    "registration.link_revoked",
    *("registration", "link", "reason"),
    erasure=ids_only("registration", "reason"),
).name
LETTER_STOPPED = declare(
    "registration.letter_stopped", "registration", erasure=ids_only("registration")
).name
"""The held letter on a decision is not sent; the decision stands."""
LETTER_RELEASED = declare(
    "registration.letter_released", "registration", erasure=ids_only("registration")
).name
CO_SIGNER_ASKED = declare(
    "co_signer.asked",
    *("registration", "co_signer"),
    erasure=ids_only("registration", "co_signer"),
).name
CO_SIGNER_REMOVED = declare(
    "co_signer.removed",
    *("registration", "co_signer"),
    erasure=ids_only("registration", "co_signer"),
).name
CO_SIGNER_ANSWERED = declare(
    "co_signer.answered",
    *("registration", "co_signer", "answer"),
    erasure=ids_only("registration", "co_signer"),
).name
CO_SIGNER_PUBLIC_NAME = declare(
    "co_signer.public_name",
    *("registration", "co_signer", "alias"),
    erasure=ids_only("registration", "co_signer"),
).name

JOINT_PROPOSED = declare(
    "joint.proposed",
    *("proposal", "segment", "first", "second"),
    erasure=ids_only("first", "second"),
).name
"""The secretariat proposes to the holders of two places to speak jointly."""
JOINT_ANSWERED = declare(
    "joint.answered", "proposal", "inscription", "answer", erasure=ids_only("inscription")
).name
JOINT_JOINED = declare(
    "joint.joined",
    *("proposal", "segment", "kept", "left", "co_signer", "before", "after"),
    erasure=ids_only("kept", "left", "co_signer"),
).name
"""`before` and `after` are the list as ids of places, by arrival: `verify` computes both again."""
MISSIONS_LISTED = declare("missions.listed", "added", "removed", erasure=nothing_personal).name
"""How many addresses of missions the secretariat added to its list, and removed from it."""

_SLOT = ("inscription", "registration", "segment", "track", "place")
SPEAKER_INSCRIBED = declare(
    "speaker.inscribed", *_SLOT, erasure=ids_only("inscription", "registration")
).name
SPEAKER_ADMITTED_LATE = declare(
    "speaker.admitted_late",
    *("inscription", "registration", "reason"),
    erasure=ids_only("inscription", "registration", "reason"),
).name
"""The office, or the moderator in the room, puts a registration on a list after the deadline."""
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
