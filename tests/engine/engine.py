"""An engine on loopback for tests, with one running hearing that records its events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from hemicycle.engine.control import http, passes
from hemicycle.engine.control.passes import MediaRole, Pass, Use
from hemicycle.engine.control.request_gate import RequestGate
from hemicycle.engine.control.sessions import ControlRefused, MediaSession, SessionRegistry
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.streams import Output
from tests.support.ports import free_port

SECRET = "a secret for tests that is long enough to sign with"
HEARING = "a" * 32


@dataclass
class Air:
    """An `OnAir` that records its events."""

    hearing: str = HEARING
    outputs: dict[str, Output] = field(default_factory=dict)
    practising: dict[str, Output] = field(default_factory=dict)
    told: list[tuple[str, ...]] = field(default_factory=list)
    sessions: dict[str, MediaSession] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outputs = {name: Output(name, "sound") for name in ("floor", "en", "fr")}
        self.outputs["program"] = Output("program", "picture")

    @property
    def public_outputs(self) -> dict[str, Output]:
        """The same outputs, since no feed is delayed here."""
        return self.outputs

    def practice(self, seat: str) -> Output | None:
        """Return the output that a seat hears while it practises, or None."""
        return self.practising.get(seat)

    def picture(self, channel: str) -> Output:
        """Return the same picture for every channel."""
        return self.outputs["program"]

    def session_began(self, session: MediaSession) -> None:
        """Record the event."""
        self.sessions[session.id] = session
        self.told.append(("came", session.kind))

    def session_changed(self, session: MediaSession) -> None:
        """Record the event."""
        self.told.append(("changed", session.kind, session.state))

    def session_ended(self, session: MediaSession, reason: str) -> None:
        """Record the event."""
        self.told.append(("went", session.kind, reason))

    def page_closed(self, session: MediaSession) -> None:
        """Record the event."""
        self.told.append(("closed", session.kind))

    def network_failed(self, session: MediaSession, why: str) -> None:
        """Record the event."""
        self.told.append((why, session.kind))

    async def control(self, session: MediaSession, message: dict[str, Any]) -> None:
        """Change the channel as listeners may; refuse any other request."""
        if message["do"] != "listen":
            raise ControlRefused("not_listening")
        session.hear(self.outputs[message["channel"]])


@dataclass
class Engine:
    """The engine's HTTP interface, with a client and the objects behind it."""

    client: TestClient[Request, Application]
    air: Air
    registry: SessionRegistry
    exchange: PeerFactory
    gate: RequestGate

    def post(self, way: str, token: str, body: str | bytes = b"", **more: Any) -> Any:
        """Send `POST /media/<way>/<the hearing>` with a pass, and return the answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        headers |= more.pop("headers", {})
        address = f"/media/{way}/{more.pop('hearing', HEARING)}"
        return self.client.post(address, data=body, headers=headers, **more)

    def only(self) -> MediaSession:
        """Return the only live session."""
        (session,) = self.registry.all()
        return session


@contextlib.asynccontextmanager
async def running(
    places: int = 100,
    trusted: Sequence[str] = (),
    address: str = "127.0.0.1",
    *,
    may_begin: bool = True,
) -> AsyncIterator[Engine]:
    """Run an engine with one hearing on the air; media are at `address`.

    Requests may come through `trusted` proxies. For another hearing, `may_begin` says whether the
    engine could still begin it.
    """
    air, registry = Air(), SessionRegistry()
    exchange = PeerFactory(MediaPort(free_port(), [address]), places=places)

    class House:
        def hearing(self, hearing: str) -> Air | None:
            return air if hearing == air.hearing else None

        def may_begin(self) -> bool:
            return may_begin

    gate = RequestGate()
    made = http.app(
        House(), secret=SECRET, exchange=exchange, registry=registry, trusted=trusted, gate=gate
    )
    async with TestClient(TestServer(made)) as client:
        yield Engine(client, air, registry, exchange, gate)


def token(use: Use, seat: str = "1", role: MediaRole = "speaker", **more: Any) -> str:
    """Return the bearer token of a pass."""
    hearing, lasts_s = more.pop("hearing", HEARING), more.pop("lasts_s", passes.PASS_S)
    more = {"camera": "live", "voice": "live", **more}
    pass_ = Pass(hearing, use, role, seat=seat.rjust(32, "0"), **more)
    return passes.sign(pass_, SECRET, lasts_s=lasts_s)


async def error(response: ClientResponse) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return (await refusal(response))[:2]


async def refusal(response: ClientResponse) -> tuple[int, str, str]:
    """Return the status, the code and the English detail of a refusal."""
    told = json.loads(await response.text())
    assert list(told) == ["code", "values", "detail"]
    return response.status, told["code"], told["detail"]


async def events(response: ClientResponse, count: int) -> list[tuple[str, Any]]:
    """Return the next `count` events of a session; raise if they end or take over 10 seconds."""
    found: list[tuple[str, Any]] = []
    name = ""
    async with asyncio.timeout(10):
        while len(found) < count:
            raw = await response.content.readline()
            assert raw, f"the news ended after {found}"
            line = raw.decode().strip()
            if line.startswith("event:"):
                name = line.removeprefix("event: ")
            elif line.startswith("data:"):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found
