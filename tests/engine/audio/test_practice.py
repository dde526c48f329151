"""The practice room in real time: people hear themselves a moment later, and nobody else."""

import asyncio
import time

import av
import numpy as np
import pytest

from hemicycle.engine.audio.practice import DELAY_TICKS, PracticeEcho, PracticeRoom
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Packet, Samples

pytestmark = pytest.mark.usefixtures("virtual_time")


class Tone:
    """A source that plays a tone of `hertz`."""

    def __init__(self, hertz: int) -> None:
        self._hertz, self._at = hertz, 0

    def read(self) -> Samples:
        times = np.arange(self._at, self._at + TICK_SAMPLES) / SOUND_RATE
        self._at += TICK_SAMPLES
        return (0.3 * np.sin(2 * np.pi * self._hertz * times)).astype(np.float32)


def heard(packets: list[Packet]) -> Samples:
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    blocks = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
    return np.concatenate(
        [block.to_ndarray().reshape(-1, block.layout.nb_channels)[:, 0] for block in blocks]
    )


def pitch(sound: Samples) -> int:
    return round(float(np.argmax(np.abs(np.fft.rfft(sound))) * SOUND_RATE / len(sound)) / 50) * 50


def test_one_hears_silence_and_then_oneself() -> None:
    echo = PracticeEcho(Tone(700))
    packets = [echo.next(tick * TICK_SAMPLES) for tick in range(DELAY_TICKS + 50)]
    assert [packet.pts for packet in packets[:3]] == [0, TICK_SAMPLES, 2 * TICK_SAMPLES]
    before = heard(packets[:DELAY_TICKS])
    after = heard(packets)[len(before) + TICK_SAMPLES :]
    assert np.abs(before).max() < 1e-3
    assert pitch(after) == 700


def test_each_hears_their_own_voice_only_and_the_thread_ends() -> None:
    async def practise() -> tuple[list[Packet], list[Packet]]:
        room = PracticeRoom(asyncio.get_running_loop(), time.monotonic())
        mine: list[Packet] = []
        theirs: list[Packet] = []
        room.enter("me", Tone(500))
        room.enter("them", Tone(900))
        for seat, taken in (("me", mine), ("them", theirs)):
            output = room.output(seat)
            assert output is not None
            output.add(taken.append)
        enough = asyncio.Event()
        last = room.output("them")
        assert last is not None
        last.add(lambda packet: enough.set() if len(theirs) > DELAY_TICKS + 25 else None)
        await enough.wait()
        room.leave("me")
        assert room.output("me") is None
        room.leave("them")
        assert room._thread is None
        return mine, theirs

    mine, theirs = asyncio.run(practise())
    assert (pitch(heard(mine)[-SOUND_RATE // 4 :]), pitch(heard(theirs)[-SOUND_RATE // 4 :])) == (
        500,
        900,
    )
