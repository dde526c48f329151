"""Opens uploaded recordings with care, and splits them into pictures and sound.

The sender may send anything. So the container is recognized by its first bytes, never by its name,
and only three kinds are read. Codecs, size and length are limited, and a file that cannot be played
is refused with a code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.stream import Disposition, Stream
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, Samples
from hemicycle.engine.video.geometry import LARGE, Size, even
from hemicycle.engine.video.sprites import planes

LONGEST_S = 30 * 60
MOST_PIXELS = 1920 * 1088
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "opus", "vorbis", "mp3", "flac", "pcm_s16le", "alac"})

PATIENCE = 100
"""Unreadable packets in a row after which a recording ends."""


class VideoUnplayable(ValueError):
    """A recording that cannot be played, with a code.

    Codes: unreadable, damaged, too_long, container, codec, too_large.
    """

    def __init__(self, code: str, **values: str | int) -> None:
        self.code, self.values = code, values
        found = ", ".join(f"{name} {value}" for name, value in values.items())
        super().__init__(f"{code} ({found})" if found else code)


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPiece:
    """A picture, or some sound, at `at_s` seconds from the recording's start (-1: unknown)."""

    at_s: float
    picture: av.VideoFrame | None = None
    sound: Samples | None = None


class VideoFile:
    """An opened recording. Raises `VideoUnplayable` for a file that cannot be played.

    It reads the disk: do not call it in the event loop.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise VideoUnplayable("unreadable") from error
        try:
            self._open(self._file)
        except BaseException:
            self._file.close()
            raise

    def _open(self, file: BinaryIO) -> None:
        kind = _kind(file)
        try:
            # The format is given, because libavformat otherwise tries all its demuxers on a
            # stranger's file, even those of playlists, which name other files to open.
            self._container = av.open(file, "r", format=kind)
        except (av.FFmpegError, ValueError) as error:
            raise VideoUnplayable("damaged") from error
        videos = (stream for stream in self._container.streams.video if _moves(stream))
        self._video = next(videos, None)
        self._audio = next(iter(self._container.streams.audio), None)
        _check(self._video, self._audio)
        self.duration_s = self._duration()
        if self._video is not None:
            self._video.thread_count = 1
        self._upright = _Upright()
        self._resampler = AudioResampler("flt", "mono", SOUND_RATE)
        self._zero = (self._container.start_time or 0) / av.time_base

    def _duration(self) -> float | None:
        length = self._container.duration
        seconds = None if length is None else length / av.time_base
        if seconds is not None and seconds > LONGEST_S:
            raise VideoUnplayable("too_long", minutes=round(seconds / 60))
        return seconds

    @property
    def has_picture(self) -> bool:
        """Whether the recording has a moving picture."""
        return self._video is not None

    @property
    def has_sound(self) -> bool:
        """Whether the recording has sound."""
        return self._audio is not None

    def pieces(self) -> Iterator[DecodedPiece]:
        """Yield pictures and sound, as far as they can be read, in the order of the file."""
        streams = [stream for stream in (self._video, self._audio) if stream is not None]
        bad = 0
        try:
            for packet in self._container.demux(streams):
                try:
                    yield from self._pieces(packet)
                    bad = 0
                except (av.FFmpegError, ValueError):
                    bad += 1
                    if bad > PATIENCE:
                        return
        except av.FFmpegError:
            return

    def _pieces(self, packet: "av.Packet[Stream]") -> Iterator[DecodedPiece]:
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame) and self._video is not None:
                # The size is checked in each picture: a stream may change it after the header.
                _check_size(frame.width, frame.height)
                aspect = float(self._video.sample_aspect_ratio or 1)
                yield DecodedPiece(self._at_s(frame), picture=self._upright.turned(frame, aspect))
            elif isinstance(frame, av.AudioFrame):
                sound = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
                whole = np.concatenate(sound or [np.zeros(0)])
                yield DecodedPiece(self._at_s(frame), sound=_bounded(whole))

    def _at_s(self, frame: av.VideoFrame | av.AudioFrame) -> float:
        return -1.0 if frame.time is None else frame.time - self._zero

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()


def _kind(file: BinaryIO) -> str:
    head = file.read(12)
    file.seek(0)
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
        return "mp3"
    raise VideoUnplayable("container")


def _moves(stream: av.VideoStream) -> bool:
    """Whether a stream is a video, and not the cover picture of a sound recording."""
    return not stream.disposition & Disposition.attached_pic


def _check(video: av.VideoStream | None, audio: av.AudioStream | None) -> None:
    if video is None and audio is None:
        raise VideoUnplayable("damaged")
    # A stream of a codec that this build does not know has no context at all.
    for stream, known in ((video, VIDEO_CODECS), (audio, AUDIO_CODECS)):
        context = stream and stream.codec_context
        name = context.codec.canonical_name if context else "unknown"
        if stream and name not in known:
            raise VideoUnplayable("codec", name=name)
    if video is not None:
        _check_size(video.codec_context.width, video.codec_context.height)


def _check_size(width: int, height: int) -> None:
    if min(width, height) < 16:
        raise VideoUnplayable("damaged")
    if width * height > MOST_PIXELS:
        raise VideoUnplayable("too_large", width=width, height=height)


def _bounded(sound: NDArray[Any]) -> Samples:
    # A damaged file may decode to samples beyond full scale, or to NaN.
    bounded: Samples = np.clip(np.nan_to_num(sound), -1.0, 1.0).astype(np.float32)
    return bounded


class _Upright:
    """Makes pictures upright, with square pixels, and no larger than needed."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def turned(self, frame: av.VideoFrame, aspect: float) -> av.VideoFrame:
        size = _shown(Size(frame.width, frame.height), aspect if 0.1 < aspect < 10 else 1.0)
        scaled = self._reformatter.reformat(
            frame,
            *size,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR,
        )
        quarters = round(frame.rotation / 90) % 4
        return _rotated(scaled, size, quarters) if quarters else scaled


def _shown(size: Size, aspect: float) -> Size:
    width = size.width * aspect
    share = min(1.0, LARGE.width / max(width, size.height))
    return Size(max(2, even(width * share)), max(2, even(size.height * share)))


def _rotated(frame: av.VideoFrame, size: Size, quarters: int) -> av.VideoFrame:
    """Return the frame turned counterclockwise by this many quarter turns."""
    to = Size(size.height, size.width) if quarters % 2 else size
    turned = av.VideoFrame(*to, "yuv420p")
    for plane, target in zip(planes(frame, size), planes(turned, to), strict=True):
        target[...] = np.rot90(plane, quarters)
    return turned
