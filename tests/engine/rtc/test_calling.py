"""A peer that calls accepts only valid answers with permitted addresses and a known codec."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hemicycle.engine.rtc.calling import CallingPeer
from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.streams import Output
from tests.support.ports import free_port

ANSWER = """v=0
o=- 1 2 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=setup:active
a=mid:0
a=ice-ufrag:someone
a=ice-pwd:somebody-s-own-password-here
a=fingerprint:sha-256 DB:3A:E7:0E:E5:20:B7:B3:8C:85:6B:27:93:FD:93:18:8B:82:00:B5:AE:5D:E8:91:\
84:31:1F:7C:13:A1:FD:FC
a=rtcp-mux
a=rtpmap:96 opus/48000/2
a=recvonly
a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host
a=candidate:1 2 udp 2130706431 192.0.2.1 5000 typ host
a=candidate:2 1 tcp 2130706431 192.0.2.1 5001 typ host tcptype passive
a=candidate:3 1 udp 2130706431 10.0.0.7 22 typ host
a=candidate:4 1 udp 2130706431 somebody.local 5000 typ host
"""


@asynccontextmanager
async def calling(kind: str = "sound") -> AsyncIterator[CallingPeer]:
    port = MediaPort(free_port(), ["127.0.0.1"])
    await port.open()
    own = await port.another()
    peer = CallingPeer(own, lambda state, reason: None, Output("floor", kind))  # type: ignore[arg-type]
    try:
        yield peer
    finally:
        await peer.close("left")
        own.close()
        port.close()


def test_it_calls_no_address_that_is_not_permitted() -> None:
    async def scene() -> None:
        async with calling() as peer:
            await peer.offer()
            await peer.accept(ANSWER, lambda address: address == "192.0.2.1")
            called = {(one.host, one.port) for one in peer._ice._remote_candidates}
            assert called == {("192.0.2.1", 5000)}

    asyncio.run(scene())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "hello",
        ANSWER.replace("a=ice-pwd:somebody-s-own-password-here\n", ""),
        "\n".join(line for line in ANSWER.splitlines() if "fingerprint" not in line),
        ANSWER.replace("a=mid:0", "a=mid:7"),
        ANSWER + ANSWER[ANSWER.index("m=audio") :],
    ],
)
def test_an_answer_that_cannot_be_read(answer: str) -> None:
    async def scene() -> None:
        async with calling() as peer:
            await peer.offer()
            with pytest.raises((BadOffer, NoCodec)):
                await peer.accept(answer, lambda address: True)

    asyncio.run(scene())


def test_an_answer_without_our_codec() -> None:
    async def scene() -> None:
        async with calling() as peer:
            await peer.offer()
            with pytest.raises(NoCodec):
                await peer.accept(ANSWER.replace("opus/48000/2", "PCMU/8000"), lambda _: True)

    asyncio.run(scene())


def test_peers_that_call_have_ports_of_their_own() -> None:
    async def scene() -> None:
        async with calling() as one, calling() as other:
            ports = {
                line.split()[5]
                for offer in (await one.offer(), await other.offer())
                for line in offer.splitlines()
                if line.startswith("a=candidate:")
            }
            assert len(ports) == 2

    asyncio.run(scene())
