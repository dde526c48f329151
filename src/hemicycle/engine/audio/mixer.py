"""What is heard where: sources to buses, buses to channels, 20 ms at a time. For one thread.

It reads no clock and knows no codec: each tick gets the sample at which it begins.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.audio.automatic_gain import AutomaticGain, HandedGains
from hemicycle.engine.audio.fader import RAMP, Fader, FaderMove, HandedFader
from hemicycle.engine.audio.howl import HandedHowls, HowlGuard
from hemicycle.engine.audio.levels import Level
from hemicycle.engine.audio.limiter import LOOK_AHEAD, HandedLimiter, Limiter
from hemicycle.engine.audio.loudness import (
    HandedMeters,
    HandedOpening,
    Meters,
    OpeningLoudness,
    dbfs,
    lufs,
)
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, AudioSource, Samples

ROUTE_FADE = SOUND_RATE * 40 // 1000
"""Samples in which a channel changes from one bus to another."""

SHORT = 5
"""Ticks of the short loudness by which noise is recognized: 100 ms."""

_RISE = np.linspace(0.0, 1.0, TICK_SAMPLES, dtype=np.float32)

type MixRows = NDArray[np.float32]
"""`TICK_SAMPLES` of each source or each channel."""


@dataclass(frozen=True, slots=True)
class MicrophoneTurned:
    """The moment, `sample`, at which a microphone's sound opened or fell silent.

    For an end, `measured` is the loudness (LUFS) and the peak (dBFS) of the opening, before any
    gain.
    """

    id: str
    open: bool
    sample: int
    measured: tuple[float, float] | None = None

    @property
    def order(self) -> tuple[int, bool]:
        """The sort key: the sample at which the change began, then closings before openings."""
        return (self.sample if self.open else self.sample - RAMP, self.open)


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """A source that raised, or gave sound that cannot be mixed; it is no longer read."""

    id: str
    error: Exception


@dataclass(frozen=True, slots=True)
class MixedTick:
    """One tick: a row for each channel, the dB by which each was limited, and what happened.

    `turned` lists a closing before an opening that begins at the same sample; `howls` are the
    sources that began to howl.
    """

    channels: MixRows
    reduced: Sequence[float]
    turned: tuple[MicrophoneTurned, ...]
    failed: tuple[SourceFailed, ...]
    gone: tuple[str, ...]
    howls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedSource:
    """A source for another process, without its sound."""

    id: str
    microphone: HandedFader
    cough: HandedFader
    opening: HandedOpening | None
    leaving: bool


@dataclass(slots=True)
class _MixedSource:
    id: str
    sound: AudioSource
    microphone: Fader = field(default_factory=Fader)
    cough: Fader = field(default_factory=lambda: Fader(1.0))
    opening: OpeningLoudness | None = None
    leaving: bool = False

    def handed(self) -> HandedSource:
        return HandedSource(
            self.id,
            self.microphone.handed(),
            self.cough.handed(),
            self.opening.handed() if self.opening else None,
            self.leaving,
        )

    @classmethod
    def resumed(cls, handed: HandedSource, sound: AudioSource) -> "_MixedSource":
        return cls(
            handed.id,
            sound,
            Fader().resume(handed.microphone),
            Fader().resume(handed.cough),
            OpeningLoudness().resume(handed.opening) if handed.opening else None,
            handed.leaving,
        )

    def leave(self, sample: int) -> None:
        self.leaving = True
        self.microphone.plan(FaderMove(sample, 0.0, RAMP))
        self.cough.plan(FaderMove(sample, 0.0, RAMP))


@dataclass(frozen=True, slots=True)
class HandedMixer:
    """A mixer for another process; `next` is the sample from which its faders continue."""

    channels: tuple[str, ...]
    sources: tuple[HandedSource, ...]
    booths: Mapping[str, Mapping[str, HandedFader]]
    routes: Mapping[str, Mapping[str, HandedFader]]
    meters: HandedMeters
    gains: HandedGains
    howls: tuple[HandedHowls, ...]
    limiter: HandedLimiter
    next: int


class _NoSound:
    """Stands in for a source that was not handed over; it is silent until it is removed."""

    def read(self) -> None:
        return None


class Mixer:
    """The sources by id, the booths by language, and what each of `channels` carries."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.channels = tuple(channels)
        self._sources: list[_MixedSource] = []
        self._booths: dict[str, dict[str, Fader]] = {}
        self._routes = {name: {FLOOR: Fader(1.0)} for name in self.channels}
        self._meters = Meters()
        self._automatic_gain = AutomaticGain()
        self._howls = HowlGuard()
        self._limiter = Limiter(len(self.channels))
        self._leaving = Meters(len(self.channels))
        self._next = LOOK_AHEAD

    def handed(self) -> HandedMixer:
        """Return the mixer's state for another process."""
        return HandedMixer(
            self.channels,
            tuple(source.handed() for source in self._sources),
            {name: _handed(faders) for name, faders in self._booths.items()},
            {name: _handed(faders) for name, faders in self._routes.items()},
            self._meters.handed(),
            self._automatic_gain.handed(),
            self._howls.handed(),
            self._limiter.handed(),
            self._next,
        )

    def resume(self, handed: HandedMixer, sounds: Mapping[str, AudioSource]) -> None:
        """Take over the state of another process; `sounds` are the sources' sounds, by id.

        Raises ValueError for an invalid state.
        """
        if handed.channels != self.channels or handed.routes.keys() != set(self.channels):
            raise ValueError("The channels of the mixers differ.")
        self._sources = [
            _MixedSource.resumed(source, sounds.get(source.id) or _NoSound())
            for source in handed.sources
        ]
        self._booths = {name: _resumed(faders) for name, faders in handed.booths.items()}
        self._routes = {name: _resumed(faders) for name, faders in handed.routes.items()}
        self._meters.resume(handed.meters, len(self._sources))
        self._automatic_gain.resume(handed.gains)
        if len(self._automatic_gain.gains) != len(self._sources):
            raise ValueError("There are not as many gains as sources.")
        if len(handed.howls) != len(self._sources):
            raise ValueError("Howls are not known of as many sources as there are.")
        self._howls.resume(handed.howls)
        self._limiter.resume(handed.limiter)
        self._next = handed.next

    def add(self, source: str, sound: AudioSource, *, automatic_gain: bool = True) -> None:
        """Read `sound` from now on; it is not heard yet.

        An existing source with this id continues with the new sound. Without `automatic_gain` the
        level stays as it is.
        """
        # A reconnected speaker keeps faders, gain and loudness, so that listeners hear no break.
        for found in self._named(source):
            found.sound = sound
            return
        self._sources.append(_MixedSource(source, sound))
        self._meters.grow()
        self._automatic_gain.grow(automatic_gain=automatic_gain)
        self._howls.grow()

    def remove(self, source: str) -> None:
        """Silence a source within the next tick, then stop reading it."""
        for found in self._named(source):
            found.leave(self._next)

    def microphone(self, source: str, sample: int, *, on: bool) -> None:
        """Open or close a source to the floor at `sample`, or at the next one if that is past.

        Moves planned for the same moment or later are cancelled.
        """
        for found in self._named(source):
            found.microphone.plan(FaderMove(max(sample, self._next), float(on), RAMP))

    def cough(self, source: str, *, on: bool) -> None:
        """Silence a source everywhere while `on`, for a cough."""
        for found in self._named(source):
            found.cough.plan(FaderMove(self._next, float(not on), RAMP))

    def booth(self, language: str, source: str | None, fade: int) -> None:
        """Make `source` the voice of the booth (None: no voice), cross-faded within `fade` samples.

        If only one of the two voices exists, there is no cross-fade: it opens or closes in `RAMP`.
        """
        members = self._booths.setdefault(language, {})
        others = any(not fader.quiet for name, fader in members.items() if name != source)
        if source is not None:
            members.setdefault(source, Fader())
        for name, fader in members.items():
            if source is not None and others:
                fader.plan(FaderMove(self._next, float(name == source), fade, "power"))
            else:
                fader.plan(FaderMove(self._next, float(name == source), RAMP))

    def route(self, channel: str, bus: str) -> None:
        """Route the floor or a booth to the channel, cross-faded with equal power."""
        faders = self._routes[channel]
        faders.setdefault(bus, Fader())
        for name, fader in faders.items():
            fader.plan(FaderMove(self._next, float(name == bus), ROUTE_FADE, "power"))

    def tick(self, sample: int) -> MixedTick:
        """Mix the 20 ms that leave from `sample` on."""
        # The limiter delays everything by `LOOK_AHEAD`. Faders must count in the time of what
        # enters it, so that a planned cut falls on the ordered sample of what leaves.
        first = sample + LOOK_AHEAD
        sounds, failed = self._read(first)
        self._meters.take(sounds)
        heard = list(self._heard())
        voices = self._evened(sounds, heard)
        howls = tuple(self._sources[row].id for row in self._howls.take(voices, heard))
        mixed = self._limiter.take(self._mix(first, voices))
        self._leaving.take(mixed)
        self._next = first + TICK_SAMPLES
        turned = tuple(sorted(self._turned(), key=lambda turned: turned.order))
        reduced = self._limiter.reduced.tolist()
        return MixedTick(mixed, reduced, turned, failed, self._forget(), howls)

    def levels(self) -> dict[str, Level]:
        """Return the level of each source by its id and of each channel as `channel:<name>`."""
        names = [source.id for source in self._sources]
        sources = _levels(names, self._meters, self._automatic_gain.gains)
        channels = [f"channel:{name}" for name in self.channels]
        return sources | _levels(channels, self._leaving, np.zeros(len(channels)))

    def _named(self, source: str) -> Iterator[_MixedSource]:
        return (
            candidate
            for candidate in self._sources
            if candidate.id == source and not candidate.leaving
        )

    def _read(self, first: int) -> tuple[MixRows, tuple[SourceFailed, ...]]:
        sounds = np.zeros((len(self._sources), TICK_SAMPLES), np.float32)
        failed = []
        for row, source in enumerate(self._sources):
            try:
                _copy(source.sound.read(), sounds[row])
            except Exception as error:  # noqa: BLE001  one bad source must not stop the others
                failed.append(SourceFailed(source.id, error))
                source.leave(first)
        # A source beyond full scale would drown the others in the sum.
        np.clip(sounds, -1.0, 1.0, out=sounds)
        return sounds, tuple(failed)

    def _evened(self, sounds: MixRows, heard: Sequence[bool]) -> MixRows:
        # From the old gain to the new one within the tick: a step would be heard as a click.
        before = _factors(self._automatic_gain.gains)
        energies, short = self._meters.energies(), self._meters.energies(SHORT)
        self._automatic_gain.take(energies, short, np.array(heard, np.bool_))
        after = _factors(self._automatic_gain.gains)
        return sounds * (before + (after - before) * _RISE)

    def _heard(self) -> Iterator[bool]:
        members = (member for booth in self._booths.values() for member in booth.items())
        live = {name for name, fader in members if fader.gain == 1.0}
        for source in self._sources:
            on = source.microphone.gain == 1.0 or source.id in live
            yield on and source.cough.gain == 1.0

    def _mix(self, first: int, voices: MixRows) -> MixRows:
        for row, source in enumerate(self._sources):
            voices[row] *= source.cough.take(first, TICK_SAMPLES)
        microphones = (source.microphone for source in self._sources)
        by_id = {source.id: voice for source, voice in zip(self._sources, voices, strict=True)}
        buses = {FLOOR: _sum(zip(microphones, voices, strict=True), first)} | {
            language: _sum(_pairs(members, by_id), first)
            for language, members in self._booths.items()
        }
        rows = [_sum(_pairs(self._routes[name], buses), first) for name in self.channels]
        return np.stack(rows) if rows else np.zeros((0, TICK_SAMPLES), np.float32)

    def _turned(self) -> Iterator[MicrophoneTurned]:
        energies, peaks = self._meters.energies(1), self._meters.peaks(1)
        for source, energy, peak in zip(self._sources, energies, peaks, strict=True):
            if source.opening is None:
                # Loudness is measured from the tick in which the microphone leaves silence, before
                # any gain, so that the record holds how loud the speaker was and not how loud we
                # made them.
                if not source.microphone.turned:
                    continue
                source.opening = OpeningLoudness()
            source.opening.take(float(energy), float(peak))
            for on, sample in source.microphone.turned:
                yield MicrophoneTurned(
                    source.id, on, sample, None if on else source.opening.measured()
                )
            if source.microphone.gain == 0.0:
                source.opening = None

    def _forget(self) -> tuple[str, ...]:
        """Drop sources that have left (return their ids), and faders through which nothing
        passes any more.
        """
        gone = tuple(source.id for source in self._sources if source.leaving)
        # From the last row to the first, so that the remaining row numbers stay valid.
        for row in reversed(range(len(self._sources))):
            if self._sources[row].leaving:
                del self._sources[row]
                self._meters.drop(row)
                self._automatic_gain.drop(row)
                self._howls.drop(row)
        for members in self._booths.values():
            for name in [name for name, fader in members.items() if fader.quiet or name in gone]:
                del members[name]
        for faders in self._routes.values():
            for name in [name for name, fader in faders.items() if fader.quiet]:
                del faders[name]
        return gone


def _handed(faders: Mapping[str, Fader]) -> dict[str, HandedFader]:
    return {name: fader.handed() for name, fader in faders.items()}


def _resumed(faders: Mapping[str, HandedFader]) -> dict[str, Fader]:
    return {name: Fader().resume(fader) for name, fader in faders.items()}


def _copy(block: Samples | None, row: Samples) -> None:
    """Copy what a source gave, if anything; raise ValueError if it cannot be mixed."""
    if block is None:
        return
    if block.shape != row.shape:
        raise ValueError(f"A source gave {block.shape} samples; a tick has {TICK_SAMPLES}.")
    # One sum finds NaN and infinity anywhere in the block, which would stay in the loudness filters
    # forever.
    if not isfinite(np.add.reduce(block)):
        raise ValueError("A source gave samples that are no numbers.")
    row[:] = block


def _factors(gains: NDArray[np.float64]) -> MixRows:
    """Return gains in dB as factors, one a row."""
    return (10 ** (gains[:, np.newaxis] / 20)).astype(np.float32)


def _pairs(
    faders: dict[str, Fader], sounds: dict[str, Samples]
) -> Iterator[tuple[Fader, Samples | None]]:
    return ((fader, sounds.get(name)) for name, fader in faders.items())


def _sum(parts: Iterable[tuple[Fader, Samples | None]], first: int) -> Samples:
    """Return the mixed sound of all faders; every fader advances, even one without sound."""
    total = np.zeros(TICK_SAMPLES, np.float32)
    for fader, sound in parts:
        # A fader is read even where no sound arrives: it counts samples, and would stand still
        # otherwise while the others move.
        gain = fader.take(first, TICK_SAMPLES)
        if sound is not None and not (isinstance(gain, float) and gain == 0.0):
            total += sound * np.float32(gain)
    return total


def _levels(names: Sequence[str], meters: Meters, gains: NDArray[np.float64]) -> dict[str, Level]:
    loudness, peaks = lufs(meters.energies()).round(1), dbfs(meters.peaks()).round(1)
    rows = zip(names, loudness.tolist(), peaks.tolist(), gains.round(1).tolist(), strict=True)
    return {name: Level(*row) for name, *row in rows}
