"""Which passes of participants are still valid, by the record.

A pass is signed for a registration, and names the personal link by which it was requested. When the
registration or that link ends, what the pass has opened ends too, and a pass that was signed a
moment before no longer opens anything. Nothing here depends on the time: the state is folded from
entries, so a restarted engine has the same state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from hemicycle.engine.control.passes import Pass

KINDS = frozenset(
    {
        *("registration.decided", "registration.withdrawn", "registration.lapsed"),
        *("registration.link_revoked", "registration.person_replaced", "person.erased"),
        *("reader.confirmed", "reader.taken_back"),
    }
)
"""The kinds of entries that end access or restore it (`hemicycle.before.registration`, `readers`,
`record`).
"""


@dataclass(frozen=True, slots=True)
class ParticipantAccess:
    """What no longer gives access.

    `ended` holds registrations, `erased` people, and `replaced` pairs of a registration and a
    person who no longer speaks for it. `links` has, for each registration, the lowest number of its
    personal links that are still valid. `readers` has, for each slot that has a reader, the person
    who reads, and `unseated` the people who no longer read.
    """

    ended: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    replaced: frozenset[tuple[str, str]] = frozenset()
    links: Mapping[str, int] = field(default_factory=dict)
    readers: Mapping[str, str] = field(default_factory=dict)
    unseated: frozenset[str] = frozenset()

    def after(self, kind: str, body: Mapping[str, Any]) -> Self:
        """Return the state after one more entry, of one of `KINDS`."""
        registration = body.get("registration", "")
        match kind:
            case "person.erased":
                return replace(self, erased=self.erased | {body["person"]})
            case "reader.confirmed" | "reader.taken_back":
                return self._read(body, sits=kind == "reader.confirmed")
            case "registration.link_revoked" | "registration.person_replaced":
                return self._renewed(registration, body)
            case "registration.decided" if body["outcome"] == "accepted":
                return replace(self, ended=self.ended - {registration})
            case "registration.withdrawn" if not body["whole"]:
                return self  # from a panel alone: the floor shows it
            case _:
                return replace(self, ended=self.ended | {registration})

    def _read(self, body: Mapping[str, Any], *, sits: bool) -> Self:
        slot, person = body["slot"], body["person"]
        readers = {**self.readers, slot: person}
        if sits:
            return replace(self, readers=readers)
        del readers[slot]
        return replace(self, readers=readers, unseated=self.unseated | {person})

    def _renewed(self, registration: str, body: Mapping[str, Any]) -> Self:
        links = {**self.links, registration: body["link"]}
        gone = {(registration, body["before"])} if "before" in body else set()
        return replace(self, links=links, replaced=self.replaced | gone)

    def unseats(self, pass_: Pass) -> bool:
        """Return whether a reader has taken the pass's seat, or the pass is of a reader who has
        lost it.
        """
        reader = self.readers.get(pass_.slot, pass_.person)
        return reader != pass_.person or pass_.person in self.unseated

    def bars(self, pass_: Pass) -> bool:
        """Return whether the pass no longer opens anything."""
        if pass_.person in self.erased or self.unseats(pass_):
            return True
        if not pass_.registration:
            return False
        is_old = bool(pass_.link) and int(pass_.link) < self.links.get(pass_.registration, 0)
        is_replaced = (pass_.registration, pass_.person) in self.replaced
        return is_old or is_replaced or pass_.registration in self.ended
