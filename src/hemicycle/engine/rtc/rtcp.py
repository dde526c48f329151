"""Writes RTCP: sender reports that tie sound and picture to one clock, and feedback.

The byte layout is that of RFC 3550 section 6.
"""

import struct
import time

NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 to 1970."""

_wall_less_monotonic = time.time() - time.monotonic()


def ntp(at: float) -> int:
    """Return a moment of the monotonic clock (s) as a 64-bit NTP timestamp.

    The time counts from one reading of the wall clock, so that setting it moves no picture.
    """
    return int((at + _wall_less_monotonic + NTP_EPOCH_S) * (1 << 32))


def middle(stamp: int) -> int:
    """Return the middle 32 bits, by which reports name an NTP timestamp."""
    return (stamp >> 16) & 0xFFFFFFFF


def sender_report(
    ssrc: int, cname: bytes, *, stamp: int, rtp: int, packets: int, octets: int
) -> bytes:
    """Return a sender report (SR and SDES): at NTP `stamp`, the source's clock was at `rtp`."""
    report = struct.pack(
        "!BBHLQLLL",
        0x80,
        200,
        6,
        ssrc,
        stamp,
        rtp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    items = struct.pack("!LBB", ssrc, 1, len(cname)) + cname + b"\0"
    items += b"\0" * (-len(items) % 4)
    return report + struct.pack("!BBH", 0x81, 202, len(items) // 4) + items


def round_trip_s(now: int, last_report: int, delay: int) -> float | None:
    """Return the round trip to the peer in seconds, from a report block received at NTP `now`
    (RFC 3550 section 6.4.1); None if the peer has received no report.
    """
    if not last_report:
        return None
    ticks = (middle(now) - last_report - delay) & 0xFFFFFFFF
    return ticks / 65536 if ticks < 1 << 31 else 0.0
