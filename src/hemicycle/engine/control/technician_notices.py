"""Notices of problems to the technicians of a hearing, by the codes of `refusals.NOTICES`."""

import logging
from collections.abc import Callable

from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.refusals import NOTICES
from hemicycle.procedure.state import Floor

log = logging.getLogger(__name__)

BLOCKED_AGAIN_MS = 30_000
"""The shortest time between two notices about the same seat, in ms: a page whose network lets
nothing through tries every few seconds.
"""


class TechnicianNotices:
    """The notices of one hearing. For the event loop only.

    `floor` and `now` return the floor, and the time in ms since the Unix epoch.
    """

    def __init__(
        self,
        hearing: str,
        roster: SessionRoster,
        floor: Callable[[], Floor],
        now: Callable[[], int],
    ) -> None:
        self._hearing, self._roster, self._floor, self._now = hearing, roster, floor, now
        self._blocked: dict[tuple[str, str], int] = {}
        self._left_out: frozenset[str] = frozenset()  # sessions whose left-out picture is reported
        self._has_told_behind = False

    def send(self, code: str, **values: str) -> None:
        """Send a notice to the technicians who are there, and write it to the log."""
        detail = NOTICES[code].format(**values)
        log.info("hearing %s: %s", self._hearing, detail)
        event = {"code": code, "values": values, "detail": detail, "at": self._now()}
        for session in self._roster.audience("technician", self._floor()):
            session.send("notice", event)

    def behind(self) -> None:
        """Notify the first technician who is there that the record cannot be followed."""
        if not self._has_told_behind and any(self._roster.audience("technician", self._floor())):
            self._has_told_behind = True
            self.send("behind")

    def network_failed(self, session: MediaSession, why: str) -> None:
        """Notify technicians that nothing got through from an ended session.

        Its page shows the reason at each attempt.
        """
        place, now = (session.pass_.seat, why), self._now()
        if now - self._blocked.get(place, 0) >= BLOCKED_AGAIN_MS:
            self._blocked[place] = now
            self.send(why, name=_name(session))

    def pictures(self) -> None:
        """Report each left-out picture once."""
        here = self._roster.sessions
        left_out = {id: trouble for id in here if (trouble := here[id].picture_trouble)}
        for id in left_out.keys() - self._left_out:
            self.send(left_out[id], name=_name(here[id]))
        self._left_out = frozenset(left_out)

    def flooded(self, session: MediaSession) -> None:
        """Notify technicians that a session was ended because it sent too much."""
        self.send("flooding", name=_name(session))

    def edge_troubled(self, host: str, reason: str, detail: str) -> None:
        """Notify technicians that an edge does not accept the streams sent to it."""
        self.send("edge", host=host, reason=reason, detail=detail)

    def limited(self, channel: str, db: float, at: float) -> None:
        """Notify technicians that a channel's limiter attenuates by `db`."""
        self.send("limiter", channel=channel, db=f"{db:.0f}")

    def source_failed(self, source: str, error: Exception) -> None:
        """Notify technicians that a source failed and is left out."""
        log.warning("a source failed and is left out: %r", error)
        self.send("source", error=repr(error))

    def late(self, seconds: float) -> None:
        """Notify technicians that mixing was late by this many seconds."""
        self.send("late", s=f"{seconds:.1f}")


def _name(session: MediaSession) -> str:
    return session.pass_.name or session.pass_.role
