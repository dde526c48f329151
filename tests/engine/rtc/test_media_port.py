"""One port serves everybody over UDP and TCP, also while strangers send to it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from aioice import ice, stun
from aiortc import RTCPeerConnection

from hemicycle.engine.rtc import media_port, tcp_frames
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.media_port import MediaPort, PortTaken
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.publisher import PublisherPeer
from hemicycle.engine.rtc.relay import RemoteListener
from hemicycle.engine.streams import Output
from tests.engine.rtc import clients
from tests.engine.rtc.networks_between import Router, TcpRouter, through
from tests.engine.rtc.test_listener import heard
from tests.support.ports import free_port

pytestmark = pytest.mark.usefixtures("virtual_time")

HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def speaking_by(
    router: Router, exchange: PeerFactory
) -> AsyncIterator[tuple[RTCPeerConnection, PublisherPeer]]:
    """Connect a speaker with a tone of 700 Hz behind a router; yield the client and our peer."""
    port = await router.open()
    client = clients.sender(hertz=700)
    ours, answer = await exchange.publisher(await clients.offer(client), lambda *_: None)
    await clients.accept(client, through(answer, port))
    try:
        yield client, ours
    finally:
        await client.close()
        await ours.close("over")
        router.close()


@contextlib.asynccontextmanager
async def hearing_by(
    router: Router, exchange: PeerFactory
) -> AsyncIterator[tuple[RTCPeerConnection, ListenerPeer | RemoteListener]]:
    """Connect a listener to a tone of 500 Hz and a picture, behind a router."""
    port = await router.open()
    floor, program = Output("floor", "sound"), Output("program", "picture")
    client = clients.receiver("audio", "video")
    offer = await clients.offer(client)
    ours, answer = await exchange.listener(offer, lambda *_: None, floor, program)
    await clients.accept(client, through(answer, port))
    feeding = asyncio.create_task(clients.Feed({floor: 500}, program).run())
    try:
        yield client, ours
    finally:
        feeding.cancel()
        await client.close()
        await ours.close("over")
        router.close()


async def is_heard(ours: PublisherPeer) -> bool:
    """Return whether the tone of 700 Hz arrives."""
    assert ours.sound is not None
    sound = (await clients.read(ours.sound, 40))[-24_000:]
    return abs(clients.strongest(sound) - 700) <= 2


def test_everybody_is_on_one_port() -> None:
    async def test() -> None:
        async with clients.exchanging() as exchange:
            crowd = [clients.sender(hertz=400 + 100 * n) for n in range(5)]
            peers = []
            for client in crowd:
                ours, answer = await exchange.publisher(
                    await clients.offer(client), lambda *_: None
                )
                candidates = [line for line in answer.splitlines() if "a=candidate" in line]
                assert {line.split()[5] for line in candidates} == {str(clients.PORT)}
                await clients.accept(client, answer)
                peers.append(ours)
            for n, ours in enumerate(peers):
                assert ours.sound is not None
                tone = clients.strongest((await clients.read(ours.sound, 40))[-24_000:])
                assert abs(tone - (400 + 100 * n)) <= 2
            await asyncio.gather(*(client.close() for client in crowd))
            await asyncio.gather(*(ours.close("over") for ours in peers))

    asyncio.run(test())


@pytest.fixture
def asks_as_browsers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients check consent about every two seconds; aioice's own wait up to six."""
    monkeypatch.setattr(ice, "CONSENT_INTERVAL", 2)


@pytest.mark.usefixtures("asks_as_browsers_do")
def test_a_router_that_renumbers_in_mid_sentence_is_followed() -> None:
    async def test() -> None:
        router = Router(clients.PORT)
        async with clients.exchanging() as exchange, speaking_by(router, exchange) as (_, ours):
            assert await is_heard(ours)
            await router.renumber()
            await asyncio.sleep(6)
            assert ours.state == "up"
            assert await is_heard(ours)

    asyncio.run(test())


@pytest.mark.usefixtures("asks_as_browsers_do")
def test_who_hears_behind_such_a_router_goes_on_hearing() -> None:
    async def test() -> None:
        router = Router(clients.PORT)
        async with clients.exchanging() as exchange, hearing_by(router, exchange) as (client, ours):
            await heard(client, 20)
            await router.renumber()
            await asyncio.sleep(8)
            assert ours.state == "up"
            sound = await heard(client, 60)
            assert abs(clients.strongest(sound[-24_000:]) - 500) <= 2

    asyncio.run(test())


def test_a_speaker_by_tcp_is_heard_and_leaves_with_the_connection() -> None:
    async def test() -> None:
        router = TcpRouter(clients.PORT)
        async with (
            clients.exchanging(tcp=True) as exchange,
            speaking_by(router, exchange) as (_, ours),
        ):
            assert await is_heard(ours)
            router.cut()
            await clients.until(lambda: ours.state == "closed", 1)

    asyncio.run(test())


def test_a_listener_by_tcp_hears_and_sees() -> None:
    async def test() -> None:
        router = TcpRouter(clients.PORT)
        async with (
            clients.exchanging(tcp=True) as exchange,
            hearing_by(router, exchange) as (client, _),
        ):
            assert abs(clients.strongest((await heard(client, 60))[-24_000:]) - 500) <= 2
            frame = await asyncio.wait_for(client.getReceivers()[1].track.recv(), 5)
            assert (frame.width, frame.height) == (320, 180)  # type: ignore[union-attr]

    asyncio.run(test())


@pytest.mark.real_time
def test_a_listener_by_tcp_in_a_relay_hears_and_leaves_with_the_connection() -> None:
    async def test() -> None:
        port = free_port()
        exchange = PeerFactory(MediaPort(port, [HOST], tcp=port), relays=1)
        await exchange.start()
        router = TcpRouter(port)
        try:
            async with hearing_by(router, exchange) as (client, ours):
                assert isinstance(ours, RemoteListener)
                assert abs(clients.strongest((await heard(client, 60))[-24_000:]) - 500) <= 2
                router.cut()
                await clients.until(lambda: ours.state == "closed", 2)
        finally:
            await exchange.stop()

    asyncio.run(test())


def test_the_answer_names_tcp_behind_udp() -> None:
    async def test() -> None:
        async with clients.exchanging(tcp=True) as exchange:
            client = clients.sender()
            ours, answer = await exchange.publisher(await clients.offer(client), lambda *_: None)
            candidates = [line.split() for line in answer.splitlines() if "a=candidate" in line]
            (udp,) = (line for line in candidates if line[2] == "udp")
            (tcp,) = (line for line in candidates if line[2] == "tcp")
            assert (tcp[5], tcp[-2:]) == (str(clients.PORT), ["tcptype", "passive"])
            assert int(udp[3]) > int(tcp[3])
            await client.close()
            await ours.close("over")

    asyncio.run(test())


def request(name: str, password: str) -> bytes:
    """Return a STUN request for a peer, signed with a password."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{name}:them"
    message.attributes["PRIORITY"] = 1
    message.add_message_integrity(password.encode())
    return bytes(message)


def descriptors() -> int:
    """Return how many files and sockets this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_garbage_and_wrong_passwords_get_no_answer_and_open_nothing() -> None:
    async def test() -> None:
        async with clients.exchanging(tcp=True) as exchange:
            client = clients.sender()
            ours, answer = await exchange.publisher(await clients.offer(client), lambda *_: None)
            name = next(line[12:] for line in answer.splitlines() if line.startswith("a=ice-ufrag"))
            opened = descriptors()
            for data in (
                b"", b"\0", Random(1).randbytes(1200), b"\x80" * 200, request(name, "wrong" * 6),
                request("nobody99", "x" * 24), request(name, "x" * 24)[:30],
            ):  # fmt: skip
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                    stranger.settimeout(0)
                    stranger.sendto(data, (HOST, clients.PORT))
                    await asyncio.sleep(0.02)
                    with pytest.raises(BlockingIOError):
                        stranger.recv(100)
                reader, writer = await asyncio.open_connection(HOST, clients.PORT)
                writer.write(len(data).to_bytes(2) + data)
                if data:
                    assert await asyncio.wait_for(reader.read(), 2) == b""
                writer.close()
            await clients.until(lambda: descriptors() == opened, 2)
            await clients.accept(client, answer)  # the client that the answer is for still connects
            await client.close()
            await ours.close("over")

    asyncio.run(test())


def test_tcp_connections_that_say_nothing_are_few_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_port, "MOST_UNKNOWN", 2)
    monkeypatch.setattr(tcp_frames, "NAME_S", 0.3)

    async def test() -> None:
        async with clients.exchanging(tcp=True):
            silent = [await asyncio.open_connection(HOST, clients.PORT) for _ in range(3)]
            loop = asyncio.get_running_loop()
            began = loop.time()
            with contextlib.suppress(ConnectionError):
                assert await silent[2][0].read() == b""
            assert loop.time() - began < 0.2
            for reader, _ in silent[:2]:
                with contextlib.suppress(ConnectionError):
                    assert await asyncio.wait_for(reader.read(), 2) == b""
            for _, writer in silent:
                writer.close()

    asyncio.run(test())


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_that_another_program_has_stops_the_start(
    kind: socket.SocketKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_port, "FREE_S", 0.2)

    async def test() -> None:
        port = free_port()
        with socket.socket(socket.AF_INET, kind) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            other.bind((HOST, port))
            if kind == socket.SOCK_STREAM:
                other.listen()
            mine = MediaPort(port, [HOST], tcp=port)
            with pytest.raises(PortTaken, match=f"{port} by UDP and {port} by TCP.*in use"):
                await mine.open()
            assert mine.sockets == ()

    asyncio.run(test())


def test_the_address_of_a_router_is_told_beside_ours() -> None:
    assert MediaPort(40_000, [HOST, "192.0.2.7"]).hosts == ((HOST, "192.0.2.7"),)


def test_one_port_serves_every_address() -> None:
    async def test() -> None:
        port = MediaPort(free_port(), [HOST, "127.0.0.2", "192.0.2.7"])
        await port.open()
        assert [port.local_address(index) for index in (0, 1)] == [
            (HOST, port.number),
            ("127.0.0.2", port.number),
        ]
        port.close()

    asyncio.run(test())


def test_where_no_address_is_ours_every_interface_is_listened_on() -> None:
    async def test() -> None:
        port = MediaPort(free_port(), ["192.0.2.7"])
        await port.open()
        assert (port.hosts, port.local_address(0)[0]) == ((("192.0.2.7",),), "0.0.0.0")
        port.close()

    asyncio.run(test())


@pytest.mark.parametrize(("number", "tcp"), [(0, 0), (65_536, 0), (40_000, 65_536)])
def test_no_port(number: int, tcp: int) -> None:
    with pytest.raises(ValueError, match="not both ports"):
        MediaPort(number, [HOST], tcp=tcp)
