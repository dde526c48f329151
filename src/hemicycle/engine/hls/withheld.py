"""Keeps removed stretches out of later segments, while the meeting lasts."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.hls.blanking import Blanker, Stretch
from hemicycle.engine.hls.cutting import stretches_of
from hemicycle.engine.hls.media_playlist import MediaPlaylist
from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.engine.hls.segmenter import PICTURE, PICTURES, PartialSegment, SegmenterOutput
from hemicycle.engine.hls.webcast_folder import WebcastFolder


class Withheld:
    """Removes samples from segments, and from their parts, before they are published."""

    def __init__(
        self, known: WebcastMetadata, lists: Mapping[str, MediaPlaylist], files: WebcastFolder
    ) -> None:
        self._known, self._lists, self._files = known, lists, files
        self._whole: dict[str, Blanker | None] = {}
        self._parts: dict[str, Blanker | None] = {}

    def begin(self, tainted: AbstractSet[str]) -> None:
        """Prepare for a cut; `tainted` are the picture tracks that must wait for a keyframe."""
        for track in PICTURES & self._lists.keys():
            for blankers in (self._whole, self._parts):
                blanker = self._blanker(blankers, track)
                if blanker is not None:
                    # A part of the unfinished segment may be predicted from what was cut, whatever
                    # its own time is.
                    blanker.is_tainted = track in tainted or blankers is self._parts

    def without(self, piece: SegmenterOutput) -> SegmenterOutput:
        """Return a piece without what is withheld; without any data if that cannot be
        determined.
        """
        if not self._known.removed or piece.data is None:
            return piece
        blankers = self._parts if isinstance(piece, PartialSegment) else self._whole
        blanker = self._blanker(blankers, piece.track)
        if blanker is None:
            return self._empty(piece)
        try:
            return replace(piece, data=blanker.blanked(piece.data, self._stretches(piece.track)))
        except ValueError:
            return self._empty(piece)

    def hides(self, at: float) -> bool:
        """Whether the picture of a moment, in seconds of the webcast, is withheld."""
        return any(stretch.overlaps(at, at) for stretch in self._stretches(PICTURE))

    def covers(self, line: CaptionLine) -> bool:
        """Whether a line of captions, with times of the webcast, is withheld."""
        begin, end = line.cues[0].start_ms / 1000, line.cues[-1].end_ms / 1000
        track = f"{line.language}.text"
        return any(stretch.overlaps(begin, end) for stretch in self._stretches(track))

    def _stretches(self, track: str) -> list[Stretch]:
        return list(stretches_of(track, self._known))

    def _blanker(self, blankers: dict[str, Blanker | None], track: str) -> Blanker | None:
        if track not in blankers:
            try:
                init = self._files.read_bytes(self._lists[track].init)
                blankers[track] = Blanker(track, init)
            except ValueError:
                blankers[track] = None
        return blankers[track]

    @staticmethod
    def _empty(piece: SegmenterOutput) -> SegmenterOutput:
        if isinstance(piece, PartialSegment):
            return replace(piece, data=b"", independent=False)
        return replace(piece, data=None)
