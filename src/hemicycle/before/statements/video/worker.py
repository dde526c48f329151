"""The worker: one recording on standard input, one JSON object on standard output.

Run as `python -m hemicycle.before.statements.video.worker SECONDS MEMORY`. The answer has either
the properties of the recording or `{"code": ..., ...}`; the exit status is 0 for both.
"""

import json
import sys
from typing import Any, BinaryIO

import av
from av.stream import Disposition

from hemicycle.documents.reading import sandbox

KINDS = {"mov": "mp4", "matroska": "webm", "mp3": "mpeg"}
PICTURES = frozenset({"h264", "vp8", "vp9"})
SOUNDS = frozenset({"aac", "opus"})
SOUNDS_ALONE = SOUNDS | {"mp3"}
LARGEST = (1920, 1088)
"""The largest size in pixels; 1080 rows are coded as 1088."""
PATIENCE = 100
"""The number of packets without a visible picture after which the video counts as damaged."""

Answer = dict[str, Any]


class VideoProblem(Exception):
    """Raised for a video that cannot be played: a code, and values for its sentence."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.answer: Answer = {"code": code, **values}


def main(arguments: list[str]) -> int:
    seconds, memory = float(arguments[0]), int(arguments[1])
    sandbox.confine(memory, seconds)
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer)))
    return 0


def answer(file: BinaryIO) -> Answer:
    """Return the properties of the video, or the code of why it cannot be played."""
    try:
        return _read(file)
    except VideoProblem as refused:
        return refused.answer
    except MemoryError:
        return {"code": "memory"}
    except Exception:  # noqa: BLE001 - whatever the decoder trips over, the file is what is wrong
        return {"code": "damaged"}


def _read(file: BinaryIO) -> Answer:
    kind = _kind(file)
    with av.open(file, "r", format=kind) as container:
        video = next((stream for stream in container.streams.video if _moves(stream)), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise VideoProblem("damaged")
        picture, width, height = "", 0, 0
        if video is not None:
            picture = _codec(video, PICTURES, "picture")
            width, height = video.codec_context.width, video.codec_context.height
            _check_size(width, height)
        sound = _codec(audio, SOUNDS if video else SOUNDS_ALONE, "sound") if audio else ""
        duration_ms = _walk(container, video, audio)
    return {
        "media_type": f"{'video' if picture else 'audio'}/{KINDS[kind]}",
        "duration_ms": duration_ms,
        "width": width,
        "height": height,
        "picture": picture,
        "sound": sound,
    }


def _kind(file: BinaryIO) -> str:
    head = file.read(12)
    file.seek(0)
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
        return "mp3"
    raise VideoProblem("not_video")


def _moves(stream: Any) -> bool:
    """Return whether the stream is more than the cover picture of a sound recording."""
    return not stream.disposition & Disposition.attached_pic


def _codec(stream: Any, known: frozenset[str], part: str) -> str:
    # A stream with a codec that this build does not support has no context at all.
    name = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
    if name not in known:
        raise VideoProblem(f"{part}_codec", codec=name)
    return str(name)


def _check_size(width: int, height: int) -> None:
    if width < 16 or height < 16:
        raise VideoProblem("damaged")
    if width * height > LARGEST[0] * LARGEST[1]:
        raise VideoProblem("too_wide", width=str(width), height=str(height))


def _walk(container: Any, video: Any, audio: Any) -> int:
    """Return the length in ms as the packets tell it, since browsers record none in the header.

    Only one picture and one sound are decoded; the other packets are counted.
    """
    wanted = {stream for stream in (video, audio) if stream is not None}
    seen = dict.fromkeys(wanted, 0)
    ends = 0.0
    start = (container.start_time or 0) / av.time_base
    for packet in container.demux(list(seen)):
        if packet.pts is None or packet.time_base is None:
            continue
        over = (packet.pts + (packet.duration or 0)) * packet.time_base
        ends = max(ends, float(over) - start)
        seen[packet.stream] += 1
        if packet.stream in wanted and _decodes(packet, seen[packet.stream]):
            wanted.discard(packet.stream)
    if wanted or ends <= 0:
        raise VideoProblem("damaged")
    return round(ends * 1000)


def _decodes(packet: Any, number: int) -> bool:
    try:
        return bool(packet.decode())
    except av.FFmpegError:
        if number > PATIENCE:
            raise VideoProblem("damaged") from None
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
