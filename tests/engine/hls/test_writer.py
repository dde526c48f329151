"""A meeting's folder: its lists agree, before and after a restart, and on a faulty disk."""

import json
import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import av
import pytest

from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import metadata
from hemicycle.engine.hls.metadata import ChapterMark, RecordedSpan
from hemicycle.engine.hls.playlists import read
from hemicycle.engine.hls.writer import FileChanged, SegmentAdded, WebcastWriter
from tests.engine.hls import folder as f
from tests.engine.hls.program import Program

pytestmark = pytest.mark.slow

RESTART_MS = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "meeting"


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded meeting of 5 and 4 s, whose engine was started twice; for reading only."""
    folder = tmp_path_factory.mktemp("restarted")
    made = f.writer(folder)
    f.write(made, Program().run(5))
    made.finish((), ended=False)
    made = f.writer(folder, f.WALL_MS + RESTART_MS)
    f.write(made, Program().run(4))
    f.end(made)
    return folder


def test_a_list_as_any_file_server_gives_it(folder: Path) -> None:
    made = f.writer(folder)
    f.write(made, Program().run(4.4))
    assert (folder / "video.m3u8").read_text() == (
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        '#EXT-X-MAP:URI="video-1.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n'
        "#EXTINF:2.00000,\nvideo-1-000000.m4s\n#EXTINF:2.00000,\nvideo-1-000001.m4s\n"
    )
    f.end(made)
    ended = (folder / "video.m3u8").read_text()
    assert "#EXT-X-PLAYLIST-TYPE:VOD\n" in ended
    assert ended.endswith("#EXTINF:0.40000,\nvideo-1-000002.m4s\n#EXT-X-ENDLIST\n")


def test_the_master_playlist_offers_every_channel_in_both_codecs(folder: Path) -> None:
    made = f.writer(folder)
    f.write(made, Program().run(4.5))
    master = (folder / "master.m3u8").read_text()
    assert re.findall(
        r'GROUP-ID="(\w+)",(?:LANGUAGE="(\w+)",)?NAME="(\w+)".*?URI="(.+)"', master
    ) == [
        ("opus", "", "Floor", "floor.opus.m3u8"),
        ("opus", "fr", "français", "fr.opus.m3u8"),
        ("aac", "", "Floor", "floor.aac.m3u8"),
        ("aac", "fr", "français", "fr.aac.m3u8"),
    ]
    assert re.findall(r'CODECS="(\S+?)",RESOLUTION=(\S+?),AUDIO="(\w+)"', master) == [
        ("avc1.42c00a,opus", "128x96", "opus"),
        ("avc1.42c00a,mp4a.40.2", "128x96", "aac"),
    ]
    assert re.findall(r'CODECS="([\w.]+)",AUDIO="(\w+)"\n(.+)', master) == [
        ("opus", "opus", "floor.opus.m3u8"),
        ("mp4a.40.2", "aac", "floor.aac.m3u8"),
    ]
    assert "video" not in (folder / "sound.m3u8").read_text()
    rates = re.findall(r":BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),CODECS=\"avc", master)
    assert len(rates) == 2
    assert all(64_000 < int(average) <= int(most) for most, average in rates)
    assert "FRAME-RATE" not in master


def test_the_master_playlist_of_an_ended_meeting_has_its_true_average_and_frame_rate(
    folder: Path,
) -> None:
    made = f.writer(folder, fps=25)
    f.write(made, Program().run(4.5))
    f.end(made)
    master = (folder / "master.m3u8").read_text()
    assert master.count("FRAME-RATE=25.000,") == 2
    sizes = {
        track: sum(path.stat().st_size for path in folder.glob(f"{track}-1-*.m4s"))
        for track in ("video", "floor.opus", "fr.opus")
    }
    seconds = 4.4
    expected = (sizes["video"] + max(sizes["floor.opus"], sizes["fr.opus"])) * 8 / seconds
    (average,) = re.findall(r"AVERAGE-BANDWIDTH=(\d+),CODECS=\"avc1.42c00a,opus", master)
    assert int(average) == pytest.approx(expected, rel=0.05)


def variants(folder: Path, master: str = "master.m3u8") -> list[dict[str, str]]:
    """Return what FFmpeg finds in a master playlist: the rate and the streams of each variant."""
    told = ["ffprobe", "-v", "error", "-show_programs", "-of", "json", str(folder / master)]
    found = json.loads(subprocess.run(told, capture_output=True, check=True).stdout)["programs"]
    return [
        {"rate": program["tags"]["variant_bitrate"]}
        | {
            stream["codec_type"]: f"{stream.get('width', '')} {stream['codec_name']}".strip()
            for stream in program["streams"]
        }
        for program in found
    ]


def test_players_find_each_picture_and_the_sound_alone_with_their_true_rates(
    folder: Path,
) -> None:
    made = f.writer(folder, fps=25, small=True)
    f.write(made, Program(reduced=True).run(8.5))
    f.end(made)
    found = variants(folder)
    assert [(one.get("video"), one["audio"]) for one in found] == [
        ("128 h264", "opus"), ("64 h264", "opus"), (None, "opus"),
        ("128 h264", "aac"), ("64 h264", "aac"), (None, "aac"),
    ]  # fmt: skip
    assert [one.get("video") for one in variants(folder, "sound.m3u8")] == [None, None]
    for (picture, sound), one in zip(
        ((picture, sound) for sound in ("opus", "aac") for picture in ("video", "video.small", "")),
        found,
        strict=True,
    ):
        dense = [
            8 * sum((folder / name).stat().st_size for name in names) / 2
            for names in zip(
                *(f.uris(folder, track)[:4] for track in (picture, f"floor.{sound}") if track),
                strict=True,
            )
        ]
        assert max(dense) <= int(one["rate"]) <= 1.3 * max(dense)
    master = (folder / "master.m3u8").read_text()
    assert master.count("FRAME-RATE=25.000,") == 4
    assert "RESOLUTION=64x48" in master


def test_the_small_picture_goes_on_through_a_restart_and_in_a_webcast_that_has_one(
    folder: Path,
) -> None:
    for run, (small, reduced) in enumerate(((True, True), (True, True), (False, False))):
        made = f.writer(folder, f.WALL_MS + run * RESTART_MS, small=small)
        f.write(made, Program(reduced=reduced).run(4.4))
        made.finish((), ended=run == 2)
    whole, small_ones = f.segments(folder, "video"), f.segments(folder, "video.small")
    assert [one.duration for one in whole] == [one.duration for one in small_ones]
    gaps = ["GAP" in segment.after for segment in small_ones]
    assert gaps == [False] * 6 + [True] * 3
    # A webcast that begins without a small picture never gets one, since a number stands for the
    # same time in all tracks.
    other = folder / "other"
    f.end(_written(f.writer(other), Program()))
    f.end(_written(f.writer(other, f.WALL_MS + RESTART_MS, small=True), Program(reduced=True)))
    assert not (other / "video.small.m3u8").exists()
    assert len(f.segments(other, "video")) == 4


def _written(made: WebcastWriter, program: Program) -> WebcastWriter:
    f.write(made, program.run(4))
    return made


@pytest.mark.parametrize("track", f.TRACKS)
def test_timestamps_go_on_through_every_segment_and_through_a_restart(
    restarted: Path, track: str
) -> None:
    uris = f.uris(restarted, track)
    assert [uri.split("-")[1] for uri in uris] == ["1", "1", "1", "2", "2"]
    packets = [packet for uri in uris for packet in f.packets(restarted, track, uri)]
    steps = {after.at - before.at for before, after in pairwise(packets)}
    (frame,) = {packet.lasts for packet in packets}
    steps.remove(frame)
    # Restarted sound begins between two frames of the sound before it.
    assert len(steps) <= (track != "video")
    assert all(frame / 2 < step <= 4 * frame for step in steps)
    start = 0.0
    for uri, segment in zip(uris, f.segments(restarted, track), strict=True):
        assert float(f.packets(restarted, track, uri)[0].at) == pytest.approx(start, abs=0.03)
        start += segment.duration


def test_every_segment_of_the_picture_begins_with_a_keyframe(restarted: Path) -> None:
    for uri in f.uris(restarted, "video"):
        assert [packet.key for packet in f.packets(restarted, "video", uri)][:2] == [True, False]


def test_a_restart_is_a_discontinuity_with_its_own_time(restarted: Path) -> None:
    for track in f.TRACKS:
        (broken,) = [
            segment for segment in f.segments(restarted, track) if "DISCONT" in segment.before
        ]
        assert broken.before == (
            "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:14:20.000Z\n"
        )
    known = metadata.read_file(restarted)
    assert known.spans == [RecordedSpan(0, f.WALL_MS), RecordedSpan(5000, f.WALL_MS + RESTART_MS)]
    assert (known.ended, known.duration_ms) == (True, 9000)


def test_a_crash_in_the_middle_of_a_line_costs_that_line_alone(folder: Path) -> None:
    made = f.writer(folder)
    f.write(made, Program().run(6.5))
    with (folder / "fr.opus.m3u8").open("r+") as list_:
        list_.truncate(len(list_.read()) - 3)
    f.writer(folder)
    assert {len(f.segments(folder, track)) for track in f.TRACKS} == {2}
    assert "video-1-000002" not in (folder / "video.m3u8").read_text()


def test_facts_that_cannot_be_read_begin_anew(folder: Path) -> None:
    folder.mkdir()
    (folder / "meeting.json").write_text('{"spans": [')
    made = f.writer(folder)
    f.write(made, Program().run(2.5))
    assert json.loads((folder / "meeting.json").read_text())["spans"] == [
        {"media_ms": 0, "wall_ms": f.WALL_MS}
    ]


def test_players_that_know_only_files_find_nothing_wrong(restarted: Path) -> None:
    with av.open(str(restarted / "master.m3u8")) as found:
        assert {stream.codec_context.name for stream in found.streams} == {"aac", "h264", "opus"}
        languages = [stream.metadata.get("language") for stream in found.streams.audio]
        assert languages.count("fr") == len(languages) / 2
        frames = sum(1 for _ in found.decode(video=0))
    assert frames == 9 * 25


# Captions.


def line(at_ms: int, text: str, lasts_ms: int = 3000) -> CaptionLine:
    at = f.WALL_MS + at_ms
    return CaptionLine("fr", at, (Cue(at, at + lasts_ms, text),))


def test_captions_begin_when_the_first_line_comes_and_are_cut_like_the_rest(folder: Path) -> None:
    made = f.writer(folder)
    program = Program()
    f.write(made, program.run(5))
    assert not (folder / "fr.text.m3u8").exists()
    news = made.caption(line(4_700, "un < deux & trois"))
    assert [change.name for change in news if isinstance(change, FileChanged)] == [
        "meeting.json",
        "master.m3u8",
        "sound.m3u8",
    ]
    f.write(made, program.run(6))
    assert f.uris(folder, "fr.text") == [
        "empty.vtt",
        "empty.vtt",
        "fr.text-1-000002.vtt",
        "fr.text-1-000003.vtt",
        "empty.vtt",
    ]
    assert (folder / "fr.text-1-000003.vtt").read_text() == (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
        "00:00:04.700 --> 00:00:07.700\nun &lt; deux &amp; trois\n"
    )
    assert (
        'SUBTITLES,GROUP-ID="text",LANGUAGE="fr",NAME="français"'
        in (folder / "master.m3u8").read_text()
    )


def test_on_demand_the_captions_are_one_file_with_the_times_that_were_meant(folder: Path) -> None:
    made = f.writer(folder)
    f.write(made, Program().run(6.4))
    made.caption(line(1_000, "tard"))
    made.caption(line(1_000, "tard, corrigé"))
    made.caption(line(2_500, "ensuite"))
    made.finish((), ended=False)
    made = f.writer(folder, f.WALL_MS + RESTART_MS)
    f.write(made, Program().run(2))
    made.caption(line(RESTART_MS + 500, "après"))
    f.end(made)
    assert "fr.captions-2.m3u8" in (folder / "master.m3u8").read_text()
    assert (folder / "fr.captions-2.m3u8").read_text() == (
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:8\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:8.40000,\nfr.captions-2.vtt\n#EXT-X-ENDLIST\n"
    )
    cues = (folder / "fr.captions-2.vtt").read_text().strip().split("\n\n")[1:]
    assert cues == [
        "00:00:01.000 --> 00:00:02.500\ntard, corrigé",
        "00:00:02.500 --> 00:00:05.500\nensuite",
        "00:00:06.900 --> 00:00:09.900\naprès",
    ]


# A faulty disk.


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """Make writing to a file fail above this size, with the system's own error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_cannot_be_written_is_a_gap_and_the_rest_goes_on(folder: Path) -> None:
    troubles: list[tuple[str, dict[str, str]]] = []
    made = f.writer(folder, on_trouble=lambda code, **values: troubles.append((code, values)))
    program = Program()
    f.write(made, program.run(4.1))
    with no_file_over(500):
        news = f.write(made, program.run(4))
    gaps = [
        change
        for change in news
        if isinstance(change, SegmentAdded) and "#EXT-X-GAP" in change.segment.text
    ]
    assert len(gaps) == 2 * len(f.TRACKS)
    assert troubles == [("disk_trouble", {"error": "File too large"})]
    f.write(made, program.run(4))
    f.end(made)
    for track in f.TRACKS:
        listed = f.segments(folder, track)
        assert ["GAP" in segment.after for segment in listed] == [
            False,
            False,
            True,
            True,
            False,
            False,
            False,
        ]
        assert all((folder / uri).exists() for uri in f.uris(folder, track)[4:])
    assert len(troubles) == 1
    assert not list(folder.glob(".*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("making a small disk needs the right to mount one")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told_once_a_minute_and_room_mends_it(small_disk: Path) -> None:
    troubles: list[tuple[str, dict[str, str]]] = []
    folder = small_disk / "meeting"
    made = f.writer(folder, on_trouble=lambda code, **values: troubles.append((code, values)))
    program = Program()
    f.write(made, program.run(2.1))
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(900_000))
    f.write(made, program.run(6))
    assert troubles == [("disk_full", {})]
    ballast.unlink()
    f.write(made, program.run(4))
    listed = read((folder / "video.m3u8").read_text())
    assert ["GAP" in segment.after for segment in listed] == [False, True, True, True, False, False]
    assert len(troubles) == 1


def test_chapters_are_kept_with_the_facts(folder: Path) -> None:
    made = f.writer(folder)
    f.write(made, Program().run(3))
    f.end(made, (ChapterMark(f.WALL_MS + 1000, "Ms. Examplia"),))
    known = metadata.read_file(folder)
    assert known.chapters == (ChapterMark(f.WALL_MS + 1000, "Ms. Examplia"),)
    assert known.media_ms(f.WALL_MS + 1000) == 1000


def test_a_delay_that_changes_begins_a_span_with_a_time_of_its_own(folder: Path) -> None:
    """After 3 s the public feed is delayed by 1 s more, and shows a card during that second."""
    made, program = f.writer(folder), Program()
    f.write(made, program.run(2))
    made.move_clock(f.WALL_MS)
    f.write(made, program.run(2))
    assert len(metadata.read_file(folder).spans) == 1  # the clock is the same as before
    made.move_clock(f.WALL_MS - 1000)
    f.write(made, program.run(5))
    f.end(made)
    known = metadata.read_file(folder)
    assert known.spans == [RecordedSpan(0, f.WALL_MS), RecordedSpan(4000, f.WALL_MS + 3000)]
    assert [known.media_ms(f.WALL_MS + at) for at in (2500, 3500)] == [2500, 4500]
    assert known.wall_ms(4500) == f.WALL_MS + 3500
    stamps = [
        found
        for segment in f.segments(folder, "floor.opus")
        for found in re.findall(r"PROGRAM-DATE-TIME:\S+:(\d\d:[\d.]+)Z", segment.before)
    ]
    assert stamps == ["13:20.000", "13:23.000"]
