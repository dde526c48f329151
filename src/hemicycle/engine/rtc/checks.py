"""Every private name of aiortc, aioice and pylibsrtp that the engine uses.

The three are pinned in `pyproject.toml`. `check` looks for each name before the first peer is made;
`make newest` checks the newest releases (`python -m hemicycle.engine.rtc.checks`). A test reads the
source of the engine and fails if it uses a private name that is not listed here.

A name that still exists may have another meaning by now: only the tests of this package, with real
browsers and standard clients, show that. So a newer version is tried with them before it is pinned.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import getsource
from types import MappingProxyType
from typing import Final

KNOWN: Final = "aiortc 1.16.0, aioice 0.13.0, pylibsrtp 1.0.0 and PyAV 19.0.2"

IMPORTED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "aioice.candidate": ("Candidate", "candidate_foundation", "candidate_priority"),
        "aioice.ice": ("CandidatePair", "Connection", "StunProtocol", "get_host_addresses"),
        "aioice.stun": ("TransactionError", "parse_message"),
        "aiortc.codecs": ("depayload", "is_rtx"),
        "aiortc.exceptions": ("InternalError", "InvalidStateError", "OperationError"),
        "aiortc.mediastreams": ("MediaStreamError",),
        "aiortc.rtcdtlstransport": (
            "SRTP_AEAD_AES_128_GCM",
            "SRTP_AES128_CM_SHA1_80",
            "SRTP_PROFILES",
            "SRTPProtectionProfile",
        ),
        "aiortc.rtcpeerconnection": ("is_codec_compatible",),
        "aiortc.rtcrtpparameters": (
            "RTCRtpCodecParameters",
            "RTCRtpHeaderExtensionParameters",
            "RTCRtpParameters",
        ),
        "aiortc.rtcrtpreceiver": ("StreamStatistics",),
        "aiortc.rtcrtptransceiver": ("RTCRtpTransceiver",),
        "aiortc.rtp": (
            "RTCP_PSFB_APP",
            "RTCP_PSFB_FIR",
            "RTCP_PSFB_PLI",
            "RTCP_RTPFB_NACK",
            "HeaderExtensionsMap",
            "RtcpPacket",
            "RtcpPsfbPacket",
            "RtcpReceiverInfo",
            "RtcpRrPacket",
            "RtcpRtpfbPacket",
            "RtcpSrPacket",
            "RtpPacket",
            "is_rtcp",
            "pack_remb_fci",
            "unwrap_rtx",
        ),
        "aiortc.sdp": ("MediaDescription", "SessionDescription", "candidate_to_sdp"),
        "aiortc.utils": ("random16", "random32"),
        "pylibsrtp._binding": ("ffi", "lib"),
    }
)
"""Names imported from modules that are not public API of their library."""

ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "aioice.ice.Connection": (
            "gather_candidates",
            "query_consent",
            "build_request",
            "data_received",
            "check_complete",
        ),
        "aioice.ice.StunProtocol": (
            "datagram_received",
            "request",
            "send_stun",
            "connection_lost",
            "close",
        ),
        "aioice.ice.CandidatePair": ("remote_addr", "State"),
        "aioice.ice.CandidatePair.State": ("SUCCEEDED",),
        "aioice.stun.Message": ("check_message_integrity",),
        "aiortc.RTCCertificate": ("_create_ssl_context",),
        "aiortc.RTCRtpSender": ("send", "stop"),
        "aiortc.RTCRtpReceiver": ("receive", "stop"),
        "aiortc.rtcrtpreceiver.StreamStatistics": (
            "add",
            "fraction_lost",
            "packets_lost",
            "packets_expected",
            "jitter",
        ),
        "pylibsrtp._binding.lib": ("srtp_protect",),
        "pylibsrtp._binding.ffi": ("from_buffer", "new"),
    }
)
"""Methods and properties, most of them replaced on one object (`peer._replace`)."""

ASSIGNED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "aioice.ice.Connection": (
            "_check_list",
            "_local_username",
            "_protocols",
            "_nominated",
            "_local_candidates",
            "_local_candidates_start",
            "_local_candidates_end",
            "_early_checks_done",
            "_check_list_done",
            "_remote_candidates",
            "_remote_candidates_end",
        ),
        "aioice.candidate.Candidate": ("_network_host",),
        "aioice.ice.StunProtocol": ("receiver",),
        "aiortc.RTCIceTransport": ("_connection",),
        "aiortc.rtcdtlstransport.RTCDtlsTransport": (
            "_rx_srtp",
            "_tx_srtp",
            "_srtp_profiles",
            "_ssl",
            "_role",
            "__local_certificate",
        ),
        "aiortc.rtcrtpreceiver.StreamStatistics": (
            "base_seq",
            "cycles",
            "max_seq",
            "packets_received",
            "_last_arrival",
            "_last_timestamp",
            "_jitter_q4",
        ),
        "aiortc.RTCRtpSender": ("_ssrc", "_rtx_ssrc"),
        "aiortc.RTCRtpTransceiver": ("_bundled", "_codecs", "_headerExtensions"),
        "pylibsrtp.Session": ("_srtp",),
    }
)
"""Attributes that a class assigns when its objects are made, as its source shows."""


class UnsupportedLibrary(RuntimeError):
    """An installed library lacks a name that the engine uses."""


def check() -> None:
    """Look for every name; raise `UnsupportedLibrary` with those that are missing."""
    if lacking := list(missing()):
        raise UnsupportedLibrary(
            f"The media engine knows {KNOWN}, and what is installed lacks {', '.join(lacking)}. "
            "Install the versions in requirements.txt."
        )


def missing() -> Iterator[str]:
    """Yield the names that the installed versions do not have."""
    for owner, names in {**IMPORTED, **ATTRIBUTES}.items():
        found = _found(owner)
        yield from (f"{owner}.{name}" for name in names if not hasattr(found, name))
    for owner, names in ASSIGNED.items():
        # Slots or a base class would hide an assignment from this check, which then reports it.
        source = getsource(found) if isinstance(found := _found(owner), type) else ""
        yield from (f"{owner}.{name}" for name in names if f"self.{name}" not in source)


def _found(path: str) -> object:
    """Return the module, class or object at a dotted path; None if it is missing."""
    module, _, rest = path, "", ""
    while module:
        try:
            found: object = import_module(module)
        except ImportError:
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
        else:
            for name in filter(None, rest.split(".")):
                found = getattr(found, name, None)
            return found
    return None


if __name__ == "__main__":
    print("\n".join(missing()))
    sys.exit()
