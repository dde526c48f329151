"""The measurements of the device check, with and without a loudspeaker near the microphone."""

from collections import deque
from typing import Any

import av
import numpy as np
import pytest

from hemicycle.engine.audio.practice import PracticeEcho
from hemicycle.engine.audio.sound_check import LATEST_TICKS, NOISE_TICKS, SILENCE_DB, SoundCheck
from hemicycle.engine.audio.tap import Tap
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Packet, Samples

TICKS = 200
TIMES = np.arange(TICKS * TICK_SAMPLES) / SOUND_RATE


def tone(amplitude: float) -> Samples:
    return (amplitude * np.sin(2 * np.pi * 640 * TIMES)).astype(np.float32)


def voice() -> Samples:
    """Return syllables of a gliding pitch, with harmonics."""
    turns = np.cumsum(2 * np.pi * (110 + 20 * np.sin(2.3 * TIMES)) / SOUND_RATE)
    harmonics = np.sum([np.sin(turns * n) / n for n in range(1, 20)], axis=0)
    syllables = np.clip(np.sin(2 * np.pi * 3.3 * TIMES + 2 * np.sin(1.7 * TIMES)), 0, 1)
    return np.asarray(0.08 * syllables * harmonics, np.float32)


SOUNDS = {"a voice": voice(), "a tone": tone(0.1), "nothing": tone(0.0)}


def checked(sound: Samples, *, gain: float = 0.0, after_ms: int = 120) -> SoundCheck:
    """Check a microphone that picks up `sound` and, after `after_ms`, what its owner hears."""
    check, late = SoundCheck(), after_ms * SOUND_RATE // 1000
    sent = np.zeros(late + len(sound), np.float32)
    for at in range(0, len(sound), TICK_SAMPLES):
        came = sound[at : at + TICK_SAMPLES] + gain * sent[at : at + TICK_SAMPLES]
        noise = check.take(came)
        if noise is not None:
            sent[late + at : late + at + TICK_SAMPLES] = noise
    return check


@pytest.mark.parametrize("name", SOUNDS)
def test_no_echo_is_found_where_there_is_none(name: str) -> None:
    assert checked(SOUNDS[name]).figures.echo_db == SILENCE_DB


@pytest.mark.parametrize("after_ms", [20, 120, 640])
@pytest.mark.parametrize("name", SOUNDS)
def test_an_echo_is_found_beside_any_sound(name: str, after_ms: int) -> None:
    found = checked(SOUNDS[name], gain=0.3, after_ms=after_ms).figures.echo_db
    assert found is not None
    assert found == pytest.approx(-10.5, abs=1.0)


def test_an_echo_that_nobody_hears_is_none() -> None:
    found = checked(voice(), gain=0.01).figures.echo_db
    assert found is not None
    assert found < -30


def test_level_and_good_sound_are_measured() -> None:
    for amplitude, level_db, good in ((0.1, -23, True), (0.9, -4, False), (0.001, -63, False)):
        figures = checked(tone(amplitude)).figures
        assert figures.level_db == pytest.approx(level_db, abs=1)
        assert figures.good_ms == (TICKS * TICK_MS if good else 0)


def test_the_echo_is_not_known_before_it_could_have_come_back() -> None:
    check = SoundCheck()
    for _ in range(NOISE_TICKS + LATEST_TICKS):
        check.take(None)
    assert check.figures.echo_db is None
    check.take(None)
    assert check.figures.echo_db == SILENCE_DB


class BesideLoudspeaker:
    """A microphone that picks up what its owner hears, six ticks later and softer."""

    def __init__(self) -> None:
        self._decoder: Any = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate, self._decoder.layout = SOUND_RATE, "mono"
        self._came = deque([np.zeros(TICK_SAMPLES, np.float32)] * 6)

    def hear(self, packet: Packet) -> None:
        """Play a packet through the loudspeaker."""
        (frame,) = self._decoder.decode(av.Packet(packet.data))
        played = frame.to_ndarray().reshape(-1).astype(np.float32)
        self._came.append(played / 32_768 if frame.format.name.startswith("s16") else played)

    def read(self) -> Samples:
        return np.asarray(0.3 * self._came.popleft(), np.float32)


def test_an_echo_is_found_while_the_voice_is_changed() -> None:
    microphone = BesideLoudspeaker()
    tap = Tap(microphone)
    echo = PracticeEcho(MaskedVoice(tap, seed=1), tap)
    echo.check = SoundCheck()
    for tick in range(NOISE_TICKS + LATEST_TICKS + 1):
        microphone.hear(echo.next(tick * TICK_SAMPLES))
    found = echo.check.figures.echo_db
    assert found is not None
    assert found == pytest.approx(-10.5, abs=4.0)
