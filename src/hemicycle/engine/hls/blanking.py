"""Takes stretches of time out of segments and parts: their samples give way to nothing at all.

Whatever overlaps a stretch goes, and `MARGIN_S` more on both sides: a codec spreads a sound over
its neighbours. A picture goes on with the next keyframe, since all before that is made of what was
removed. Every segment lasts as long as before, so that all tracks stay together and times that
people have noted stay right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hemicycle.engine.hls import blank_pictures
from hemicycle.engine.hls.codecs import SILENCE
from hemicycle.engine.hls.fragments import Sample, fragment, samples_of, sequence_of
from hemicycle.engine.hls.segmenter import PART_S, PICTURE
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE

MARGIN_S = 0.06
"""Two frames of AAC, three of Opus, a picture and a half: what a codec's windows overlap."""
SILENT_AAC = b"\x01\x18\x20\x07"
"""1024 samples of nothing in mono AAC-LC, as encoders write it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` to `end` in seconds of the webcast; `end` None for one that goes on."""

    begin: float
    end: float | None

    def overlaps(self, begin: float, end: float) -> bool:
        """Whether something from `begin` to `end` has to go."""
        return self.begin - MARGIN_S < end and (self.end is None or begin < self.end + MARGIN_S)


class Blanker:
    """One track, its segments given in order. `init` is the track's init segment.

    Raises `UnknownCoding` for a picture for which no empty one is known.
    """

    def __init__(self, track: str, init: bytes) -> None:
        self.is_tainted = False
        """Whether the picture waits for a keyframe."""
        self._is_picture = track == PICTURE
        self._rate = PICTURE_RATE if self._is_picture else SOUND_RATE
        self._blanks: tuple[bytes, ...] = (SILENCE,) if track.endswith(".opus") else (SILENT_AAC,)
        if self._is_picture:
            self._blanks = blank_pictures.grey_keyframes(init)

    def blanked(self, data: bytes, stretches: Sequence[Stretch]) -> bytes:
        """A segment or part without what lies in `stretches`; `data` itself where nothing does.

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
            self.is_tainted = lies_in or (self.is_tainted and not sample.key)
            return self.is_tainted
        return lies_in

    @property
    def _longest(self) -> int:
        """Pictures of nothing need not come 25 times a second; a codec's sound has its frames."""
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
