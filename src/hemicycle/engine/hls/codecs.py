"""The codecs of a channel's sound in the webcast: Opus as it is mixed, and AAC for other players.

An object of each is for one thread only. If the mixer left packets out, both fill the gap with
silence, because players stop at a gap.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, Protocol

import av
import numpy as np

from hemicycle.engine.hls.fragments import Sample
from hemicycle.engine.streams import SOUND_RATE, Packet, Samples

LONGEST_FILL = 60 * SOUND_RATE
"""The longest gap that is filled with silence, in samples; at a longer one the clock jumps."""
SILENCE = b"\xf8\xff\xfe"
"""20 ms of silence in mono Opus, full band (RFC 6716 §3.1)."""
AAC_BIT_RATE = 64_000
AAC_FRAME = 1024


class AudioCodec(Protocol):
    """One channel's sound in one codec."""

    def encode(self, packet: Packet) -> Iterator[Sample]:
        """Yield the samples that a packet of Opus completes, without a gap."""


class OpusPassthrough:
    """One channel's packets, unchanged."""

    def __init__(self) -> None:
        self._reached: int | None = None

    def encode(self, packet: Packet) -> Iterator[Sample]:
        """Yield the packet itself, after silence for missing packets."""
        if self._reached is not None and packet.pts - self._reached <= LONGEST_FILL:
            for at in range(self._reached, packet.pts, packet.duration):
                yield Sample(SILENCE, at, min(packet.duration, packet.pts - at))
        self._reached = packet.pts + packet.duration
        yield Sample(packet.data, packet.pts, packet.duration)


class AacTranscoder:
    """One channel decoded and encoded again: AAC-LC, mono, 48 kHz."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("opus", "r")
        assert isinstance(self._decoder, av.AudioCodecContext)
        self._decoder.sample_rate = SOUND_RATE
        self._decoder.layout = "mono"
        self._encoder = av.CodecContext.create("aac", "w")
        assert isinstance(self._encoder, av.AudioCodecContext)
        self._encoder.sample_rate = SOUND_RATE
        self._encoder.layout = "mono"
        self._encoder.format = av.AudioFormat("fltp")
        self._encoder.bit_rate = AAC_BIT_RATE
        self._encoder.open()
        self._held: Samples = np.zeros(0, np.float32)
        self._at: int | None = None

    def encode(self, packet: Packet) -> Iterator[Sample]:
        """Yield the frames that a packet completes; they are a little behind the packet."""
        at = self._hold(packet)
        while len(self._held) >= AAC_FRAME:
            block, self._held = self._held[:AAC_FRAME], self._held[AAC_FRAME:]
            frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="fltp", layout="mono")
            frame.sample_rate = SOUND_RATE
            frame.pts = at
            at += AAC_FRAME
            for made in self._encoder.encode(frame):
                assert made.pts is not None
                yield Sample(bytes(made), made.pts, AAC_FRAME)
        self._at = at

    def _hold(self, packet: Packet) -> int:
        """Append a packet's sound to the buffer; return the `pts` at which the buffer begins."""
        at = packet.pts if self._at is None else self._at
        missing = packet.pts - (at + len(self._held))
        if 0 < missing <= LONGEST_FILL:
            self._held = np.concatenate((self._held, np.zeros(missing, np.float32)))
        elif missing:
            self._held, at = self._held[:0], packet.pts
        self._held = np.concatenate((self._held, *self._decoded(packet)))
        return at

    def _decoded(self, packet: Packet) -> Iterator[Samples]:
        for frame in self._decoder.decode(av.Packet(packet.data)):
            yield frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)


CODECS: Mapping[Literal["opus", "aac"], type[OpusPassthrough | AacTranscoder]] = MappingProxyType(
    {"opus": OpusPassthrough, "aac": AacTranscoder}
)
"""The codecs of the webcast, by the name in file names."""
