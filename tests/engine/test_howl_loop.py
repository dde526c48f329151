"""A loudspeaker beside a microphone, on real sockets: the loop is broken, the page notified."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bench.engine.sound_gate import Line, Microphone
from hemicycle.engine.audio.howl import VOICES_DB
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.client import SyntheticPublisher
from hemicycle.engine.synthetic.voices import Babble
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, Ear, on_air, until

pytestmark = pytest.mark.usefixtures("virtual_time")

RESONANCE_HZ, GAIN = 1_850, 4.0


class Loudspeaker(Ear):
    """A listener whose sound is played into the same person's microphone."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def take(self, sound: Samples) -> None:
        super().take(sound)
        self._line.take(sound)


def test_a_loop_through_the_engine_is_broken_and_the_speaker_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_air(tmp_path, languages=["en"], environ=SMALL_PICTURE) as engine:
            await _speaks(engine)

    asyncio.run(scene())


async def _speaks(engine: Aired) -> None:
    rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
    listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
    ends_at = engine.script.now_ms() + 7_200_000
    engine.script.do(
        c.OpenMeeting(MEETING), c.OpenSegment("panel", "panel", ends_at, rules, listed)
    )
    line, microphone, voice = Line(), Microphone(), Babble(3)
    loudspeaker = Loudspeaker(line)
    token = engine.token("publish", "speaker", "s0", slot="s0")
    whip = f"{engine.base}/media/whip/{HEARING}"
    publisher = SyntheticPublisher(whip, token, None, microphone)
    async with publisher, engine.listener(loudspeaker, FLOOR, "speaker", seat="s0"):
        engine.script.do(c.GiveFloor("s0"))
        microphone.hear(line, GAIN, RESONANCE_HZ)
        speech = [voice.read() for _ in range(1_500)]
        microphone.play((0.4 * np.concatenate(speech)).astype(np.float32))
        inputs = engine.hearing._inputs
        await until(lambda: "echo" in inputs.troubles.values(), "no howl was found", 25)
        await asyncio.sleep(1)
        levels = loudspeaker.last(1.0).reshape(-1, TICK_SAMPLES)
        loud = np.sqrt(np.mean(levels**2, axis=1)) > 10 ** (VOICES_DB / 20)
        # The voice goes on, and nothing stays louder than a voice.
        assert np.abs(levels).max() > 0.01
        assert loud.mean() < 0.5, f"{loud.sum()} of {SOUND_RATE // TICK_SAMPLES} ticks howl"
