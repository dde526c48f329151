"""Captions as a track of an MP4 file (3GPP TS 26.245), and languages as MP4 names them."""

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
from av.container import OutputContainer
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from hemicycle.engine.captions.webvtt import Cue
from hemicycle.engine.streams import FLOOR

MILLISECONDS = Fraction(1, 1000)
# libavformat writes the track's style from this, and the encoder does not open without it.
_STYLE = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, "
    "PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\nStyle: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,"
    "100,0,0,1,1,0,2,10,10,10,1\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, "
    "MarginR, MarginV, Effect, Text\n"
)


def language_code(tag: str) -> str:
    """Return the code of a language (ISO 639-2/T) for a BCP 47 tag; "und" if it has none.

    The floor, with its several languages, has the code "mul". MP4 stores only codes of three
    letters (ISO/IEC 14496-12 §8.4.2).
    """
    if tag == FLOOR:
        return "mul"
    # Imported here because it takes some megabytes, which only an engine with such a file needs.
    from langcodes import Language

    try:
        return Language.get(tag).to_alpha3()
    except (LookupError, ValueError):
        return "und"


def add_track(out: OutputContainer, language: str) -> SubtitleStream:
    """Add a track of captions in a language."""
    stream = out.add_stream("mov_text")
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = _STYLE.encode()
    stream.time_base = MILLISECONDS
    stream.metadata["language"] = language_code(language)
    return stream


def samples(
    cues: Iterable[Cue], stream: SubtitleStream
) -> Iterator[tuple[float, "av.Packet[Stream]"]]:
    """Yield cues in order as samples of the track, each with its time in seconds."""
    for cue in cues:
        text = cue.text.encode()
        packet: av.Packet[Stream] = av.Packet(struct.pack(">H", len(text)) + text)
        packet.stream = stream
        packet.time_base = MILLISECONDS
        packet.pts = packet.dts = cue.start_ms
        packet.duration = cue.end_ms - cue.start_ms
        yield cue.start_ms / 1000, packet
