"""The audio engine: the thread that mixes and encodes, and the methods that control it.

Callers are in the event loop; the mixer belongs to the thread. A call puts a command into a queue
that the thread empties before each tick. The packets and events of a tick return to the loop in one
callback.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from threading import Thread

import numpy as np

from hemicycle.engine.audio.fader import CROSS_FADE
from hemicycle.engine.audio.levels import Level
from hemicycle.engine.audio.mixer import (
    HandedMixer,
    MicrophoneTurned,
    MixedTick,
    Mixer,
    MixRows,
    SourceFailed,
)
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.rest import ThreadRest
from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, AudioSource, Output, Packet

LATE_S = 0.2
"""The delay, in seconds, above which the engine skips ticks instead of catching up."""

LIMITED_DB = 0.5
"""Gain reductions of a limiter below this, in dB, are not reported."""

LIMITED_WITHIN = SOUND_RATE
"""Samples that one report of a limiter covers: a second."""

TICK_S = TICK_MS / 1000
LEVELS_EVERY = 5

FOR_A_NEW_ENCODER = 1
"""Ticks that a new encoder encodes before its first packet: its frames overlap by 2.5 ms."""


@dataclass(frozen=True, slots=True)
class _LimiterReport:
    channel: str
    db: float
    sample: int


@dataclass(frozen=True, slots=True)
class _TickResult:
    """The output of one tick, handed to the event loop."""

    packets: tuple[Packet, ...]
    turned: tuple[MicrophoneTurned, ...]
    failed: tuple[SourceFailed, ...]
    gone: tuple[str, ...]
    limited: tuple[_LimiterReport, ...]
    howls: tuple[str, ...]
    late_s: float


@dataclass(frozen=True, slots=True)
class HandedAudio:
    """The audio of a hearing, handed to another process.

    `tick` is the number of the next tick. `last` is what the channels sent in the last ticks
    (32-bit floats): new encoders encode it first, so that decoders produce no seam.
    """

    tick: int
    mixer: HandedMixer
    last: tuple[bytes, ...]


class AudioEngine:
    """The audio of one hearing, with one `Output` per channel.

    `start` is the monotonic time (s) at which the program's clock is zero; all times here are
    monotonic seconds. Every voice is brought to the same loudness unless `automatic_gain` is False.
    Call all methods in the event loop, where callbacks run too. Only `rest` and `shut_down` block.
    """

    def __init__(
        self,
        channels: Sequence[str],
        loop: asyncio.AbstractEventLoop,
        start: float,
        *,
        automatic_gain: bool = True,
        resting: bool = False,
    ) -> None:
        self.outputs = {name: Output(name, "sound") for name in channels}
        self.on_changed: Callable[[str, bool, float], None] = lambda id, on, at: None
        """Called when a microphone's sound itself opened or fell silent: id, open, when."""
        self.on_limited: Callable[[str, float, float], None] = lambda channel, db, at: None
        """Called when a limiter acted: channel, most dB of reduction within a second, start."""
        self.on_howl: Callable[[str], None] = lambda id: None
        """Called when a source howled and the tone was taken out of it: id."""
        self.on_failed: Callable[[str, Exception], None] = lambda id, error: None
        """Called when a source raised, or gave invalid sound, and was dropped: id, error."""
        self.on_late: Callable[[float], None] = lambda seconds: None
        """Called when the machine was too slow and this many seconds of sound were left out."""
        self._loop, self._start, self._automatic_gain = loop, start, automatic_gain
        self._mixer = Mixer(channels)
        self._encoders = [OpusEncoder() for _ in channels]
        if resting:  # the first tick of a process takes much longer than others: run it now
            Mixer(channels).tick(0)
        self._commands: deque[Callable[[], None]] = deque()
        self._levels: dict[str, Level] = {}
        self._measured: dict[str, tuple[float, float]] = {}
        self._watches = [_LimiterWatch(name) for name in channels]
        self._recent: deque[MixRows] = deque(maxlen=FOR_A_NEW_ENCODER)
        self._closed = False
        # Begin with the next tick of the program's clock and not with tick 0: the engine may start
        # while that clock runs.
        self._next = max(0, ceil((time.monotonic() - start) / TICK_S))
        self._rest = ThreadRest(resting=resting)
        self._thread = Thread(target=self._run, name="audio engine", daemon=True)
        self._thread.start()

    def add(self, id: str, sound: AudioSource, *, automatic_gain: bool | None = None) -> None:
        """Read `sound` from the next tick on; it is not heard before `open` or `booth`.

        `automatic_gain` overrides the engine's setting for this source.
        """
        chosen = self._automatic_gain if automatic_gain is None else automatic_gain
        self._enqueue(partial(self._mixer.add, id, sound, automatic_gain=chosen))

    def remove(self, id: str) -> None:
        """Silence a source and stop reading it; an open microphone is reported as closed."""
        self._enqueue(partial(self._mixer.remove, id))

    def open(self, id: str, at: float | None = None) -> None:
        """Make a source heard on the floor, from `at` or from the next sample on.

        This cancels every opening or closing planned for the same time or later; so to extend a
        time limit, call `open(id)` and then `close(id, at)` with the new limit.
        """
        self._enqueue(partial(self._mixer.microphone, id, self._sample(at), on=True))

    def close(self, id: str, at: float | None = None) -> None:
        """Silence a source on the floor, from `at` or the next sample on; silence is complete 5 ms
        later.

        Order a cut at a limit ahead of time: the thread then makes it on the exact sample.
        """
        self._enqueue(partial(self._mixer.microphone, id, self._sample(at), on=False))

    def booth(self, language: str, id: str | None) -> None:
        """Make a source the voice of a booth, cross-faded; None silences the booth."""
        self._enqueue(partial(self._mixer.booth, language, id, CROSS_FADE))

    def cough(self, id: str, on: bool) -> None:
        """Silence a source within 5 ms, or make it heard again."""
        self._enqueue(partial(self._mixer.cough, id, on=on))

    def route(self, channel: str, source: str) -> None:
        """Route `floor` or the booth of a language to a channel; KeyError for an unknown
        channel.
        """
        if channel not in self.outputs:
            raise KeyError(channel)
        self._enqueue(partial(self._mixer.route, channel, source))

    def levels(self) -> dict[str, Level]:
        """Return the level of each source by id and each channel as `channel:<name>`, at most
        100 ms old.
        """
        return self._levels

    def measured(self, id: str) -> tuple[float, float] | None:
        """Return the integrated loudness (LUFS) and peak (dBFS) of a source's last whole opening.

        Both are measured before any gain. They are available from `on_changed` on until the source
        leaves; None at any other time.
        """
        return self._measured.get(id)

    def shut_down(self) -> None:
        """End the thread, and wait for it (one tick); no callback runs afterwards."""
        self._closed = True
        self._rest.end()
        self._thread.join()

    # From one process to the next.

    def rest(self) -> None:
        """Make the thread rest, at most a tick later, and return then; commands wait until `go_on`.

        Raises `TimeoutError` if the thread does not come to rest.
        """
        self._rest.begin()

    def go_on(self) -> None:
        """Let the thread continue; it treats missed ticks as after any delay."""
        self._rest.end()

    def handed(self) -> HandedAudio:
        """Return the audio for another process. Call it while the thread rests."""
        self._do_commands()
        last = tuple(rows.tobytes() for rows in self._recent)
        return HandedAudio(self._next, self._mixer.handed(), last)

    def resume(self, handed: HandedAudio, sounds: Mapping[str, AudioSource]) -> None:
        """Take over the audio of another process; `sounds` are the sources' sounds, by id.

        Call it while the thread rests; it continues with `go_on`. Raises ValueError for an invalid
        state.
        """
        self._commands.clear()
        self._mixer.resume(handed.mixer, sounds)
        shape = (len(self._encoders), TICK_SAMPLES)
        for number, data in enumerate(handed.last, -len(handed.last)):
            rows = np.frombuffer(data, np.float32).reshape(shape)
            self._recent.append(rows)
            self._encode(rows, (handed.tick + number) * TICK_SAMPLES)
        self._next = handed.tick

    def _enqueue(self, command: Callable[[], None]) -> None:
        self._commands.append(command)

    def _sample(self, at: float | None) -> int:
        return 0 if at is None else round((at - self._start) * SOUND_RATE)

    def _time(self, sample: int) -> float:
        return self._start + sample / SOUND_RATE

    def _run(self) -> None:
        while True:
            self._rest.here()
            if self._closed:
                return
            tick = self._next
            late = time.monotonic() - self._start - tick * TICK_S
            if late < 0:
                # Sleep at most one tick at a time, so that `shut_down` never waits longer than
                # that.
                time.sleep(min(-late, TICK_S))
                continue
            # A short delay is made up by running ticks back to back. After a longer one whole ticks
            # are left out: `pts` jumps, and sound stays in step with the program's clock.
            left_out = int(late / TICK_S) if late > LATE_S else 0
            tick += left_out
            done = self._tick(tick, left_out * TICK_S)
            try:
                self._loop.call_soon_threadsafe(self._deliver, done)
            except RuntimeError:  # the loop was closed before the engine
                return
            self._next = tick + 1

    def _tick(self, tick: int, late_s: float) -> _TickResult:
        # Commands run between ticks only, so the mixer needs no lock. `deque` is thread-safe.
        self._do_commands()
        sample = tick * TICK_SAMPLES
        mixed = self._mixer.tick(sample)
        self._recent.append(mixed.channels)
        packets = self._encode(mixed.channels, sample)
        if tick % LEVELS_EVERY == 0:
            self._levels = self._mixer.levels()
        limited = self._limited(mixed, sample)
        return _TickResult(
            packets, mixed.turned, mixed.failed, mixed.gone, limited, mixed.howls, late_s
        )

    def _do_commands(self) -> None:
        while self._commands:
            self._commands.popleft()()

    def _encode(self, rows: MixRows, sample: int) -> tuple[Packet, ...]:
        pairs = zip(self._encoders, rows, strict=True)
        return tuple(encoder.encode(row, sample) for encoder, row in pairs)

    def _limited(self, mixed: MixedTick, sample: int) -> tuple[_LimiterReport, ...]:
        rows = zip(self._watches, mixed.reduced, strict=True)
        return tuple(report for watch, db in rows if (report := watch.take(db, sample)))

    def _deliver(self, done: _TickResult) -> None:
        # The tick may have been queued before `shut_down` was called.
        if self._closed:
            return
        for output, packet in zip(self.outputs.values(), done.packets, strict=True):
            output.put(packet)
        for turned in done.turned:
            self._tell(turned)
        for id in done.gone:
            self._measured.pop(id, None)
        for failed in done.failed:
            self.on_failed(failed.id, failed.error)
        for limited in done.limited:
            self.on_limited(limited.channel, limited.db, self._time(limited.sample))
        for id in done.howls:
            self.on_howl(id)
        if done.late_s:
            self.on_late(done.late_s)

    def _tell(self, turned: MicrophoneTurned) -> None:
        if turned.measured is not None:
            self._measured[turned.id] = turned.measured
        self.on_changed(turned.id, turned.open, self._time(turned.sample))


class _LimiterWatch:
    """The reductions of a limiter within one second, which begins with the first of them, as one
    report.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._began: int | None = None
        self._worst = 0.0

    def take(self, db: float, sample: int) -> _LimiterReport | None:
        if self._began is None:
            if db < LIMITED_DB:
                return None
            self._began, self._worst = sample, 0.0
        self._worst = max(self._worst, db)
        if sample - self._began < LIMITED_WITHIN:
            return None
        report = _LimiterReport(self._channel, self._worst, self._began)
        self._began = None
        return report
