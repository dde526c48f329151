"""The actions before which staff of a public site must confirm their identity again.

Each is the name of an address, with its methods. The list contains actions that give someone a key,
delete texts or people for good, change what the public sees, or export personal data.
`hemicycle.hearing.people.confirmation` asks for the proof.
"""

GET, POST = frozenset({"GET"}), frozenset({"POST"})

APPOINTING = {
    "hearing:people": POST,
    "hearing:send-link": POST,
    "hearing:dismiss": POST,
    "hearing:seat-of": POST,
    "interpretation:office": POST,
    "accreditation:focal-points": POST,
}
KEYS = {
    "people:passkeys": GET,
    "people:passkey-begin": POST,
    "people:passkey-remove": POST,
    "people:app": GET | POST,
    "people:app-remove": POST,
    "people:recovery-codes": POST,
    "api:office": POST,
    "api:webhook": GET,
    "api:press": POST,
}
ERASING = {
    "cutting:office": POST,
    "hearing:erase": POST,
    "operating:delete-draft": POST,
    "rehearsal:remove": POST,
}
PUBLISHING = {
    "hearing:publish": POST,
    "hearing:unpublish": POST,
    "hearing:move": POST,
    "hearing:postpone": POST,
    "outgoing:plan": POST,
    "hearing:end": POST,
    "summary:publish": POST,
    "summary:publish-messages": POST,
}
EXPORTS = dict.fromkeys(
    (
        *("registration:csv", "registration:xlsx", "speakers:csv", "speakers:xlsx"),
        *("outgoing:csv", "outgoing:xlsx", "outgoing:list-csv", "statements:export"),
        *("questions:csv", "questions:xlsx", "training:csv", "training:xlsx"),
        *("summary:circulation-csv", "summary:messages-csv", "archive:office-zip"),
    ),
    GET | POST,
)

ACTS = {**APPOINTING, **KEYS, **ERASING, **PUBLISHING, **EXPORTS}
