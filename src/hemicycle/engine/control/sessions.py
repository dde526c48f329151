"""Sessions: one live session for each seat and use, and what can be done with it.

A session begins with a pass that is valid once. A second one for the same seat and use replaces the
first, which gets `closed: elsewhere`. Nothing here decides who is heard: the running hearing
(`HearingPort`) is notified of each session that begins, changes or ends.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import jwt

from hemicycle import shared_clock
from hemicycle.engine.audio.tap import Tap
from hemicycle.engine.control.event_queue import EventQueue, HandedEvents
from hemicycle.engine.control.passes import PASS_S, InvalidPass, Pass, Use
from hemicycle.engine.edges.listener import EdgeListener
from hemicycle.engine.masking.voice import HandedVoice, MaskedVoice
from hemicycle.engine.protection import Camera, Protection, Voice
from hemicycle.engine.reduced.rungs import Seen
from hemicycle.engine.refusals import Refusal
from hemicycle.engine.rtc.listener import HandedListener, ListenerPeer
from hemicycle.engine.rtc.peer import PeerState
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.publisher import HandedPublisher, PictureTrouble, PublisherPeer
from hemicycle.engine.rtc.relay import RemoteListener
from hemicycle.engine.streams import PROGRAM, AudioSource, Output, VideoSource

type Direction = Literal["in", "out", "none"]
"""in: it sends. out: it receives the program. none: events and controls only."""

UNATTENDED_S = 30.0
"""A session without a connection ends if its events are not read for this many seconds."""

REMEMBERED_S = 60.0
"""How long the id of an ended session is kept, in seconds, so that a late request can get the
reason of the end.
"""


class ControlRefused(Refusal):
    """Raised for a control that is not carried out."""


class HearingPort(Protocol):
    """A running hearing, as sessions see it. Methods are called in the event loop."""

    hearing: str

    @property
    def outputs(self) -> Mapping[str, Output]:
        """The outputs by name: `program` (the picture), `floor`, and each language."""

    @property
    def public_outputs(self) -> Mapping[str, Output]:
        """The same outputs as the public gets them: delayed, or with a card instead."""

    def picture(self, channel: str) -> Output:
        """Return the picture that belongs to a channel of sound."""

    def practice(self, seat: str) -> Output | None:
        """Return the echo of the person who practises at a seat; None if nobody does."""

    def session_began(self, session: "MediaSession") -> None:
        """Handle the beginning of a session."""

    def session_changed(self, session: "MediaSession") -> None:
        """Handle a changed state of a session: connecting, up, lost."""

    def session_ended(self, session: "MediaSession", reason: str) -> None:
        """Handle the end of a session."""

    def page_closed(self, session: "MediaSession") -> None:
        """Take the microphone from an interpreter who closed the page of an ended session."""

    def network_failed(self, session: "MediaSession", why: str) -> None:
        """Handle an ended session from which nothing got through.

        `why` is one of `refusals.NETWORK_FAULTS`.
        """

    async def control(self, session: "MediaSession", message: dict[str, Any]) -> None:
        """Carry out a session's control (`docs/media.md`, Controls). Raises `ControlRefused`."""


class HearingFinder(Protocol):
    """All running hearings."""

    def hearing(self, hearing: str) -> HearingPort | None:
        """Return the hearing with this id; None if it does not run."""

    def may_begin(self) -> bool:
        """Return whether a hearing that does not run may soon run here."""


@dataclass(frozen=True, slots=True)
class ConnectionStats:
    """The quality of a session's connection over the last second or so."""

    level: float = -90.0
    """The level of the sound that the session sends, in dBFS."""
    loss: float = 0.0
    """Lost packets, in percent."""
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    depth_ms: float = 0.0
    """How much of the session's sound waits to be mixed, in ms."""


@dataclass(frozen=True, slots=True)
class HandedSession:
    """A session for another process.

    It has a `publisher` or a `listener`. It has neither if it has no connection, or one that cannot
    be moved: then it ends, and its page connects again. `sound` is the channel that it hears,
    `picture` the output that it sees ("" for none). `at_edge` is its id at an edge, if it listens
    there.
    """

    id: str
    pass_: Pass
    way: Direction
    in_public: bool
    camera: Camera
    voice: Voice
    events: HandedEvents
    publisher: HandedPublisher | None
    listener: HandedListener | None
    changed_voice: HandedVoice | None
    sound: str
    picture: Literal["", "program", "preview"]
    at_edge: str = ""


class MediaSession:
    """A person who is connected, or who attends without a connection.

    The media of a session are read only through `sound` and `picture`, which follow its
    `protection`.
    """

    def __init__(
        self, pass_: Pass, way: Direction, hearing: HearingPort, registry: "SessionRegistry"
    ) -> None:
        self.id = secrets.token_hex(16)
        self.pass_ = pass_
        self.kind: Use = pass_.use
        self.way = way
        self.state: PeerState = "up" if way == "none" else "connecting"
        self.events = EventQueue()
        self.peer: PublisherPeer | ListenerPeer | RemoteListener | EdgeListener | None = None
        self.hearing = hearing
        self.in_public = False
        """Whether the session receives the public feed."""
        self.protection = pass_.protection
        self._tap: Tap | None = None
        self._masked: MaskedVoice | None = None
        self._registry = registry

    @property
    def address(self) -> str:
        """The session's address; the hearing in it tells `web` which machine has the session."""
        return f"/media/session/{self.hearing.hearing}/{self.id}"

    # From one process to the next.

    def handed(self, descriptors: list[int]) -> HandedSession:
        """Return the session for another process; append the descriptors of its sockets."""
        peer, sound, picture = self.peer, "", None
        if isinstance(peer, ListenerPeer):
            sound, picture = peer.channel, peer.picture
        elif isinstance(peer, EdgeListener):
            sound = peer.channel
        program = self.outputs[PROGRAM]
        return HandedSession(
            self.id,
            self.pass_,
            self.way,
            self.in_public,
            self.protection.camera,
            self.protection.voice,
            self.events.handed(),
            peer.handed(descriptors) if isinstance(peer, PublisherPeer) else None,
            peer.handed(descriptors) if isinstance(peer, ListenerPeer) else None,
            self._masked.handed() if self._masked is not None else None,
            sound,
            "" if picture is None else "program" if picture is program else "preview",
            at_edge=peer.id if isinstance(peer, EdgeListener) else "",
        )

    @classmethod
    def resumed(
        cls, handed: HandedSession, hearing: HearingPort, registry: "SessionRegistry"
    ) -> "MediaSession":
        """Return a session of another process, still without its connection."""
        made = cls(handed.pass_, handed.way, hearing, registry)
        made.id = handed.id
        made.in_public = handed.in_public
        made.protection = Protection(handed.camera, handed.voice)
        made.events.resume(handed.events)
        return made

    async def connect(
        self, handed: HandedSession, exchange: PeerFactory, sockets: Sequence[socket.socket]
    ) -> None:
        """Take over the connection that another process had; it still rests.

        Raises ValueError, IndexError or KeyError for an invalid state.
        """
        if handed.publisher is not None:
            self.peer = await exchange.resume_publisher(
                handed.publisher, self.peer_changed, sockets
            )
            # Protect the person before anything reads the sound. A changed voice must continue as
            # the same one.
            self.protect(self.protection)
            masked, voice = self.sound, handed.changed_voice
            if isinstance(masked, MaskedVoice) and voice is not None:
                masked.resume(voice)
        elif handed.listener is not None:
            sound = self._heard(handed.sound)
            picture = self.hearing.picture(handed.picture) if handed.picture else None
            if picture is not None and self.in_public:
                picture = self.outputs[PROGRAM]
            self.peer = await exchange.resume_listener(
                handed.listener, self.peer_changed, sound, picture, sockets
            )
        elif handed.at_edge:
            sound = self.outputs[handed.sound]
            self.peer = EdgeListener(self.pass_.edge, sound, handed.at_edge)
        if isinstance(self.peer, PublisherPeer | ListenerPeer):
            self.state = self.peer.state

    def _heard(self, channel: str) -> Output:
        if self.kind != "practice":
            return self.outputs[channel]
        output = self.hearing.practice(self.pass_.seat)
        if output is None:
            raise ValueError("Nobody practises at this seat.")
        return output

    @property
    def outputs(self) -> Mapping[str, Output]:
        """The outputs that the session may receive."""
        return self.hearing.public_outputs if self.in_public else self.hearing.outputs

    @property
    def input(self) -> Tap | None:
        """The sound of its microphone as it arrives, which only the engine may analyse."""
        if isinstance(self.peer, PublisherPeer) and self.peer.sound is not None:
            self._tap = self._tap or Tap(self.peer.sound)
        return self._tap

    @property
    def sound(self) -> AudioSource | None:
        """The sound of its microphone, in a changed voice if the person's voice is protected."""
        sound = self.input
        if sound is None or not self.protection.masks:
            return sound
        if self._masked is None:
            self._masked = MaskedVoice(sound)
        return self._masked

    @property
    def picture(self) -> VideoSource | None:
        """The picture of its camera or screen; None if it may not be seen."""
        if not isinstance(self.peer, PublisherPeer) or not self.protection.shows:
            return None
        return self.peer.picture

    @property
    def picture_trouble(self) -> PictureTrouble:
        """Why its picture is left out; "" if it is shown."""
        return self.peer.picture_trouble if isinstance(self.peer, PublisherPeer) else ""

    def protect(self, protection: Protection) -> None:
        """Apply this protection from now on; readers of `sound` and `picture` must get them
        again.
        """
        self.protection = protection
        if isinstance(self.peer, PublisherPeer):
            self.peer.take_pictures(on=protection.shows)

    @property
    def stats(self) -> ConnectionStats:
        """The quality of the session's connection."""
        peer = self.peer
        if peer is None:
            return ConnectionStats()
        figures = {"loss": 100 * peer.loss, "rtt_ms": 1000 * peer.rtt_s}
        if isinstance(peer, PublisherPeer) and peer.sound is not None:
            figures |= {"level": peer.sound.level_dbfs, "depth_ms": peer.sound.depth_ms}
        return ConnectionStats(**figures, jitter_ms=1000 * peer.jitter_s)

    @property
    def listening(self) -> str:
        """The channel that the session hears; "" for none."""
        return self.peer.channel if isinstance(self.peer, ListenerPeer | EdgeListener) else ""

    @property
    def seen(self) -> Seen:
        """How much of the picture the connection can carry; "none" also for sound alone."""
        peer = self.peer
        if isinstance(peer, EdgeListener):
            return "whole"
        return peer.seen if isinstance(peer, ListenerPeer | RemoteListener) else "none"

    def send(self, event: str, data: Any) -> None:
        """Send the session an event of `docs/media.md` with its data."""
        self.events.put(event, data)

    def hear(self, output: Output) -> None:
        """Switch the session to another channel at the next packet. Raises `ControlRefused`."""
        if not isinstance(self.peer, ListenerPeer | RemoteListener | EdgeListener):
            raise ControlRefused("not_listening")
        self.peer.hear(output)

    def ask_key(self) -> None:
        """Ask the session's camera for a keyframe, because it is about to be shown."""
        if isinstance(self.peer, PublisherPeer):
            self.peer.ask_key()

    async def close(self, reason: str) -> None:
        """End the session with a reason from `refusals.ENDINGS`."""
        self._finish(reason)
        if self.peer is not None:
            await self.peer.close(reason)

    def peer_changed(self, state: PeerState, reason: str) -> None:
        """Handle a new state of the session's connection."""
        if state == "closed":
            self._finish(reason)
        elif self.state != "closed":
            self.state = state
            if self._registry.get(self.id) is self:
                self.hearing.session_changed(self)

    def _finish(self, reason: str) -> None:
        if self.state == "closed":
            return
        self.state = "closed"
        self.events.put("closed", {"reason": reason})
        self.events.end()
        if self._registry.leave(self):
            self.hearing.session_ended(self, reason)


class SessionRegistry:
    """All sessions of the engine, and the passes that were used."""

    def __init__(self, clock: Callable[[], float] = shared_clock.now_s) -> None:
        self._clock = clock
        self._sessions: dict[str, MediaSession] = {}
        self._seats: dict[tuple[str, str, Use, Direction], MediaSession] = {}
        self._ended: dict[str, tuple[float, MediaSession]] = {}
        self._used: dict[str, float] = {}

    def all(self) -> tuple[MediaSession, ...]:
        """Return the live sessions."""
        return tuple(self._sessions.values())

    def get(self, id_: str) -> MediaSession | None:
        """Return the live session with this id; None if there is none."""
        return self._sessions.get(id_)

    def ended(self, id_: str) -> MediaSession | None:
        """Return a session that ended within the last minute; None if there is none."""
        self._forget()
        found = self._ended.get(id_)
        return found[1] if found else None

    def use(self, pass_: Pass, token: str) -> None:
        """Note that a pass was used. Raises `InvalidPass` if it was used before."""
        self._forget()
        if pass_.id in self._used:
            raise InvalidPass("used")
        claims = jwt.decode(token, options={"verify_signature": False})
        self._used[pass_.id] = max(claims["exp"], self._clock() + PASS_S) + PASS_S

    async def enter(self, session: MediaSession) -> None:
        """Admit a session; another one of the same seat and use ends first."""
        key = _place(session)
        while (before := self._seats.get(key)) is not None:  # another may enter meanwhile
            await before.close("elsewhere")
        if session.state != "closed":
            self._sessions[session.id] = self._seats[key] = session
            session.hearing.session_began(session)

    def leave(self, session: MediaSession) -> bool:
        """Forget a session; return False if it was never admitted."""
        if self._sessions.pop(session.id, None) is None:
            return False
        if self._seats.get(_place(session)) is session:
            del self._seats[_place(session)]
        self._ended[session.id] = (self._clock() + REMEMBERED_S, session)
        return True

    # From one process to the next.

    @property
    def used(self) -> Mapping[str, float]:
        """The ids of used passes, and until when each is remembered (s since the epoch)."""
        return self._used

    def resume(self, sessions: Iterable[MediaSession], used: Mapping[str, float]) -> None:
        """Take over the sessions and the used passes of another process."""
        for session in sessions:
            self._sessions[session.id] = self._seats[_place(session)] = session
        self._used.update(used)

    def let_go(self) -> tuple[MediaSession, ...]:
        """Forget all sessions, because another process continues with them, and return them."""
        gone = self.all()
        self._sessions.clear()
        self._seats.clear()
        return gone

    async def sweep(self) -> None:
        """End sessions without a connection whose events nobody has read recently."""
        attending = [session for session in self.all() if session.way == "none"]
        now = asyncio.get_running_loop().time()
        for session in attending:
            if (
                session.events.unread_since is not None
                and now - session.events.unread_since > UNATTENDED_S
            ):
                await session.close("lost")

    async def close_all(self, reason: str) -> None:
        """End every session."""
        await asyncio.gather(*(session.close(reason) for session in self.all()))

    def _forget(self) -> None:
        now = self._clock()
        self._used = {id_: until for id_, until in self._used.items() if until > now}
        self._ended = {id_: kept for id_, kept in self._ended.items() if kept[0] > now}


def _place(session: MediaSession) -> tuple[str, str, Use, Direction]:
    return (session.pass_.hearing, session.pass_.seat, session.kind, session.way)
