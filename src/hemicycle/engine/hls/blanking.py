"""Removes stretches of time from segments and parts: their samples are replaced by empty ones.

Everything that overlaps a stretch is removed, and `MARGIN_S` more on both sides, because a codec
spreads a sound over its neighbours. The picture continues with the next keyframe, since all frames
before it are predicted from removed ones. Every segment keeps its duration, so that all tracks stay
together and times that people have noted stay right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hemicycle.engine.hls import blank_pictures
from hemicycle.engine.hls.codecs import SILENCE
from hemicycle.engine.hls.fragments import Sample, fragment, samples_of, sequence_of
from hemicycle.engine.hls.segmenter import PART_S, PICTURES
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE

MARGIN_S = 0.06
"""Seconds: two frames of AAC, three of Opus, a picture and a half, which is how far the windows of
the codecs overlap.
"""
SILENT_AAC = b"\x01\x18\x20\x07"
"""1024 samples of silence in mono AAC-LC, as encoders write it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` to `end` in seconds of the webcast; `end` is None for one that has not ended."""

    begin: float
    end: float | None

    def overlaps(self, begin: float, end: float) -> bool:
        """Return whether a sample from `begin` to `end` must be removed."""
        return self.begin - MARGIN_S < end and (self.end is None or begin < self.end + MARGIN_S)


class Blanker:
    """Empties stretches of one track, whose segments come in order. `init` is its init segment.

    Raises `UnknownCoding` for a picture format without a known empty picture.
    """

    def __init__(self, track: str, init: bytes) -> None:
        self.is_tainted = False
        """Whether the picture waits for a keyframe."""
        self._is_picture = track in PICTURES
        self._rate = PICTURE_RATE if self._is_picture else SOUND_RATE
        self._blanks: tuple[bytes, ...] = (SILENCE,) if track.endswith(".opus") else (SILENT_AAC,)
        if self._is_picture:
            self._blanks = blank_pictures.grey_keyframes(init)

    def blanked(self, data: bytes, stretches: Sequence[Stretch]) -> bytes:
        """Return a segment or part without the stretches; `data` itself if none overlaps it.

        Raises ValueError for bytes that the webcast did not make.
        """
        samples = samples_of(data)
        gone = [self._must_go(sample, stretches) for sample in samples]
        if not any(gone):
            return data
        pairs = zip(samples, gone, strict=True)
        kept = list(_merged(pairs, self._longest, self._blanks))
        return fragment(sequence_of(data), kept, 0)

    def _must_go(self, sample: Sample, stretches: Iterable[Stretch]) -> bool:
        begin, end = sample.start / self._rate, sample.end / self._rate
        lies_in = any(stretch.overlaps(begin, end) for stretch in stretches)
        if self._is_picture:
            # After a removed picture, all others are predicted from it, up to the next keyframe:
            # shown without it, they would reveal its outline.
            self.is_tainted = lies_in or (self.is_tainted and not sample.key)
            return self.is_tainted
        return lies_in

    @property
    def _longest(self) -> int:
        """The longest empty sample, in ticks; 0 for sound.

        Pictures can be merged, but frames of sound have a fixed length.
        """
        return round(PART_S * self._rate) if self._is_picture else 0


def _merged(
    pairs: Iterable[tuple[Sample, bool]], longest: int, blanks: Sequence[bytes]
) -> Iterator[Sample]:
    blank: Sample | None = None
    count = 0
    for sample, gone in pairs:
        if blank is not None and (not gone or blank.duration + sample.duration > longest):
            yield blank
            blank = None
        if not gone:
            yield sample
        elif blank is None:
            blank = replace(sample, data=blanks[count % len(blanks)], key=True)
            count += 1
        else:
            blank = replace(blank, duration=blank.duration + sample.duration)
    if blank is not None:
        yield blank
