"""The owner of each address: a hearing's mailboxes, their purposes, and tokens after a plus.

A hearing names its mailboxes in its TOML and on its programme page, each by a word; `WORDS` maps
words to purposes. Mail to a mailbox with any other word waits for a person.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Purpose

WORDS = {
    "inscriptions": Purpose.INSCRIPTIONS,
    "inscription": Purpose.INSCRIPTIONS,
    "speakers": Purpose.INSCRIPTIONS,
    "speakerslist": Purpose.INSCRIPTIONS,
    "gaspeakerslist": Purpose.INSCRIPTIONS,
    "statements": Purpose.STATEMENTS,
    "estatements": Purpose.STATEMENTS,
    "statement": Purpose.STATEMENTS,
    "publication": Purpose.PUBLICATION,
    "publish": Purpose.PUBLICATION,
    "questions": Purpose.QUESTIONS,
    "question": Purpose.QUESTIONS,
}
ACTED_ON = (Purpose.STATEMENTS, Purpose.PUBLICATION, Purpose.INSCRIPTIONS, Purpose.QUESTIONS)
FRESH_S = 5.0
LONGEST = 320


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """The hearing to which an address belongs, and the purpose of that address."""

    hearing: UUID
    purpose: Purpose


def purpose_of(word: str) -> Purpose:
    """Return the purpose of a mailbox with this word in the hearing."""
    return WORDS.get(word.strip().lower().replace("-", "").replace("_", ""), Purpose.OTHER)


def split(address: str) -> tuple[str, str]:
    """Split an address into its lower-case form and the token after its plus: ("a@b", "token")."""
    local, _, domain = address.strip().lower().rpartition("@")
    base, _, token = local.partition("+")
    return f"{base}@{domain}", token


def token_for(address: str, token: str) -> str:
    """Return the address with a token after a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


@dataclass
class AddressBook:
    """The addresses of all hearings, cached for up to `FRESH_S` seconds. Thread-safe."""

    _read_at: float = -1e9
    _known: dict[str, tuple[OwnAddress, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, address: str) -> tuple[OwnAddress, ...]:
        """Return the owners of an address, the newest hearing first; empty for a foreign one."""
        if len(address) > LONGEST:
            return ()
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_S:
                self._known = read()
                self._read_at = time.monotonic()
            return self._known.get(split(address)[0], ())

    def all(self) -> frozenset[str]:
        """Return every address that belongs to a hearing."""
        self.find("")
        return frozenset(self._known)


def read() -> dict[str, tuple[OwnAddress, ...]]:
    """Return the owners of all addresses; one that hearings share belongs to an open hearing."""
    found: dict[str, list[OwnAddress]] = defaultdict(list)
    hearings = Hearing.objects.exclude(mailboxes={}).order_by("-meetings__starts_at", "slug")
    rows = dict.fromkeys(hearings.values_list("pk", "status"))
    boxes = dict(hearings.values_list("pk", "mailboxes"))
    for pk, _status in sorted(rows, key=lambda row: row[1] == Hearing.Status.ENDED):
        for word, address in boxes[pk].items():
            found[split(str(address))[0]].append(OwnAddress(pk, purpose_of(word)))
    return {address: _of_one_hearing(rows) for address, rows in found.items()}


def _of_one_hearing(rows: list[OwnAddress]) -> tuple[OwnAddress, ...]:
    first = rows[0].hearing
    purposes = dict.fromkeys(row.purpose for row in rows if row.hearing == first)
    return tuple(OwnAddress(first, purpose) for purpose in purposes)


def chosen(found: list[OwnAddress]) -> list[OwnAddress]:
    """Return what a message to several addresses is for: each purpose once, `ACTED_ON` ones first.

    If one of a hearing's addresses has a purpose that is acted on, its other addresses received a
    copy and are left out.
    """
    once = list(dict.fromkeys(found))
    acted = {address.hearing for address in once if address.purpose in ACTED_ON}
    kept = [
        address for address in once if address.purpose in ACTED_ON or address.hearing not in acted
    ]
    return sorted(kept, key=lambda address: [*ACTED_ON, Purpose.OTHER].index(address.purpose))
