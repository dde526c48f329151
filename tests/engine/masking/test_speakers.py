"""Masked speakers cannot be recognized by their own voice, or from one turn to the next."""

from dataclasses import dataclass

import numpy as np
import pytest

from hemicycle.engine.streams import Samples
from tests.engine.masking.voices import (
    INSTALLED,
    SPEAKERS,
    TEXTS,
    Values,
    distances,
    intelligible,
    masked,
    print_of,
    ranks,
    shifted,
    spoken,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INSTALLED, reason="espeak-ng is not installed"),
]

TURNS = 2


@dataclass(frozen=True)
class Voices:
    """The sound of each speaker for each text, plain and masked, with the prints of all."""

    said: list[list[Samples]]
    masked: list[list[list[Samples]]]
    prints: list[list[Values]]
    masked_prints: list[list[list[Values]]]
    scale: Values


@pytest.fixture(scope="module")
def voices() -> Voices:
    said = [[spoken(voice, pitch, text) for voice, pitch in SPEAKERS] for text in TEXTS]
    turns = [
        [
            [masked(sound, 100 * turn + 10 * text + at) for at, sound in enumerate(sounds)]
            for text, sounds in enumerate(said)
        ]
        for turn in range(TURNS)
    ]
    prints = [[print_of(sound) for sound in sounds] for sounds in said]
    masked_prints = [[[print_of(sound) for sound in text] for text in turn] for turn in turns]
    return Voices(said, turns, prints, masked_prints, np.array(prints[0]).std(axis=0))


def test_the_measure_tells_speakers_apart_when_nothing_is_masked(voices: Voices) -> None:
    table = distances(voices.prints[0], voices.prints[1], voices.scale)
    assert ranks(table) == [0] * len(SPEAKERS)


def test_masked_is_told_from_unmasked(voices: Voices) -> None:
    own = np.diag(distances(voices.prints[0], voices.prints[1], voices.scale)).max()
    for turn in range(TURNS):
        away = np.diag(distances(voices.masked_prints[turn][0], voices.prints[0], voices.scale))
        assert away.min() > 2 * own


def test_a_masked_speaker_is_no_nearer_to_their_own_voice_than_to_others(voices: Voices) -> None:
    found = [
        rank
        for turn in range(TURNS)
        for text in (0, 1)
        for rank in ranks(
            distances(voices.masked_prints[turn][text], voices.prints[1], voices.scale)
        )
    ]
    chance = (len(SPEAKERS) - 1) / 2
    assert np.mean(found) > chance - 0.75


@pytest.mark.parametrize("factor", [0.7, 0.85, 1.2, 1.4])
def test_shifting_the_pitch_back_brings_nobody_back(voices: Voices, factor: float) -> None:
    own = np.diag(distances(voices.prints[0], voices.prints[1], voices.scale)).max()
    undone = [print_of(shifted(sound, factor)) for sound in voices.masked[0][0]]
    table = distances(undone, voices.prints[0], voices.scale)
    assert np.diag(table).min() > 2 * own
    assert np.mean(ranks(table)) > (len(SPEAKERS) - 1) / 2 - 0.75


def test_two_turns_of_one_speaker_are_hardly_nearer_than_turns_of_two(voices: Voices) -> None:
    """An attacker who masks known voices must not recognize the speaker (0.4 without masking)."""

    def nearness(table: Values) -> float:
        others = table[~np.eye(len(table), dtype=bool)]
        return float(np.diag(table).mean() / others.mean())

    plain = nearness(distances(voices.prints[0], voices.prints[1], voices.scale))
    turns = [
        nearness(
            distances(
                voices.masked_prints[turn][0],
                voices.masked_prints[(turn + 1) % TURNS][1],
                voices.scale,
            )
        )
        for turn in range(TURNS)
    ]
    assert plain < 0.5
    assert np.mean(turns) > 0.75


def test_words_stay_intelligible(voices: Voices) -> None:
    for turn in range(TURNS):
        for clean, other in zip(voices.said[0], voices.masked[turn][0], strict=True):
            assert intelligible(clean, other) > 0.45
    assert intelligible(voices.said[0][0], voices.masked[0][1][0]) < 0.15  # the words are different
