"""Removes a stretch from a webcast: picture, every language's sound, captions, and derived files.

The order of the steps protects the removed stretch even if the engine is killed or the disk is
full. First everything of the stretch that may be public is withdrawn, which needs no disk space;
then the cut is noted; then files without the stretch replace the old ones, under new names, since
caches keep a name forever; then the lists name the new files. If there is no space, or a file has
an unknown format, a gap stays: more is lost, never less. Repeating a cut changes nothing, or
completes an interrupted one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hemicycle.engine.hls import metadata, playlists
from hemicycle.engine.hls.blanking import Blanker, Stretch
from hemicycle.engine.hls.caption_tracks import EMPTY, CaptionTrack
from hemicycle.engine.hls.media_playlist import MediaPlaylist
from hemicycle.engine.hls.metadata import RemovedStretch, WebcastMetadata
from hemicycle.engine.hls.segmenter import PICTURES
from hemicycle.engine.hls.webcast_folder import WebcastFolder
from hemicycle.engine.streams import FLOOR

AROUND_S = 0.5
"""Segments this close to a stretch are checked too, in seconds: lists round, and codecs lag."""
_CUT_BEFORE = re.compile(r"-x\d+$")
_REMOVED = "#EXT-X-DATERANGE:ID="


@dataclass(frozen=True, slots=True)
class CutOrder:
    """What to remove: from `from_ms` to `to_ms` since the Unix epoch; `to_ms` is None if the
    stretch has not ended.

    `cut` is the order's id (32 hexadecimal digits); the same id with another time replaces the
    first order. Captions, and all channels except the floor, are removed `trail_ms` longer, because
    they lag behind. `reason` is a code, `title` says it in words.
    """

    cut: str
    from_ms: int
    to_ms: int | None
    trail_ms: int
    reason: str
    title: str
    only_text: bool = False
    """Whether only captions are removed, and picture and sound stay."""


def stretch_of(order: CutOrder, known: WebcastMetadata) -> RemovedStretch:
    """Return an order's stretch on the clock of the webcast."""
    begin = max(known.media_ms(order.from_ms), 0)
    end = None if order.to_ms is None else max(known.media_ms(order.to_ms), begin)
    return RemovedStretch(
        order.cut, begin, end, order.trail_ms, order.reason, order.title, order.only_text
    )


def of_track(track: str, removed: RemovedStretch) -> Stretch | None:
    """Return what to remove from one track; None if nothing.

    Interpreters and captions lag behind the floor, so more is removed from their tracks.
    """
    if removed.only_text and not track.endswith(".text"):
        return None
    is_prompt = track in PICTURES or track.rpartition(".")[0] == FLOOR
    trail = 0 if is_prompt else removed.trail_ms
    end = None if removed.end_ms is None else (removed.end_ms + trail) / 1000
    return Stretch(removed.begin_ms / 1000, end)


def stretches_of(track: str, known: WebcastMetadata) -> Iterator[Stretch]:
    """Yield all stretches that are removed from one track."""
    for removed in known.removed:
        if (stretch := of_track(track, removed)) is not None:
            yield stretch


class WebcastCut:
    """One cut into a meeting's folder. Changes `lists`, `texts` and `known`."""

    def __init__(
        self,
        files: WebcastFolder,
        lists: Mapping[str, MediaPlaylist],
        texts: Iterable[CaptionTrack],
        known: WebcastMetadata,
    ) -> None:
        self._files, self._lists, self._known = files, lists, known
        self._texts = {text.track: text for text in texts}
        self.changed: dict[str, int] = {}
        """The changed tracks, with the first changed segment of each."""
        self.tainted: set[str] = set()
        """The pictures' tracks that have to wait for a keyframe."""

    def make(self, removed: RemovedStretch) -> None:
        """Carry out the cut."""
        affected = {
            track: list(_affected(playlist, stretch))
            for track, playlist in self._lists.items()
            if (stretch := of_track(track, removed)) is not None
        }
        self._withdraw(affected)
        self._known.remove(removed)
        self._files.keep(metadata.FILE, self._known.written())
        self._files.delete("recording-*.mp4")  # it may have been made in the meantime
        for text in self._texts.values():
            end = removed.end_ms
            end = None if end is None else end + removed.trail_ms
            journal = text.remove(removed.begin_ms, end)
            self._files.keep(text.journal, journal.encode())
        for track, numbers in affected.items():
            if track in self._texts:
                self._rewrite_text(self._texts[track], numbers)
            else:
                self._rewrite(track, numbers)
            self._say(track, removed)
            self._withdraw_parts(track, removed)

    def _withdraw_parts(self, track: str, removed: RemovedStretch) -> None:
        """Note a change of the unfinished segment if the stretch may overlap it, since its parts
        are already public.
        """
        playlist, stretch = self._lists[track], of_track(track, removed)
        if self._known.ended or stretch is None:
            return
        unfinished = sum(listed.duration for listed in playlist.segments)
        if stretch.end is None or stretch.end + AROUND_S > unfinished:
            self._changed(track, len(playlist.segments))

    def _withdraw(self, affected: Mapping[str, list[int]]) -> None:
        """Withdraw everything public of the stretch, and the files derived from it."""
        self._files.delete("recording-*.mp4")
        self._files.delete(".recording-*.mp4")
        self._files.delete("*.captions-*")
        names = [
            name
            for track, numbers in affected.items()
            for number in numbers
            if (name := self._lists[track].segments[number].name) != EMPTY
        ]
        self._files.complete(names)
        for name in names:
            self._files.withdraw(name)

    def _rewrite(self, track: str, numbers: list[int]) -> None:
        playlist = self._lists[track]
        stretches = list(stretches_of(track, self._known))
        blanker = self._blanker(playlist)
        for number in numbers:
            self._rewrite_one(playlist, number, blanker, stretches)
        # The picture has lost its reference: continue into later segments until a keyframe comes.
        while blanker is not None and blanker.is_tainted and numbers:
            number = numbers[-1] + 1
            if number >= len(playlist.segments):
                self.tainted.add(playlist.track)
                break
            numbers.append(number)
            self._rewrite_one(playlist, number, blanker, stretches)

    def _blanker(self, playlist: MediaPlaylist) -> Blanker | None:
        try:
            return Blanker(playlist.track, self._files.read_bytes(playlist.init))
        except ValueError:
            return None

    def _rewrite_one(
        self,
        playlist: MediaPlaylist,
        number: int,
        blanker: Blanker | None,
        stretches: list[Stretch],
    ) -> None:
        listed = playlist.segments[number]
        data = self._files.withdraw(listed.name)
        made: bytes | None = None
        if data is not None and blanker is not None:
            try:
                made = blanker.blanked(data, stretches)
            except ValueError:
                blanker.is_tainted = playlist.track in PICTURES
        # Nothing of the file lay in the stretch: it returns under its own name, so that caches stay
        # valid.
        if made is not None and made == data:
            self._files.give_back(listed.name)
            return
        name = self._name(listed.name)
        written = self._files.replace(listed.name, name, made or b"") if made else False
        if not written:
            self._files.discard(listed.name)
        after = playlists.after(name, listed.duration, gap=not written)
        playlist.segments[number] = replace(listed, after=after)
        self._changed(playlist.track, number)

    def _rewrite_text(self, text: CaptionTrack, numbers: list[int]) -> None:
        playlist = self._lists[text.track]
        for number in numbers:
            listed = playlist.segments[number]
            if listed.name == EMPTY:
                continue
            begin = sum(segment.duration for segment in playlist.segments[:number])
            content = text.between(round(begin * 1000), round((begin + listed.duration) * 1000))
            name = self._name(listed.name) if content else EMPTY
            gap = bool(content) and not self._files.put(name, content.encode())
            self._files.discard(listed.name)
            after = playlists.after(name, listed.duration, gap=gap)
            playlist.segments[number] = replace(listed, after=after)
            self._changed(text.track, number)

    def _name(self, name: str) -> str:
        stem, _, suffix = name.rpartition(".")
        return f"{_CUT_BEFORE.sub('', stem)}-x{self._known.edition}.{suffix}"

    def _say(self, track: str, removed: RemovedStretch) -> None:
        """Announce the gap in the track's list, where it begins."""
        playlist, stretch = self._lists[track], of_track(track, removed)
        if stretch is None:
            return
        mark = f'{_REMOVED}"{removed.cut}"'
        number = next(_affected(playlist, stretch, around=0), None)
        seconds = None if stretch.end is None else stretch.end - stretch.begin
        wall = self._known.wall_ms(removed.begin_ms)
        said = playlists.removed(removed.cut, wall, seconds, removed.reason, removed.title)
        for place, listed in enumerate(playlist.segments):
            lines = listed.before.splitlines(keepends=True)
            before = "".join(line for line in lines if not line.startswith(mark))
            before += said if place == number else ""
            if before != listed.before:
                playlist.segments[place] = replace(listed, before=before)
                self._changed(track, place)

    def _changed(self, track: str, number: int) -> None:
        self.changed[track] = min(number, self.changed.get(track, number))


def _affected(playlist: MediaPlaylist, stretch: Stretch, around: float = AROUND_S) -> Iterator[int]:
    """Yield the numbers of the segments that a stretch touches."""
    begin = 0.0
    for number, listed in enumerate(playlist.segments):
        end = begin + listed.duration
        ends_before = stretch.end is not None and stretch.end + around <= begin
        if end > stretch.begin - around and not ends_before:
            yield number
        begin = end
