"""A restricted process examines a video; a file that is no valid video gets a sentence."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hemicycle.before.statements.video import probe as probing
from hemicycle.before.statements.video.probe import LARGEST, Probed, UnplayableVideo, probe
from hemicycle.engine.video.decoding import VideoFile
from tests.engine.video.test_recording_player import recorded, spoken

LIMIT_MS = 180_000


def look(data: bytes, *, limit_ms: int = LIMIT_MS, seconds: float = 30) -> Probed:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return probe(file, len(data), limit_ms=limit_ms, seconds=seconds)


def refusal(data: bytes, *, limit_ms: int = LIMIT_MS, seconds: float = 30) -> UnplayableVideo:
    with pytest.raises(UnplayableVideo) as refused:
        look(data, limit_ms=limit_ms, seconds=seconds)
    return refused.value


def test_what_is_taken_can_be_played(mp4: bytes, webm: bytes, folder: Path) -> None:
    assert look(mp4) == Probed("video/mp4", 1000, 320, 180, "h264", "aac")
    assert look(webm) == Probed("video/webm", 2001, 320, 180, "vp8", "opus")
    for name in ("plain.mp4", "plain.webm"):
        source = VideoFile(folder / name)
        assert next(iter(source.pieces())) is not None
        source.close()


def test_the_sound_may_be_missing_for_who_signs(folder: Path) -> None:
    silent = recorded(folder / "silent.mp4", codecs=("libx264", None)).read_bytes()
    assert look(silent) == Probed("video/mp4", 1000, 320, 180, "h264", "")


@pytest.mark.parametrize(
    ("name", "codec", "media_type", "sound"),
    [
        ("m4a", "aac", "audio/mp4", "aac"),
        ("webm", "libopus", "audio/webm", "opus"),
        ("mp3", "mp3", "audio/mpeg", "mp3"),
    ],
)
def test_sound_alone_is_taken(
    folder: Path, name: str, codec: str, media_type: str, sound: str
) -> None:
    found = look(spoken(folder / f"sound.{name}", codec).read_bytes())
    assert (found.media_type, found.picture, found.sound) == (media_type, "", sound)
    assert (found.width, found.height) == (0, 0)
    assert 900 < found.duration_ms < 1200


def test_a_length_that_the_head_does_not_tell_is_counted(webm: bytes) -> None:
    """A browser that records writes the header before it knows the duration."""
    unknown = webm.replace(b"\x44\x89\x88", b"\xec\x89\x88", 1)  # make the duration a void element
    assert unknown != webm
    assert look(unknown).duration_ms == 2001


def test_longer_than_the_floor_is_refused_with_a_second_forgiven(webm: bytes) -> None:
    assert look(webm, limit_ms=1001).duration_ms == 2001
    refused = refusal(webm, limit_ms=900)
    assert (refused.code, refused.values) == ("too_long", {"lasts": "0:02", "limit": "0:01"})
    assert "Shorten it" in refused.sentence


@pytest.mark.parametrize(
    ("codecs", "code", "codec"),
    [(("mpeg4", "aac"), "picture_codec", "mpeg4"), (("libx264", "mp3"), "sound_codec", "mp3")],
)
def test_formats_that_are_not_played_are_named(
    folder: Path, codecs: tuple[str, str], code: str, codec: str
) -> None:
    made = recorded(folder / f"{code}.mp4", codecs=codecs).read_bytes()
    refused = refusal(made)
    assert (refused.code, refused.values) == (code, {"codec": codec})
    assert codec in refused.sentence


def test_too_many_pixels_are_refused(folder: Path) -> None:
    wide = recorded(folder / "wide.mp4", size=(2560, 1440), seconds=0.1, codecs=("libx264", None))
    refused = refusal(wide.read_bytes())
    assert (refused.code, refused.values) == ("too_wide", {"width": "2560", "height": "1440"})


def _cut(mp4: bytes) -> bytes:
    return mp4[: len(mp4) // 2]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ" + b"\0" * 4000, "not_video"),
        (b"%PDF-1.7", "not_video"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 4000, "damaged"),
        (b"\x1a\x45\xdf\xa3" + b"\xff" * 4000, "damaged"),
    ],
)
def test_what_is_no_video_gets_a_sentence(data: bytes, code: str) -> None:
    refused = refusal(data)
    assert (refused.code, refused.sentence) == (code, probing.SENTENCES[code])


def test_half_a_video_is_refused(mp4: bytes) -> None:
    assert refusal(_cut(mp4)).code == "damaged"


def test_a_file_that_is_too_large_is_not_opened(mp4: bytes) -> None:
    with tempfile.TemporaryFile() as file, pytest.raises(UnplayableVideo) as refused:
        probe(file, LARGEST + 1, limit_ms=LIMIT_MS)
    assert refused.value.values == {"limit": "200"}


def test_a_worker_that_takes_too_long_is_ended(mp4: bytes) -> None:
    assert refusal(mp4, seconds=0.01).code == "timeout"


def test_the_worker_may_write_nothing(tmp_path: Path) -> None:
    tried = (
        "from hemicycle.documents.reading import sandbox; import av; "
        "sandbox.confine(2**30, 10); open('written', 'w')"
    )
    done = subprocess.run([sys.executable, "-c", tried], cwd=tmp_path, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (3, [])
