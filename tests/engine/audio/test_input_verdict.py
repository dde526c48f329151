"""A poor microphone is recognized by its sound; a good one and a silent one are not reported."""

import numpy as np
import pytest

from bench.engine.degradations import DEGRADATIONS, degraded
from bench.engine.sound_figures import speech
from hemicycle.engine.audio.input_verdict import (
    CALM_S,
    LOOK_S,
    SPOKEN_S,
    TROUBLES,
    InputFigures,
    InputOpinion,
    Trouble,
    measure,
    verdict,
)
from hemicycle.engine.audio.tap import KEPT, Tap
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.ui.media_messages import messages
from tests.engine.audio.studio import Played
from tests.engine.masking.voices import INSTALLED

SAID = (
    "Guten Morgen, wir danken für die Einladung. Der Winter war lang, und die Straßen sind noch "
    "immer gesperrt, deshalb bitten wir um Hilfe."
)
CLEAN = InputFigures(spoken_s=3.0)


def clean() -> Samples:
    return speech("de", SAID, 140, -26)[: 4 * SOUND_RATE]


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="espeak-ng is not installed")
@pytest.mark.parametrize("name", DEGRADATIONS)
def test_each_degradation_is_recognized(name: str) -> None:
    assert verdict(measure(degraded(name, clean()))) == DEGRADATIONS[name][0]


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="espeak-ng is not installed")
def test_nothing_is_wrong_with_clean_speech() -> None:
    assert verdict(measure(clean())) is None


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_no_trouble(level: float) -> None:
    noise = level * np.random.default_rng(1).standard_normal(4 * SOUND_RATE)
    assert verdict(measure(noise.astype(np.float32))) is None


def test_too_little_sound_is_no_trouble() -> None:
    assert measure(np.ones(100, np.float32)) == InputFigures()


def test_sound_that_has_only_just_begun_has_not_fallen_yet() -> None:
    begun = np.random.default_rng(1).standard_normal(SOUND_RATE).astype(np.float32)
    begun[: -SOUND_RATE // 14] *= 1e-4
    assert measure(0.1 * begun).decay == InputFigures().decay


def test_every_trouble_can_be_found_and_has_a_sentence_with_what_to_do() -> None:
    found = {expected for expected, _ in DEGRADATIONS.values()}
    assert found == set(TROUBLES)
    assert {f"microphone.{trouble}" for trouble in TROUBLES} <= messages().keys()


def opinions(*looks: InputFigures) -> list[Trouble | None]:
    opinion, held = InputOpinion(), list[Trouble | None]()
    for look in looks:
        opinion.take(look)
        held.append(opinion.trouble)
    return held


def test_two_looks_that_agree_make_an_opinion() -> None:
    noise = InputFigures(spoken_s=3.0, pause=10.0, floor=1.0)
    hum = InputFigures(spoken_s=3.0, hum=30.0, hum_level=-20.0)
    assert opinions(noise, noise) == [None, "noise"]
    assert opinions(noise, hum, noise, CLEAN) == [None] * 4
    assert opinions(noise, noise, CLEAN, CLEAN) == [None, "noise", "noise", None]


def test_a_pause_changes_no_opinion() -> None:
    hum = InputFigures(spoken_s=3.0, hum=30.0, hum_level=-20.0)
    silent = InputFigures(spoken_s=SPOKEN_S - 0.1)
    assert opinions(hum, silent, hum, silent) == [None, None, "hum", "hum"]


def test_a_settled_opinion_is_looked_at_more_rarely() -> None:
    opinion = InputOpinion()
    opinion.take(CLEAN)
    assert opinion.wait_s == LOOK_S
    opinion.take(CLEAN)
    assert opinion.wait_s == CALM_S


def test_a_tap_passes_everything_on_and_keeps_the_last_seconds() -> None:
    sound = np.arange((KEPT + 5) * TICK_SAMPLES, dtype=np.float32)
    tap = Tap(Played(sound))
    passed = [tap.read() for _ in range(KEPT + 5)]
    np.testing.assert_array_equal(np.concatenate([one for one in passed if one is not None]), sound)
    np.testing.assert_array_equal(tap.recent(), sound[5 * TICK_SAMPLES :])
    assert (tap.read(), tap.last) == (None, None)
    assert len(Tap(Played(sound[:0])).recent()) == 0
