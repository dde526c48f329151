"""The file that people download."""

import asyncio
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import Packager, finish, metadata, recording, timed_text
from hemicycle.engine.hls.leftovers import QUIET_S, end_leftovers
from hemicycle.engine.hls.metadata import ChapterMark, RecordedSpan, WebcastMetadata
from hemicycle.engine.streams import PROGRAM, Output
from tests.engine.hls import folder as f
from tests.engine.hls.program import TONES, Program


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded meeting with two runs, of 4 and 3 seconds, an hour apart."""
    folder = tmp_path_factory.mktemp("recorded")
    for wall_ms, seconds in ((f.WALL_MS, 4), (f.WALL_MS + 3_600_000, 3)):
        made = f.writer(folder, wall_ms)
        f.write(made, Program().run(seconds))
        made.finish((), ended=False)
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    """A copy of the recorded meeting."""
    return shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)


CHAPTERS = (
    ChapterMark(f.WALL_MS - 500, "Before it began"),
    ChapterMark(f.WALL_MS + 2000, "Mr. Examplia"),
    ChapterMark(f.WALL_MS + 1_800_000, "While nothing was recorded"),
    ChapterMark(f.WALL_MS + 3_601_000, "الآنسة مثال"),
)


def test_a_meeting_that_closed_while_no_engine_ran_is_ended_later(folder: Path) -> None:
    assert not metadata.read_file(folder).ended
    assert finish(folder, CHAPTERS)
    assert metadata.read_file(folder).duration_ms == 7000
    assert (folder / "fr.aac.m3u8").read_text().endswith("#EXT-X-ENDLIST\n")
    assert not finish(folder)


def test_what_an_engine_left_open_is_ended_when_it_has_been_quiet(folder: Path) -> None:
    segments = folder / "segments"
    meeting = segments / ("a" * 32) / ("b" * 32)
    meeting.parent.mkdir(parents=True)
    meeting.symlink_to(folder, target_is_directory=True)
    grown = (folder / "video.m3u8").stat().st_mtime
    end_leftovers(segments, grown + QUIET_S - 1)
    assert not metadata.read_file(folder).ended
    end_leftovers(segments, grown + QUIET_S + 1)
    assert metadata.read_file(folder).ended


def test_what_is_gone_on_with_is_not_ended(folder: Path) -> None:
    async def going_on() -> bool:
        outputs = {channel: Output(channel, "sound") for channel in ("floor", "fr")}
        packager = Packager(folder, {PROGRAM: Output(PROGRAM, "picture"), **outputs}, f.WALL_MS)
        ended = await asyncio.to_thread(finish, folder)
        await packager.leave()
        return ended

    assert not asyncio.run(going_on())
    assert finish(folder)


def test_picture_sound_and_chapters_of_one_language(folder: Path) -> None:
    finish(folder, CHAPTERS)
    path = recording.make(folder, "fr", metadata.read_file(folder))
    with av.open(str(path)) as found:
        assert [found.streams[place].codec_context.name for place in (0, 1)] == ["h264", "aac"]
        marks = [
            (float(chapter["start"] * chapter["time_base"]), chapter["metadata"]["title"])
            for chapter in found.chapters()
        ]
        frames = [frame.time for frame in found.decode(video=0)]
    assert marks == [
        (0, "Before it began"),
        (2, "Mr. Examplia"),
        (4, "While nothing was recorded"),
        (5, "الآنسة مثال"),
    ]
    assert frames == pytest.approx([number / 25 for number in range(7 * 25)])
    with av.open(str(path)) as found:
        sound = np.concatenate([frame.to_ndarray() for frame in found.decode(audio=0)], axis=1)[0]
    assert tones(sound, TONES.values()) == {TONES["fr"]}


def test_a_recording_names_its_meeting_and_languages_and_has_all_captions(tmp_path: Path) -> None:
    made, program = f.writer(tmp_path, title="On water"), Program()
    f.write(made, program.run(1))
    for language, text in (("fr", "Bonjour à tous"), ("ar", "أهلاً وسهلاً"), ("fr", "Merci")):
        at = f.WALL_MS + (500 if text != "Merci" else 2000)
        made.caption(CaptionLine(language, at, (Cue(at, at + 900, text),)))
    f.write(made, program.run(3))
    f.end(made)
    path = recording.make(tmp_path, "fr", metadata.read_file(tmp_path))
    with av.open(str(path)) as found:
        assert found.metadata["title"] == "On water"
        assert [stream.metadata.get("language") for stream in found.streams] == [
            *("und", "fra", "fra", "ara")
        ]
        packets = [packet for packet in found.demux(found.streams.subtitles) if packet.size > 2]
        said = [
            (packet.stream.index, (packet.pts or 0) / 1000, bytes(packet)[2:].decode())
            for packet in packets
        ]
    assert sorted(said) == [
        (2, 0.5, "Bonjour à tous"),
        (2, 2.0, "Merci"),
        (3, 0.5, "أهلاً وسهلاً"),
    ]


@pytest.mark.parametrize(
    ("tag", "letters"),
    [("zh-Hans", "zho"), ("fr", "fra"), ("floor", "mul"), ("bad tag", "und"), ("", "und")],
)
def test_languages_are_named_as_mp4_names_them(tag: str, letters: str) -> None:
    assert timed_text.language_code(tag) == letters


def test_only_what_there_is_is_made(folder: Path) -> None:
    known = metadata.read_file(folder)
    assert recording.channel_of("recording-fr-2.mp4", known) is None  # the recording has not ended
    finish(folder)
    known = metadata.read_file(folder)
    assert recording.channel_of("recording-fr-2.mp4", known) == "fr"
    names = ("recording-fr-1.mp4", "recording-de-2.mp4", "recording-../x-2.mp4", "video-1.mp4")
    assert [recording.channel_of(name, known) for name in names] == [None] * 4


@pytest.mark.parametrize(
    ("wall_ms", "media_ms"), [(0, 0), (1000, 0), (3000, 2000), (9000, 4000), (20_500, 4500)]
)
def test_a_moment_on_the_wall_is_a_place_in_the_webcast(wall_ms: int, media_ms: int) -> None:
    known = WebcastMetadata(spans=[RecordedSpan(0, 1000), RecordedSpan(4000, 20_000)])
    assert known.media_ms(wall_ms) == media_ms
