"""Technicians' controls at the engine: silence a seat, restart a line, hold the program on a card.

Each act takes effect at once, however slow the database is, and is reported to the record
afterwards, as a stop of the public feed is.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import ControlRefused, MediaSession
from hemicycle.engine.plan import ProgramPlan, Scene
from hemicycle.procedure.channels import Carried
from hemicycle.procedure.commands import Command, ReportTechnician
from hemicycle.procedure.terms import TechnicalAct

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandedDesk:
    """What technicians have done, for another process."""

    holds: bool
    silenced: frozenset[str]


class TechnicianDesk:
    """The acts of a hearing's technicians. For the event loop only.

    `report` takes facts, `cough` silences a session's microphone, `close` ends a session with a
    reason.
    """

    def __init__(
        self,
        roster: SessionRoster,
        report: Callable[[Command], None],
        cough: Callable[[str, bool], None],
        close: Callable[[MediaSession, str], None],
    ) -> None:
        self.holds = False
        """Whether a card is in place of the program's picture and sound."""
        self._roster, self._report, self._cough, self._close = roster, report, cough, close
        self._silenced: set[str] = set()
        self._muted: set[str] = set()

    def handed(self) -> HandedDesk:
        """Return the acts for another process."""
        return HandedDesk(self.holds, frozenset(self._silenced))

    def resume(self, handed: HandedDesk) -> None:
        """Take over the acts of another process."""
        self.holds, self._silenced = handed.holds, set(handed.silenced)

    def silences(self, session: MediaSession) -> bool:
        """Return whether a technician has silenced the session's seat."""
        return session.pass_.seat in self._silenced

    @property
    def muted(self) -> frozenset[str]:
        """The sessions whose level means nothing: muted by the person or by a technician."""
        silenced = {id for id, one in self._roster.sessions.items() if self.silences(one)}
        return frozenset(silenced | self._muted)

    def admit(self, session: MediaSession) -> None:
        """Silence a new session if its seat is silenced."""
        if self.silences(session) and session.sound is not None:
            self._cough(session.id, True)

    def forget(self, session: MediaSession) -> None:
        """Forget a session that has ended."""
        self._muted.discard(session.id)

    def mute(self, session: MediaSession, *, on: bool) -> None:
        """Mute a person's own microphone, or open it again unless a technician has silenced it."""
        (self._muted.add if on else self._muted.discard)(session.id)
        self.cough(session.id, on)

    def cough(self, id: str, on: bool) -> None:
        """Silence a session or end its silence, which continues while a technician silences its
        seat.
        """
        session = self._roster.sessions.get(id)
        self._cough(id, on or (session is not None and self.silences(session)))

    def act(self, technician: MediaSession, message: dict[str, Any]) -> bool:
        """Carry out a technician's control; return False if the message is no such control.

        Raises `ControlRefused` for a seat or a session that is not here.
        """
        match message.get("do"):
            case "silence":
                self._silence(technician, str(message.get("seat")), message.get("on") is not False)
            case "restart":
                self._restart(technician, str(message.get("session")))
            case "hold":
                self._hold(technician, message.get("on") is not False)
            case _:
                return False
        return True

    def _silence(self, technician: MediaSession, seat: str, on: bool) -> None:
        found = [one for one in self._roster.sessions.values() if one.pass_.seat == seat]
        sending = [one for one in found if one.sound is not None]
        if on and not sending:
            raise ControlRefused("not_here")
        if on == (seat in self._silenced):
            return
        (self._silenced.add if on else self._silenced.discard)(seat)
        for session in sending:
            self.cough(session.id, session.id in self._muted)
        act: TechnicalAct = "silenced" if on else "unsilenced"
        self._tell(technician, act, sending[0] if sending else None)

    def _restart(self, technician: MediaSession, id: str) -> None:
        session = self._roster.sessions.get(id)
        if session is None or session is technician:
            raise ControlRefused("not_here")
        self._tell(technician, "restarted", session)
        self._close(session, "lost")  # its page then connects again automatically

    def _hold(self, technician: MediaSession, on: bool) -> None:
        if on != self.holds:
            self.holds = on
            self._tell(technician, "card_shown" if on else "card_removed", None)

    def _tell(
        self, technician: MediaSession, act: TechnicalAct, session: MediaSession | None
    ) -> None:
        by = technician.pass_.person
        log.info("technician %s: %s %s", by, act, session.id if session else "")
        connection = (session.pass_.connection or session.id) if session else ""
        slot = session.pass_.slot if session else ""
        self._report(ReportTechnician(act, by, connection, slot))

    def held(self, want: ProgramPlan) -> ProgramPlan:
        """Return the plan with the card in place of picture and sound, in every language."""
        if not self.holds:
            return want
        silent = dict.fromkeys(want.carries, Carried())
        return ProgramPlan(preview=want.preview, scene=Scene("card", card="held"), carries=silent)
