"""Cuts the program into segments and partial segments, all tracks at the same places.

It runs in one thread and touches no files. A segment begins at a keyframe of the picture, about two
seconds after the previous one. Sound waits until the picture has reached the same time, and is cut
there too. If no keyframe comes in time, the cut is made without one: the picture then waits for a
keyframe, and the last keyframe is repeated until then, so that no player requests a missing file.
For any input, no segment is longer than the playlist promises, each segment of the picture begins
with a keyframe, and number `n` is the same stretch of the meeting in all tracks.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hemicycle.engine.hls.codecs import CODECS, AudioCodec
from hemicycle.engine.hls.fragments import Sample, delimited, fragment, length_prefixed
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE, Packet

SEGMENT_S = 2.0
LONGEST_S = 2.4
"""The longest segment, in seconds, that still rounds to the playlist's target of 2 s (RFC 8216
§4.4.3.1).
"""
EARLY_S = 0.1
PART_S = 0.25
"""The longest duration of a part, in seconds."""
STALL_S = 0.4
"""How long sound waits for a missing picture, in seconds."""

PICTURE = "video"
SMALL_PICTURE = "video.small"
"""The same pictures with fewer bits (`Packet.small`), for players whose link is slow."""
PICTURES = frozenset({PICTURE, SMALL_PICTURE})
SMALL_WITHIN_S = 4.0
"""How long the webcast's beginning waits for a keyframe that has a small picture, in seconds."""


@dataclass(frozen=True, slots=True)
class PartialSegment:
    """A fragment of a segment that is not complete yet; `duration` in seconds."""

    track: str
    number: int
    index: int
    data: bytes
    duration: float
    independent: bool


@dataclass(frozen=True, slots=True)
class MediaSegment:
    """A whole segment. `start` is in seconds of the program's clock; `data` is None if nothing was
    received.
    """

    track: str
    number: int
    data: bytes | None
    start: float
    duration: float


type SegmenterOutput = PartialSegment | MediaSegment


class SegmentedTrack:
    """A rendition that is divided into segments and their parts."""

    def __init__(self, name: str, rate: int, number: int) -> None:
        self.name = name
        self.rate = rate
        self.number = number
        self.began = self.reached = 0.0
        self._shift = 0
        self._sequence = 0
        self._samples: list[Sample] = []
        self._parts: list[bytes] = []

    def begin(self, origin: float, media: float) -> None:
        """Map `origin` on the program's clock to `media` on the webcast's clock, in seconds."""
        self.began = self.reached = origin
        self._shift = round((media - origin) * self.rate)

    def take(self, sample: Sample) -> Iterator[PartialSegment]:
        """Add a sample; yield a part when it is full."""
        if self._samples and sample.end - self._samples[0].start > PART_S * self.rate:
            yield self._part()
        self._samples.append(sample)
        self.reached = sample.end / self.rate
        # Yield the part if another sample of this length would not fit: waiting for that sample
        # would only delay the part.
        if sample.end + sample.duration - self._samples[0].start > PART_S * self.rate:
            yield self._part()

    def flush(self) -> Iterator[PartialSegment]:
        """Yield the pending part, if there is one."""
        if self._samples:
            yield self._part()

    def cut(self, at: float) -> Iterator[SegmenterOutput]:
        """End the segment at `at` seconds."""
        yield from self.flush()
        data = b"".join(self._parts) if self._parts else None
        yield MediaSegment(self.name, self.number, data, self.began, at - self.began)
        self.number += 1
        self.began = self.reached = at
        self._parts = []

    def _part(self) -> PartialSegment:
        samples, self._samples = self._samples, []
        self._sequence += 1
        data = fragment(self._sequence, samples, self._shift)
        duration = (samples[-1].end - samples[0].start) / self.rate
        self._parts.append(data)
        index = len(self._parts) - 1
        return PartialSegment(self.name, self.number, index, data, duration, samples[0].key)


class AudioRendition:
    """A channel's sound in one codec, waiting for the picture to reach the same time."""

    def __init__(self, track: SegmentedTrack, coder: AudioCodec) -> None:
        self.track = track
        self._coder = coder
        self.waiting: deque[Sample] = deque()

    def put(self, packet: Packet) -> None:
        """Encode a packet of Opus in the rendition's codec, and queue the samples."""
        self.waiting.extend(self._coder.encode(packet))


class PictureRendition:
    """The program's pictures at one bit rate, with the repeated keyframes that fill their gaps."""

    def __init__(self, track: SegmentedTrack) -> None:
        self.track = track
        self.keyless = False
        """Whether it waits for a keyframe."""
        self._still = b""
        self._shown: Sample | None = None

    @property
    def shown_until(self) -> int | None:
        """The end of the pending picture by its own duration, in ticks; None if none is pending."""
        return None if self._shown is None else self._shown.end

    def take(self, data: bytes, packet: Packet, *, begins: bool) -> Iterator[PartialSegment]:
        """Take an access unit (Annex B); `begins` is whether a keyframe may begin here."""
        at = packet.pts / PICTURE_RATE
        sample = length_prefixed(data)
        # Store the keyframe with a delimiter, so that it can be repeated if the next one is late.
        if packet.keyframe and begins and sample:
            if self.keyless:
                yield from self.stand_still(at)
            self.keyless, self._still = False, delimited(sample)
        if not sample:
            # Do not repeat an older keyframe: it may show what must no longer be seen.
            self.keyless, self._still = True, b""
        if not self.keyless:
            # A picture's duration is known when the next one comes: keep it until then.
            self._shown = Sample(sample, packet.pts, packet.duration, packet.keyframe)

    def forget(self) -> None:
        """Do not repeat any picture received so far."""
        self._still = b""

    def settle(self, until: int) -> Iterator[PartialSegment]:
        """Let the pending picture last until `until` (in ticks), but no longer than a part."""
        if self._shown is not None:
            shown, self._shown = self._shown, None
            lasts = min(until - shown.start, round(PART_S * PICTURE_RATE))
            yield from self.track.take(replace(shown, duration=lasts))

    def cut(self, at: float, *, key: bool) -> Iterator[SegmenterOutput]:
        """End the segment at `at` seconds; `key`: the next segment begins with a keyframe."""
        self.keyless = not key
        yield from self.stand_still(at)
        yield from self.track.cut(at)

    def stand_still(self, until: float) -> Iterator[PartialSegment]:
        """Repeat the last keyframe from the end of the track to `until`, if the gap is visible."""
        track, end = self.track, round(until * PICTURE_RATE)
        start, step = round(track.reached * PICTURE_RATE), round(PART_S * PICTURE_RATE)
        # A short gap within a segment needs no repetition: players show the last picture that long
        # anyway.
        if not self._still or (track.reached > track.began and until - track.reached < STALL_S):
            return
        yield from track.flush()
        for at in range(start, end, step):
            yield from track.take(Sample(self._still, at, min(step, end - at)))


class Segmenter:
    """The segmenter of all tracks of a meeting, for one run of the engine.

    `number` is the number of the first segment, and `media` the length of the webcast so far, in
    seconds. With `small`, pictures have a second rendition. `wants_key` is True while the picture's
    encoder should send a keyframe.
    """

    def __init__(
        self, channels: Iterable[str], number: int, media: float, *, small: bool = False
    ) -> None:
        names = tuple(channels)
        self.origin: float | None = None
        self.bounds: list[float] = []
        self.wants_key = True
        self.picture_track = SegmentedTrack(PICTURE, PICTURE_RATE, number)
        self._picture = PictureRendition(self.picture_track)
        self._small = (
            PictureRendition(SegmentedTrack(SMALL_PICTURE, PICTURE_RATE, number)) if small else None
        )
        self._first_key_at: float | None = None
        self._first = number
        self._media = media
        self._audio = {
            name: tuple(
                AudioRendition(SegmentedTrack(f"{name}.{codec}", SOUND_RATE, number), coder())
                for codec, coder in CODECS.items()
            )
            for name in names
        }
        self._horizon = 0.0

    @property
    def has_small(self) -> bool:
        """Whether pictures have a second rendition; certain only after the first keyframe."""
        return self._small is not None

    @property
    def _pictures(self) -> tuple[PictureRendition, ...]:
        return (self._picture,) if self._small is None else (self._picture, self._small)

    def picture(self, packet: Packet) -> Iterator[SegmenterOutput]:
        """Take an access unit of the program."""
        at = packet.pts / PICTURE_RATE
        if self.origin is None:
            if not packet.keyframe or self._waits_for_small(packet, at):
                return
            self._begin(packet, at)
        else:
            yield from self._cut_at(at, key=packet.keyframe)
            yield from self._settle(packet.pts)
            # After a gap a player drops all pictures until the next keyframe: drop them here too,
            # and request a keyframe.
            for picture in self._pictures:
                picture.keyless |= not packet.keyframe and at - picture.track.reached > PART_S
        begins = self._is_past(0, at)
        yield from self._picture.take(packet.data, packet, begins=begins)
        if self._small is not None:
            yield from self._small.take(packet.small, packet, begins=begins)
        self.wants_key = self._picture.keyless or at - self.bounds[-1] >= SEGMENT_S
        self._horizon = max(self._horizon, (packet.pts + packet.duration) / PICTURE_RATE)
        yield from self._release()

    def sound(self, channel: str, packet: Packet) -> Iterator[SegmenterOutput]:
        """Take 20 ms of a channel's sound."""
        for rendition in self._audio[channel]:
            rendition.put(packet)
        at = packet.pts / SOUND_RATE
        if self.origin is None:
            self._forget_before(at - SEGMENT_S)
            return
        # Sound shows that time passes although no picture comes. After `STALL_S` sound continues
        # alone.
        self._horizon = max(self._horizon, at - STALL_S)
        if self._is_past(LONGEST_S, at - STALL_S):
            yield from self._bound(self.bounds[-1] + LONGEST_S, key=False)
        yield from self._release()

    def forget(self) -> None:
        """Do not repeat any picture received so far, because it was removed."""
        for picture in self._pictures:
            picture.forget()

    def finish(self) -> Iterator[SegmenterOutput]:
        """Yield the rest: a last, shorter segment of every track."""
        if self.origin is None:
            return
        if (end := self._picture.shown_until) is not None:
            yield from self._settle(end)
        yield from self._release()
        # Set a last bound only if every track has samples after the previous bound: otherwise a
        # track would end with an empty segment. A small picture that has stopped may end in a gap.
        small = None if self._small is None else self._small.track
        needed = (track for track in self._tracks() if track is not small)
        if all(track.reached > self.bounds[-1] for track in needed):
            self.bounds.append(self._horizon)
        for track in self._tracks():
            while (at := self._bound_of(track)) is not None:
                yield from track.cut(at)

    def _waits_for_small(self, packet: Packet, at: float) -> bool:
        """Whether a new webcast still waits for a keyframe with the requested small picture."""
        if self._small is None or packet.small or self._first:
            return False
        if self._first_key_at is None:
            self._first_key_at = at
        return at - self._first_key_at < SMALL_WITHIN_S

    def _begin(self, packet: Packet, at: float) -> None:
        # A small rendition of an earlier run continues with gaps; a new one needs a first picture.
        if not packet.small and not self._first:
            self._small = None
        self.origin = at
        self.bounds.append(at)
        for track in self._tracks():
            track.begin(at, self._media)
        self._forget_before(at)

    def _tracks(self) -> Iterator[SegmentedTrack]:
        yield from (picture.track for picture in self._pictures)
        yield from (
            rendition.track for renditions in self._audio.values() for rendition in renditions
        )

    def _forget_before(self, at: float) -> None:
        for rendition in (
            rendition for renditions in self._audio.values() for rendition in renditions
        ):
            while rendition.waiting and rendition.waiting[0].start / SOUND_RATE < at:
                rendition.waiting.popleft()

    def _cut_at(self, at: float, *, key: bool) -> Iterator[SegmenterOutput]:
        # Several bounds may lie in one long gap: no segment may be longer than the playlist
        # promises.
        while self._is_past(LONGEST_S, at):
            yield from self._bound(self.bounds[-1] + LONGEST_S, key=False)
        # A keyframe just before two seconds is taken, since the next one may be two seconds away.
        if key and self._is_past(SEGMENT_S - EARLY_S, at):
            yield from self._bound(at, key=True)

    def _is_past(self, seconds: float, at: float) -> bool:
        """Whether `at` is at least `seconds` after the last bound, in ticks of the picture's clock.

        Seconds are floats, and a picture exactly at a bound must not fall before it by a rounding
        error.
        """
        return round((at - self.bounds[-1] - seconds) * PICTURE_RATE) >= 0

    def _settle(self, until: int) -> Iterator[PartialSegment]:
        for picture in self._pictures:
            yield from picture.settle(until)

    def _bound(self, at: float, *, key: bool) -> Iterator[SegmenterOutput]:
        yield from self._settle(round(at * PICTURE_RATE))
        self.bounds.append(at)
        for picture in self._pictures:
            yield from picture.cut(at, key=key)

    def _bound_of(self, track: SegmentedTrack) -> float | None:
        place = track.number - self._first + 1
        return self.bounds[place] if place < len(self.bounds) else None

    def _release(self) -> Iterator[SegmenterOutput]:
        """Pass on the sound up to the time that the picture has reached."""
        for rendition in (
            rendition for renditions in self._audio.values() for rendition in renditions
        ):
            while rendition.waiting and rendition.waiting[0].end / SOUND_RATE <= self._horizon:
                sample = rendition.waiting.popleft()
                start = sample.start / SOUND_RATE
                if self.origin is not None and start >= self.origin:
                    yield from self._cut_before(rendition.track, start)
                    yield from rendition.track.take(sample)

    # The frames of a codec do not end at the picture's bounds: cut at the first frame that begins
    # at or after a bound, so that no frame is split or lost.
    def _cut_before(self, track: SegmentedTrack, start: float) -> Iterator[SegmenterOutput]:
        while (at := self._bound_of(track)) is not None and start >= at:
            place = track.number - self._first + 2
            last = place >= len(self.bounds) or start < self.bounds[place]
            yield from track.cut(start if last else at)
