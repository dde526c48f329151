"""What listeners hear and see of an output, as a standard client receives it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtp import RtpPacket

from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.streams import Output, Samples
from tests.engine.rtc import clients

pytestmark = pytest.mark.usefixtures("virtual_time")


@contextlib.asynccontextmanager
async def listening(
    client: RTCPeerConnection, sounds: dict[Output, float], picture: Output | None = None
) -> AsyncIterator[tuple[ListenerPeer, clients.Feed]]:
    """Connect a client to the first of the outputs, while encoders feed all of them."""
    async with clients.exchanging() as exchange:
        offer = await clients.offer(client)
        ours, answer = await exchange.listener(offer, lambda *_: None, next(iter(sounds)), picture)
        assert isinstance(ours, ListenerPeer)
        feed = clients.Feed(sounds, picture)
        await clients.accept(client, answer)
        feeding = asyncio.create_task(feed.run())
        try:
            yield ours, feed
        finally:
            feeding.cancel()
            await client.close()
            await ours.close("over")


async def heard(client: RTCPeerConnection, frames: int) -> Samples:
    """Return the next frames of sound that a client decodes."""
    track = client.getReceivers()[0].track
    got: list[Samples] = []
    async with asyncio.timeout(10):
        for _ in range(frames):
            frame: Any = await track.recv()
            got.append(frame.to_ndarray()[0, ::2].astype(np.float32))
    return np.concatenate(got)


def packets_of(client: RTCPeerConnection, at: int) -> list[RtpPacket]:
    """Return a list that gets every RTP packet of a client's receiver from now on."""
    seen: list[RtpPacket] = []
    receiver: Any = client.getReceivers()[at]
    handle = receiver._handle_rtp_packet

    async def note(packet: RtpPacket, arrival_time_ms: int) -> None:
        seen.append(packet)
        await handle(packet, arrival_time_ms=arrival_time_ms)

    receiver._handle_rtp_packet = note
    return seen


def test_sound_and_picture_reach_a_standard_client() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio", "video")
        async with listening(client, {floor: 700}, program) as (ours, feed):
            sound = await heard(client, 50)
            assert abs(clients.strongest(sound[-24_000:]) - 700) <= 2
            frame: Any = await asyncio.wait_for(client.getReceivers()[1].track.recv(), 5)
            assert (frame.width, frame.height) == (320, 180)
            assert feed.keys == 1
            assert ours.packets > 50

    asyncio.run(test())


def test_an_offer_without_a_picture_is_sound_alone() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio")
        async with listening(client, {floor: 700}, program):
            await heard(client, 10)
            assert len(program) == 0

    asyncio.run(test())


def test_another_channel_comes_without_a_gap_in_numbers_or_time() -> None:
    floor, french = Output("floor", "sound"), Output("fr", "sound")

    async def test() -> None:
        client = clients.receiver("audio")
        async with listening(client, {floor: 500, french: 900}) as (ours, _):
            seen = packets_of(client, 0)
            await heard(client, 30)
            ours.hear(french)
            sound = await heard(client, 60)
            assert abs(clients.strongest(sound[-24_000:]) - 900) <= 2
            numbers = [packet.sequence_number for packet in seen]
            times = [packet.timestamp for packet in seen]
            assert set(np.diff(numbers) % (1 << 16)) == {1}
            assert set(np.diff(times) % (1 << 32)) == {960}
            assert (len(floor), len(french)) == (0, 1)

    asyncio.run(test())


def test_what_is_lost_is_sent_again() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio", "video")
        async with listening(client, {floor: 500}, program):
            receiver: Any = client.getReceivers()[1]
            handle, dropped, again = receiver._handle_rtp_packet, [], []

            async def lossy(packet: RtpPacket, arrival_time_ms: int) -> None:
                if packet.payload_type in {100, 102}:  # RTX
                    again.append(int.from_bytes(packet.payload[:2]))
                elif packet.sequence_number % 7 == 3:
                    dropped.append(packet.sequence_number)
                    return
                await handle(packet, arrival_time_ms=arrival_time_ms)

            receiver._handle_rtp_packet = lossy
            for _ in range(50):
                await asyncio.wait_for(receiver.track.recv(), 5)
            assert len(dropped) >= 10
            # The first loss may go unnoticed, and the last requests may not be answered yet.
            assert set(dropped[1:-10]) <= set(again)

    asyncio.run(test())


def test_what_is_sent_again_and_lost_again_comes_once_more() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio", "video")
        async with listening(client, {floor: 500}, program):
            receiver: Any = client.getReceivers()[1]
            handle, dropped, again = receiver._handle_rtp_packet, [], []
            lost_again = set()

            async def lossy(packet: RtpPacket, arrival_time_ms: int) -> None:
                if packet.payload_type in {100, 102}:  # RTX
                    number = int.from_bytes(packet.payload[:2])
                    if number not in lost_again:
                        lost_again.add(number)
                        return
                    again.append(number)
                elif packet.sequence_number % 7 == 3:
                    dropped.append(packet.sequence_number)
                    return
                await handle(packet, arrival_time_ms=arrival_time_ms)

            receiver._handle_rtp_packet = lossy
            for _ in range(50):
                await asyncio.wait_for(receiver.track.recv(), 5)
            assert len(dropped) >= 10
            # The first loss may go unnoticed, and the last requests may not be answered yet.
            assert set(dropped[1:-10]) <= set(again)

    asyncio.run(test())


def test_no_picture_is_sent_before_a_keyframe() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio", "video")
        async with listening(client, {floor: 500}, program) as (_, feed):
            seen = packets_of(client, 1)
            await clients.until(lambda: len(seen) > 20)
            # SPS and PPS come first, together in one packet.
            assert seen[0].payload[0] & 0x1F == 24
            assert feed.keys == 1

    asyncio.run(test())


def test_sound_and_picture_are_reported_on_one_clock() -> None:
    floor, program = Output("floor", "sound"), Output("program", "picture")

    async def test() -> None:
        client = clients.receiver("audio", "video")
        async with listening(client, {floor: 500}, program):
            firsts = [packets_of(client, 0), packets_of(client, 1)]
            reports: list[Any] = [[], []]
            for at, receiver in enumerate(client.getReceivers()):
                _note_reports(receiver, reports[at])
            await clients.until(lambda: all(firsts) and all(reports))
            zeros = [
                report[0].sender_info.ntp_timestamp / (1 << 32)
                - ((report[0].sender_info.rtp_timestamp - first[0].timestamp) & 0xFFFFFFFF) / rate
                for report, first, rate in zip(reports, firsts, (48_000, 90_000), strict=True)
            ]
            # The first picture and the first sound are of the same 40 ms of the program.
            assert abs(zeros[0] - zeros[1]) <= 0.05

    asyncio.run(test())


def _note_reports(receiver: Any, into: list[Any]) -> None:
    handle = receiver._handle_rtcp_packet

    async def note(packet: Any) -> None:
        if hasattr(packet, "sender_info"):
            into.append(packet)
        await handle(packet)

    receiver._handle_rtcp_packet = note
