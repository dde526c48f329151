"""A webcast's folder, written by what the packager's thread does, and read as players do."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from hemicycle.engine.hls import metadata
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.playlists import AudioChannel, ListedSegment, read
from hemicycle.engine.hls.webcast_folder import OnTrouble
from hemicycle.engine.hls.writer import WebcastChange, WebcastWriter
from hemicycle.engine.streams import Packet

WALL_MS = 1_700_000_000_000
CHANNELS = (AudioChannel("floor", "Floor"), AudioChannel("fr", "français"))
TRACKS = ("video", "floor.opus", "fr.opus", "floor.aac", "fr.aac")


def nobody(code: str, **values: str) -> None:
    """Tell nobody."""


def writer(
    folder: Path,
    wall_ms: int = WALL_MS,
    on_trouble: OnTrouble = nobody,
    *,
    title: str = "",
    fps: int = 0,
    small: bool = False,
) -> WebcastWriter:
    """A writer on a folder, as a fresh engine has it."""
    known = metadata.read_file(folder)
    known.title, known.fps = title, fps
    return WebcastWriter(folder, known, CHANNELS, wall_ms, on_trouble, small=small)


def write(made: WebcastWriter, packets: Iterable[tuple[str, Packet]]) -> list[WebcastChange]:
    """Give a writer packets; return its changes."""
    return [news for name, packet in packets for news in made.take(name, packet)]


def end(made: WebcastWriter, chapters: tuple[ChapterMark, ...] = ()) -> None:
    """End the meeting."""
    made.finish(chapters, ended=True)


def segments(folder: Path, track: str) -> list[ListedSegment]:
    """The segments that a list names."""
    return read((folder / f"{track}.m3u8").read_text())


def uris(folder: Path, track: str) -> list[str]:
    """Their files."""
    return [segment.after.splitlines()[-1] for segment in segments(folder, track)]


@dataclass(frozen=True, slots=True)
class Found:
    """A packet as a player finds it; times in seconds."""

    at: Fraction
    lasts: Fraction
    key: bool


def packets(folder: Path, track: str, uri: str) -> list[Found]:
    """The packets of one segment, with the track's init segment before it."""
    data = (folder / f"{track}-1.mp4").read_bytes() + (folder / uri).read_bytes()
    with av.open(io.BytesIO(data), "r") as opened:
        found = [packet for packet in opened.demux() if packet.dts is not None]
        return [
            Found(
                Fraction((packet.dts or 0) * packet.time_base),
                Fraction((packet.duration or 0) * packet.time_base),
                packet.is_keyframe,
            )
            for packet in found
        ]
