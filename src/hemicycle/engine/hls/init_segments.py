"""Init segments, written by libavformat: what a player needs before the first fragment."""

import io
from dataclasses import dataclass
from fractions import Fraction

import av

from hemicycle.engine.hls.codecs import SILENCE
from hemicycle.engine.hls.fragments import nal_type, nal_units
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE

_FLAGS = {
    "movflags": "empty_moov+default_base_moof+frag_custom+delay_moov",
    "video_track_timescale": str(PICTURE_RATE),
}


@dataclass(frozen=True, slots=True)
class InitSegment:
    """An init segment and its description in a master playlist (RFC 6381); sound has no size."""

    data: bytes
    codecs: str
    width: int = 0
    height: int = 0


def parameters(access_unit: bytes) -> tuple[bytes, ...]:
    """Return the parameter sets in an access unit; a different set needs another init segment."""
    return tuple(unit for unit in nal_units(access_unit) if nal_type(unit) in {7, 8})


def picture(keyframe: bytes) -> InitSegment:
    """Return an init segment for H.264.

    `keyframe` is in Annex B form and has parameter sets; ValueError if it has none.
    """
    sps = next((unit for unit in parameters(keyframe) if nal_type(unit) == 7), None)
    if sps is None:
        raise ValueError("This keyframe has no sequence parameter set.")
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frame = (decoder.decode(av.Packet(keyframe)) + decoder.decode(None))[0]
    with io.BytesIO() as file:
        container = av.open(file, "w", format="mp4", options=_FLAGS)
        stream = container.add_mux_stream("h264", width=frame.width, height=frame.height)
        _finish(container, stream, keyframe, PICTURE_RATE)
        data = _head(file.getvalue())
    return InitSegment(data, f"avc1.{sps[1:4].hex()}", frame.width, frame.height)


def opus() -> InitSegment:
    """Return an init segment for mono Opus at 48 kHz (Opus in ISOBMFF §4.3.2)."""
    return InitSegment(_sound("libopus", SILENCE), "opus")


def aac() -> InitSegment:
    """Return an init segment for mono AAC-LC at 48 kHz."""
    return InitSegment(_sound("aac", b"\x01\x18\x20\x07"), "mp4a.40.2")


def _sound(codec: str, packet: bytes) -> bytes:
    with io.BytesIO() as file:
        container = av.open(file, "w", format="mp4", options=_FLAGS)
        stream = container.add_stream(codec, rate=SOUND_RATE, layout="mono")
        container.start_encoding()
        _finish(container, stream, packet, SOUND_RATE)
        return _head(file.getvalue())


def _finish(
    container: av.container.OutputContainer, stream: av.stream.Stream, data: bytes, rate: int
) -> None:
    """Write one packet, without which libavformat writes no header, and close the container."""
    packet = av.Packet(data)
    packet.stream = stream
    packet.time_base = Fraction(1, rate)
    packet.pts = packet.dts = 0
    packet.duration = rate // 50
    packet.is_keyframe = True
    container.mux(packet)
    container.close()


def _head(file: bytes) -> bytes:
    return file[: file.index(b"moof") - 4]
