"""Faults of microphones: twelve degradations of clean speech at 48 kHz.

Each is a function of speech and a random generator that returns the degraded speech.
`DEGRADATIONS` also has the verdict that each should get.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from hemicycle.engine.streams import SOUND_RATE, Samples

type Values = NDArray[np.float64]
type Chance = np.random.Generator


def _loud(sound: Values) -> float:
    """Return the root mean square of the louder half of a sound."""
    pieces = sound[: len(sound) // 960 * 960].reshape(-1, 960)
    powers = np.sort(np.mean(pieces**2, axis=1))
    return float(np.sqrt(powers[len(powers) // 2 :].mean()))


def _room(sound: Values, chance: Chance, decay_s: float, direct_db: float) -> Values:
    """Return a voice at a distance: with reverberation that falls by 60 dB in `decay_s`.

    `direct_db` is the level of the direct sound relative to the reverberation.
    """
    at = np.arange(round(decay_s * SOUND_RATE)) / SOUND_RATE
    tail = chance.standard_normal(len(at)) * 10 ** (-3 * at / decay_s)
    tail[: round(0.004 * SOUND_RATE)] = 0
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    made: Values = signal.fftconvolve(sound, tail)[: len(sound)]
    return made * _loud(sound) / _loud(made)


def _through(
    sound: Values,
    rate: int,
    low: float,
    high: float,
    codec: Callable[[Values], Values] = lambda narrow: narrow,
) -> Values:
    """Return a sound after conversion to a lower rate, a band-pass filter (Hz) and a codec."""
    narrow = signal.resample_poly(sound, rate // 100, SOUND_RATE // 100)
    sections = signal.butter(6, (low, high), "bandpass", fs=rate, output="sos")
    made = codec(signal.sosfilt(sections, narrow))
    wide: Values = signal.resample_poly(made, SOUND_RATE // 100, rate // 100)[: len(sound)]
    return wide


def _quantized(sound: Values, steps: int) -> Values:
    """Return a sound in µ-law with this many steps on each side of 0, as in telephone networks."""
    top = float(np.abs(sound).max())
    pressed = np.sign(sound) * np.log1p(255 * np.abs(sound) / top) / np.log(256)
    pressed = np.round(pressed * steps) / steps
    made: Values = np.sign(pressed) * (256 ** np.abs(pressed) - 1) / 255 * top
    return made


def _cvsd(sound: Values) -> Values:
    """Return a sound after CVSD, Bluetooth's codec for narrow band.

    It has one bit for each sample at 64 kHz, with an adaptive step.
    """
    fast = signal.resample_poly(sound, 8, 1)
    top = 1.2 * float(np.abs(fast).max())
    made, guess, step, bits = np.empty_like(fast), 0.0, 0.0, 0
    for n, value in enumerate((fast / top).tolist()):
        bit = value >= guess
        bits = ((bits << 1) | bit) & 0b111
        step = min(step + 0.0025, 0.08) if bits in (0, 7) else max(step * 0.985, 0.0003)
        guess = 0.996 * guess + (step if bit else -step)
        made[n] = guess
    slow: Values = signal.resample_poly(made * top, 1, 8)[: len(sound)]
    return slow


def _hum(sound: Values, hertz: float, strengths: tuple[float, ...], below_db: float) -> Values:
    at = np.arange(len(sound)) / SOUND_RATE
    made = sum(
        strength * np.sin(2 * np.pi * hertz * n * at + n) for n, strength in enumerate(strengths, 1)
    )
    return _beside(sound, np.asarray(made), below_db)


def _beside(sound: Values, other: Values, below_db: float) -> Values:
    """Return a voice with another sound, which is `below_db` softer."""
    level = _loud(sound) * 10 ** (-below_db / 20) / float(np.sqrt(np.mean(other**2)))
    return sound + level * other


def _noise(sound: Values, chance: Chance, tilt: float, below_db: float) -> Values:
    spectrum = np.fft.rfft(chance.standard_normal(len(sound)))
    hertz = np.maximum(np.fft.rfftfreq(len(sound), 1 / SOUND_RATE), 50)
    noise = np.fft.irfft(spectrum * (hertz / 1000) ** -tilt, len(sound))
    return _beside(sound, noise, below_db)


def _clipped(sound: Values, over: float) -> Values:
    """Return a sound clipped at 1 / `over` of its peak, then amplified to its original level."""
    top = float(np.quantile(np.abs(sound), 0.9995)) / over
    made = np.clip(sound, -top, top)
    return made * _loud(sound) / _loud(made)


def _echo(sound: Values, late_s: float, gain_db: float) -> Values:
    late, gain = round(late_s * SOUND_RATE), 10 ** (gain_db / 20)
    made = sound.copy()
    made[late:] += gain * sound[:-late]
    return made


DEGRADATIONS: Final[dict[str, tuple[str, Callable[[Values, Chance], Values]]]] = {
    "office, across the table": ("far", lambda sound, chance: _room(sound, chance, 0.5, -3)),
    "hall, far away": ("far", lambda sound, chance: _room(sound, chance, 1.1, -6)),
    "telephone": (
        "telephone",
        lambda sound, _: _through(sound, 8_000, 300, 3_400, partial(_quantized, steps=127)),
    ),
    "poor telephone": (
        "telephone",
        lambda sound, _: _through(sound, 8_000, 380, 3_100, partial(_quantized, steps=31)),
    ),
    "Bluetooth, narrow band": (
        "bluetooth",
        lambda sound, _: _through(sound, 8_000, 60, 3_700, _cvsd),
    ),
    "Bluetooth, wide band": ("bluetooth", lambda sound, _: _through(sound, 16_000, 50, 7_300)),
    "clipped": ("clipping", lambda sound, _: _clipped(sound, 8)),
    "clipped a little": ("clipping", lambda sound, _: _clipped(sound, 3.5)),
    "hum of 50 Hz": ("hum", lambda sound, _: _hum(sound, 50, (1, 0.7, 0.5, 0.2, 0.1), 18)),
    "buzz of 60 Hz": ("hum", lambda sound, _: _hum(sound, 60, (1, 0.9, 0.8, 0.6, 0.5, 0.4), 22)),
    "echo": ("echo", lambda sound, _: _echo(sound, 0.24, -9)),
    "noise": ("noise", lambda sound, chance: _noise(sound, chance, 0.5, 14)),
}
"""For each name, the expected verdict and the function that degrades speech."""


def degraded(name: str, sound: Samples, seed: int = 1) -> Samples:
    """Return clean speech with the named degradation, clipped to full scale."""
    made = DEGRADATIONS[name][1](sound.astype(np.float64), np.random.default_rng(seed))
    return np.clip(made, -1, 1).astype(np.float32)
