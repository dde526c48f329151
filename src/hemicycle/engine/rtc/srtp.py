"""Encrypts packets (SRTP) in place, in one buffer that all listeners of a process use in turn.

pylibsrtp copies each packet twice and allocates memory for each. Copying a whole run and calling
libsrtp once for each of its packets costs half of that.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType
from typing import Any

from aiortc.rtcdtlstransport import SRTP_PROFILES, SRTPProtectionProfile
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from hemicycle.engine.rtc.packetizer import DATAGRAM, HEADER, MOST_IN_RUN, PacketRun

_TAGS = {"SRTP_AEAD_AES_128_GCM": 16, "SRTP_AEAD_AES_256_GCM": 16}
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

_LEAP = 0x7000
"""The largest step of a sequence number: a larger one may be taken for a step back (RFC 3711
section 3.3.1: less than 2^15)."""

_WINDOW = 1024
_LABEL = b"EXTRACTOR-dtls_srtp"
"""The label of the keys that a DTLS handshake gives to SRTP (RFC 5764 section 4.2)."""


@dataclass(frozen=True, slots=True)
class HandedKeys:
    """The keys of a connection, each with its salt, and the progress of its sources.

    `heard` has, by SSRC, the whole number (with the rollover counter) of the newest packet.
    """

    profile: str
    sends: bytes
    hears: bytes
    heard: tuple[tuple[int, int], ...]


class SrtpSessions:
    """Encryption and decryption of one connection.

    It counts received packets, because libsrtp does not say how often the sequence numbers of a
    source have wrapped.
    """

    def __init__(
        self,
        profile: str,
        keys: tuple[bytes, bytes],
        sends: Session,
        hears: Session,
        heard: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.profile = profile
        self.sends = sends
        self._keys, self._hears = keys, hears
        self._heard = {ssrc.to_bytes(4): newest for ssrc, newest in heard.items()}
        # Refuse packets from before the hand-over: libsrtp knew them only in the other process.
        self._before = dict(self._heard)

    @classmethod
    def agreed(cls, dtls: Any) -> "SrtpSessions":
        """Return the sessions of a completed handshake (aiortc's transport)."""
        profile = _profile(dtls._ssl.get_selected_srtp_profile().decode())
        size = 2 * (profile.key_length + profile.salt_length)
        material = dtls._ssl.export_keying_material(_LABEL, size)
        sent_by = 1 if dtls._role == "server" else 0
        keys = (
            profile.get_key_and_salt(material, sent_by),
            profile.get_key_and_salt(material, 1 - sent_by),
        )
        return cls(profile.openssl_profile.decode(), keys, dtls._tx_srtp, dtls._rx_srtp)

    @classmethod
    def resumed(cls, handed: HandedKeys) -> "SrtpSessions":
        """Return the sessions of another process. Raises ValueError for unusable keys."""
        profile = _profile(handed.profile)
        sends = _session(profile, handed.sends, Policy.SSRC_ANY_OUTBOUND)
        hears = _session(profile, handed.hears, Policy.SSRC_ANY_INBOUND)
        other_side = _session(profile, handed.hears, Policy.SSRC_ANY_OUTBOUND)
        for ssrc, newest in handed.heard:
            for packet in _up_to(ssrc, newest):
                hears.unprotect(other_side.protect(packet))
        keys = (handed.sends, handed.hears)
        return cls(handed.profile, keys, sends, hears, dict(handed.heard))

    def handed(self) -> HandedKeys:
        """Return the keys and the progress of the sources for another process."""
        heard = tuple((int.from_bytes(ssrc), newest) for ssrc, newest in self._heard.items())
        return HandedKeys(self.profile, *self._keys, heard)

    def advance(self, ssrc: int, newest: int) -> None:
        """Continue after the packet `newest` (its whole number) of a source that we send."""
        for packet in _up_to(ssrc, newest) if newest >= 0 else ():
            self.sends.protect(packet)

    def opened(self, data: bytes) -> bytes:
        """Return an RTP packet, decrypted. Raises `pylibsrtp.Error`."""
        ssrc, number = data[8:12], int.from_bytes(data[2:4])
        newest = self._heard.get(ssrc)
        whole = number if newest is None else newest + _ahead(number, newest)
        if whole <= self._before.get(ssrc, -1):
            raise SrtpError("This packet came, or should have come, to the process before.")
        packet = self._hears.unprotect(data)
        if newest is None or whole > newest:
            self._heard[ssrc] = whole
        return packet

    def opened_rtcp(self, data: bytes) -> bytes:
        """Return a compound of RTCP packets, decrypted. Raises `pylibsrtp.Error`."""
        return self._hears.unprotect_rtcp(data)


def _ahead(number: int, newest: int) -> int:
    ahead = (number - newest) & 0xFFFF
    return ahead - 0x10000 if ahead >= 0x8000 else ahead


def _profile(name: str) -> SRTPProtectionProfile:
    for profile in SRTP_PROFILES:
        if profile.openssl_profile.decode() == name:
            return profile
    raise ValueError(f"There is no SRTP profile {name!r:.40}.")


def _session(profile: SRTPProtectionProfile, key: bytes, kind: int) -> Session:
    if len(key) != profile.key_length + profile.salt_length:
        raise ValueError("A key of a connection has a wrong length.")
    policy = Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp_profile)
    policy.allow_repeat_tx = True
    policy.window_size = _WINDOW
    return Session(policy)


def _up_to(ssrc: int, newest: int) -> Iterator[bytes]:
    """Yield empty packets that advance a session to the number `newest`; they are never sent."""
    for whole in (*range(0, newest, _LEAP), newest):
        yield struct.pack("!BBHLL", _VERSION, 0, whole & 0xFFFF, 0, ssrc)


class SrtpSender:
    """Writes the headers of one peer's packets and encrypts them."""

    def __init__(self, sessions: SrtpSessions) -> None:
        self.tag = _TAGS.get(sessions.profile, _TAG_SHA1_80)
        self._session = sessions.sends  # keeps the keys alive
        self._keys = self._session._srtp[0]

    def seal(
        self, run: PacketRun, kind: int, sequence: int, timestamp: int, ssrc: int, *, ends: bool
    ) -> memoryview:
        """Return the encrypted packets of a run, one after the other, valid until the next call.

        `kind` is the payload type, and `sequence` the number of the first packet; `ends` marks the
        last packet as the end of its frame.
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
        """Return one encrypted packet; `kind` includes the marker bit if the packet has it."""
        size = HEADER + len(payload)
        _buffer[HEADER:size] = payload
        _header(_buffer, 0, _VERSION, kind, sequence & 0xFFFF, timestamp, ssrc)
        _length[0] = size
        _protect(self._keys, _start, _length)
        return _view[: size + self.tag]
