"""The acts before which staff of a public site show once more that it is them.

Each is an address by its name, with the methods that do it. What gives somebody a key, what takes
words or people away for good, what the world sees, and what carries personal data out of the house
stands here. `hemicycle.hearing.people.confirmation` asks.
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
    "rehearsal:remove": POST,
}
PUBLISHING = {
    "hearing:publish": POST,
    "hearing:postpone": POST,
    "hearing:end": POST,
    "summary:publish": POST,
}
EXPORTS = dict.fromkeys(
    (
        *("registration:csv", "registration:xlsx", "speakers:csv", "speakers:xlsx"),
        *("outgoing:csv", "outgoing:xlsx", "outgoing:list-csv", "statements:export"),
        *("questions:csv", "questions:xlsx", "training:csv", "training:xlsx"),
        *("summary:circulation-csv", "archive:office-zip"),
    ),
    GET,
)

ACTS = {**APPOINTING, **KEYS, **ERASING, **PUBLISHING, **EXPORTS}
