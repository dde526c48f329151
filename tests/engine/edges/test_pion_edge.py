"""The engine publishes to real Pion edges, from which standard clients receive the meeting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.control import passes
from hemicycle.engine.edges import addresses, disconnecting, hearing_edges, tokens
from hemicycle.engine.edges.addresses import Audience, Edge
from hemicycle.engine.synthetic.client import OfferRefused, SyntheticListener
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SECRET, Aired, Ear, on_air, until
from tests.procedure.meeting import segment
from tests.support import edges
from tests.support.edges import RunningEdge

pytestmark = [pytest.mark.test_all("clients"), pytest.mark.real_time, edges.needed()]

ANA, BOOTH = 600, 1400
ON_AIR = (
    c.OpenMeeting(MEETING),
    segment(
        Listed("ana", "t", "person-ana", languages=("en",)), rules=Rules(time_limit_ms=600_000)
    ),
    c.GiveFloor("ana"),
)


class AtEdge(SyntheticListener):
    """A standard client of an edge."""

    def __init__(self, address: str, token: str, ear: Ear, *, sees: bool, waits: bool) -> None:
        self.pictures: list[av.VideoFrame] = []
        self._waits = waits
        seen = self.pictures.append if sees else None
        super().__init__(address, token, on_sound=ear.take, on_picture=seen)
        self._address = address

    async def _post(self, offer: str) -> str:
        """Send the offer as a page does: again, while the edge does not know the stream yet."""
        for _ in range(50 if self._waits else 0):
            try:
                return await super()._post(offer)
            except OfferRefused as refused:
                if refused.status != 404:
                    raise
            await asyncio.sleep(0.1)
        return await super()._post(offer)


def listening(
    edge: RunningEdge,
    ear: Ear,
    output: str = "floor",
    *,
    audience: Audience = "room",
    token: str = "",
    listener: str = "",
    waits: bool = True,
) -> AtEdge:
    path = addresses.path(HEARING, audience, output)
    (known,) = addresses.parse(edge.base)
    address = f"{known.at(path, 'whep')}?listener={listener}"
    token = token or tokens.to_read(SECRET, HEARING, audience)
    return AtEdge(address, token, ear, sees=output == "program", waits=waits)


async def attending(
    http: aiohttp.ClientSession, engine: Aired, edge: RunningEdge, seat: str, query: str = ""
) -> tuple[str, str]:
    """Attend as the page of a listener at an edge does; return its session and listener id."""
    token = engine.token("listen", "technician", seat, edge=edge.name)
    async with http.post(
        f"{engine.base}/media/attend/{HEARING}?{query}",
        headers={"Authorization": f"Bearer {token}"},
    ) as answer:
        assert answer.status == 201, await answer.text()
        told = await answer.json()
        return engine.base + answer.headers["Location"], told["listener"]


@asynccontextmanager
async def with_edges(
    folder: Path, count: int = 1, *, api: bool = False, **config: Any
) -> AsyncIterator[tuple[Aired, list[RunningEdge]]]:
    async with AsyncExitStack() as stack:
        keys = stack.enter_context(edges.keys_of(SECRET))
        made = [stack.enter_context(edges.running(keys)) for _ in range(count)]
        environ = {"HEMICYCLE_MEDIA_EDGES": ",".join(edge.base for edge in made)}
        if api:
            environ["HEMICYCLE_MEDIA_EDGE_API"] = made[0].api
        engine = await stack.enter_async_context(
            on_air(folder, environ=environ, languages=["en", "fr"], **config)
        )
        await stack.enter_async_context(engine.publisher("ana", ANA, slot="ana"))
        engine.script.do(*ON_AIR)
        await until(lambda: working(engine) == {edge.name for edge in made}, "the edges work", 20)
        yield engine, made


def working(engine: Aired) -> set[object]:
    return {edge["edge"] for edge in engine.script.edges if edge["works"]}


def hears(ear: Ear, hertz: int, seconds: float = 0.3) -> bool:
    return len(ear.last(seconds)) > 0 and amplitude(ear.last(seconds), hertz) > 0.02


def test_the_room_s_floor_and_picture_are_at_the_edge(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_edges(tmp_path) as (_engine, (edge,)):
            ear = Ear()
            async with listening(edge, ear), listening(edge, Ear(), "program") as viewer:
                await until(lambda: hears(ear, ANA), "the floor is heard at the edge")
                await until(lambda: len(viewer.pictures) > 5, "the program is seen at the edge")
                assert (viewer.pictures[-1].width, viewer.pictures[-1].height) == (640, 360)

    asyncio.run(scene())


def test_a_channel_is_published_while_somebody_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_edges, "LINGERS_S", 1.0)

    async def scene() -> None:
        async with (
            with_edges(tmp_path) as (engine, (edge,)),
            aiohttp.ClientSession() as http,
            engine.publisher("booth", BOOTH, "interpreter", booth="fr") as booth,
        ):
            assert await engine.control(booth.session, do="microphone", on=True) == (200, "")
            with pytest.raises(OfferRefused) as refused:
                async with listening(edge, Ear(), "fr", waits=False):
                    pass
            assert refused.value.status == 404
            page, _ = await attending(http, engine, edge, "hall")
            assert await engine.control(page, do="listen", channel="fr") == (200, "")
            known = Edge(f"{edge.base}{addresses.USUAL}")
            edges_of = engine.hearing._edges
            assert edges_of is not None
            await until(lambda: edges_of.has(known, "room", "fr"), "French is at the edge")
            ear = Ear()
            async with listening(edge, ear, "fr"):
                await until(lambda: hears(ear, BOOTH), "the booth is heard at the edge")
                async with http.delete(page):
                    pass
                await until(lambda: not edges_of.has(known, "room", "fr"), "it ends", 5)

    asyncio.run(scene())


def test_a_token_opens_only_what_it_names(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_edges(tmp_path) as (_engine, (edge,)):
            others = "f" * 32
            wrong = [
                tokens.to_read(SECRET, HEARING, "public"),
                tokens.to_read(SECRET, others, "room"),
                tokens.to_read("another secret, which is as long", HEARING, "room"),
                tokens.to_read(SECRET, HEARING, "room", now=time.time() - tokens.READS_S - 1),
                tokens.to_publish(SECRET, HEARING),
                passes.sign(passes.Pass(HEARING, "listen", "listener", "a"), SECRET),
                "nothing",
            ]
            for token in wrong:
                with pytest.raises(OfferRefused) as refused:
                    async with listening(edge, Ear(), token=token):
                        pass
                assert refused.value.status == 401

    asyncio.run(scene())


def test_a_connection_ends_with_its_token(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_edges(tmp_path) as (_engine, (edge,)):
            soon = tokens.to_read(SECRET, HEARING, "room", now=time.time() - tokens.READS_S + 3)
            ear = Ear()
            async with listening(edge, ear, token=soon) as listener:
                await until(lambda: hears(ear, ANA), "the floor is heard")
                await until(lambda: listener.state in {"closed", "failed"}, "the token ends", 8)

    asyncio.run(scene())


def test_who_was_removed_is_disconnected(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            with_edges(tmp_path, api=True) as (engine, (edge,)),
            aiohttp.ClientSession() as http,
        ):
            pages = [await attending(http, engine, edge, seat) for seat in ("rao", "lee")]
            (_, removed), (_, stays) = pages
            gone, kept = Ear(), Ear()
            async with (
                listening(edge, gone, listener=removed) as first,
                listening(edge, kept, listener=stays) as second,
            ):
                await until(lambda: hears(gone, ANA) and hears(kept, ANA), "both hear the floor")
                engine.script.on_role("person-rao", "technician", False)
                await until(lambda: first.state in {"closed", "failed"}, "the edge ends it", 4)
                assert second.state == "connected"

    asyncio.run(scene())


def test_a_listener_whom_the_engine_does_not_know_is_disconnected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disconnecting, "EVERY_S", 1.0)

    async def scene() -> None:
        async with (
            with_edges(tmp_path, api=True) as (_engine, (edge,)),
            listening(edge, Ear(), listener="made up") as hidden,
        ):
            await until(lambda: hidden.state in {"closed", "failed"}, "the edge ends it", 5)

    asyncio.run(scene())


def test_the_public_gets_its_own_feed_at_the_edge(tmp_path: Path) -> None:
    """The public hears it after the delay, and silence once it is stopped; the room goes on."""

    async def scene() -> None:
        async with (
            with_edges(tmp_path, public_delay={"s": 5}) as (engine, (edge,)),
            aiohttp.ClientSession() as http,
        ):
            begun = time.monotonic()
            await attending(http, engine, edge, "outside", "feed=public")
            known = Edge(f"{edge.base}{addresses.USUAL}")
            edges_of = engine.hearing._edges
            assert edges_of is not None
            await until(lambda: edges_of.has(known, "public", "floor"), "the public's is there")
            ear = Ear()
            async with listening(edge, ear, audience="public"):
                await asyncio.sleep(max(0.0, begun + 2 - time.monotonic()))
                await until(lambda: hears(ear, ANA), "the public hears it after its delay", 15)
                engine.script.do(c.StopFeed("person-desk"))
                await asyncio.sleep(1.0)
                heard = len(ear.last(60))
                await asyncio.sleep(2.0)
                assert len(ear.last(60)) > heard, "silence is sent, and not nothing"
                assert not hears(ear, ANA, 1.5)
                room = Ear()
                async with listening(edge, room):
                    await until(lambda: hears(room, ANA), "the room goes on")

    asyncio.run(scene())


def test_an_edge_that_comes_back_gets_its_streams_again(tmp_path: Path) -> None:
    async def scene() -> None:
        async with with_edges(tmp_path, 2) as (engine, (lost, kept)):
            ear = Ear()
            async with listening(kept, ear):
                await until(lambda: hears(ear, ANA), "the floor is heard at the other edge")
                lost.freeze()
                await until(lambda: working(engine) == {kept.name}, "the loss is reported", 8)
                assert hears(ear, ANA)
                lost.thaw()
                both = {lost.name, kept.name}
                await until(lambda: working(engine) == both, "it works again", 20)
                again = Ear()
                async with listening(lost, again):
                    await until(lambda: hears(again, ANA), "it is heard there again")

    asyncio.run(scene())


def test_the_streams_end_with_the_meeting(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            with_edges(tmp_path) as (engine, (edge,)),
            listening(edge, Ear()) as listener,
        ):
            engine.script.do(c.EndFloor(), c.CloseSegment(), c.CloseMeeting())
            await until(lambda: listener.state in {"closed", "failed"}, "the edge ends it", 5)
            await until(lambda: not working(engine), "it is reported")

    asyncio.run(scene())
