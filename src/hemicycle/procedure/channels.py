"""Channels: what the listeners of each language hear, and what each booth works from.

A *channel* is a language as it is heard. A hearing has one channel for each of its languages, and
each channel has a *booth* of interpreters. A booth is live while one of its interpreters has the
microphone on. It then speaks into its own channel (output A) or into another one (output B), for
example when a Chinese booth speaks English while a Chinese speaker has the floor. Three rules
decide what a channel carries:

1. If the speaker speaks the language of the channel, the channel carries the floor. A booth that is
   still finishing the previous speaker (it is *ending*) is carried until it has finished.
2. Otherwise the channel carries its own booth, while that booth is live on it; or else the booth
   that has been live on it by output B for longest.
3. Otherwise it carries the floor. A channel is never without a source.

A booth works from the floor, or takes a *relay*: it hears another channel and interprets from that.
Its *depth* is the number of interpreters between the speaker and the booth: 0 is the floor, 1 a
relay, 2 a relay of a relay. The choice of an interpreter stays stored, and is followed when
possible:

4. If the chosen channel carries a booth, the interpreter hears that booth.
5. If it carries the floor because its language is spoken there, the interpreter hears the floor.
6. If nobody speaks into it (the pivot has dropped), or following it would lead back to the same
   booth, the booth *falls*: it hears a booth that works from the floor, or else one of the least
   depth. Of several, it hears the first in the hearing's order of languages; if there is none, the
   floor. A booth that has fallen itself is never used for this, because it may not understand what
   it now hears. When the pivot returns, every booth returns to its choice.

No booth hears itself: each booth hears only booths that were settled before it. `why_not` refuses a
choice that would close a circle. If a circle forms anyway, because channels change, the first of
its booths in the hearing's order falls and the others follow it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

FLOOR: Final = "floor"
"""The source that is the floor itself, and the channel that always carries it."""

UNKNOWN: Final = "no_language"
ITSELF: Final = "own_voice"
SILENT: Final = "channel_silent"
CIRCLE: Final = "relay_circle"
"""The codes that `why_not` returns; pages have a sentence for each."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a channel carries: `FLOOR` or a booth's language, and that booth's depth."""

    source: str = FLOOR
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a booth hears: the channel to listen to, the source in it, and the booth's depth."""

    channel: str = FLOOR
    source: str = FLOOR
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """The state of the interpretation at one moment.

    `languages` are the hearing's, in its order. `live` has the live booths, the one live for
    longest first, each with the language that it speaks into. `speaks` is the language on the floor
    (any BCP 47 tag; "" if nobody speaks or it is unknown). `chosen` has the channel that the
    interpreters of a booth chose to hear; a booth that is missing hears the floor. `ending` are the
    booths that are still interpreting the previous speaker.
    """

    languages: Sequence[str]
    live: Mapping[str, str] = field(default_factory=dict)
    speaks: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    ending: Collection[str] = ()

    @property
    def spoken(self) -> frozenset[str]:
        """The channels whose language is spoken on the floor."""
        return matching(self.languages, self.speaks)

    def voices(self) -> dict[str, str]:
        """Return the booth that each channel carries, without the channels that carry the floor."""
        found = {channel: _voice(channel, self.live) for channel in self.languages}
        spoken = self.spoken
        return {
            channel: booth
            for channel, booth in found.items()
            if booth in self.languages and (channel not in spoken or booth in self.ending)
        }


def matching(languages: Iterable[str], tag: str) -> frozenset[str]:
    """Return those of `languages` whose listeners understand a speaker of `tag` without a booth.

    That is the tag itself, or else its longest prefix (RFC 4647, lookup): "pt-BR" is heard on "pt".
    If there is neither, it is every language with the same primary subtag: "en-GB" is heard on
    "en-US", and "pt" on "pt-BR".
    """
    known = {tag.casefold(): tag for tag in languages}
    parts = tag.casefold().split("-")
    for length in range(len(parts), 0, -1):
        if found := known.get("-".join(parts[:length])):
            return frozenset({found})
    return frozenset(tag for low, tag in known.items() if low.split("-")[0] == parts[0])


def carries(situation: Situation) -> dict[str, Carried]:
    """Return what every channel carries, in the hearing's order (rules 1 to 3)."""
    voices, heard = situation.voices(), settle(situation)
    return {
        channel: Carried(booth, heard[booth].depth) if (booth := voices.get(channel)) else Carried()
        for channel in situation.languages
    }


def incoming(situation: Situation, booth: str) -> Incoming:
    """Return what the booth of `booth` hears (rules 4 to 6); the floor for an unknown language."""
    return settle(situation).get(booth, Incoming())


def settle(situation: Situation) -> dict[str, Incoming]:
    """Return what every booth hears, in the hearing's order (rules 4 to 6)."""
    settled: dict[str, Incoming] = {}
    _follow_all(situation, settled)
    refuges = dict(settled)
    while left := [channel for channel in situation.languages if channel not in settled]:
        fallen = [channel for channel in left if _dropped(situation, channel)] or left[:1]
        for channel in fallen:
            settled[channel] = _refuge(situation, channel, refuges)
        _follow_all(situation, settled)
    return {channel: settled[channel] for channel in situation.languages}


def why_not(situation: Situation, booth: str, channel: str) -> str:
    """Return the code that says why `booth` cannot choose `channel` now, or "" if it can."""
    if channel == FLOOR:
        return ""
    if channel not in situation.languages:
        return UNKNOWN
    voices = situation.voices()
    voice = voices.get(channel, "")
    if booth in (channel, voice):
        return ITSELF
    if not voice and channel not in situation.spoken:
        return SILENT
    return CIRCLE if _leads_to(situation, voice or channel, booth) else ""


def _voice(channel: str, live: Mapping[str, str]) -> str:
    if live.get(channel) == channel:
        return channel
    return next((booth for booth, into in live.items() if into == channel), "")


def _follow_all(situation: Situation, settled: dict[str, Incoming]) -> None:
    """Settle every booth that can follow its choice, until no other booth can."""
    voices, spoken = situation.voices(), situation.spoken
    found = True
    while found:
        found = False
        for booth in situation.languages:
            heard = None if booth in settled else _follow(situation, booth, voices, spoken, settled)
            if heard is not None:
                settled[booth] = heard
                found = True


def _follow(
    situation: Situation,
    booth: str,
    voices: Mapping[str, str],
    spoken: Collection[str],
    settled: Mapping[str, Incoming],
) -> Incoming | None:
    choice = situation.chosen.get(booth, FLOOR)
    pivot = voices.get(choice, "")
    if choice == FLOOR or (not pivot and choice in spoken):
        return Incoming()
    if pivot == booth or pivot not in settled:
        return None
    return Incoming(choice, pivot, settled[pivot].depth + 1)


def _dropped(situation: Situation, booth: str) -> bool:
    """Return whether nobody except `booth` itself speaks into the channel that it chose."""
    return situation.voices().get(situation.chosen[booth], booth) == booth


def _refuge(situation: Situation, booth: str, refuges: Mapping[str, Incoming]) -> Incoming:
    order = {channel: place for place, channel in enumerate(situation.languages)}
    open_to = [
        Incoming(channel, voice, refuges[voice].depth + 1)
        for channel, voice in situation.voices().items()
        if voice in refuges and voice != booth
    ]
    return min(
        open_to, key=lambda incoming: (incoming.depth, order[incoming.channel]), default=Incoming()
    )


def _leads_to(situation: Situation, start: str, booth: str) -> bool:
    """Return whether following the choices from the booth `start` arrives at `booth`."""
    voices, at, passed = situation.voices(), start, set[str]()
    while at not in passed and at != booth:
        passed.add(at)
        choice = situation.chosen.get(at, FLOOR)
        if choice == FLOOR:
            return False
        at = voices.get(choice, choice)
    return at == booth
