"""A source with a changed voice: the sound of a microphone goes in, another voice comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.masking.analysis import Analysis, HandedAnalysis, Look
from hemicycle.engine.masking.bands import (
    BANDS,
    CENTRES,
    DOWN,
    FRAME,
    HOP,
    RATE,
    REFERENCE_DB,
    SPREAD,
    TAPS,
    Values,
    low_pass,
)
from hemicycle.engine.masking.wandering import Wandering
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, AudioSource, Samples

DELAY = (FRAME - HOP) * DOWN + (TAPS - 1)
"""Samples (at 48 kHz) by which the changed voice is later than the original: 22 ms."""

HOPS = TICK_SAMPLES // DOWN // HOP
PITCHES_HZ = (115.0, 185.0)
"""The middle of the new pitch is drawn between these."""

AFTER_TICKS = 3
"""Ticks to read on after the source gave its last sound, so that its end is heard."""

COLOUR_DB = 2.5
"""The colour of the new voice: its mean spectrum differs from the reference by this much in
each of seven waves, so that two turns of one person do not sound alike either.
"""

NOISY_HZ = 3500.0
"""Above this no voice consists of pulses only."""

_WINDOW: Final[Values] = np.sqrt(np.hanning(FRAME + 1)[:-1])
_SUM = 1.5
"""The sum of overlapping windows."""

_PULSES = np.interp(np.fft.rfftfreq(FRAME, 1 / RATE), (2000.0, NOISY_HZ, 5000.0), (1.0, 0.8, 0.3))
_COSINES: Final[Values] = np.stack(
    [np.cos(np.pi * order * (np.arange(BANDS) + 0.5) / BANDS) for order in range(1, 8)]
)
_LOG_CENTRES = np.log(CENTRES)


@dataclass(frozen=True, slots=True)
class HandedSpeaker:
    """An artificial voice: pitch, place and tilt by their middle and distance, and its colour."""

    pitch: tuple[float, float]
    place: tuple[float, float]
    tilt: tuple[float, float]
    colour: bytes
    lively: float
    until_pulse: float
    voiced: float


@dataclass(frozen=True, slots=True)
class HandedVoice:
    """A changed voice for another process, so that nobody hears it change again.

    `speaker` has what stays of the artificial voice, `sounds` what is between two ticks: the sound
    that came, that was lowered, and that was made, then pulses, noise, and what was said (64-bit
    floats, in this order).
    """

    speaker: HandedSpeaker
    analysis: HandedAnalysis
    sounds: tuple[bytes, bytes, bytes, bytes, bytes, bytes]
    silent: int


class MaskedVoice:
    """An `AudioSource` that says what `sound` says, in an artificial voice.

    For one thread. `seed` is for tests only: without it the randomness comes from the system, and
    cannot be reproduced.
    """

    def __init__(self, sound: AudioSource, seed: int | None = None) -> None:
        self._sound = sound
        chance = np.random.default_rng(seed)
        self._speaker = _OtherVoice(chance)
        self._analysis = Analysis()
        self._taps = low_pass()
        self._in: Values = np.zeros(TAPS - 1)
        self._out: Values = np.zeros(TAPS - 1)
        self._heard: Values = np.zeros(FRAME - HOP)
        self._silent = AFTER_TICKS

    def handed(self) -> HandedVoice:
        """Return it for another process, while its reader rests."""
        own = (self._in, self._heard, self._out)
        sounds: Any = tuple(values.tobytes() for values in (*own, *self._speaker.sounds))
        return HandedVoice(self._speaker.handed(), self._analysis.handed(), sounds, self._silent)

    def resume(self, handed: HandedVoice) -> None:
        """Go on where another process has stopped. Raises ValueError."""
        came, heard, goes, *said = (np.frombuffer(data) for data in handed.sounds)
        self._in = came.reshape(self._in.shape).copy()
        self._heard = heard.reshape(self._heard.shape).copy()
        self._out = goes.reshape(self._out.shape).copy()
        self._speaker.resume(handed.speaker, said)
        self._analysis.resume(handed.analysis)
        self._silent = handed.silent

    def read(self) -> Samples | None:
        """Return the next 20 ms, `DELAY` late; None while there is nothing."""
        block = self._sound.read()
        self._silent = self._silent + 1 if block is None else 0
        if block is None:
            if self._silent > AFTER_TICKS:
                return None
            block = np.zeros(TICK_SAMPLES, np.float32)
        return self._changed(block)

    def _changed(self, block: Samples) -> Samples:
        came: Values = np.concatenate((self._in, block.astype(np.float64)))
        self._in = came[-(TAPS - 1) :]
        heard = np.concatenate((self._heard, np.convolve(came, self._taps, "valid")[::DOWN]))
        self._heard = heard[-(FRAME - HOP) :]
        said = [
            self._speaker.say(self._analysis.look(heard[at : at + FRAME]))
            for at in range(0, HOPS * HOP, HOP)
        ]
        wide = np.zeros(TICK_SAMPLES)
        wide[::DOWN] = np.concatenate(said) * DOWN
        goes = np.concatenate((self._out, wide))
        self._out = goes[-(TAPS - 1) :]
        sound = np.convolve(goes, self._taps, "valid")
        return np.tanh(sound).astype(np.float32)


class _OtherVoice:
    """Synthesizes analysed frames, one after the other, with its own pulses and noise."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        middle = float(np.log(chance.uniform(*PITCHES_HZ)))
        self._pitch = Wandering(chance, middle, 0.07, 0.6, 0.16)
        self._place = Wandering(chance, float(chance.uniform(-0.08, 0.08)), 0.05, 1.5, 0.1)
        self._tilt = Wandering(chance, 0.0, 1.0, 2.0, 2.0)
        self._colour = chance.normal(0, COLOUR_DB, len(_COSINES)) @ _COSINES + REFERENCE_DB
        self._lively = float(chance.uniform(0.85, 1.1))
        self._until_pulse = 0.0
        self._pulses = np.zeros(FRAME)
        self._noise: NDArray[np.float64] = chance.standard_normal(FRAME)
        self._said = np.zeros(FRAME)
        self._voiced = 0.0

    @property
    def sounds(self) -> tuple[Values, Values, Values]:
        """Its pulses, its noise, and what it has said already of the next 10 ms."""
        return self._pulses, self._noise, self._said

    def handed(self) -> HandedSpeaker:
        """Return what stays of it."""
        return HandedSpeaker(
            self._pitch.stands,
            self._place.stands,
            self._tilt.stands,
            self._colour.tobytes(),
            self._lively,
            self._until_pulse,
            self._voiced,
        )

    def resume(self, handed: HandedSpeaker, sounds: Sequence[Values]) -> None:
        """Go on where another process has stopped. Raises ValueError."""
        self._pitch.resume(handed.pitch)
        self._place.resume(handed.place)
        self._tilt.resume(handed.tilt)
        self._colour = np.frombuffer(handed.colour).reshape(BANDS).copy()
        self._lively, self._until_pulse = handed.lively, handed.until_pulse
        self._voiced = handed.voiced
        pulses, noise, said = (values.reshape(FRAME).copy() for values in sounds)
        self._pulses, self._noise, self._said = pulses, noise, said

    def say(self, look: Look) -> Values:
        """Return the next 10 ms."""
        self._go_on()
        self._voiced += (look.voiced - self._voiced) * 0.6
        gain = np.sqrt(10 ** (self._bands(look) / 10)) @ SPREAD
        pulses = np.fft.rfft(self._pulses * _WINDOW)
        noise = np.fft.rfft(self._noise * _WINDOW)
        share = self._voiced * _PULSES
        carrier = np.sqrt(share) * pulses + np.sqrt(1 - share) * noise
        said = np.fft.irfft(carrier * gain, FRAME)
        power = float(np.dot(said, said)) / FRAME
        loud = 10 ** (look.level / 20) / np.sqrt(power + 1e-9)
        self._said += said * _WINDOW * (loud / _SUM)
        out = self._said[:HOP].copy()
        self._said = np.concatenate((self._said[HOP:], np.zeros(HOP)))
        return out

    def _bands(self, look: Look) -> Values:
        """Return the bands to synthesize, in dB: moved, wandering, on the reference."""
        moved = look.moved + self._place.next()
        shape = np.interp(_LOG_CENTRES - moved, _LOG_CENTRES, look.shape)
        tilt = self._tilt.next() * np.linspace(1.0, -1.0, BANDS)
        return shape * self._lively + self._colour + tilt

    def _go_on(self) -> None:
        """Generate 10 ms more of pulses and noise."""
        period = RATE / float(np.exp(self._pitch.next()))
        pulses = np.zeros(HOP)
        while self._until_pulse < HOP:
            pulses[int(self._until_pulse)] += np.sqrt(period)
            self._until_pulse += period
        self._until_pulse -= HOP
        self._pulses = np.concatenate((self._pulses[HOP:], pulses))
        fresh = self._chance.standard_normal(HOP)
        self._noise = np.concatenate((self._noise[HOP:], fresh))


def delay_ms() -> float:
    """Return by how many ms a changed voice is later."""
    return 1000 * DELAY / SOUND_RATE
