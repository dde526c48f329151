"""Keeps what each session and each recording of a hearing gives to its person's choices."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.outputs import Outputs
from hemicycle.engine.protection import OPEN, STRICTEST, Protection

CARD: Final = Protection("card")
"""A reader's face under the name of whoever is read for would be somebody else's."""


class Choices(Protocol):
    """Who knows whether a choice is known."""

    def is_settled(self, id: str) -> bool:
        """Whether the configuration knows the last choice for a slot or registration."""


class ProtectionKeeper:
    """Applies choices to sources, before anything reads them and whenever they change.

    A session keeps to its pass and to the configuration, whichever is stricter. So a looser choice
    counts from the person's next connection on, and a stricter one at once. From the entry that
    announces a choice until the configuration that has it, the strictest applies.
    """

    def __init__(self, outputs: Outputs, choices: Choices) -> None:
        self._outputs, self._choices = outputs, choices
        self._protected: Mapping[str, Protection] = {}
        self._switched_off: set[str] = set()
        outputs.protection_of = self.of_slot

    def of_slot(self, slot: str) -> Protection:
        """What applies to a slot by the configuration."""
        if not self._choices.is_settled(slot):
            return STRICTEST
        return self._protected.get(slot, OPEN)

    def admit(self, session: MediaSession) -> None:
        """Protect a session that begins."""
        session.protect(self._wanted(session))

    def forget(self, session: MediaSession) -> None:
        """A session is over."""
        self._switched_off.discard(session.id)

    def switch_camera(self, session: MediaSession, *, on: bool) -> None:
        """The person themselves shows their camera, or a card in its place."""
        if on:
            self._switched_off.discard(session.id)
        else:
            self._switched_off.add(session.id)
        self._outputs.show_camera(session, on=on)

    def apply(self, sessions: Iterable[MediaSession], protected: Mapping[str, Protection]) -> None:
        """Take the configuration's choices, and change what differs."""
        self._protected = protected
        for session in sessions:
            wanted = self._wanted(session)
            if wanted == session.protection:
                continue
            session.protect(wanted)
            if session.kind in {"publish", "screen"}:
                self._outputs.add_sound(session)
                self._outputs.show_camera(session, on=session.id not in self._switched_off)
        self._outputs.protect_recording()

    def _wanted(self, session: MediaSession) -> Protection:
        pass_ = session.pass_
        if pass_.reader:  # another person, whose own voice gives away nothing of the speaker's
            return pass_.protection.with_stricter(CARD)
        if not self._choices.is_settled(pass_.registration):
            return STRICTEST
        if not pass_.slot:
            return pass_.protection
        return pass_.protection.with_stricter(self.of_slot(pass_.slot))
