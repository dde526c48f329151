"""The sound gate measures the known figures of signals, so that it passes nothing by mistake."""

import numpy as np
import pytest
from scipy import signal

from bench.engine import sound_figures as figures
from bench.engine.sound_gate import (
    LEVELS_LU,
    Line,
    Microphone,
    Recording,
    delays_of,
    source_of,
    worst,
)
from hemicycle.engine.audio.analysis import tone
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples


def filtered(sound: Samples, kind: str, hertz: float) -> Samples:
    """Return the sound after a Butterworth filter of order 2 with −3.01 dB at `hertz`."""
    sections = signal.butter(2, hertz, kind, fs=SOUND_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, sound), np.float32)


def test_a_flat_way_has_a_flat_response() -> None:
    levels = figures.response(0.5 * figures.steps(figures.THIRDS, 0.05), 0.05)
    assert max(map(abs, levels.values())) < 0.01
    assert (min(levels), max(levels), len(levels)) == (125, 15_000, 22)


@pytest.mark.parametrize(("kind", "hertz"), [("high", 125), ("low", 15_000)])
def test_the_response_is_the_filter_s(kind: str, hertz: float) -> None:
    levels = figures.response(filtered(figures.steps(figures.THIRDS, 0.05), kind, hertz), 0.05)
    assert levels[hertz] == pytest.approx(-3.01, abs=0.1)
    assert abs(levels[1_000]) < 0.1


def test_a_channel_without_the_tones_has_no_response() -> None:
    with pytest.raises(ValueError, match="missing"):
        figures.response(np.zeros(len(figures.THIRDS) * SOUND_RATE, np.float32), 0.05)


@pytest.mark.parametrize("percent", [0.2, 1.0, 10.0])
def test_a_harmonic_is_its_share_of_distortion(percent: float) -> None:
    sound = tone(1_000, 1.0, 0.1) + tone(2_000, 1.0, 0.001 * percent)
    assert figures.distortion_percent(sound, 1_000) == pytest.approx(percent, rel=0.02)


def test_noise_is_distortion_too_but_not_what_nobody_hears() -> None:
    pure = tone(1_000, 1.0, 0.1)
    noise = 0.0707e-2 * np.random.default_rng(1).standard_normal(SOUND_RATE)
    # White noise has 24 kHz, of which 20 kHz are heard.
    wanted = 100 * 0.0707e-2 / (0.1 / 2**0.5) * (20 / 24) ** 0.5
    assert figures.distortion_percent(pure + noise.astype(np.float32), 1_000) == pytest.approx(
        wanted, rel=0.05
    )
    assert figures.distortion_percent(pure + tone(22_000, 1.0, 0.05), 1_000) < 0.1


def test_the_loudness_is_the_standard_s() -> None:
    """A sine of 997 Hz at full scale in one channel has −3.01 LUFS."""
    assert figures.loudness(tone(997, 3.0, 1.0)) == pytest.approx(-3.01, abs=0.05)


def test_time_above_a_ceiling_is_the_longest_stretch() -> None:
    sound = np.concatenate([tone(1_000, 0.3, 0.4), tone(1_000, 0.2, 0.9), tone(1_000, 0.3, 0.4)])
    assert figures.above_ms(sound, 0.5) == pytest.approx(200, abs=12)
    assert figures.above_ms(np.full(SOUND_RATE, 0.499, np.float32), 0.5) == 0
    click = np.zeros(SOUND_RATE, np.float32)
    click[1_000] = 0.9
    assert figures.above_ms(click, 0.5) == 0


def test_a_howl_that_stays_has_not_fallen() -> None:
    growing = tone(2_000, 1.0, 0.5) * np.geomspace(0.001, 1, SOUND_RATE).astype(np.float32)
    held, soft = tone(2_000, 1.0, 0.5), tone(2_000, 1.0, 0.05)
    assert figures.fall_db(np.concatenate([growing, held, held])) < 1
    assert figures.fall_db(np.concatenate([growing, soft])) == pytest.approx(20, abs=1)
    late = np.concatenate([growing, held[: SOUND_RATE * 4 // 10], soft])
    assert figures.fall_db(late) < 1
    with pytest.raises(ValueError, match="ends before"):
        figures.fall_db(growing)


def test_speech_is_found_again_where_a_buffer_has_moved_it() -> None:
    said = np.random.default_rng(2).standard_normal(6 * SOUND_RATE).astype(np.float32)
    came = np.concatenate([np.zeros(5_000, np.float32), said[:150_000], said[150_400:],
                           np.zeros(9_000, np.float32)])  # fmt: skip
    assert figures.delay(said[:96_000], came) == 5_000
    same = figures.aligned(said, came)
    assert np.mean(same == said) > 0.6
    np.testing.assert_array_equal(same[4 * SOUND_RATE :], said[4 * SOUND_RATE :])


def test_intelligibility_falls_with_noise() -> None:
    random = np.random.default_rng(3)
    said = np.repeat(random.uniform(0, 1, 60), SOUND_RATE // 10) * random.standard_normal(
        6 * SOUND_RATE
    )
    noise = random.standard_normal(len(said))
    scores = [
        figures.intelligibility(said.astype(np.float32), (said + level * noise).astype(np.float32))
        for level in (0.0, 0.5, 3.0)
    ]
    assert scores[0] == pytest.approx(1.0, abs=0.001)
    assert scores[0] > scores[1] > scores[2]
    assert scores[2] < 0.7


def test_the_worst_channel_decides() -> None:
    one = {"response_db": -1.0, "stoi": 0.95, "noise_db": -70.0, "lufs": -23.0, "pesq": None}
    other = {"response_db": 0.5, "stoi": 0.91, "noise_db": -90.0, "lufs": -22.2, "pesq": None}
    told = worst({"fr": one, "es": other})
    assert told.items() >= {
        "response_db": -1.0, "stoi": 0.91, "noise_db": -70.0, "spread_lu": 0.8, "pesq": None,
    }.items()  # fmt: skip


def test_every_microphone_has_a_level_and_every_booth_a_source() -> None:
    assert source_of("booth_es") == "fr"
    assert LEVELS_LU.keys() == {source_of(name) for name in ("floor", "fr", "es", "ru")}


def test_a_line_keeps_some_sound_in_hand() -> None:
    line, sound = Line(), np.arange(10 * TICK_SAMPLES, dtype=np.float32)
    line.take(sound[: 2 * TICK_SAMPLES])
    assert not line.read().any()
    line.take(sound[2 * TICK_SAMPLES :])
    heard = np.concatenate([line.read() for _ in range(10)])
    np.testing.assert_array_equal(heard, sound)


def test_a_microphone_plays_and_hears() -> None:
    microphone, line = Microphone(), Line()
    microphone.play(np.full(TICK_SAMPLES + 10, 0.5, np.float32))
    assert microphone.read().tolist() == [0.5] * TICK_SAMPLES
    assert microphone.read()[:11].tolist() == [*[0.5] * 10, 0.0]
    line.take(np.full(5 * TICK_SAMPLES, 0.9, np.float32))
    microphone.hear(line, 2.0)
    line.take(np.full(5 * TICK_SAMPLES, 0.2, np.float32))
    assert microphone.read()[5] == pytest.approx(0.4)


def test_a_delay_counts_from_the_microphone_to_the_packet_that_leaves() -> None:
    sent = 0.1 * np.random.default_rng(5).standard_normal(SOUND_RATE // 2)
    sound = np.concatenate([np.zeros(4_800), sent, np.zeros(4_800)]).astype(np.float32)
    encoder, begun = OpusEncoder(), 1_000.0
    packets = [
        (begun + (number + 1) * 0.02, encoder.encode(block, 960 * number))
        for number, block in enumerate(sound.reshape(-1, TICK_SAMPLES))
    ]
    taken = dict.fromkeys(("en", "floor", "fr", "es"), packets)
    told = delays_of(Recording(taken, {}, begun + 0.1), sent.astype(np.float32), [])
    # A packet leaves when its 20 ms are whole; the codec adds its look-ahead of 6.5 ms.
    assert told["fr"]["delay_ms"] == pytest.approx(26.5, abs=0.2)
    assert told["floor"]["lip_sync_ms"] is None
