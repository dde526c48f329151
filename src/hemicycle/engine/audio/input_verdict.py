"""Finds what is wrong with a microphone, from the voice that arrives.

A speaker can fix seven troubles immediately. Each has a code, and the pages have a sentence for
each code that says what to do. Only one trouble is named at a time, the one that explains the most:
a narrow band, for example, also hides the sound of the room. The thresholds were found with voices
and sentences other than those of the benchmark `input_verdict`.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, Samples

type Trouble = Literal["far", "telephone", "bluetooth", "clipping", "hum", "echo", "noise"]

TROUBLES: Final[tuple[Trouble, ...]] = (
    "far", "telephone", "bluetooth", "clipping", "hum", "echo", "noise",
)  # fmt: skip

WINDOW_S = 4.0
"""The length of sound, in seconds, that a verdict is based on."""

SPOKEN_S = 1.8
"""How many seconds of it must be a voice."""

LOOK_S, CALM_S = 1.0, 10.0
"""The time between two looks, and the time until the next one after looks that agree."""

AGREED = 2
"""The number of looks in a row that must agree to make an opinion."""

VOICE_DB = 25.0
"""A frame that is softer than the loudest by this much is not part of a voice."""

LOUD_DB = 12.0
"""Frames that are softer than the loudest by this much are not loud."""

LEAST_DB = -60.0
"""Sound softer than this (dBFS) is not a voice."""

NARROW_DB, LOW_DB, WIDE_DB = -40.0, -16.0, -28.0
HUM_DB, HUM_LEVEL_DB = 13.0, -40.0
PEAKS_DB = 15.2
ECHO, ECHO_CLEAR = 0.13, 14.0
PAUSE_DB, FLOOR_DB = 27.0, 4.5
DECAY_DB_S = 190.0

_FRAME = SOUND_RATE // 50
_HOP = SOUND_RATE // 100
_HERTZ = np.fft.rfftfreq(2 * _FRAME, 1 / SOUND_RATE)

type Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InputFigures:
    """What was measured, in dB except where another unit is named.

    `spoken_s` is how long a voice was heard, in seconds. `above_4k` and `above_8k` are the
    strongest sound there, relative to the strongest of 1 to 3 kHz and of 4 to 7 kHz. `low` is the
    sound below 250 Hz relative to 300 Hz to 1 kHz. `peaks` is how far the peaks of loud speech
    stand above its mean, plus how far the highest peaks stand above the others. `hum` is how far
    the lines of the mains stand out from the frequencies beside them, and `hum_level` is their
    level relative to the whole. `echo` is the strength of a copy (0 to 1), and `echo_clear` is how
    far it stands out, in standard deviations. `pause` is how much softer the pauses are, and
    `floor` is how much they differ. `decay` is how fast sound falls, in dB/s.
    """

    spoken_s: float = 0.0
    above_4k: float = 0.0
    above_8k: float = 0.0
    low: float = 0.0
    peaks: float = 99.0
    hum: float = 0.0
    hum_level: float = -99.0
    echo: float = 0.0
    echo_clear: float = 0.0
    pause: float = 99.0
    floor: float = 99.0
    decay: float = 999.0


def verdict(figures: InputFigures) -> Trouble | None:
    """Return what is wrong; None if nothing is wrong or too little was said."""
    if figures.spoken_s < SPOKEN_S:
        return None
    is_narrow, is_low = figures.above_4k < NARROW_DB, figures.low >= LOW_DB
    signs: tuple[tuple[Trouble, bool], ...] = (
        ("telephone", is_narrow and not is_low),
        ("bluetooth", is_narrow or figures.above_8k < WIDE_DB),
        ("hum", figures.hum > HUM_DB and figures.hum_level > HUM_LEVEL_DB),
        ("clipping", figures.peaks < PEAKS_DB),
        ("echo", figures.echo > ECHO and figures.echo_clear > ECHO_CLEAR),
        ("noise", figures.pause < PAUSE_DB and figures.floor < FLOOR_DB),
        ("far", figures.decay < DECAY_DB_S),
    )
    return next((trouble for trouble, is_there in signs if is_there), None)


def measure(sound: Samples) -> InputFigures:
    """Measure some seconds of a microphone, at 48 kHz.

    Less than one second, or sound softer than `LEAST_DB`, gives the default figures.
    """
    values = sound.astype(np.float64)
    if len(values) < SOUND_RATE:
        return InputFigures()
    powers = _powers(values)
    levels = _db(powers[:, (_HERTZ > 200) & (_HERTZ < 6_000)].sum(axis=1))
    top = float(np.quantile(levels, 0.95))
    is_voice = levels > top - VOICE_DB
    if float(np.sqrt(np.mean(values**2))) < 10 ** (LEAST_DB / 20):
        return InputFigures()
    spoken = powers[is_voice]
    hum, hum_level = _hum(values)
    echo, echo_clear = _echo(values)
    return InputFigures(
        spoken_s=float(is_voice.sum()) * _HOP / SOUND_RATE,
        above_4k=_strongest(spoken, 4_700, 7_000) - _strongest(spoken, 1_000, 3_000),
        above_8k=_strongest(spoken, 8_600, 10_500) - _strongest(spoken, 4_000, 7_000),
        low=_mean(spoken, 80, 250) - _mean(spoken, 300, 1_000),
        peaks=_peaks(values),
        hum=hum,
        hum_level=hum_level,
        echo=echo,
        echo_clear=echo_clear,
        pause=top - float(np.quantile(levels, 0.05)),
        floor=float(np.quantile(levels, 0.2) - np.quantile(levels, 0.03)),
        decay=_decay(powers),
    )


def _db(power: Values) -> Values:
    levels: Values = 10 * np.log10(power + 1e-12)
    return levels


def _powers(values: Values) -> Values:
    """Return the power spectra of windows of 40 ms, one every 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(values, 2 * _FRAME)[::_HOP]
    spectra = np.fft.rfft(frames * np.hanning(2 * _FRAME), axis=1)
    return np.square(spectra.real) + np.square(spectra.imag)


def _band(powers: Values, low: float, high: float) -> Values:
    summed: Values = powers[:, (low <= _HERTZ) & (high > _HERTZ)].sum(axis=1)
    return summed


def _strongest(powers: Values, low: float, high: float) -> float:
    return float(_db(np.quantile(_band(powers, low, high), [0.95]))[0])


def _mean(powers: Values, low: float, high: float) -> float:
    return float(_db(_band(powers, low, high).mean(keepdims=True))[0])


def _peaks(values: Values) -> float:
    frames = np.lib.stride_tricks.sliding_window_view(values, _FRAME)[::_HOP]
    levels = _db(np.mean(frames**2, axis=1))
    loud = np.abs(frames[levels > np.quantile(levels, 0.95) - LOUD_DB])
    tops = np.abs(frames).max(axis=1)
    crest = np.quantile(loud, 0.999) / np.sqrt(np.mean(loud**2))
    spread = np.quantile(tops, 0.98) / (np.quantile(tops, 0.7) + 1e-9)
    return float(20 * np.log10(crest * spread))


def _hum(values: Values) -> tuple[float, float]:
    """Return how far the lines of the mains (50 or 60 Hz) stand out, and their level relative to
    the whole, in dB.
    """
    power = np.square(np.abs(np.fft.rfft(values * np.hanning(len(values)))))
    step = SOUND_RATE / len(values)
    best, level = 0.0, -99.0
    for mains in (50, 60):
        ratios, lines = [], 0.0
        for harmonic in range(1, 9):
            at = round(mains * harmonic / step)
            near = round(1 / step)
            line = power[at - near : at + near + 1]
            beside = np.concatenate(
                [power[at - 12 * near : at - 3 * near], power[at + 3 * near : at + 12 * near]]
            )
            ratios.append(float(_db(line.max()) - _db(np.mean(beside))))
            lines += float(line.sum())
        found = float(np.sort(ratios)[-3:].mean())
        if found > best:
            best, level = found, float(_db(np.array(lines)) - _db(power.sum()))
    return best, level


def _echo(values: Values) -> tuple[float, float]:
    """Return the strength of a copy 80 to 700 ms later, and how clear it is, by the cepstrum."""
    power = np.square(np.abs(np.fft.rfft(values * np.hanning(len(values)))))
    step = SOUND_RATE / len(values)
    inside = power[round(250 / step) : round(4_250 / step)]
    spectrum = np.log(inside + 1e-9 * inside.max())
    spectrum -= np.convolve(spectrum, np.ones(201) / 201, "same")
    cepstrum = np.abs(np.fft.rfft(spectrum * np.hanning(len(spectrum)))) * 4 / len(spectrum)
    # One step of the cepstrum is the inverse of the band, 1/4000 s.
    first, last = round(0.08 * 4_000), round(0.7 * 4_000)
    part = cepstrum[first:last]
    return float(part.max()) / 2, float(part.max() / (part.std() + 1e-9))


def _decay(powers: Values) -> float:
    """Return how fast sound falls where it falls fastest, in dB/s: the median of four octaves.

    An octave whose only loud sound has just begun is left out, since nothing has fallen yet.
    """
    found = []
    for low in (400, 800, 1_600, 3_200):
        levels = _db(_band(powers, low, 2 * low))
        top = float(np.quantile(levels, 0.95))
        fall = (levels[:-8] - levels[8:]) / (8 * _HOP / SOUND_RATE)
        begins = levels[:-8] > top - 15
        if begins.any():
            found.append(float(np.quantile(fall[begins], 0.93)))
    return float(np.median(found)) if found else InputFigures().decay


class InputOpinion:
    """The opinion on one microphone: a trouble that `AGREED` looks in a row have found.

    `wait_s` is the time until the next look, in seconds. Two looks are enough in five seconds of
    speech, and one word that resembles a trouble is not.
    """

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.wait_s = LOOK_S
        self._last: Trouble | None = None
        self._looks = 0

    def take(self, figures: InputFigures) -> None:
        """Take a look at the microphone; a look with too little speech does not count."""
        self.wait_s = LOOK_S
        if figures.spoken_s < SPOKEN_S:
            return
        found = verdict(figures)
        self._looks = self._looks + 1 if found == self._last else 1
        self._last = found
        if self._looks >= AGREED:
            self.trouble = found
            self.wait_s = CALM_S
