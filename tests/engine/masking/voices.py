"""Voices to be masked, and measures that tell them apart."""

import io
import shutil
import subprocess
import wave
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.masking.bands import low_pass
from hemicycle.engine.masking.voice import DELAY, MaskedVoice
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples

type Values = NDArray[np.float64]

INSTALLED = shutil.which("espeak-ng") is not None
SPEAKERS: Final = (
    *(("en+m1", 40), ("en+m3", 30), ("en-us+m5", 45)),
    *(("en+f1", 60), ("en+f4", 75), ("en-gb-scotland+f3", 65)),
)
"""Voices of espeak-ng, each with a different pitch (0 to 99)."""

ONE = (
    "We were taken across the river at night, and nobody asked us who we were. Some of us came "
    "back five years later, and I want to thank everyone who listened."
)
OTHER = (
    "Today I would like to speak about water, about schools, and about the people who repair "
    "bridges in winter. The price of bread has doubled since March."
)
TEXTS: Final = (ONE, OTHER)


class Recorded:
    """A microphone that plays a recording."""

    def __init__(self, sound: Samples) -> None:
        self._sound, self._at = sound, 0

    def read(self) -> Samples | None:
        block = self._sound[self._at : self._at + TICK_SAMPLES]
        self._at += TICK_SAMPLES
        return block if len(block) == TICK_SAMPLES else None


def spoken(voice: str, pitch: int, text: str) -> Samples:
    """Return a text spoken by a voice of espeak-ng."""
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", "160", "--stdout", text]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(out)) as file:
        rate = file.getframerate()
    said = np.frombuffer(out[44:], np.int16).astype(np.float64)
    at = np.arange(int(len(said) * SOUND_RATE / rate)) * rate / SOUND_RATE
    sound = np.interp(at, np.arange(len(said)), said)
    loud: Samples = (0.5 * sound / np.abs(sound).max()).astype(np.float32)
    return loud


def vowel(pitch_hz: float, seconds: float = 2.0, *, glide: float = 1.0) -> Samples:
    """Return the vowel "a" at a pitch that moves to `glide` times its beginning."""
    count = int(seconds * SOUND_RATE)
    pitch = pitch_hz * np.geomspace(1.0, glide, count)
    phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
    sound = np.zeros(count)
    for harmonic in range(1, int(5000 / pitch_hz)):
        away = (pitch_hz * harmonic - np.array([730.0, 1090.0, 2440.0])) / [80.0, 110.0, 170.0]
        sound += float((1 / (1 + away**2)).sum()) * np.sin(harmonic * phase)
    loud: Samples = (0.3 * sound / np.abs(sound).max()).astype(np.float32)
    return loud


def masked(sound: Samples, seed: int) -> Samples:
    """Return the sound in another voice, without the delay of masking."""
    voice, parts = MaskedVoice(Recorded(sound), seed), []
    while (part := voice.read()) is not None:
        parts.append(part)
    return np.concatenate(parts)[DELAY:][: len(sound)]


def shifted(sound: Samples, factor: float) -> Samples:
    """Shift pitch and resonances together, as of a tape that runs faster or slower."""
    at = np.arange(int(len(sound) / factor)) * factor
    moved: Samples = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    return moved


def mel_bands(sound: Samples, count: int, low: float, high: float) -> Values:
    """Return the energies in bands of the mel scale, 100 times a second."""
    slow = np.convolve(sound.astype(np.float64), low_pass(), "same")[::3]
    frames = np.lib.stride_tricks.sliding_window_view(slow, 400)[::160] * np.hanning(400)
    power = np.abs(np.fft.rfft(frames, 512)) ** 2
    first, last = (2595 * float(np.log10(1 + hz / 700)) for hz in (low, high))
    edges = np.linspace(first, last, count + 2)
    edges = 700 * (10 ** (edges / 2595) - 1)
    bins = np.fft.rfftfreq(512, 1 / 16_000)
    rising = [(bins - edges[i]) / (edges[i + 1] - edges[i]) for i in range(count)]
    falling = [(edges[i + 2] - bins) / (edges[i + 2] - edges[i + 1]) for i in range(count)]
    weights = np.clip(np.minimum(rising, falling), 0, None)
    bands: Values = power @ weights.T
    return bands


def print_of(sound: Samples) -> Values:
    """Return a voice's print: mean and spread of 19 cepstral coefficients (MFCC) of its loud parts.

    The mean of the coefficients is the long-term spectrum (LTAS) in another form.
    """
    levels = 10 * np.log10(mel_bands(sound, 26, 80, 7000) + 1e-9)
    loudest = levels.max(axis=1)
    levels = levels[loudest > loudest.max() - 35]
    turns = np.cos(np.pi * np.outer(np.arange(1, 20), np.arange(26) + 0.5) / 26)
    cepstra = levels @ turns.T
    return np.concatenate((cepstra.mean(axis=0), cepstra.std(axis=0)))


def distances(of: Sequence[Values], to: Sequence[Values], scale: Values) -> Values:
    """Return the distance of each print from each other print, scaled by the speakers' spread."""
    one, other = np.array(of), np.array(to)
    found: Values = np.linalg.norm((one[:, None] - other[None]) / scale, axis=2)
    return found


def ranks(table: Values) -> list[int]:
    """Return for each row how many values are smaller than the one on the diagonal."""
    return [int((row < row[at]).sum()) for at, row in enumerate(table)]


def intelligible(clean: Samples, other: Samples) -> float:
    """Return how much of the movements of clean speech another sound has, from about 0 to 1.

    The measure is similar to short-time objective intelligibility (STOI): it correlates the
    envelopes of 15 bands over 0.3 s each, where there is speech. It does not predict words, but a
    voice that cannot be understood has low values.
    """
    one, two = (np.sqrt(mel_bands(sound, 15, 150, 5000)) for sound in (clean, other))
    count = min(len(one), len(two))
    loud = one.sum(axis=1) > one.sum(axis=1).max() * 0.01
    found = []
    for at in range(0, count - 30, 15):
        if loud[at : at + 30].mean() < 0.5:
            continue
        a, b = (bands[at : at + 30] - bands[at : at + 30].mean(axis=0) for bands in (one, two))
        norms = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0) + 1e-9
        found.append(float(((a * b).sum(axis=0) / norms).mean()))
    return float(np.mean(found))


def pitches(sound: Samples) -> Values:
    """Return the pitch in Hz of each 40 ms that has one, by autocorrelation."""
    slow = np.convolve(sound.astype(np.float64), low_pass(), "same")[::3]
    found = []
    for at in range(0, len(slow) - 640, 320):
        frame = slow[at : at + 640] * np.hanning(640)
        alike = np.fft.irfft(np.abs(np.fft.rfft(frame, 2048)) ** 2)[:320]
        if alike[0] > 1e-3:
            lag = 60 + int(alike[60:260].argmax())
            found.append(16_000 / lag)
    return np.array(found)


class KnownVoices:
    """The speakers, for an attacker who has recordings of all of them.

    Their long-term spectrum tells them apart. It is the first half of a print, and does not change
    if a busy machine interrupts the sound.
    """

    def __init__(self) -> None:
        self._prints = [_long_term(spoken(voice, pitch, ONE)) for voice, pitch in SPEAKERS]
        self._scale: Values = np.array(self._prints).std(axis=0)

    def away(self, sound: Samples) -> Values:
        """Return the distance of a sound from each of the speakers, in their order."""
        found: Values = distances([_long_term(sound)], self._prints, self._scale)[0]
        return found


def _long_term(sound: Samples) -> Values:
    return print_of(sound)[:19]
