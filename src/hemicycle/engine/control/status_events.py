"""Status events: each session's own state, the seats, the booths, the channels and the pushes.

Each event is a whole state, so a page that missed ten of them is correct again after the next one.
An unchanged state is not sent again; levels, which always change, are sent only to the sessions
that watch them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from hemicycle.engine.audio.input_verdict import Trouble
from hemicycle.engine.audio.levels import Level
from hemicycle.engine.booths import view
from hemicycle.engine.booths.state import Booths
from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.egress.push import PushState
from hemicycle.engine.plan import ProgramPlan
from hemicycle.engine.public_feed import PublicFeed

IN_BOOTHS = frozenset({"interpreter", "moderator", "technician"})
STAFF = frozenset({"moderator", "technician"})


class Desk(Protocol):
    """Knows what technicians have done (`technician.TechnicianDesk`)."""

    holds: bool

    def silences(self, session: MediaSession) -> bool:
        """Return whether a technician has silenced the session's seat."""


class StatusEvents:
    """Sends each session the states that have changed for it."""

    def __init__(self, roster: SessionRoster, desk: "Desk", camera_bps: int) -> None:
        """Create the sender; `camera_bps` are the bits per second that a camera may send."""
        self._roster, self._desk, self._camera_bps = roster, desk, camera_bps
        self._sent: dict[str, dict[str, Any]] = {}
        """By session, the last data of each event."""

    def send(
        self,
        program: ProgramPlan,
        booths: Booths,
        levels: Mapping[str, Level],
        pushes: Sequence[PushState],
        *,
        troubles: Mapping[str, Trouble],
        now: int,
    ) -> None:
        """Send what has changed; `now` is in ms since the Unix epoch.

        `troubles` are those of microphones that are heard, by session.
        """
        here = self._roster.sessions
        self._sent = {id: sent for id, sent in self._sent.items() if id in here}
        peaks = {id: level.peak for id, level in levels.items()}
        carried = {
            name: {"from": it.source, "depth": it.depth} for name, it in program.carries.items()
        }
        in_booths = view.view(booths, now, peaks)
        microphones = [
            {"session": id, "name": _name(here[id]), "trouble": trouble}
            for id, trouble in troubles.items()
            if id in here
        ]
        pictures = [
            (session.pass_.seat, _left_out(session))
            for session in here.values()
            if session.picture_trouble
        ]
        states = {
            id: {**_state(session, program), "silenced": self._desk.silences(session)}
            for id, session in here.items()
        }
        seats = None
        for session in here.values():
            you = states[session.id]
            if session.kind == "publish":
                you = {**you, "camera_bps": self._camera_bps}
            self._send(session, "you", you)
            self._send(session, "channels", carried)
            own = [one for one in microphones if one["session"] == session.id]
            is_told = session.pass_.role in IN_BOOTHS
            self._send(session, "microphones", microphones if is_told else own)
            # Send it to every page at the seat, because an encoder that sends in place of a page
            # shows nothing.
            seat = session.pass_.seat
            self._send(session, "pictures", [told for place, told in pictures if place == seat])
            if session.pass_.role in IN_BOOTHS:
                self._send(session, "booths", in_booths)
            if session.pass_.role in STAFF:
                seats = seats or [_seat(here[id]) | state for id, state in states.items()]
                self._send(session, "seats", seats)
            if session.pass_.role == "technician":
                self._send(session, "pushes", [asdict(push) for push in pushes])
                self._send(session, "hold", {"on": self._desk.holds})

    def send_feed(self, feed: PublicFeed) -> None:
        """Send everybody in the room what the public gets, and with what delay."""
        data = {"state": feed.state, "delay_s": feed.delay_s}
        for session in self._roster.sessions.values():
            self._send(session, "feed", data)

    def _send(self, session: MediaSession, event: str, data: Any) -> None:
        sent = self._sent.setdefault(session.id, {})
        if event not in sent or sent[event] != data:
            sent[event] = data
            session.send(event, data)


def _name(session: MediaSession) -> str:
    """Return the name under which the booths know a session; a reader's own name stays hidden."""
    return "" if session.pass_.reader else session.pass_.name


def _left_out(session: MediaSession) -> dict[str, Any]:
    return {
        "session": session.id,
        "use": session.kind,
        "trouble": session.picture_trouble,
    }


def _state(session: MediaSession, program: ProgramPlan) -> dict[str, Any]:
    stats = session.stats
    return {
        "kind": session.kind,
        "state": session.state,
        "heard": session.id in program.heard,
        "speaking": session.id in program.scene.speaking,
        "preview": session.id == program.preview,
        "level": round(stats.level),
        "loss": round(stats.loss),
        "rtt_ms": round(stats.rtt_ms),
        "listening": session.listening,
        "seen": session.seen,
    }


def _seat(session: MediaSession) -> dict[str, Any]:
    pass_ = session.pass_
    return {
        "session": session.id,
        "seat": pass_.seat,
        "slot": pass_.slot,
        "role": pass_.role,
        "name": pass_.name,
        "booth": pass_.booth,
    }
