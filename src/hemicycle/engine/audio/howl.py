"""Removes feedback howls from sources.

A howl is a tone that a microphone and its own loudspeaker sustain. It grows with each turn of the
loop until the limiter holds it. Through a network a turn takes a tenth of a second or more, and the
howl keeps the pauses of the voice with which it began: it comes in bursts. So a source becomes a
suspect when it has tones of one frequency that are as loud as a voice; pauses between them do not
count. Then a narrow filter removes that frequency from the source: the rest of the voice stays, and
the loop is broken.

The sound after that distinguishes a howl from a whistle or a sung note. A howl returns once, with
what was sent before the filter was placed, and then ends, since nothing more of it is sent. A
person who whistles continues: the filter is removed, and is placed again only for a tone that stays
at one pitch for longer than a breath lasts. A vowel that was mistaken for a tone has ended before
the filter is judged.

A source whose loop is so strong that it roars at all frequencies is turned down as a whole.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Samples

LOUD_DB = -30.0
"""A tone softer than this (root mean square of a tick, in dBFS) is not yet a howl."""

VOICES_DB = -12.5
"""No voice is louder than this over a tick, since all voices are brought to the same loudness."""

LEAST_CLIMB_DB, MOST_CLIMB_DB = 2.0, 26.0
"""A tone no louder than a voice is suspicious only if its frequency was already there, softer by
this many dB at least and at most: a turn of a loop makes it louder by the loop's gain. A whistle
begins from silence.
"""

BEGIN_DB = 9.0
"""A burst of a howl begins where its frequency was softer than it is now by this many dB."""

PAUSE_TICKS, TURN_TICKS = 2, 600 // TICK_MS
"""The shortest time between two bursts, and the longest turn of a loop, in ticks."""

SILENT_DB = -60.0
"""Sound softer than this (dBFS) plays no part in a howl."""

PURE = 0.7
"""The least share of a tick's energy that makes the tick a tone. This energy lies near one
frequency, and near three times that frequency, which a clipped tone has too. A loop through a
network has many frequencies, a few Hz apart, and the loudest of them are near each other.
"""

NEAR = 1 / 14
"""The width of "near" for `PURE`, as a share of the frequency; it is at least 100 Hz."""

TICKS, CLIMBING_TICKS = 3, 2
"""The ticks of a tone that make a howl (each tick of another loud sound between them subtracts
one), and how many of them must be louder than before.
"""

STEADY_TICKS = 5
"""The ticks that make a howl of a tone that does not climb; all must be louder than any voice."""

FORGET_TICKS = TURN_TICKS
"""A suspicion ends this many ticks after the last tone."""

STEADY = 1 / 12
"""From tick to tick, a howl's frequency moves by less than this share of itself."""

LOWEST_HZ = 400.0
"""Below this frequency even a voice can be nearly a pure tone."""

VOWELS_HZ = 600.0
PURE_VOWELS = 0.9
"""Below `VOWELS_HZ`, vowels have much of their energy near one frequency: a howl needs the larger
share `PURE_VOWELS`.
"""

CUT_DB = 40.0
WIDTH = 6.0
"""The filter: its attenuation at its frequency, in dB, and its quality (frequency by width)."""

MOST = 6
"""The most filters of one source; another one replaces the oldest."""

TRIAL_TICKS = 800 // TICK_MS
"""The length of a filter's trial, in ticks: a tone that continues all the time is not a loop's."""

GOES_ON_TICKS = 10
"""A tone continues if it is as loud in all of this many last ticks of a trial as at the trial's
beginning (at most 3 dB softer).
"""

STAYS_TICKS = 25
"""After a trial, a tone also counts as one that continues once this many more ticks had it than
lacked it: a tone with gaps, which a poor link causes, can look like a howl during its trial.
"""

HOLD_TICKS = 30_000 // TICK_MS
"""The filter of a howl stays for 30 s after the howl was last heard."""

LASTS_TICKS = 2_000 // TICK_MS
"""A tone louder than any voice is removed after 2 s even if no loop causes it: nobody whistles so
steadily, and listeners wear headphones.
"""

ROAR_DB = -11.0
ROAR_TICKS = 10
"""A source that is louder than this (dBFS) for 200 ms without a pause is turned down."""

DOWN_DB = -18.0
BACK_DB_S = 3.0
"""A roaring source is turned down by `DOWN_DB` at once, and its level returns by this many dB per
second.
"""

_STEP = 32
_WINDOW = np.hanning(TICK_SAMPLES).astype(np.float32)
_BIN_HZ = SOUND_RATE / TICK_SAMPLES
_LEAST_AROUND = 2
_LEAST_POWER = 10 ** (LOUD_DB / 10)
_HEARD_POWER = _LEAST_POWER / 4
_VOICES_POWER = 10 ** (VOICES_DB / 10)
_SILENT_POWER = 10 ** (SILENT_DB / 10)
_BEGIN = 10 ** (BEGIN_DB / 10)
_LEAST_CLIMB, _MOST_CLIMB = (10 ** (climb / 10) for climb in (LEAST_CLIMB_DB, MOST_CLIMB_DB))
_ROAR_POWER = 10 ** (ROAR_DB / 10)
_RISE = np.linspace(0.0, 1.0, TICK_SAMPLES)

type Values = NDArray[np.float64]
type Spectrum = NDArray[np.float32]

_NOTHING: Spectrum = np.zeros(TICK_SAMPLES // 2 + 1, np.float32)


@dataclass(frozen=True, slots=True)
class HeardTone:
    """The tone of a tick: its frequency, its bins (`first` to before `end`), and their power."""

    hertz: float
    first: int
    end: int
    power: float

    def near(self, spectra: Spectrum) -> Spectrum:
        """Return this tone's power in other ticks, one a row; 0.0 in a tick with another tone."""
        middle, around = (self.first + self.end - 1) / 2, (self.end - self.first) / 2
        begin, end = max(0, int(middle - 2 * around)), int(middle + 2 * around) + 1
        tops = begin + spectra[:, begin:end].argmax(axis=1)
        are_same = np.abs(tops - middle) <= max(1.0, around / 2)
        powers: Spectrum = spectra[:, self.first : self.end].sum(axis=1) * are_same
        return powers


@dataclass(slots=True)
class NotchTrial:
    """The trial of a filter: what it has removed since it was placed. Powers are mean squares of a
    tick.
    """

    power: float
    """The power of the tone for which the filter was placed."""

    ticks: int = 0
    returned: int = 0
    """The number of ticks in which the tone returned."""

    steady: int = 0
    """The number of last ticks, without a pause, in which the tone was as loud as at first."""

    def take(self, power: float) -> None:
        """Count a tick from which the filter has removed this power."""
        self.ticks += 1
        self.steady = self.steady + 1 if power > self.power / 2 else 0
        # In the first tick, the tone for which the filter was placed still sounds.
        self.returned += self.ticks > 1 and power > _HEARD_POWER


@dataclass(frozen=True, slots=True)
class HandedNotch:
    """A filter for another process; its states as 64-bit floats."""

    hertz: float
    left: int
    is_new: bool
    is_lasting: bool
    states: bytes
    trial: NotchTrial | None


@dataclass(frozen=True, slots=True)
class HandedHowls:
    """The state of one source, for another process."""

    hertz: float
    ticks: int
    climbs: int
    steady: int
    idle: int
    loud: int
    gain_db: float
    own_hertz: float
    own_ticks: int
    own_idle: int
    notches: tuple[HandedNotch, ...]


class Notch:
    """A filter that takes one frequency out of a sound, in blocks of `TICK_SAMPLES`."""

    def __init__(
        self,
        hertz: float,
        left: int = HOLD_TICKS,
        states: bytes = bytes(16),
        *,
        is_new: bool = True,
        is_lasting: bool = False,
        trial: NotchTrial | None = None,
    ) -> None:
        self.hertz = hertz
        self.left = left
        self.trial = trial
        self.is_lasting = is_lasting
        """Whether its tone has lasted for so long that it stays out (`LASTS_TICKS`)."""
        self.stayed = 0
        """By how many ticks since the trial those with its tone outnumber the others."""
        self._states = np.frombuffer(states).reshape(2).copy()
        self._is_new = is_new
        out, on = _run(_coefficients(hertz), np.eye(2 + _STEP))
        self._state_out, self._sound_out = out[:2], out[2:]
        self._state_on, self._sound_on = on[:2], on[2:]

    def handed(self) -> HandedNotch:
        """Return the filter's state for another process."""
        states = self._states.tobytes()
        return HandedNotch(self.hertz, self.left, self._is_new, self.is_lasting, states, self.trial)

    @classmethod
    def resumed(cls, handed: HandedNotch) -> "Notch":
        """Return a filter with the state of another process. Raises ValueError for an invalid
        state.
        """
        trial = replace(handed.trial) if handed.trial else None
        return cls(
            handed.hertz,
            handed.left,
            handed.states,
            is_new=handed.is_new,
            is_lasting=handed.is_lasting,
            trial=trial,
        )

    def take(self, block: Values) -> Values:
        """Return the next block without the frequency; in the first block the filter fades in."""
        steps = block.reshape(-1, _STEP)
        pushes = steps @ self._sound_on
        states, now = np.empty((len(steps), 2)), self._states
        for at, push in enumerate(pushes):
            states[at] = now
            now = now @ self._state_on + push
        self._states = np.where(np.abs(now) < 1e-20, 0.0, now)
        made: Values = (steps @ self._sound_out + states @ self._state_out).reshape(-1)
        if self._is_new:
            self._is_new = False
            made = block + (made - block) * _RISE
        return made


@dataclass(slots=True)
class _Suspect:
    """The state of one source.

    `ticks` counts the ticks with a tone of `hertz`, the last of them `idle` ticks ago; in `climbs`
    of them it grew, and in `steady` of them it was louder than any voice. `own_…` describe a tone
    that is not a howl. `before` holds the last spectra, newest first; another process does not get
    them.
    """

    hertz: float = 0.0
    ticks: int = 0
    climbs: int = 0
    steady: int = 0
    idle: int = 0
    loud: int = 0
    gain_db: float = 0.0
    own_hertz: float = 0.0
    own_ticks: int = 0
    own_idle: int = 0
    notches: list[Notch] = field(default_factory=list)
    before: deque[Spectrum] = field(default_factory=lambda: deque(maxlen=TURN_TICKS))

    def handed(self) -> HandedHowls:
        return HandedHowls(
            self.hertz,
            self.ticks,
            self.climbs,
            self.steady,
            self.idle,
            self.loud,
            self.gain_db,
            self.own_hertz,
            self.own_ticks,
            self.own_idle,
            tuple(notch.handed() for notch in self.notches),
        )

    @classmethod
    def resumed(cls, handed: HandedHowls) -> "_Suspect":
        return cls(
            handed.hertz,
            handed.ticks,
            handed.climbs,
            handed.steady,
            handed.idle,
            handed.loud,
            handed.gain_db,
            handed.own_hertz,
            handed.own_ticks,
            handed.own_idle,
            [Notch.resumed(one) for one in handed.notches],
        )

    @property
    def is_busy(self) -> bool:
        """Whether the source is suspected, filtered or turned down, which ends automatically."""
        return bool(self.notches or self.gain_db or self.ticks or self.own_hertz or self.loud)

    def filtered(self, voice: Samples) -> tuple[Values, bool]:
        """Return a tick without its howls' frequencies, and whether a trial has found a howl."""
        made: Values = voice.astype(np.float64)
        is_found, kept = False, []
        for notch in self.notches:
            before = made
            made = notch.take(before)
            taken = before - made
            power = _power_of(taken)
            notch.left = HOLD_TICKS if power > _HEARD_POWER else notch.left - 1
            is_tone = power > max(_HEARD_POWER, PURE * _power_of(before))
            stays, is_howl = self._judged(notch, power, is_tone=is_tone)
            is_found |= is_howl
            kept += [notch] if stays else []
        self.notches = kept
        return made, is_found

    def _judged(self, notch: Notch, power: float, *, is_tone: bool) -> tuple[bool, bool]:
        """Return whether a filter stays, and whether its trial has ended with a howl.

        `power` is what the filter has removed from a tick; `is_tone` is whether that was most of
        it.
        """
        trial = notch.trial
        if trial is None:
            # The level does not matter: a tone that continues may have become softer since its
            # trial.
            notch.stayed = max(0, notch.stayed + (1 if is_tone else -1))
            if notch.stayed >= STAYS_TICKS and not notch.is_lasting:
                self.own_hertz, self.own_idle, self.own_ticks = notch.hertz, 0, 0
                return False, False
            return notch.left > 0, False
        trial.take(power)
        if trial.ticks < TRIAL_TICKS:
            return True, False
        notch.trial = None
        if trial.steady >= GOES_ON_TICKS:
            is_loud = trial.power > _VOICES_POWER
            self.own_hertz, self.own_idle = notch.hertz, 0
            self.own_ticks = trial.ticks if is_loud else 0
            return False, False
        return trial.returned > 0, trial.returned > 0

    def suspect(self, spectrum: Spectrum, power: float) -> bool:
        """Take a tick's spectrum and its mean square; return whether a filter is due."""
        tone = tone_of(spectrum) if power > _LEAST_POWER else None
        is_due = self._is_due(tone, power)
        self.before.appendleft(spectrum)
        return is_due

    def _is_due(self, tone: HeardTone | None, power: float) -> bool:
        hertz = tone.hertz if tone else 0.0
        if self.own_hertz and self._is_own(hertz, power):
            return self.own_ticks >= LASTS_TICKS
        # A loop keeps the pauses of the voice with which it began, so pauses do not count.
        self.idle += 1
        if self.idle > FORGET_TICKS:
            self.ticks = self.climbs = self.steady = 0
        is_same = self.ticks > 0 and abs(hertz - self.hertz) < STEADY * self.hertz
        if not is_same and power > _LEAST_POWER:
            self.ticks, self.steady = max(0, self.ticks - 1), max(0, self.steady - 1)
            self.climbs = min(self.climbs, self.ticks)
        if not is_same and (self.ticks or not hertz):
            return False
        self.ticks, self.idle = self.ticks + 1, 0
        # The mean of the counted ticks: a howl has many frequencies, and each tick shows others.
        self.hertz += (hertz - self.hertz) / self.ticks
        self.climbs += tone is not None and self._climbs(tone)
        self.steady += power > _VOICES_POWER
        is_climbing = self.ticks >= TICKS and self.climbs >= CLIMBING_TICKS
        return is_climbing or self.steady >= STEADY_TICKS

    def _climbs(self, tone: HeardTone) -> bool:
        """Return whether the tone has become louder by as much as one turn of a loop can add."""
        if not self.before:
            return False
        near = tone.near(np.stack(self.before))
        softer = np.flatnonzero(near * _BEGIN < tone.power)
        begun = int(softer[0]) if len(softer) else len(near)
        # A tone that begins within a tick is softer in that tick.
        was = float(near[begun + PAUSE_TICKS :].max(initial=0.0))
        return was * _LEAST_CLIMB < tone.power < was * _MOST_CLIMB

    def _is_own(self, hertz: float, power: float) -> bool:
        """Return whether a tick continues the tone that is not a howl; forget that tone after a
        pause.
        """
        is_own = abs(hertz - self.own_hertz) < STEADY * self.own_hertz
        self.own_idle = 0 if is_own else self.own_idle + 1
        self.own_ticks += is_own and power > _VOICES_POWER
        if self.own_idle >= GOES_ON_TICKS:
            self.own_hertz, self.own_ticks = 0.0, 0
        return is_own

    def place(self, power: float) -> Notch:
        """Add a filter. A tone that has lasted for `LASTS_TICKS` gets one without a trial."""
        is_sure = self.own_ticks >= LASTS_TICKS
        notch = Notch(
            self.own_hertz if is_sure else self.hertz,
            is_lasting=is_sure,
            trial=None if is_sure else NotchTrial(power),
        )
        self.own_hertz, self.own_ticks = 0.0, 0
        self.ticks = self.climbs = self.steady = 0
        self.notches = [*self.notches[-MOST + 1 :], notch]
        return notch


class HowlGuard:
    """The howl filters of some sources, each a row."""

    def __init__(self) -> None:
        self._rows: list[_Suspect] = []

    def handed(self) -> tuple[HandedHowls, ...]:
        """Return the state of each source for another process."""
        return tuple(suspect.handed() for suspect in self._rows)

    def resume(self, handed: Sequence[HandedHowls]) -> None:
        """Take over the sources of another process. Raises ValueError for an invalid state."""
        self._rows = [_Suspect.resumed(source) for source in handed]

    def grow(self) -> None:
        """Add a source as the last row."""
        self._rows.append(_Suspect())

    def drop(self, row: int) -> None:
        """Remove a source; the rows after it move up."""
        del self._rows[row]

    def take(self, voices: Samples, heard: Sequence[bool]) -> list[int]:
        """Remove howls from 20 ms of each source, in place; return the rows that were found to
        howl.

        `heard` says of each source whether anybody hears it: a source that nobody hears is in no
        loop.
        """
        found = []
        for row, suspect in enumerate(self._rows):
            if suspect.notches:
                voices[row], is_found = suspect.filtered(voices[row])
                found += [row] if is_found else []
        powers = (np.einsum("ij,ij->i", voices, voices) / TICK_SAMPLES).tolist()
        guarded = [row for row, suspect in enumerate(self._rows) if heard[row] or suspect.is_busy]
        loud = [row for row in guarded if powers[row] > _SILENT_POWER]
        spectra = dict(zip(loud, spectra_of(voices[loud]), strict=True))
        for row in guarded:
            suspect, power = self._rows[row], powers[row]
            if suspect.suspect(spectra.get(row, _NOTHING), power):
                voices[row] = suspect.place(power).take(voices[row].astype(np.float64))
            suspect.loud = suspect.loud + 1 if power > _ROAR_POWER else 0
            if suspect.loud >= ROAR_TICKS or suspect.gain_db:
                voices[row] *= _turned_down(suspect)
        return found


def _power_of(block: Values) -> float:
    return float(np.dot(block, block)) / TICK_SAMPLES


def _turned_down(suspect: _Suspect) -> Values:
    """Return the gain of each sample of the next tick, and keep the last one."""
    before = suspect.gain_db
    is_roaring = suspect.loud >= ROAR_TICKS
    back = min(0.0, before + BACK_DB_S * TICK_MS / 1000)
    suspect.gain_db = DOWN_DB if is_roaring else back
    first, last = (10 ** (gain / 20) for gain in (before, suspect.gain_db))
    gains: Values = first + (last - first) * _RISE
    return gains


def spectra_of(blocks: Samples) -> Spectrum:
    """Return the power of ticks, each a row, in bins of 50 Hz."""
    waves = np.fft.rfft(blocks * _WINDOW, axis=1)
    powers: Spectrum = waves.real**2 + waves.imag**2
    return powers


def tone_of(power: Spectrum) -> HeardTone | None:
    """Return the tone of a tick; None if the tick is not a tone."""
    top = int(power.argmax())
    around = max(_LEAST_AROUND, round(top * NEAR))
    first, end = max(0, top - around), top + around + 1
    near = float(power[first:end].sum())
    clipped = float(power[3 * top - around : 3 * top + around + 1].sum())
    pure = PURE if top * _BIN_HZ >= VOWELS_HZ else PURE_VOWELS
    if near + clipped < pure * float(power.sum()) or top * _BIN_HZ < LOWEST_HZ:
        return None
    # Find the middle of the window's main lobe by the two neighbours of its highest value.
    below, at, above = np.sqrt(power[top - 1 : top + 2]) if top + 1 < len(power) else (0, 1, 0)
    hertz = (top + float((above - below) / (below + at + above))) * _BIN_HZ
    return HeardTone(hertz, first, end, near)


def _coefficients(hertz: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a peaking equalizer (R. Bristow-Johnson, Audio EQ Cookbook) that attenuates by
    `CUT_DB`.
    """
    amplitude = sqrt(10 ** (-CUT_DB / 20))
    turn = 2 * pi * hertz / SOUND_RATE
    alpha, middle = sin(turn) / (2 * WIDTH), -2 * cos(turn)
    first = 1 + alpha / amplitude
    above = ((1 + alpha * amplitude) / first, middle / first, (1 - alpha * amplitude) / first)
    return above, (middle / first, (1 - alpha / amplitude) / first)


def _run(
    coefficients: tuple[tuple[float, ...], tuple[float, ...]], basis: Values
) -> tuple[Values, Values]:
    """Run the filter over rows of two states and `_STEP` samples; return output and new states."""
    (b0, b1, b2), (a1, a2) = coefficients
    one, two = basis[:, 0].copy(), basis[:, 1].copy()
    out = np.empty((len(basis), _STEP))
    for at in range(_STEP):
        x = basis[:, 2 + at]
        y = b0 * x + one
        one, two = b1 * x - a1 * y + two, b2 * x - a2 * y
        out[:, at] = y
    return out, np.stack([one, two], axis=1)
