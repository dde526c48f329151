"""The names of other people's libraries that we lean on without their promise, looked for by name.

The versions are pinned in `pyproject.toml`; this tells, before the first peer, what a change of
version would break.
"""

import inspect
from collections.abc import Iterator

import aioice.ice
import aiortc
import aiortc.rtcdtlstransport
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import pylibsrtp
from pylibsrtp import _binding

_ATTRIBUTES: tuple[tuple[object, tuple[str, ...]], ...] = (
    (
        aioice.ice.Connection,
        ("gather_candidates", "query_consent", "build_request", "data_received", "check_complete"),
    ),
    (
        aioice.ice.StunProtocol,
        ("datagram_received", "request", "send_stun", "connection_lost", "close"),
    ),
    (aioice.ice, ("get_host_addresses",)),
    (aioice.ice.CandidatePair, ("remote_addr",)),
    (aiortc.RTCCertificate, ("_create_ssl_context",)),
    (aiortc.RTCRtpSender, ("send", "stop")),
    (aiortc.RTCRtpReceiver, ("receive", "stop")),
    (aiortc.rtcdtlstransport, ("SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80", "SRTP_PROFILES")),
    (
        aiortc.rtcrtpreceiver.StreamStatistics,
        ("add", "fraction_lost", "packets_lost", "packets_expected", "jitter"),
    ),
    (aiortc.rtp, ("HeaderExtensionsMap", "RtcpPacket", "is_rtcp", "pack_remb_fci", "unwrap_rtx")),
    (_binding.lib, ("srtp_protect",)),
    (_binding.ffi, ("from_buffer",)),
)

_ASSIGNED: tuple[tuple[type, tuple[str, ...]], ...] = (
    (
        aioice.ice.Connection,
        (
            "_protocols",
            "_nominated",
            "_local_candidates",
            "_local_candidates_start",
            "_local_candidates_end",
        ),
    ),
    (aioice.ice.StunProtocol, ("receiver",)),
    (aiortc.RTCIceTransport, ("_connection",)),
    (
        aiortc.rtcdtlstransport.RTCDtlsTransport,
        ("_rx_srtp", "_tx_srtp", "_srtp_profiles", "_ssl", "__local_certificate"),
    ),
    (aiortc.RTCRtpSender, ("_ssrc", "_rtx_ssrc")),
    (aiortc.RTCRtpTransceiver, ("_bundled", "_codecs", "_headerExtensions")),
    (pylibsrtp.Session, ("_srtp",)),
)


class UnsupportedLibrary(RuntimeError):
    """A library has another version than the one we know."""


def check() -> None:
    """Look for every name; raises `UnsupportedLibrary` with those that are missing."""
    missing = [*_missing_attributes(), *_missing_assigned()]
    if missing:
        raise UnsupportedLibrary(
            "The media engine knows aiortc 1.16.0, aioice 0.13.0 and PyAV 19.0.2, and what is "
            f"installed lacks {', '.join(missing)}. Install the versions in requirements.txt."
        )


def _missing_attributes() -> Iterator[str]:
    for owner, names in _ATTRIBUTES:
        for name in names:
            if not hasattr(owner, name):
                yield f"{_name(owner)}.{name}"


def _missing_assigned() -> Iterator[str]:
    """Attributes that a class gives its objects when they are made, as its source shows."""
    for owner, names in _ASSIGNED:
        source = inspect.getsource(owner)
        for name in names:
            if f"self.{name}" not in source:
                yield f"{_name(owner)}.{name}"


def _name(owner: object) -> str:
    return str(getattr(owner, "__qualname__", getattr(owner, "__name__", owner)))
