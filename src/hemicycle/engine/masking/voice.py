"""An audio source that turns the sound of a microphone into another voice."""

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
"""The delay of the changed voice, in samples at 48 kHz: 22 ms."""

HOPS = TICK_SAMPLES // DOWN // HOP
PITCHES_HZ = (115.0, 185.0)
"""The range from which the middle of the new voice's pitch is drawn."""

AFTER_TICKS = 3
"""Ticks for which reading continues after the source's last sound, so that its end is heard."""

COLOUR_DB = 2.5
"""The colour of the new voice: the standard deviation of each of seven waves by which its mean
spectrum differs from the reference, so that two turns of one person do not sound alike.
"""

NOISY_HZ = 3500.0
"""The frequency at which a fifth of a fully voiced sound is noise."""

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
    """The state of an artificial voice; `pitch`, `place` and `tilt` as `Wandering.stands`."""

    pitch: tuple[float, float]
    place: tuple[float, float]
    tilt: tuple[float, float]
    colour: bytes
    lively: float
    until_pulse: float
    voiced: float


@dataclass(frozen=True, slots=True)
class HandedVoice:
    """The state of a changed voice for another process, so that nobody hears it change again.

    `speaker` is the state of the artificial voice. `sounds` are the buffers between two ticks, as
    64-bit floats in this order: the received sound, the same sound at 16 kHz, the changed sound,
    and the pulses, the noise and the speech of the artificial voice.
    """

    speaker: HandedSpeaker
    analysis: HandedAnalysis
    sounds: tuple[bytes, bytes, bytes, bytes, bytes, bytes]
    silent: int


class MaskedVoice:
    """An `AudioSource` that speaks the words of `sound` in an artificial voice.

    Use it in one thread. `seed` is for tests only: without it the randomness comes from the system,
    and cannot be reproduced.
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
        """Return the state of the voice for another process. Call it while the reader rests."""
        own = (self._in, self._heard, self._out)
        sounds: Any = tuple(values.tobytes() for values in (*own, *self._speaker.sounds))
        return HandedVoice(self._speaker.handed(), self._analysis.handed(), sounds, self._silent)

    def resume(self, handed: HandedVoice) -> None:
        """Continue from the state of another process. Raises ValueError if it does not fit."""
        came, heard, goes, *said = (np.frombuffer(data) for data in handed.sounds)
        self._in = came.reshape(self._in.shape).copy()
        self._heard = heard.reshape(self._heard.shape).copy()
        self._out = goes.reshape(self._out.shape).copy()
        self._speaker.resume(handed.speaker, said)
        self._analysis.resume(handed.analysis)
        self._silent = handed.silent

    def read(self) -> Samples | None:
        """Return the next 20 ms, delayed by `DELAY`; None while there is no sound."""
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
        """The pulses, the noise, and what has been synthesized so far of the next frame."""
        return self._pulses, self._noise, self._said

    def handed(self) -> HandedSpeaker:
        """Return the state of the voice, without `sounds`, for another process."""
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
        """Continue from the state of another process. Raises ValueError if it does not fit."""
        self._pitch.resume(handed.pitch)
        self._place.resume(handed.place)
        self._tilt.resume(handed.tilt)
        self._colour = np.frombuffer(handed.colour).reshape(BANDS).copy()
        self._lively, self._until_pulse = handed.lively, handed.until_pulse
        self._voiced = handed.voiced
        pulses, noise, said = (values.reshape(FRAME).copy() for values in sounds)
        self._pulses, self._noise, self._said = pulses, noise, said

    def say(self, look: Look) -> Values:
        """Synthesize the next 10 ms."""
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
        """Return the bands to synthesize, in dB: moved, wandering, with the new voice's colour."""
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
    """Return the delay of a changed voice, in ms."""
    return 1000 * DELAY / SOUND_RATE
