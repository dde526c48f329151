"""A hearing on air for tests, with real desks, HTTP and peers; only the record is scripted."""

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from hemicycle.engine import settings
from hemicycle.engine.captions import captions
from hemicycle.engine.control import passes
from hemicycle.engine.control.access import ParticipantAccess
from hemicycle.engine.control.http import app
from hemicycle.engine.control.lease_keeper import LeaseKeeper
from hemicycle.engine.control.record_follower import HandedRecord, OnRole
from hemicycle.engine.control.registry import HearingRegistry, ReadyHearing
from hemicycle.engine.control.reporting import HandedFacts
from hemicycle.engine.control.request_gate import RequestGate
from hemicycle.engine.control.sessions import SessionRegistry
from hemicycle.engine.control.web_client import WebClient
from hemicycle.engine.edges.publication import EdgeClient
from hemicycle.engine.hand_over import EngineParts
from hemicycle.engine.hearing import LiveHearing
from hemicycle.engine.hls import http as hls
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import SOUND_RATE, Samples
from hemicycle.engine.synthetic.client import SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure.commands import Command
from hemicycle.procedure.state import Floor
from tests.procedure.meeting import Meeting
from tests.support.ports import free_port

HEARING = "0" * 31 + "1"
MEETING = "0" * 31 + "2"
SECRET = "a secret for tests that is long enough"
SMALL_PICTURE = {"HEMICYCLE_MEDIA_PICTURE": "256x144", "HEMICYCLE_MEDIA_FPS": "10"}
"""Settings of a program picture that is soon encoded."""


class Script:
    """The record that the engine follows: a meeting that the test advances."""

    def __init__(self, **config: Any) -> None:
        self.meeting = Meeting()
        self.meeting.now = self.now_ms()
        self.config: dict[str, Any] = {"title": "On water", "meeting": MEETING, **config}
        self.on_change: Callable[[], None] = lambda: None
        self.on_role: OnRole = lambda person, role, held: None
        self.access = ParticipantAccess()
        self.signed_out: set[str] = set()
        self.unsettled: set[str] = set()
        self.checked: list[Mapping[str, Any]] = []
        self.edges: list[dict[str, object]] = []

    @property
    def floor(self) -> Floor:
        return self.meeting.floor

    def now_ms(self) -> int:
        return round(time.time() * 1000)

    def is_settled(self, id: str) -> bool:
        return id not in self.unsettled

    lags = is_behind = False

    def handed(self) -> HandedRecord:
        return HandedRecord(0, {})

    def resume(self, handed: HandedRecord) -> None:
        """Do nothing: a successor follows the same script."""

    async def start(self) -> None:
        """Do nothing: the script is complete from the start."""

    async def stop(self) -> None:
        """Do nothing: a script has no task to end."""

    async def ended(self, sign_ins: set[str]) -> set[str]:
        return sign_ins & self.signed_out

    async def tell_check(self, passed: Mapping[str, Any]) -> None:
        self.checked.append(passed)

    async def tell_edges(self, edges: list[dict[str, object]]) -> None:
        self.edges = edges

    async def fetch(self, address: str, to: Path) -> None:
        await asyncio.to_thread(shutil.copy, address, to)

    def do(self, *commands: Command) -> None:
        """Apply commands to the meeting, as if they were on the record."""
        self.meeting.now = self.now_ms()
        self.meeting.do(*commands)
        self.on_change()

    def choose(self, slot: str, **protection: str) -> None:
        """Put a choice of protection for a slot into the configuration."""
        protected = {**self.config.get("protected", {}), slot: protection}
        self.config = {**self.config, "protected": protected}
        self.unsettled.discard(slot)
        self.on_change()

    def append(self, kind: str, **body: Any) -> None:
        """Append an entry to the record that is no event of the meeting."""
        self.access = self.access.after(kind, body)
        self.on_change()


class Facts:
    """The facts that the engine has reported."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def report(self, command: Command) -> None:
        self.commands.append(command)

    def handed(self) -> HandedFacts:
        return HandedFacts("e" * 32, 0, (), ())

    def resume(self, handed: HandedFacts) -> None:
        """Do nothing: a successor reports to the same list."""

    def let_go(self) -> None:
        """Do nothing: no fact waits to be sent."""

    async def start(self) -> None:
        """Do nothing: no fact is sent."""

    async def stop(self) -> None:
        """Do nothing: no fact is sent."""

    def of[C: Command](self, kind: type[C]) -> list[C]:
        return [command for command in self.commands if isinstance(command, kind)]


class Ear:
    """The sound that a listener has heard."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []

    def take(self, sound: Samples) -> None:
        self.heard.append(sound)

    def last(self, seconds: float) -> Samples:
        """Return the last seconds of the sound."""
        whole = np.concatenate(self.heard) if self.heard else np.zeros(0, np.float32)
        return whole[-round(seconds * SOUND_RATE) :]


class OneHearing(HearingRegistry):
    """The registry of an engine with one hearing, whose record is a script."""

    def __init__(
        self, chosen: Settings, script: Script, facts: Facts, edges: EdgeClient | None = None
    ) -> None:
        nowhere: Any = None
        web = WebClient(chosen, nowhere)
        super().__init__(chosen, web, LeaseKeeper(chosen, web), edges)
        self.segments = chosen.segments
        self._parts: tuple[Any, Any] = (script, facts)

    async def begin(self) -> LiveHearing:
        """Put the hearing on the air."""
        live = self._made(self._begin(HEARING))
        await live.start()
        self._live[HEARING] = live
        return live

    async def end(self) -> None:
        """End the hearings that are on the air."""
        if not self._tasks:
            for live in self.running():
                await live.stop()
        await asyncio.gather(*(self._end(hearing) for hearing in tuple(self._tasks)))

    def _begin(self, hearing: str) -> ReadyHearing:
        return ReadyHearing(hearing, *self._parts)


class Aired:
    """One hearing on the air, and its clients."""

    def __init__(
        self,
        parts: EngineParts,
        script: Script,
        facts: Facts,
        *,
        door: socket.socket,
        site: web.SockSite,
        environ: dict[str, str],
    ) -> None:
        self.base = "http://{}:{}".format(*door.getsockname())
        self.parts, self.script, self.facts = parts, script, facts
        self.door, self.site, self.environ = door, site, environ

    @property
    def hearing(self) -> LiveHearing:
        """The only running hearing."""
        (found,) = self.parts.hearings.running()
        return found

    def token(self, use: passes.Use, role: passes.MediaRole, seat: str, **more: str) -> str:
        more = {"camera": "live", "voice": "live", **more}
        pass_ = passes.Pass(HEARING, use, role, seat, person=f"person-{seat}", **more)
        return passes.sign(pass_, SECRET)

    def publisher(
        self, seat: str, hertz: int, role: passes.MediaRole = "speaker", **more: str
    ) -> SyntheticPublisher:
        """Return a publisher whose voice is a tone."""
        token = self.token("publish", role, seat, **more)
        return SyntheticPublisher(f"{self.base}/media/whip/{HEARING}", token, None, Tone(hertz))

    def listener(
        self, ear: Ear, channel: str = "floor", role: passes.MediaRole = "listener", **more: str
    ) -> SyntheticListener:
        """Return a listener to a channel, whose sound goes to an ear."""
        token = self.token("listen", role, more.pop("seat", f"ear-{id(ear)}"), **more)
        whep = f"{self.base}/media/whep/{HEARING}"
        return SyntheticListener(whep, token, channel, on_sound=ear.take)

    async def control(self, session: str, **message: Any) -> tuple[int, str]:
        """Send a control message of a session; return the status, and the code of a refusal."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{session}/control", json=message) as answer,
        ):
            return answer.status, (await answer.json()).get("code", "")


@asynccontextmanager
async def on_air(
    folder: Path,
    *,
    address: str = "127.0.0.1",
    relays: int = 0,
    before: Sequence[Command] = (),
    environ: Mapping[str, str] | None = None,
    **config: Any,
) -> AsyncIterator[Aired]:
    """Put a hearing on the air on free loopback ports, with media at an `address` of this machine.

    The commands `before` are on the record when the engine begins; `environ` holds more settings.
    """
    given: dict[str, str] = {
        "HEMICYCLE_DATA_DIR": str(folder),
        "HEMICYCLE_MEDIA_PORT": str(free_port()),
        "HEMICYCLE_MEDIA_SECRET": SECRET,
    }
    given |= environ or {}
    pass_ = settings.read(given)
    script, facts = Script(**config), Facts()
    script.do(*before)
    port = MediaPort(pass_.port, [address], tcp=pass_.tcp_port)
    async with aiohttp.ClientSession() as http:
        edges = EdgeClient(port, http, pass_) if pass_.edges else None
        hearings = OneHearing(pass_, script, facts, edges)

        async def begin(parts: EngineParts) -> None:
            await hearings.begin()

        with socket.create_server(("127.0.0.1", 0)) as door:
            async with serving(hearings, port, door, relays=relays, take=begin) as (parts, site):
                yield Aired(parts, script, facts, door=door, site=site, environ=given)


@asynccontextmanager
async def serving(
    hearings: OneHearing,
    port: MediaPort,
    door: socket.socket,
    *,
    relays: int = 0,
    take: Callable[[EngineParts], Awaitable[None]] | None = None,
) -> AsyncIterator[tuple[EngineParts, web.SockSite]]:
    """Serve the HTTP interface of an engine on a socket.

    Before the first request, `take` puts the hearing on the air, or takes over from another engine.
    """
    sessions, gate = SessionRegistry(), RequestGate()
    exchange = PeerFactory(port, relays)
    parts = EngineParts(hearings, sessions, exchange, port, gate)
    webcast = hls.routes(hearings.segments, hearings.live)
    served = [*webcast, *captions.routes()]
    made = app(
        hearings, secret=SECRET, exchange=exchange, registry=sessions, routes=served, gate=gate
    )
    runner = web.AppRunner(made)
    await runner.setup()
    try:
        if take is not None:
            await take(parts)
        site = web.SockSite(runner, door.dup())
        await site.start()
        yield parts, site
    finally:
        await hearings.end()
        await runner.cleanup()


async def until(true: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Wait until a condition holds; raise AssertionError with `what` if it does not in time."""
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over, what
        await asyncio.sleep(0.02)
