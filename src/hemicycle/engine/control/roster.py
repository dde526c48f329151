"""The sessions of one hearing, and the audiences that events are sent to."""

from collections.abc import Iterator
from typing import Literal

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.plan import Publisher
from hemicycle.procedure.state import Floor

PUBLISHING: tuple[Literal["publish", "screen"], ...] = ("publish", "screen")


def _shows_screen(session: MediaSession) -> bool:
    return session.protection.shows and not session.picture_trouble


class SessionRoster:
    """The live sessions of one hearing, in the order in which they came."""

    def __init__(self) -> None:
        self.sessions: dict[str, MediaSession] = {}
        self._came: dict[str, int] = {}
        self._number = 0

    def add(self, session: MediaSession) -> None:
        """Add a session."""
        self._number += 1
        self.sessions[session.id] = session
        self._came[session.id] = self._number

    def remove(self, session: MediaSession) -> None:
        """Remove a session; do nothing for an unknown one."""
        self.sessions.pop(session.id, None)
        self._came.pop(session.id, None)

    def publishers(self) -> dict[str, Publisher]:
        """Return the connected sessions that can be seen, or heard on the floor; interpreters are
        left out.
        """
        return {
            session.id: self._publisher(session, use)
            for use in PUBLISHING
            for session in self.sessions.values()
            if session.pass_.use == use
            and session.state == "up"
            and session.pass_.role != "interpreter"
            and (use == "publish" or _shows_screen(session))
        }

    def _publisher(self, session: MediaSession, use: Literal["publish", "screen"]) -> Publisher:
        pass_ = session.pass_
        return Publisher(
            session=session.id,
            use=use,
            role=pass_.role,
            person=pass_.person,
            slot=pass_.slot,
            picture=session.protection.camera != "off",
            connected_at=self._came[session.id],
        )

    def audience(self, to: str, floor: Floor) -> Iterator[MediaSession]:
        """Yield the sessions that an event is for: `to` is one session, or an audience by its name.

        Audiences: "all", "booths", "booth:<language>", "seat:<seat>", "technician", "moderator",
        "staff" (both of these), and "holder", the speaker who has the floor, or all who discuss.
        """
        slots = {floor.holder.slot} if floor.holder else floor.microphones
        for session in tuple(self.sessions.values()):
            pass_ = session.pass_
            names = {session.id, "all", pass_.role, f"seat:{pass_.seat}"}
            if pass_.role == "interpreter":
                names |= {"booths", f"booth:{pass_.booth}"}
            if pass_.role in {"moderator", "technician"}:
                names.add("staff")
            if pass_.slot in slots:
                names.add("holder")
            if to in names:
                yield session
