"""Measures who speaks while several microphones are open, from the level of each. Pure.

A voice begins when it is loud enough, both alone and compared with the loudest one, because a
microphone in the same room also hears its neighbours. It ends after a short silence. The record,
the frame in the picture and the names in captions follow what is measured.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

LOUD_ENOUGH = -45.0
"""The least loudness of speech (LUFS of the last 400 ms); quiet rooms are at −60."""

BESIDE_DB = 15.0
"""A microphone that is quieter than the loudest by more than this hears somebody else's voice."""

SILENCE_MS = 900
"""Milliseconds of silence after which a voice is over: longer than a pause for breath."""

SHORTEST_MS = 400
"""Milliseconds; a shorter sound is a cough or a knock, and is not reported."""

LONGEST_MS = 30_000
"""Milliseconds after which a voice is reported in parts, so that little is lost with a process."""

REMEMBERED_MS = 60_000
"""How many milliseconds back captions look for the last speaker."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A source that was heard to speak, from `from_ms` until `until_ms` (since the Unix epoch)."""

    source: str
    from_ms: int
    until_ms: int


class VoiceMeter:
    """Follows the voices of open microphones; `take` is called several times a second."""

    def __init__(self) -> None:
        self._voices: dict[str, Utterance] = {}
        self._past: deque[Utterance] = deque(maxlen=200)

    @property
    def speaking(self) -> tuple[str, ...]:
        """The sources that speak now, the one who has spoken longest first."""
        return tuple(sorted(self._voices, key=lambda source: self._voices[source].from_ms))

    def take(self, levels: Mapping[str, float], now: int) -> list[Utterance]:
        """Take the loudness (LUFS) of every open microphone; return the voices that are over.

        A microphone that is missing is closed, and its voice is over.
        """
        loudest = max(levels.values(), default=LOUD_ENOUGH)
        least = max(LOUD_ENOUGH, loudest - BESIDE_DB)
        for source, loudness in levels.items():
            if loudness >= least:
                voice = self._voices.get(source, Utterance(source, now, now))
                self._voices[source] = Utterance(source, voice.from_ms, now)
        over = [
            voice
            for voice in self._voices.values()
            if voice.source not in levels
            or now - voice.until_ms >= SILENCE_MS
            or voice.until_ms - voice.from_ms >= LONGEST_MS
        ]
        return [voice for voice in over if self._end(voice)]

    def end(self, source: str) -> list[Utterance]:
        """End the voice of a microphone that has closed; return it unless it is too short."""
        voice = self._voices.get(source)
        return [voice] if voice is not None and self._end(voice) else []

    def _end(self, voice: Utterance) -> bool:
        del self._voices[voice.source]
        is_told = voice.until_ms - voice.from_ms >= SHORTEST_MS
        if is_told:
            self._past.append(voice)
        return is_told

    def at(self, ms: int) -> tuple[str, ...]:
        """Return the sources that spoke at a time; if none did, the last one before it."""
        known = [*self._past, *self._voices.values()]
        then = [voice for voice in known if voice.from_ms <= ms <= voice.until_ms + SILENCE_MS]
        if not then:
            before = [voice for voice in known if ms - REMEMBERED_MS < voice.until_ms < ms]
            then = sorted(before, key=lambda voice: voice.until_ms)[-1:]
        then.sort(key=lambda voice: (voice.from_ms, voice.source))
        return tuple(dict.fromkeys(voice.source for voice in then))
