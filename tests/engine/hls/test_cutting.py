"""A cut removes a part of a webcast from every track, and nothing else."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from hemicycle.engine.audio import analysis
from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import CutOrder, cut, finish, metadata, recording
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.webcast_folder import WebcastFolder
from hemicycle.engine.hls.writer import SegmentsReplaced
from hemicycle.engine.streams import SOUND_RATE, Samples
from tests.engine.hls import folder as f
from tests.engine.hls.program import TONES, Program

SECONDS = 13
REMOVED = "Removed at the request of the speaker"
CHAPTERS = (
    ChapterMark(f.WALL_MS, "Ms. Before"),
    ChapterMark(f.WALL_MS + 3000, "Ms. Gone"),
    ChapterMark(f.WALL_MS + 7000, "Mr. After"),
)


def caption(at_ms: int, text: str) -> CaptionLine:
    at = f.WALL_MS + at_ms
    return CaptionLine("fr", at, (Cue(at, at + 900, text),))


def fill(folder: Path, seconds: float = SECONDS) -> Path:
    """Record a meeting with a speaker to be cut, and something before and after."""
    made = f.writer(folder, small=True)
    program = Program(reduced=True)
    f.write(made, program.run(1))
    for at_ms, text in (
        (500, "before"),
        (4000, "their words"),
        (7500, "trailing"),
        (9500, "after"),
    ):
        made.caption(caption(at_ms, text))
    f.write(made, program.run(seconds - 1))
    f.end(made, CHAPTERS)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of the recorded meeting."""
    return shutil.copytree(whole, tmp_path, dirs_exist_ok=True)


def order(begin: int = 3000, end: int | None = 7000, *, id: str = "c" * 32) -> CutOrder:
    wall = f.WALL_MS
    to_ms = None if end is None else wall + end
    return CutOrder(id, wall + begin, to_ms, 1000, "speaker", REMOVED)


def sound(folder: Path, track: str) -> Samples:
    """Decode a track as a player does, on the webcast's clock."""
    made = np.zeros(SECONDS * SOUND_RATE, np.float32)
    with av.open(str(folder / f"{track}.m3u8")) as opened:
        mono = av.AudioResampler(format="flt", layout="mono", rate=SOUND_RATE)
        for frame in opened.decode(audio=0):
            for piece in mono.resample(frame):
                at = max(round((piece.time or 0.0) * SOUND_RATE), 0)
                block = piece.to_ndarray().reshape(-1)[: len(made) - at]
                made[at : at + len(block)] = block
    return made


def heard(found: Samples, begin: float, end: float) -> float:
    """Return the largest amplitude between two times, in seconds."""
    return float(np.abs(found[round(begin * SOUND_RATE) : round(end * SOUND_RATE)]).max())


def pictures(folder: Path, track: str = "video") -> list[tuple[float, bool]]:
    """Return the time of each picture, and whether the picture shows anything."""
    with av.open(str(folder / f"{track}.m3u8")) as opened:
        return [
            (round(frame.time or 0.0, 3), bool(frame.to_ndarray()[: frame.height].std() > 2))
            for frame in opened.decode(video=0)
        ]


def shown(folder: Path, begin: float, end: float) -> set[bool]:
    """Return whether pictures show anything; check that both renditions agree."""
    whole, small = (
        {seen for at, seen in pictures(folder, track) if begin <= at < end}
        for track in ("video", "video.small")
    )
    assert whole == small
    return whole


def text_of(folder: Path) -> str:
    return "".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in folder.iterdir()
        if path.suffix in {".vtt", ".cues", ".m3u8", ".json"}
    )


@pytest.mark.parametrize("codec", ["opus", "aac"])
@pytest.mark.parametrize(("channel", "trail"), [("floor", 0), ("fr", 1)])
def test_the_sound_is_gone_and_the_rest_is_as_it_was(
    folder: Path, whole: Path, channel: str, trail: int, codec: str
) -> None:
    track = f"{channel}.{codec}"
    assert cut(folder, order())
    left, was = sound(folder, track), sound(whole, track)
    assert heard(was, 3.0, 7.0) > 0.1
    assert heard(left, 3.0, 7.0 + trail) < 0.001
    for begin, end in ((0.1, 2.85), (7.2 + trail, 12.8)):
        assert heard(left, begin, end) > 0.1
        found = left[round(begin * SOUND_RATE) : round(end * SOUND_RATE)]
        assert analysis.tones(found, TONES.values()) == {TONES[channel]}


def test_the_picture_is_gone_until_the_next_keyframe(folder: Path) -> None:
    assert shown(folder, 0, SECONDS) == {True}
    assert cut(folder, order())
    assert shown(folder, 0, 2.9) == {True}
    assert shown(folder, 2.95, 8.0) == {False}
    assert shown(folder, 8.0, SECONDS) == {True}
    times = [at for at, _ in pictures(folder)]
    assert max(later - at for at, later in pairwise(times)) <= 0.25


def test_nothing_of_it_is_left_in_any_file(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    gone = {uri for track in f.TRACKS for uri in f.uris(folder, track)[2:3]}
    assert cut(folder, order())
    left = {path.name for path in folder.iterdir()}
    assert not gone & left
    assert not [name for name in left if name.startswith(".")]
    for track in f.TRACKS:
        assert {*f.uris(folder, track)} <= left
        assert sum(s.duration for s in f.segments(folder, track)) == pytest.approx(
            SECONDS, abs=0.05
        )
    assert len(left) >= len(names) - 4


def test_captions_and_chapters(folder: Path) -> None:
    assert "their words" in text_of(folder)
    assert cut(folder, order())
    said = text_of(folder)
    assert "their words" not in said
    assert "trailing" not in said, "captions come behind what was said"
    assert "before" in said
    assert "after" in said
    assert "Ms. Gone" not in said
    assert 'CLASS="org.hemicycle.removed"' in (folder / "video.m3u8").read_text()
    known = metadata.read_file(folder)
    titles = [chapter.title for chapter in known.chapters]
    assert titles == ["Ms. Before", REMOVED, "Mr. After"]
    master = (folder / "master.m3u8").read_text()
    (listed,) = [line for line in master.splitlines() if "SUBTITLES,GROUP" in line]
    text_list = folder / listed.partition('URI="')[2].rstrip('"')
    assert (folder / text_list.read_text().splitlines()[-2]).is_file()


def test_the_download_is_another_file_without_it(folder: Path) -> None:
    before = recording.make(folder, "fr", metadata.read_file(folder))
    assert cut(folder, order())
    assert not before.exists()
    known = metadata.read_file(folder)
    assert recording.channel_of(before.name, known) is None
    path = recording.make(folder, "fr", known)
    assert recording.channel_of(path.name, known) == "fr"
    with av.open(str(path)) as opened:
        titles = [chapter["metadata"]["title"] for chapter in opened.chapters()]
        seen = {
            bool(frame.to_ndarray()[:96].std() > 2)
            for frame in opened.decode(video=0)
            if 3 <= (frame.time or 0.0) < 7
        }
    with av.open(str(path)) as opened:
        loud = max(
            float(np.abs(frame.to_ndarray()).max())
            for frame in opened.decode(audio=0)
            if 3 <= (frame.time or 0.0) < 7.9
        )
    assert titles == ["Ms. Before", REMOVED, "Mr. After"]
    assert seen == {False}
    assert loud < 0.001


def test_twice_is_once_and_overlapping_cuts_add_up(folder: Path) -> None:
    assert cut(folder, order())
    once = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert cut(folder, order())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == once
    assert cut(folder, order(6000, 9000, id="d" * 32))
    left = sound(folder, "floor.opus")
    assert heard(left, 3.0, 9.0) < 0.001
    assert heard(left, 9.2, 12.5) > 0.1
    assert heard(left, 0.1, 2.85) > 0.1
    assert [known.cut[0] for known in metadata.read_file(folder).removed] == ["c", "d"]


@pytest.mark.parametrize(("begin", "end"), [(3990, 4010), (4000, 6000), (3999, 4001)])
def test_a_cut_at_the_bound_of_segments(folder: Path, begin: int, end: int) -> None:
    assert cut(folder, order(begin, end))
    for track in ("floor.opus", "floor.aac"):
        assert heard(sound(folder, track), begin / 1000, end / 1000) < 0.001
    assert shown(folder, begin / 1000 - 0.04, end / 1000 + 0.04) == {False}
    assert shown(folder, 0, begin / 1000 - 0.1) == {True}


@pytest.mark.parametrize(("begin", "end"), [(-5000, 60_000), (0, SECONDS * 1000), (12_000, 90_000)])
def test_more_than_there_is_may_be_cut(folder: Path, begin: int, end: int) -> None:
    assert cut(folder, order(begin, end))
    assert heard(sound(folder, "fr.aac"), max(begin / 1000, 0), SECONDS - 0.01) < 0.001


def test_where_nothing_was_recorded_nothing_is_done(tmp_path: Path) -> None:
    assert cut(tmp_path / "none", order())
    assert not (tmp_path / "none").exists()


class Killed(BaseException):
    """Raised where the process is killed."""


STEPS = 40


@pytest.mark.parametrize("step", range(1, STEPS, 6))
def test_killed_at_any_step_it_is_not_public_and_completed_later(
    folder: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter(range(step))
    write = WebcastFolder._write

    def killed(self: WebcastFolder, name: str, data: bytes) -> None:
        if next(left, None) is None:
            raise Killed
        write(self, name, data)

    monkeypatch.setattr(WebcastFolder, "_write", killed)
    gone = [uri for track in f.TRACKS for uri in f.uris(folder, track)[2:3]]
    try:
        cut(folder, order())
    except Killed:
        assert not [name for name in gone if (folder / name).exists()]
        monkeypatch.undo()
        assert cut(folder, order())
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".gone")]
    assert heard(sound(folder, "fr.opus"), 3.0, 8.0) < 0.001
    assert heard(sound(folder, "fr.opus"), 8.2, 12.5) > 0.1
    assert shown(folder, 2.95, 8.0) == {False}


@pytest.mark.parametrize("step", range(0, STEPS, 6))
def test_wherever_the_disk_is_full_it_is_not_public_and_completed_later(
    folder: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = WebcastFolder._write

    def full(self: WebcastFolder, name: str, data: bytes) -> None:
        written.append(name)
        if len(written) > step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, name, data)

    gone = [folder / uri for track in f.TRACKS for uri in f.uris(folder, track)[2:3]]
    theirs = {path.read_bytes() for path in gone}
    monkeypatch.setattr(WebcastFolder, "_write", full)
    done = cut(folder, order())
    assert done is (len(written) <= step), "the office is told that there is no room"
    assert not [path for path in gone if path.exists()]
    assert not theirs & {path.read_bytes() for path in folder.iterdir()}
    assert not [path.name for path in folder.glob("*recording-*.mp4")]
    monkeypatch.undo()
    assert cut(folder, order())
    assert "their words" not in text_of(folder)
    assert heard(sound(folder, "fr.opus"), 3.0, 8.0) < 0.001
    assert heard(sound(folder, "fr.opus"), 8.2, 12.5) > 0.1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that can be filled."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=False)
    if done.returncode:
        pytest.skip("this machine lets nobody mount a file system")
    yield place
    subprocess.run(["umount", place], check=True)


def test_on_a_full_disk_it_is_cut_too(small_disk: Path) -> None:
    folder = fill(small_disk / "meeting")
    with (small_disk / "ballast").open("wb") as ballast:
        while True:
            try:
                ballast.write(b"\0" * 4096)
                ballast.flush()
            except OSError:
                break
    done = cut(folder, order())
    for track in ("fr.opus", "floor.aac"):
        assert heard(sound(folder, track), 3.0, 7.0) < 0.001
    assert "their words" not in text_of(folder)
    (small_disk / "ballast").unlink(missing_ok=True)
    assert done or cut(folder, order())
    assert heard(sound(folder, "fr.opus"), 9.0, 12.5) > 0.1
    assert [known.cut for known in metadata.read_file(folder).removed] == ["c" * 32]


def test_on_the_air_it_is_gone_from_what_was_and_from_what_comes(tmp_path: Path) -> None:
    made, program = f.writer(tmp_path, small=True), Program(reduced=True)
    f.write(made, program.run(5))
    changes, done = made.cut(order(3000, None))
    assert done
    replaced = {change.track for change in changes if isinstance(change, SegmentsReplaced)}
    assert replaced >= {"video", "video.small", "fr.aac"}
    made.caption(caption(5000, "their words"))
    f.write(made, program.run(3))
    made.cut(order(3000, 8000))
    f.write(made, program.run(5))
    f.end(made, CHAPTERS)
    for track, until in (("floor.opus", 8.0), ("fr.aac", 9.0)):
        left = sound(tmp_path, track)
        assert heard(left, 0.1, 2.85) > 0.1
        assert heard(left, 3.0, until) < 0.001
        assert heard(left, until + 0.2, 12.5) > 0.1
    assert shown(tmp_path, 0, 2.9) == {True}
    assert shown(tmp_path, 2.95, 8.0) == {False}
    assert shown(tmp_path, 10.1, 13) == {True}
    assert "their words" not in text_of(tmp_path)
    titles = [chapter.title for chapter in metadata.read_file(tmp_path).chapters]
    assert titles == ["Ms. Before", REMOVED]


@pytest.mark.parametrize("end", [None, 4400])
def test_parts_of_the_unfinished_segment_are_withdrawn_too(tmp_path: Path, end: int | None) -> None:
    made, program = f.writer(tmp_path, small=True), Program(reduced=True)
    f.write(made, program.run(4.5))
    begun = (tmp_path / "video.m3u8").read_text().count("#EXTINF")
    changes, _ = made.cut(order(4300, end))
    replaced = {
        change.track: change.number for change in changes if isinstance(change, SegmentsReplaced)
    }
    assert replaced["video"] == replaced["video.small"] == begun
    assert {"video", "floor.opus", "fr.opus", "fr.aac"} <= replaced.keys()


def test_a_keyframe_of_what_was_removed_never_stands_in_for_a_later_picture(
    tmp_path: Path,
) -> None:
    made, program = f.writer(tmp_path, small=True), Program(reduced=True, key_every=10_000)
    f.write(made, program.run(1))
    program.key_wanted = True
    f.write(made, program.run(2.2))  # a keyframe within the part to be cut, and none after it
    made.cut(order(500, 3200))
    f.write(made, program.run(6))
    f.end(made)
    assert shown(tmp_path, 0, 0.4) == {True}
    assert shown(tmp_path, 0.5, 10) <= {False}


def test_a_meeting_that_goes_on_after_a_cut_keeps_it(tmp_path: Path) -> None:
    made = f.writer(tmp_path)
    f.write(made, Program().run(6))
    made.finish((), ended=False)
    assert cut(tmp_path, order(2000, 4000))
    again = f.writer(tmp_path, f.WALL_MS + 3_600_000)
    f.write(again, Program().run(4))
    f.end(again)
    left = sound(tmp_path, "floor.opus")
    assert heard(left, 2.0, 4.0) < 0.001
    assert heard(left, 6.5, 9.5) > 0.1
    assert not finish(tmp_path)


@pytest.mark.parametrize("ended_first", [True, False])
def test_a_turn_is_cut_where_the_public_sees_it_after_a_longer_delay(
    tmp_path: Path, ended_first: bool
) -> None:
    """A turn begins in a feed 2 s behind; the delay grows to 4 s before the public has seen it."""
    made, program = f.writer(tmp_path, f.WALL_MS - 2000, small=True), Program(reduced=True)
    f.write(made, program.run(3))
    made.cut(order(2000, None))
    if ended_first:
        made.cut(order(2000, 3000))
    f.write(made, program.run(2))  # the card, while the delay grows
    made.move_clock(f.WALL_MS - 4000)
    f.write(made, program.run(1.5))
    if not ended_first:
        made.cut(order(2000, 3000))
    f.write(made, program.run(5))
    f.end(made)
    left = sound(tmp_path, "floor.opus")
    assert heard(left, 0.1, 3.9) > 0.1
    assert heard(left, 6.0, 7.0) < 0.001
    assert heard(left, 7.2, 11.4) > 0.1
    assert shown(tmp_path, 6.0, 7.0) == {False}
    (removed,) = metadata.read_file(tmp_path).removed
    assert (removed.begin_ms, removed.end_ms) == (6000, 7000)


def test_a_turn_is_cut_where_the_public_sees_it_after_a_shorter_delay(tmp_path: Path) -> None:
    """A feed 4 s behind catches up when a turn is 2 s old, so the public joins it in the middle."""
    made, program = f.writer(tmp_path, f.WALL_MS - 4000, small=True), Program(reduced=True)
    f.write(made, program.run(3))
    made.cut(order(2000, None))
    f.write(made, program.run(1))
    made.move_clock(f.WALL_MS)
    f.write(made, program.run(2))
    made.cut(order(2000, 6000))
    f.write(made, program.run(5))
    f.end(made)
    left = sound(tmp_path, "floor.opus")
    assert heard(left, 0.1, 3.8) > 0.1
    assert heard(left, 4.0, 6.0) < 0.001
    assert heard(left, 6.2, 10.9) > 0.1
    assert shown(tmp_path, 4.0, 6.0) == {False}
    (removed,) = metadata.read_file(tmp_path).removed
    assert (removed.begin_ms, removed.end_ms) == (4000, 6000)
