"""A running hearing that moves from one process to the next: its state, and how it continues there.

`hand_over` defines the steps and their order.
"""

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hemicycle.engine import plan
from hemicycle.engine.booths.state import Booths
from hemicycle.engine.captions.captions import Captions
from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.control.feed_stopper import FeedStopper
from hemicycle.engine.control.protection_keeper import ProtectionKeeper
from hemicycle.engine.control.record_follower import HandedRecord, RecordFollower
from hemicycle.engine.control.reporting import FactReporter, HandedFacts
from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import (
    HandedSession,
    HearingPort,
    MediaSession,
    SessionRegistry,
)
from hemicycle.engine.control.technician import HandedDesk, TechnicianDesk
from hemicycle.engine.outputs import HandedOutputs, Outputs
from hemicycle.engine.plan import ProgramPlan
from hemicycle.engine.public_feed import DelayedPacket
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.publisher import PublisherPeer
from hemicycle.engine.webcast import HandedWebcast, HearingWebcast
from hemicycle.procedure.terms import LinkState


@dataclass(frozen=True, slots=True)
class AheadHearing:
    """The state of a hearing that a successor needs before it can take the hearing over.

    `start` is the zero of the program's clock in monotonic seconds, `channels` are the languages of
    its outputs, `epoch` is the epoch of the lease. From `program` and `publishers` the successor
    draws the picture that is shown.
    """

    hearing: str
    epoch: int
    start: float
    channels: tuple[str, ...]
    program: ProgramPlan
    publishers: dict[str, plan.Publisher]


@dataclass(frozen=True, slots=True)
class HandedHearing:
    """The state of a running hearing for another process.

    `dismissed` holds persons, their roles, and the times of dismissal in monotonic seconds.
    """

    hearing: str
    record: HandedRecord
    facts: HandedFacts
    sessions: tuple[HandedSession, ...]
    outputs: HandedOutputs
    webcast: HandedWebcast
    booths: Booths
    program: ProgramPlan
    links: Mapping[str, LinkState]
    opened: Mapping[str, str]
    dismissed: tuple[tuple[str, str, float], ...]
    pressed: tuple[str, int] | None
    switched_off: frozenset[str]
    captions: Mapping[str, CaptionLine]
    desk: HandedDesk


class MovableHearing(HearingPort):
    """A hearing whose parts and state one process hands over to another."""

    roster: SessionRoster
    captions: Captions
    _follower: RecordFollower
    _reporter: FactReporter
    _epoch: int
    _languages: tuple[str, ...]
    _outputs: Outputs
    _protection: ProtectionKeeper
    _webcast: HearingWebcast
    _stop: FeedStopper
    _booths: Booths
    _program: ProgramPlan
    _links: dict[str, LinkState]
    _opened: dict[str, str]
    _dismissed: dict[tuple[str, str], float]
    _desk: TechnicianDesk
    _is_resumed: bool
    _rests: bool

    @abstractmethod
    def _replan(self) -> None:
        """Update the program to match the floor."""

    @abstractmethod
    def _close(self, session: MediaSession, reason: str = "removed") -> None:
        """End a session soon."""

    @property
    def hinders(self) -> str:
        """Why the hearing cannot be handed over now; "" if it can."""
        if self._outputs.plays:
            return "a recorded intervention plays"
        return "the end of a webcast has not gone out yet" if self._webcast.ends else ""

    def ahead(self) -> AheadHearing:
        """Return what a successor needs before it takes the hearing over."""
        publishers = self.roster.publishers()
        start = self._outputs.start
        languages, program = self._languages, self._program
        return AheadHearing(self.hearing, self._epoch, start, languages, program, publishers)

    async def rest(self) -> None:
        """Let the hearing rest: nothing is mixed, planned or sent."""
        await asyncio.to_thread(self._outputs.rest)
        self._rests = True

    def go_on(self) -> None:
        """Continue after `rest`."""
        self._rests = False
        self._outputs.go_on()
        self._outputs.go_on_with_pictures()

    async def rest_pictures(self) -> None:
        """Let the pictures rest until `take_over_pictures`; the sound rests already."""
        await asyncio.to_thread(self._outputs.rest_pictures)

    def handed(self, descriptors: list[int]) -> HandedHearing:
        """Return the hearing's state for another process; append its sockets' descriptors.

        Call it while the hearing rests.
        """
        return HandedHearing(
            self.hearing,
            self._follower.handed(),
            self._reporter.handed(),
            tuple(session.handed(descriptors) for session in self.roster.sessions.values()),
            self._outputs.handed(),
            self._webcast.handed(),
            self._booths,
            self._program,
            self._links,
            self._opened,
            tuple((*who, at) for who, at in self._dismissed.items()),
            self._stop.pressed,
            self._protection.switched_off,
            self.captions.last,
            self._desk.handed(),
        )

    async def resume(
        self,
        handed: HandedHearing,
        waiting: Sequence[DelayedPacket],
        registry: SessionRegistry,
        exchange: PeerFactory,
        sockets: Sequence[socket.socket],
    ) -> None:
        """Restore the state that another process has handed over; rest until `take_over`.

        Raises ValueError, IndexError or KeyError if the state does not fit.
        """
        self._rests = self._is_resumed = True
        self._follower.resume(handed.record)
        self._reporter.resume(handed.facts)
        self._booths, self._program = handed.booths, handed.program
        self._links, self._opened = dict(handed.links), dict(handed.opened)
        self._dismissed = {(person, role): at for person, role, at in handed.dismissed}
        self._stop.pressed = handed.pressed
        self.captions.last.update(handed.captions)
        self._desk.resume(handed.desk)
        made = [(MediaSession.resumed(one, self, registry), one) for one in handed.sessions]
        # Connect publishers first: the echo of an interpreter who practises needs their microphone.
        for session, one in sorted(made, key=lambda pair: pair[1].publisher is None):
            await session.connect(one, exchange, sockets)
            self._protection.resume(session, handed.switched_off)
            if session.kind == "practice" and session.sound is not None:
                self._outputs.practice.enter(session.pass_.seat, session.sound, session.input)
        for session, _ in made:
            self.roster.add(session)
        of_meeting = {id: one for id, one in self.roster.sessions.items() if one.kind != "practice"}
        self._outputs.resume(handed.outputs, of_meeting)
        self._webcast.resume(handed.webcast, waiting)
        registry.resume((session for session, _ in made), {})

    def take_over(self) -> None:
        """Begin after the previous process has ended its part; end sessions that were not moved.

        Pictures begin at `take_over_pictures`.
        """
        self._rests = False
        self._outputs.go_on()
        for session in tuple(self.roster.sessions.values()):
            if isinstance(session.peer, PublisherPeer | ListenerPeer):
                session.peer.go_on()
            elif session.way != "none":
                self._close(session, "lost")

    def take_over_pictures(self) -> None:
        """Let the pictures continue, a moment after the sound."""
        self._outputs.go_on_with_pictures()

    def begin_webcast(self) -> None:
        """Start writing and pushing the webcast, which the previous process has stopped doing."""
        self._webcast.begin()
        self._replan()

    def let_go(self) -> None:
        """Forget the sessions, because another process continues them."""
        self._rests = True
        for session in self.roster.sessions.values():
            session.events.pause()
        self.roster.sessions.clear()
        self._reporter.let_go()
