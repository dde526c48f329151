"""Test signals and figures for the sound of a channel, as the sound gate measures it.

Sounds are at 48 kHz, and levels in dB. Loudness and intelligibility are computed with libraries
that Hemicycle itself does not use (pyloudnorm, pystoi, pesq), so that both sides cannot have the
same error.
"""

import io
import subprocess
import warnings
import wave
from collections.abc import Sequence
from functools import cache
from math import log10

import numpy as np
import pyloudnorm
import pystoi
from numpy.typing import NDArray
from scipy import signal

from hemicycle.engine.streams import SOUND_RATE, Samples

THIRDS = (
    *(125, 160, 200, 250, 315, 400, 500, 630, 800, 1_000, 1_250, 1_600, 2_000, 2_500),
    *(3_150, 4_000, 5_000, 6_300, 8_000, 10_000, 12_500, 15_000),
)
"""The centres of third-octave bands in Hz, and the highest frequency that is required."""

REFERENCE_HZ = 1_000
STEP_S = 0.3
EDGE_S = 0.01

WINDOW_S = 0.04
"""The length of windows for the level of a tone, in seconds; the level is their median."""

DISTORTION_S = 0.2
HEARD_HZ = (20.0, 20_000.0)

MOMENT_S = 0.01
"""The time over which a level is averaged to compare it with the ceiling, in seconds."""

SILENT_DB = -120.0

type Values = NDArray[np.float64]


def steps(frequencies: Sequence[float], amplitude: float, seconds: float = STEP_S) -> Samples:
    """Return tones one after the other, each with a fade-in and a fade-out."""
    at = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    edge = np.clip(np.minimum(at, seconds - at) / EDGE_S, 0, 1)
    made = [amplitude * edge * np.sin(2 * np.pi * hertz * at) for hertz in frequencies]
    return np.concatenate(made).astype(np.float32)


def decibels(amplitude: float) -> float:
    """Return an amplitude (1.0 is full scale) in dBFS, or `SILENT_DB` for nearly none."""
    return 20 * log10(amplitude) if amplitude > 1e-6 else SILENT_DB


def rms_db(sound: Samples) -> float:
    """Return the root mean square of a sound in dBFS."""
    return decibels(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))))


def tone_db(sound: Samples, hertz: float) -> float:
    """Return the peak level of a tone in a sound, in dBFS."""
    width = round(WINDOW_S * SOUND_RATE)
    window = np.hanning(width + 1)[:-1]
    turns = np.exp(-2j * np.pi * hertz * np.arange(width) / SOUND_RATE) * window
    pieces = np.lib.stride_tricks.sliding_window_view(sound, width)[:: width // 2]
    return decibels(float(np.median(2 * np.abs(pieces @ turns))) / float(window.sum()))


def response(sound: Samples, amplitude: float) -> dict[float, float]:
    """Return by how many dB each step of `THIRDS` differs from the one at 1 kHz.

    `sound` is `steps(THIRDS, amplitude)` as it arrived, aligned with it. Raises ValueError if the
    tone at 1 kHz is missing.
    """
    length = round(STEP_S * SOUND_RATE)
    quarter = length // 4
    levels = {
        hertz: tone_db(sound[n * length + quarter : (n + 1) * length - quarter], hertz)
        for n, hertz in enumerate(THIRDS)
    }
    reference = levels[REFERENCE_HZ]
    if reference < decibels(amplitude) - 40:
        raise ValueError("The tone at 1 kHz is missing.")
    return {hertz: level - reference for hertz, level in levels.items()}


def distortion_percent(sound: Samples, hertz: float) -> float:
    """Return all sound except the tone between 20 Hz and 20 kHz, in percent of the tone (THD+N)."""
    width = round(DISTORTION_S * SOUND_RATE)
    at = np.arange(width) / SOUND_RATE
    turns = 2 * np.pi * hertz * at
    model = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    found = []
    for begin in range(0, len(sound) - width + 1, width // 2):
        piece = sound[begin : begin + width].astype(np.float64)
        tone = model @ np.linalg.lstsq(model, piece, rcond=None)[0]
        rest = _band(piece - tone, *HEARD_HZ)
        found.append(100 * float(np.sqrt(np.mean(rest**2) / max(np.mean(tone**2), 1e-12))))
    return float(np.median(found))


def loudness(sound: Samples) -> float:
    """Return the integrated loudness in LUFS (ITU-R BS.1770)."""
    return float(pyloudnorm.Meter(SOUND_RATE).integrated_loudness(sound.astype(np.float64)))


def above_ms(sound: Samples, ceiling: float) -> float:
    """Return the longest time for which the level over 10 ms is above a ceiling, in ms."""
    width = round(MOMENT_S * SOUND_RATE)
    sums = np.cumsum(np.pad(np.square(sound, dtype=np.float64), (1, 0)))
    is_above = (sums[width:] - sums[:-width]) / width > ceiling**2
    edges = np.flatnonzero(np.diff(np.pad(is_above.astype(np.int8), 1)))
    runs = edges[1::2] - edges[::2]
    return float(runs.max(initial=0)) * 1000 / SOUND_RATE


def near(sound: Samples, low: float, high: float) -> Samples:
    """Return a sound after a band-pass filter between two frequencies in Hz."""
    sections = signal.butter(3, (low, high), "bandpass", fs=SOUND_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, sound), np.float32)


def peak_db(sound: Samples) -> float:
    """Return the root mean square of the loudest 20 ms in dBFS."""
    width = SOUND_RATE // 50
    return max(rms_db(piece) for piece in sound[: len(sound) // width * width].reshape(-1, width))


def fall_db(sound: Samples, within_s: float = 0.3) -> float:
    """Return by how many dB a sound has fallen `within_s` after its loudest 20 ms.

    The loudest 20 ms of the next `within_s` are compared. A howl is loudest when its suppression
    begins. Raises ValueError if the sound ends too early.
    """
    width = SOUND_RATE // 50
    pieces = sound[: len(sound) // width * width].reshape(-1, width).astype(np.float64)
    levels = np.sqrt(np.mean(pieces**2, axis=1))
    later = round(within_s * SOUND_RATE / width)
    near = np.flatnonzero(levels > 0.7 * levels.max())
    after = levels[near[0] + later : near[0] + 2 * later]
    if len(after) < later:
        raise ValueError("The sound ends before the howl could fall.")
    return decibels(float(levels.max())) - decibels(float(after.max()))


def delay(sent: Samples, came: Samples) -> int:
    """Return the index of the sample of `came` at which `sent` begins, by correlation."""
    follows = signal.correlate(came.astype(np.float64), sent.astype(np.float64), "valid")
    return int(np.argmax(np.abs(follows)))


def aligned(sent: Samples, came: Samples, piece_s: float = 2.0, reach_s: float = 0.25) -> Samples:
    """Return `came` aligned with `sent`, piece by piece.

    A buffer that changes its delay shifts the rest by some ms. Listeners do not hear that, but it
    would affect every comparison of samples.
    """
    length, reach = round(piece_s * SOUND_RATE), round(reach_s * SOUND_RATE)
    begin, found = delay(sent[: 2 * length], came[: 4 * length]), []
    for at in range(0, len(sent), length):
        wanted = sent[at : at + length]
        first = max(0, begin + at - reach)
        place = came[first : begin + at + len(wanted) + reach]
        if len(place) < len(wanted):
            place = np.pad(place, (0, len(wanted) - len(place)))
        heard = first + (delay(wanted, place) if np.any(wanted) else begin + at - first)
        begin = heard - at
        found.append(came[heard : heard + len(wanted)])
    made = np.concatenate(found)
    return np.pad(made, (0, max(0, len(sent) - len(made))))[: len(sent)]


def intelligibility(sent: Samples, came: Samples) -> float:
    """Return the short-time objective intelligibility (STOI), from 0 to 1."""
    return float(pystoi.stoi(sent, came, SOUND_RATE, extended=False))


def quality(sent: Samples, came: Samples) -> float:
    """Return PESQ in wide-band mode (ITU-T P.862.2), from 1.0 to 4.6."""
    import pesq  # compiled from C: `tools/ensure-sound` installs it for the benchmarks

    clean, heard = (signal.resample_poly(sound, 1, 3) for sound in (sent, came))
    return float(pesq.pesq(16_000, clean, heard, "wb"))


@cache
def speech(
    voice: str, text: str, words_a_minute: int = 150, loudness_lufs: float = -23.0
) -> Samples:
    """Return a text read by a voice of espeak-ng, at this loudness."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "--stdout", text]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(out)) as file:
        rate = file.getframerate()
    said = np.frombuffer(out[44:], np.int16).astype(np.float64) / 32_768
    sound = signal.resample_poly(said, SOUND_RATE // 150, rate // 150)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of clipping, which is done below
        even = pyloudnorm.normalize.loudness(sound, loudness(sound), loudness_lufs)
    return np.asarray(np.clip(even, -0.98, 0.98), np.float32)


def _band(sound: Values, low: float, high: float) -> Values:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / SOUND_RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(spectrum, len(sound))
