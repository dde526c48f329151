"""Entries about accreditation."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

_PIECE = ids_only("registration", "evidence")
EVIDENCE_ADDED = declare(
    "evidence.added", *("registration", "evidence", "form", "size"), erasure=_PIECE
).name
EVIDENCE_REMOVED = declare("evidence.removed", "registration", "evidence", erasure=_PIECE).name

FOCAL_POINT_NAMED = declare(
    "focal_point.named",
    *("focal_point", "person", "category"),
    erasure=ids_only("focal_point", "person"),
).name
FOCAL_POINT_DISMISSED = declare(
    "focal_point.dismissed", "focal_point", "person", erasure=ids_only("focal_point", "person")
).name

_ASKED = ids_only("registration", "approval", "focal_point", "reason")
APPROVAL_ASKED = declare(
    "approval.asked", *("registration", "approval", "focal_point", "expires"), erasure=_ASKED
).name
APPROVAL_ANSWERED = declare(
    "approval.answered", *("registration", "approval", "answer", "reason"), erasure=_ASKED
).name
APPROVAL_REVOKED = declare("approval.revoked", "registration", "approval", erasure=_ASKED).name

EDITION_FROZEN = declare(
    "no_objection.frozen",
    *("edition", "number", "lines", "deadline", "digest"),
    erasure=nothing_personal,
).name
EDITION_CIRCULATED = declare(
    "no_objection.circulated", "edition", "recipients", erasure=nothing_personal
).name
LINE_LEFT_OUT = declare(
    "no_objection.left_out",
    *("edition", "registration", "reason", "lines", "digest"),
    erasure=ids_only("registration", "reason"),
).name
EDITION_DISCARDED = declare(
    "no_objection.discarded", "edition", "reason", erasure=nothing_personal
).name
EDITION_REPLACED = declare(
    "no_objection.replaced",
    *("edition", "successor", "added", "removed", "corrected", "objections"),
    erasure=nothing_personal,
).name
EDITION_WITHDRAWN = declare(
    "no_objection.withdrawn", "edition", "recipients", "reason", erasure=nothing_personal
).name
EDITION_RECALLED = declare(
    "no_objection.recalled", "edition", "letters", erasure=nothing_personal
).name
EDITION_RELEASED = declare(
    "no_objection.released", "edition", "letters", erasure=nothing_personal
).name
EDITION_CLOSED = declare(
    "no_objection.closed", "edition", "accepted", erasure=nothing_personal
).name
OBJECTED = declare(
    "objection.entered",
    *("objection", "registration", "mission", "received", "reason"),
    erasure=ids_only("objection", "registration", "reason"),
).name
SETTLED = declare(
    "objection.settled",
    *("objection", "registration", "answer", "reason"),
    erasure=ids_only("objection", "registration", "reason"),
).name
