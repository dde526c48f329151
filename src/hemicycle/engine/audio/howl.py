"""Takes feedback howls out of sources.

A howl is a tone that a microphone and its own loudspeaker keep up. It grows with each turn of the
loop until the limiter holds it. Through a network a turn takes a tenth of a second and more, and
the howl keeps the pauses of the voice with which it began: it comes in bursts. So a source is
suspected for tones of one frequency that are as loud as a voice, and pauses between them count for
nothing. Then a narrow filter takes that frequency out of the source: the rest of the voice stays,
and the loop is broken.

What comes after that tells a howl from a whistle or a sung note. Of a howl only what was sent
before comes once more, and then nothing, since nothing is sent any more. Somebody who whistles goes
on: the filter is taken away, and comes back only for a tone that lasts for longer than a breath
stays at one pitch. A vowel that was taken for a tone is over before the filter is judged.

A loop that is so strong that it roars at all frequencies is turned down as a whole.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Samples

LOUD_DB = -30.0
"""A tone that is softer than this (root mean square of a tick, dBFS) is no howl yet."""

VOICES_DB = -12.5
"""No voice is louder than this over a tick, since all voices are brought to the same loudness."""

LEAST_CLIMB_DB, MOST_CLIMB_DB = 2.0, 26.0
"""A softer tone is suspicious only if that frequency was there before, by so much less loud: a turn
of a loop makes it louder by its gain. A whistle begins where nothing was.
"""

BEGIN_DB = 9.0
"""A burst of a howl begins where its frequency was by so much less loud than it is now."""

PAUSE_TICKS, TURN_TICKS = 2, 600 // TICK_MS
"""Bursts are so far apart at least, and no loop is slower."""

SILENT_DB = -60.0
"""What is softer has no part in a howl."""

PURE = 0.7
"""The least share of a tick's energy that lies near one frequency, and near three times as much,
which a clipped tone has too. A loop through a network has many frequencies, a few Hz apart, of
which the loudest are near each other.
"""

NEAR = 1 / 14
"""How near that is, as a share of the frequency, but 100 Hz at least."""

TICKS, CLIMBING_TICKS = 3, 2
"""Ticks of a tone that make a howl, more than of other loud sounds between them, and how many of
them must be louder than before.
"""

STEADY_TICKS = 5
"""The same for a tone that does not climb, all of them louder than any voice."""

FORGET_TICKS = TURN_TICKS
"""A suspicion ends so long after the last tone."""

STEADY = 1 / 12
"""A howl's frequency moves less than this share of it from tick to tick."""

LOWEST_HZ = 400.0
"""Below this a voice can be nearly a pure tone itself."""

VOWELS_HZ = 600.0
PURE_VOWELS = 0.9
"""Below this vowels have much of their energy near one frequency, and a howl needs a larger share.
"""

CUT_DB = 40.0
WIDTH = 6.0
"""The filter: how much it takes away at its frequency, and its quality (frequency by width)."""

MOST = 6
"""Filters of one source; one more replaces the oldest."""

TRIAL_TICKS = 800 // TICK_MS
"""So long a filter is on trial: what goes on all the time is no loop."""

GOES_ON_TICKS = 10
"""The last ticks of a trial, all of them as loud as at its beginning (within 3 dB), say that."""

STAYS_TICKS = 25
"""So many more ticks with the tone than without it, after a trial, say the same: a tone with gaps,
as a poor link makes them, can look like a howl in its trial.
"""

HOLD_TICKS = 30_000 // TICK_MS
"""The filter of a howl stays for 30 s after its howl was last heard."""

LASTS_TICKS = 2_000 // TICK_MS
"""A tone that is no loop's, and louder than any voice, is taken out after 2 s all the same: nobody
whistles so steadily, and listeners wear headphones.
"""

ROAR_DB = -11.0
ROAR_TICKS = 10
"""A source that is louder than this for 200 ms without a pause is turned down …"""

DOWN_DB = -18.0
BACK_DB_S = 3.0
"""… by this at once, and comes back by so much a second."""

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
    """A tick that is a tone: its frequency, its bins, and their power."""

    hertz: float
    first: int
    end: int
    power: float

    def near(self, spectra: Spectrum) -> Spectrum:
        """Return the power of other ticks, each a row, in the same bins; 0.0 for another tone."""
        middle, around = (self.first + self.end - 1) / 2, (self.end - self.first) / 2
        begin, end = max(0, int(middle - 2 * around)), int(middle + 2 * around) + 1
        tops = begin + spectra[:, begin:end].argmax(axis=1)
        are_same = np.abs(tops - middle) <= max(1.0, around / 2)
        powers: Spectrum = spectra[:, self.first : self.end].sum(axis=1) * are_same
        return powers


@dataclass(slots=True)
class NotchTrial:
    """What a filter has taken out since it was placed (mean squares of a tick)."""

    power: float
    """Of the tone for which it was placed."""

    ticks: int = 0
    returned: int = 0
    """Ticks in which the tone came again."""

    steady: int = 0
    """Ticks without a pause in which the tone was as loud as at first, up to now."""

    def take(self, power: float) -> None:
        """Take what the filter has taken out of a tick."""
        self.ticks += 1
        self.steady = self.steady + 1 if power > self.power / 2 else 0
        # The tick after the first is still the tone for which it was placed.
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
    """What is known of one source, for another process."""

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
        """Ticks since its trial that were its tone, more than others."""
        self._states = np.frombuffer(states).reshape(2).copy()
        self._is_new = is_new
        out, on = _run(_coefficients(hertz), np.eye(2 + _STEP))
        self._state_out, self._sound_out = out[:2], out[2:]
        self._state_on, self._sound_on = on[:2], on[2:]

    def handed(self) -> HandedNotch:
        """Return it for another process."""
        states = self._states.tobytes()
        return HandedNotch(self.hertz, self.left, self._is_new, self.is_lasting, states, self.trial)

    @classmethod
    def resumed(cls, handed: HandedNotch) -> "Notch":
        """Return one that goes on where another process has stopped. Raises ValueError."""
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
        """Return the next block without the frequency; the first one is cross-faded into it."""
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
    """What is known of one source.

    `ticks` of a tone of `hertz` were counted, the last one `idle` ticks ago; with `climbs` of them
    it grew, and `steady` of them were louder than any voice. `own_…` are of a tone that is no howl.
    `before` are the last spectra, the newest first; another process does without them.
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
        """Whether something is suspected of it or done to it, which ends by itself."""
        return bool(self.notches or self.gain_db or self.ticks or self.own_hertz or self.loud)

    def filtered(self, voice: Samples) -> tuple[Values, bool]:
        """Return a tick without the frequencies of its howls, and whether one was found out."""
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

        `power` is what the filter has taken out of a tick; `is_tone`, whether that was nearly all.
        """
        trial = notch.trial
        if trial is None:
            # Not how loud it is: a tone that goes on may have become softer since its trial.
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
        # A loop keeps the pauses of the voice with which it began: they count for nothing.
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
        # The mean of what was counted: of its many frequencies each tick has others.
        self.hertz += (hertz - self.hertz) / self.ticks
        self.climbs += tone is not None and self._climbs(tone)
        self.steady += power > _VOICES_POWER
        is_climbing = self.ticks >= TICKS and self.climbs >= CLIMBING_TICKS
        return is_climbing or self.steady >= STEADY_TICKS

    def _climbs(self, tone: HeardTone) -> bool:
        """Return whether its frequency was there before, as much less loud as by one turn."""
        if not self.before:
            return False
        near = tone.near(np.stack(self.before))
        softer = np.flatnonzero(near * _BEGIN < tone.power)
        begun = int(softer[0]) if len(softer) else len(near)
        # A tone that begins within a tick is less loud in that.
        was = float(near[begun + PAUSE_TICKS :].max(initial=0.0))
        return was * _LEAST_CLIMB < tone.power < was * _MOST_CLIMB

    def _is_own(self, hertz: float, power: float) -> bool:
        """Return whether a tick is still of the tone that is no howl; forget that after a pause."""
        is_own = abs(hertz - self.own_hertz) < STEADY * self.own_hertz
        self.own_idle = 0 if is_own else self.own_idle + 1
        self.own_ticks += is_own and power > _VOICES_POWER
        if self.own_idle >= GOES_ON_TICKS:
            self.own_hertz, self.own_ticks = 0.0, 0
        return is_own

    def place(self, power: float) -> Notch:
        """Add a filter; that of a tone which has lasted for long needs no trial."""
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
    """Guards some sources, each a row."""

    def __init__(self) -> None:
        self._rows: list[_Suspect] = []

    def handed(self) -> tuple[HandedHowls, ...]:
        """Return it for another process."""
        return tuple(suspect.handed() for suspect in self._rows)

    def resume(self, handed: Sequence[HandedHowls]) -> None:
        """Go on where another process has stopped. Raises ValueError."""
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

        `heard` says of each source whether anybody hears it: others are in no loop.
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
    """Return the tone that a tick is; None if it is none."""
    top = int(power.argmax())
    around = max(_LEAST_AROUND, round(top * NEAR))
    first, end = max(0, top - around), top + around + 1
    near = float(power[first:end].sum())
    clipped = float(power[3 * top - around : 3 * top + around + 1].sum())
    pure = PURE if top * _BIN_HZ >= VOWELS_HZ else PURE_VOWELS
    if near + clipped < pure * float(power.sum()) or top * _BIN_HZ < LOWEST_HZ:
        return None
    # The middle of the window's main lobe, from the two neighbours of its highest value.
    below, at, above = np.sqrt(power[top - 1 : top + 2]) if top + 1 < len(power) else (0, 1, 0)
    hertz = (top + float((above - below) / (below + at + above))) * _BIN_HZ
    return HeardTone(hertz, first, end, near)


def _coefficients(hertz: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A peaking equalizer (R. Bristow-Johnson, Audio EQ Cookbook) that takes `CUT_DB` away."""
    amplitude = sqrt(10 ** (-CUT_DB / 20))
    turn = 2 * pi * hertz / SOUND_RATE
    alpha, middle = sin(turn) / (2 * WIDTH), -2 * cos(turn)
    first = 1 + alpha / amplitude
    above = ((1 + alpha * amplitude) / first, middle / first, (1 - alpha * amplitude) / first)
    return above, (middle / first, (1 - alpha / amplitude) / first)


def _run(
    coefficients: tuple[tuple[float, ...], tuple[float, ...]], basis: Values
) -> tuple[Values, Values]:
    """Run the filter over rows of two states and `_STEP` samples: what leaves, and new states."""
    (b0, b1, b2), (a1, a2) = coefficients
    one, two = basis[:, 0].copy(), basis[:, 1].copy()
    out = np.empty((len(basis), _STEP))
    for at in range(_STEP):
        x = basis[:, 2 + at]
        y = b0 * x + one
        one, two = b1 * x - a1 * y + two, b2 * x - a2 * y
        out[:, at] = y
    return out, np.stack([one, two], axis=1)
