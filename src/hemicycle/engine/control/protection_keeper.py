"""Applies a person's choices to each of their sessions and recordings in a hearing."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.outputs import Outputs
from hemicycle.engine.protection import OPEN, STRICTEST, Protection

CARD: Final = Protection("card")
"""The protection that hides a reader's face, which would be shown under the name of the person for
whom they read.
"""


class Choices(Protocol):
    """An object that knows whether a choice is settled."""

    def is_settled(self, id: str) -> bool:
        """Return whether the configuration knows the last choice for a slot or registration."""


class ProtectionKeeper:
    """Applies choices to sources, before anything reads them and whenever they change.

    A session follows its pass or the configuration, whichever is stricter. So a looser choice takes
    effect with the person's next connection, and a stricter one at once. From the entry that
    announces a choice until the configuration that contains it, the strictest applies.
    """

    def __init__(self, outputs: Outputs, choices: Choices) -> None:
        self._outputs, self._choices = outputs, choices
        self._protected: Mapping[str, Protection] = {}
        self._switched_off: set[str] = set()
        outputs.protection_of = self.of_slot

    def of_slot(self, slot: str) -> Protection:
        """Return the protection of a slot by the configuration."""
        if not self._choices.is_settled(slot):
            return STRICTEST
        return self._protected.get(slot, OPEN)

    def admit(self, session: MediaSession) -> None:
        """Protect a new session."""
        session.protect(self._wanted(session))

    @property
    def switched_off(self) -> frozenset[str]:
        """The sessions whose person has switched the camera off."""
        return frozenset(self._switched_off)

    def resume(self, session: MediaSession, switched_off: frozenset[str]) -> None:
        """Protect a session of another process at least as much as it was there."""
        session.protect(session.protection.with_stricter(self._wanted(session)))
        if session.id in switched_off:
            self._switched_off.add(session.id)
        if session.kind in {"publish", "screen"}:
            self._outputs.show_camera(session, on=session.id not in switched_off)

    def forget(self, session: MediaSession) -> None:
        """Forget a session that has ended."""
        self._switched_off.discard(session.id)

    def switch_camera(self, session: MediaSession, *, on: bool) -> None:
        """Show the person's camera, or a card in its place, as they chose themselves."""
        if on:
            self._switched_off.discard(session.id)
        else:
            self._switched_off.add(session.id)
        self._outputs.show_camera(session, on=on)

    def apply(self, sessions: Iterable[MediaSession], protected: Mapping[str, Protection]) -> None:
        """Take the configuration's choices, and apply those that have changed."""
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
        if pass_.reader:  # another person, whose own voice does not identify the speaker
            return pass_.protection.with_stricter(CARD)
        if not self._choices.is_settled(pass_.registration):
            return STRICTEST
        if not pass_.slot:
            return pass_.protection
        return pass_.protection.with_stricter(self.of_slot(pass_.slot))
