"""Encrypts packets (SRTP) in place, in one buffer that all listeners of a process use in turn.

pylibsrtp copies each packet twice and allocates memory for each. Copying a whole run and calling
libsrtp once for each of its packets costs half of that.
"""

from struct import Struct
from typing import Any

from pylibsrtp._binding import ffi, lib

from hemicycle.engine.rtc.packetizer import DATAGRAM, HEADER, MOST_IN_RUN, PacketRun

_TAGS = {b"SRTP_AEAD_AES_128_GCM": 16, b"SRTP_AEAD_AES_256_GCM": 16}
_TAG_SHA1_80 = 10

_buffer = bytearray(DATAGRAM * (MOST_IN_RUN + 1))
_view = memoryview(_buffer)
_start = ffi.from_buffer(_buffer)
_places = [(at, _start + at) for at in range(0, DATAGRAM * MOST_IN_RUN, DATAGRAM)]
_length = ffi.new("int *")
_protect = lib.srtp_protect
_header = Struct("!BBHLL").pack_into

_VERSION = 0x80
_MARKER = 0x80


class SrtpSender:
    """Writes the headers of one peer's packets and encrypts them."""

    def __init__(self, dtls: Any) -> None:
        self.tag = _TAGS.get(dtls._ssl.get_selected_srtp_profile(), _TAG_SHA1_80)
        self._session = dtls._tx_srtp  # keeps the keys alive
        self._keys = self._session._srtp[0]

    def seal(
        self, run: PacketRun, kind: int, sequence: int, timestamp: int, ssrc: int, *, ends: bool
    ) -> memoryview:
        """Return the packets of a run, one after the other, valid until the next call.

        `kind` is the payload type, `sequence` that of the first; `ends` marks the last as the last
        of its frame.
        """
        _buffer[: run.size] = run.template
        last = len(run.lengths) - 1
        for n, length in enumerate(run.lengths):
            at, place = _places[n]
            marked = kind | _MARKER if ends and n == last else kind
            _header(_buffer, at, _VERSION, marked, (sequence + n) & 0xFFFF, timestamp, ssrc)
            _length[0] = length
            _protect(self._keys, place, _length)
        return _view[: run.size]

    def seal_one(
        self, payload: bytes, kind: int, sequence: int, timestamp: int, ssrc: int
    ) -> memoryview:
        """Return one packet; `kind` includes the marker bit if it has one."""
        size = HEADER + len(payload)
        _buffer[HEADER:size] = payload
        _header(_buffer, 0, _VERSION, kind, sequence & 0xFFFF, timestamp, ssrc)
        _length[0] = size
        _protect(self._keys, _start, _length)
        return _view[: size + self.tag]
