"""Smaller pictures and sound of a lower bit rate, made from the output of an encoder."""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import av
import numpy as np
import pytest

from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.reduced import rungs
from hemicycle.engine.reduced.derived import DerivedOutput
from hemicycle.engine.reduced.picture import SmallerPicture
from hemicycle.engine.reduced.sound import SlimSound
from hemicycle.engine.streams import TICK_SAMPLES, Output, Packet
from hemicycle.engine.video.encoder import H264Encoder
from hemicycle.engine.video.geometry import SMALL, Size
from tests.engine.rtc.clients import until


def pictures(size: Size = SMALL, every: int = 50) -> Iterator[Packet]:
    """Yield moving noise as an encoder sends it."""
    encoder, dice = H264Encoder(size, 25, 800_000), np.random.default_rng(1)
    for number in count():
        noise = dice.integers(90, 160, (size.height * 3 // 2, size.width), np.uint8)
        frame = av.VideoFrame.from_ndarray(noise, "yuv420p")
        yield encoder.encode(frame, number, key=number % every == 0)


def shown(packets: list[Packet]) -> list[Any]:
    """Return the decoded pictures."""
    decoder: Any = av.CodecContext.create("h264", "r")
    return [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]


@pytest.mark.parametrize(
    ("size", "height", "small"),
    [(SMALL, 180, (320, 180)), (SMALL, 360, (640, 360)), (Size(640, 480), 180, (240, 180)),
     (Size(160, 128), 180, (160, 128))],
)  # fmt: skip
def test_a_picture_is_smaller_of_the_same_shape(
    size: Size, height: int, small: tuple[int, int]
) -> None:
    reducer, source = SmallerPicture(height, 90_000, 1), pictures(size)
    made = [one for _ in range(8) for one in reducer.reduced(next(source), key=False)]
    assert made[0].keyframe
    assert {(frame.width, frame.height) for frame in shown(made)} == {small}


def test_each_second_picture_has_the_time_of_its_own_and_the_bits_that_it_may() -> None:
    reducer, source = SmallerPicture(180, 90_000, 2), pictures()
    given = [next(source) for _ in range(150)]
    made = [one for packet in given for one in reducer.reduced(packet, key=False)]
    assert [packet.pts for packet in made] == [packet.pts for packet in given[1::2]]
    assert {packet.duration for packet in made} == {2 * given[0].duration}
    later = made[12:]
    bits = 8 * sum(len(packet.data) for packet in later)
    assert bits / (len(later) * 0.08) < 1.2 * 90_000


def test_a_keyframe_is_made_from_the_next_picture() -> None:
    reducer, source = SmallerPicture(180, 90_000, 2), pictures()
    for _ in range(4):
        list(reducer.reduced(next(source), key=False))
    (packet,) = reducer.reduced(next(source), key=True)
    assert packet.keyframe


def test_slim_sound_has_fewer_bits_and_is_the_same() -> None:
    encoder, reducer = OpusEncoder(), SlimSound(24_000)
    decoder: Any = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    heard, size = [], 0
    for number in range(100):
        at = np.arange(number * TICK_SAMPLES, (number + 1) * TICK_SAMPLES)
        tone = (0.3 * np.sin(2 * np.pi * 500 * at / 48_000)).astype(np.float32)
        given = encoder.encode(tone, number * TICK_SAMPLES)
        (made,) = reducer.reduced(given, key=False)
        assert made.pts == given.pts
        size += len(made.data)
        heard += [frame.to_ndarray()[0] for frame in decoder.decode(av.Packet(made.data))]
    assert 8 * size / 2 < 1.3 * 24_000
    sound = np.concatenate(heard)[24_000:].astype(np.float32)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert abs(np.argmax(spectrum) * 48_000 / len(sound) - 500) < 3


def test_the_ladder_is_shared_and_has_nothing_larger_than_its_source() -> None:
    program = Output("program", "picture", 800_000)
    first, again = rungs.ladder(program), rungs.ladder(program)
    assert [rung.picture for rung in first] == [rung.picture for rung in again]
    assert [rung.seen for rung in first] == ["whole", "small", "small", "none"]
    floor = Output("floor", "sound")
    needs = [rung.needs_bps(floor, 1) for rung in first]
    assert [round(need, -3) for need in needs] == [935_000, 458_000, 137_000, 47_000]
    assert needs == sorted(needs, reverse=True)
    assert len(rungs.ladder(Output("program", "picture", 300_000))) == 3
    assert [rung.slim for rung in rungs.ladder(None)] == [False, True]


class Passed:
    """A reducer that records the packets that it receives, and fails at one of them."""

    def __init__(self) -> None:
        self.keys: list[bool] = []

    def reduced(self, packet: Packet, *, key: bool) -> Iterator[Packet]:
        if packet.data == b"bad":
            raise ValueError("This one cannot be read.")
        self.keys.append(key)
        yield packet


def runs(output: DerivedOutput) -> bool:
    """Return whether the output is made now; as a function, so that each call asks again."""
    return output.runs


def test_an_output_is_made_while_somebody_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hemicycle.engine.reduced.derived.LINGERS_S", 0.0)

    async def test() -> None:
        source, reducer = Output("program", "picture"), Passed()
        asked: list[None] = []
        source.wants_key = lambda: asked.append(None)
        made = DerivedOutput(source, 1, lambda: reducer)
        source.put(Packet(b"before", 0, 1))
        assert not runs(made)
        got: list[bytes] = []
        taker = lambda packet: got.append(packet.data)  # noqa: E731  # one object for both calls
        made.add(taker)
        assert runs(made)
        assert len(asked) == 1
        source.put(Packet(b"cannot be decoded yet", 1, 1, keyframe=False))
        source.put(Packet(b"key", 2, 1))
        await until(lambda: got == [b"key"])
        made.wants_key()
        source.put(Packet(b"next", 3, 1, keyframe=False))
        await until(lambda: len(got) == 2)
        assert reducer.keys == [False, True]
        source.put(Packet(b"bad", 4, 1))
        source.put(Packet(b"key again", 5, 1))
        await until(lambda: got[-1] == b"key again")
        made.remove(taker)
        await until(lambda: not made.runs)
        assert not len(source)

    asyncio.run(test())


def test_a_picture_that_comes_with_its_small_one_is_not_made_again() -> None:
    async def test() -> None:
        source, reducer = Output("program", "picture", 800_000), Passed()
        asked: list[None] = []
        source.wants_key = lambda: asked.append(None)
        made = DerivedOutput(source, 1, lambda: reducer, lambda packet: packet.small)
        got: list[bytes] = []
        made.add(lambda packet: got.append(packet.data))
        source.put(Packet(b"whole", 0, 1, keyframe=False, small=b"predicted from one unseen"))
        assert (got, len(asked)) == ([], 2)
        source.put(Packet(b"whole", 1, 1, small=b"small key"))
        source.put(Packet(b"whole", 2, 1, keyframe=False, small=b"small"))
        assert got == [b"small key", b"small"]
        assert reducer.keys == []
        # Without a small picture, it is made here, from the next keyframe on.
        source.put(Packet(b"not yet", 3, 1, keyframe=False))
        source.put(Packet(b"made", 4, 1))
        await until(lambda: got[2:] == [b"made"])
        assert reducer.keys == [True]

    asyncio.run(test())
