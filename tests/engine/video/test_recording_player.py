"""Recorded interventions play on the clock that they are given, or are refused with a code."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES
from hemicycle.engine.video.decoding import VideoUnplayable
from hemicycle.engine.video.recording_player import HELD_S, RecordingPlayer
from tests.engine.video.scenes import until

FPS = 25
STEP = 8
"""The difference in brightness between one picture and the next."""

UNITY = bytes.fromhex("00010000" + "00000000" * 3 + "00010000" + "00000000" * 3 + "40000000")
QUARTER = bytes.fromhex(
    "00000000" + "00010000" + "00000000" + "FFFF0000" + "00000000" * 4 + "40000000"
)


def recorded(  # every property that a test may want to change
    path: Path,
    *,
    codecs: tuple[str, str | None] = ("libx264", "aac"),
    size: tuple[int, int] = (320, 180),
    seconds: float = 1.0,
    every_s: float = 1 / FPS,
    tone: float = 440,
) -> Path:
    """Write a recording whose pictures grow lighter, with a tone. Return its path."""
    picture, sound = codecs
    with av.open(str(path), "w") as file:
        video = file.add_stream(picture, rate=FPS)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.time_base = Fraction(1, 90_000)
        audio = file.add_stream(sound, rate=SOUND_RATE) if sound else None
        for n in range(round(seconds / every_s)):
            frame = av.VideoFrame.from_ndarray(_shade(size, n), format="rgb24")
            frame.pts, frame.time_base = round(n * every_s * 90_000), Fraction(1, 90_000)
            file.mux(video.encode(frame.reformat(format="yuv420p")))
        file.mux(video.encode(None))
        if isinstance(audio, av.AudioStream):
            for part in _tone(tone, seconds):
                file.mux(audio.encode(part))
            file.mux(audio.encode(None))
    return path


def spoken(path: Path, codec: str = "aac", seconds: float = 1.0) -> Path:
    """Write a recording of a tone without pictures. Return its path."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=SOUND_RATE)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        for frame in _tone(440, seconds):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _shade(size: tuple[int, int], n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rgb = np.full((size[1], size[0], 3), 20 + STEP * (n % 25), np.uint8)
    rgb[: size[1] // 4, : size[0] // 4] = (250, 0, 0)  # the upper left corner
    return rgb


def _tone(frequency: float, seconds: float) -> Iterator[av.AudioFrame]:
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    wave = (0.2 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)
    for n in range(0, len(wave) - 959, 960):
        frame = av.AudioFrame.from_ndarray(wave[None, n : n + 960], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, n, Fraction(1, SOUND_RATE)
        yield frame


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="session", params=["mp4", "webm"])
def path(request: pytest.FixtureRequest, folder: Path) -> Path:
    codecs = ("libvpx", "libopus") if request.param == "webm" else ("libx264", "aac")
    return recorded(folder / f"plain.{request.param}", codecs=codecs)


@pytest.fixture
def playing(path: Path, clock: Clock) -> Iterator[RecordingPlayer]:
    recording = RecordingPlayer(path, clock)
    yield recording
    recording.close()


def number(frame: av.VideoFrame | None) -> int:
    """Return the number of a recording's picture, from its brightness."""
    assert frame is not None
    shade = float(np.median(frame.to_ndarray(format="rgb24")[frame.height // 2 :]))
    return round((shade - 20) / STEP)


def shows(recording: RecordingPlayer, n: int) -> bool:
    return number(recording.latest()) == n


def test_the_first_picture_stands_ready(playing: RecordingPlayer) -> None:
    assert number(playing.latest()) == 0
    assert playing.read() is None
    assert not playing.ended
    assert playing.has_sound
    assert playing.duration_s == pytest.approx(1.0, abs=0.1)


def test_pictures_follow_the_clock(playing: RecordingPlayer, clock: Clock) -> None:
    playing.start(clock.now + 0.5)
    assert number(playing.latest()) == 0
    clock.now += 0.5
    for n in (0, 1, 2, 5, 6, 11, 17, 24):
        clock.now = 1000.5 + n / FPS + 0.01
        until(partial(shows, playing, n))


def test_sound_is_read_tick_by_tick_and_keeps_its_tone(
    playing: RecordingPlayer, clock: Clock
) -> None:
    playing.start(clock.now)
    blocks = []
    for n in range(45):
        clock.now = 1000 + n * 0.02
        until(lambda: playing.buffered_s >= min(0.98, clock.now - 1000 + 0.02))
        blocks.append(playing.read())
    sound = np.concatenate([block for block in blocks if block is not None])
    assert len(sound) == 45 * TICK_SAMPLES
    assert {block.dtype for block in blocks if block is not None} == {np.dtype(np.float32)}
    spectrum = np.abs(np.fft.rfft(sound[4800:] * np.hanning(len(sound) - 4800)))
    assert abs(spectrum.argmax() * SOUND_RATE / (len(sound) - 4800) - 440) < 3
    assert 0.15 < np.abs(sound[4800:]).max() < 0.25
    # Nothing is missing or repeated: there is no step between two blocks.
    assert np.abs(np.diff(sound[4800:])).max() < 0.02


def test_sound_catches_up_with_the_clock(playing: RecordingPlayer, clock: Clock) -> None:
    playing.start(clock.now)
    playing.read()
    clock.now += 0.6
    until(lambda: playing.buffered_s > 0.7)
    block = playing.read()
    assert block is not None
    assert np.abs(block).max() > 0.12


def test_it_ends_and_its_last_picture_goes(playing: RecordingPlayer, clock: Clock) -> None:
    playing.start(clock.now)
    clock.now += 1.2
    until(lambda: playing.ended)
    assert number(playing.latest()) == 24
    clock.now += 0.5
    assert playing.read() is None
    clock.now += HELD_S
    assert playing.latest() is None


def test_nobody_has_to_listen(path: Path, clock: Clock) -> None:
    """A recording whose pictures and sound nobody reads still plays to its end."""
    recording = RecordingPlayer(path, clock)
    recording.start(clock.now)
    clock.now += 10
    until(lambda: recording.ended)
    recording.close()


def test_a_recording_without_sound_is_silent(folder: Path, clock: Clock) -> None:
    recording = RecordingPlayer(recorded(folder / "still.mp4", codecs=("libx264", None)), clock)
    recording.start(clock.now)
    assert (recording.has_sound, recording.read()) == (False, None)
    clock.now += 1.1
    until(lambda: recording.ended)
    recording.close()


def test_a_phones_recording_stands_upright(folder: Path, clock: Clock) -> None:
    plain = recorded(folder / "lying.mp4").read_bytes()
    turned = folder / "upright.mp4"
    assert plain.count(UNITY) >= 2
    track = plain.index(UNITY, plain.index(b"tkhd"))
    turned.write_bytes(plain[:track] + QUARTER + plain[track + len(UNITY) :])
    recording = RecordingPlayer(turned, clock)
    frame = recording.latest()
    recording.close()
    assert frame is not None
    assert (frame.width, frame.height) == (180, 320)
    # Turned clockwise by a quarter, the upper left corner is at the upper right.
    red = frame.to_ndarray(format="rgb24")[[20, 20, 300, 300], [20, 160, 20, 160], 0] > 180
    assert red.tolist() == [False, True, False, False]


def test_a_large_recording_is_brought_to_the_programs_size(folder: Path, clock: Clock) -> None:
    path = recorded(folder / "large.mp4", size=(1920, 1080), seconds=0.2)
    recording = RecordingPlayer(path, clock)
    frame = recording.latest()
    recording.close()
    assert frame is not None
    assert (frame.width, frame.height, frame.format.name) == (1280, 720, "yuv420p")


@pytest.mark.parametrize(("name", "codec"), [("m4a", "aac"), ("webm", "libopus"), ("mp3", "mp3")])
def test_sound_alone_is_heard_without_a_picture(
    folder: Path, clock: Clock, name: str, codec: str
) -> None:
    path = spoken(folder / f"sound.{name}", codec)
    recording = RecordingPlayer(path, clock)
    recording.start(clock.now)
    heard = []
    until(lambda: recording.buffered_s > 0.4)
    for _ in range(15):
        sound = recording.read()
        assert sound is not None
        heard.append(sound)
        clock.now += 0.02
    assert recording.latest() is None
    recording.close()
    assert amplitude(np.concatenate(heard), 440) > 0.12


def test_closing_in_the_middle_ends_the_thread(path: Path, clock: Clock) -> None:
    before = threading.active_count()
    recording = RecordingPlayer(path, clock)
    recording.start(clock.now)
    recording.close()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone", "unreadable"),
        ("empty", "container"),
        ("text", "container"),
        ("playlist", "container"),
        ("half", "damaged"),
        ("head", "damaged"),
        ("blank", "damaged"),
        ("format", "codec (name mpeg2video)"),
        ("size", "too_large (width 2048, height 1200)"),
        ("tiny", "damaged"),
        ("length", "too_long (minutes 40)"),
    ],
)
def test_what_cannot_be_played_is_refused_by_a_code(folder: Path, name: str, reason: str) -> None:
    path = hostile(folder, name)
    before = threading.active_count()
    with pytest.raises(VideoUnplayable) as refused:
        RecordingPlayer(path)
    assert str(refused.value) == reason
    assert refused.value.code == reason.partition(" ")[0]
    assert threading.active_count() == before


def hostile(folder: Path, name: str) -> Path:
    good = recorded(folder / "good.mp4").read_bytes()
    path = folder / f"{name}.mp4"
    match name:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("<html>not a video</html>" * 40)
        case "playlist":
            path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n")
        case "half":
            path.write_bytes(good[: len(good) // 2])
        case "head":
            path.write_bytes(good[:40] + bytes(5000))
        case "blank":
            data = good.index(b"mdat")
            index = good.index(b"moov")
            path.write_bytes(good[: data + 4] + bytes(index - data - 8) + good[index - 4 :])
        case "format":
            return recorded(folder / "old.mkv", codecs=("mpeg2video", None))
        case "size":
            return recorded(path, size=(2048, 1200), seconds=0.1)
        case "tiny":
            return recorded(path, size=(16, 8), seconds=0.1)
        case "length":
            return recorded(path, seconds=3600, every_s=1200, codecs=("libx264", None))
    return path


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_recording_plays_what_it_can(folder: Path, clock: Clock, seed: int) -> None:
    whole = bytearray(recorded(folder / "damaged.mp4").read_bytes())
    random = np.random.default_rng(seed)
    start = whole.index(b"mdat") + 2000
    for at in random.integers(start, whole.index(b"moov") - 8, 400):
        whole[at] = random.integers(256)
    path = folder / f"damaged{seed}.mp4"
    path.write_bytes(whole)
    recording = RecordingPlayer(path, clock)
    recording.start(clock.now)
    for _ in range(60):
        clock.now += 0.02
        block, _frame = recording.read(), recording.latest()
        assert block is None or np.abs(block).max() <= 1.0
    until(lambda: recording.ended)
    recording.close()
