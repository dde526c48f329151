"""Keys move from one process to the next: numbers continue, and no packet is accepted twice."""

import struct
from dataclasses import replace

import pytest
from pylibsrtp import Error

from hemicycle.engine.rtc.srtp import HandedKeys, SrtpSessions

OURS, THEIRS = bytes(range(28)), bytes(range(28, 56))
GCM = "SRTP_AEAD_AES_128_GCM"
SSRC = 77


def packet(whole: int, ssrc: int = SSRC) -> bytes:
    return struct.pack("!BBHLL", 0x80, 111, whole & 0xFFFF, whole * 960 % 2**32, ssrc) + b"sound"


def both() -> tuple[SrtpSessions, SrtpSessions]:
    """Return the two ends of a connection."""
    keys = HandedKeys(GCM, OURS, THEIRS, ())
    return SrtpSessions.resumed(keys), SrtpSessions.resumed(replace(keys, sends=THEIRS, hears=OURS))


@pytest.mark.parametrize("gone", [5, 40_000, 70_000, 300_000])
def test_both_directions_go_on_behind_each_rollover_of_the_numbers(gone: int) -> None:
    sender, receiver = both()
    for whole in range(gone):
        came = sender.sends.protect(packet(whole))
        if whole % 1000 == 0 or whole > gone - 100:
            assert receiver.opened(came) == packet(whole)
    assert receiver.handed().heard == ((SSRC, gone - 1),)
    # First the sender moves to another process, then the receiver.
    after = SrtpSessions.resumed(sender.handed())
    after.advance(SSRC, gone - 1)
    assert receiver.opened(after.sends.protect(packet(gone))) == packet(gone)
    later = SrtpSessions.resumed(receiver.handed())
    assert later.opened(after.sends.protect(packet(gone + 1))) == packet(gone + 1)
    assert later.handed().heard == ((SSRC, gone + 1),)


def test_what_came_to_the_process_before_is_not_accepted_again() -> None:
    sender, receiver = both()
    sent = [sender.sends.protect(packet(whole)) for whole in range(100)]
    for data in sent[:90]:
        receiver.opened(data)
    after = SrtpSessions.resumed(receiver.handed())
    for data in (sent[0], sent[50], sent[89]):
        with pytest.raises(Error):
            after.opened(data)
    assert after.opened(sent[95]) == packet(95)
    assert after.opened(sent[91]) == packet(91)  # it was only late
    with pytest.raises(Error):
        after.opened(sent[91])


def test_a_packet_that_is_not_authentic_moves_no_number() -> None:
    sender, receiver = both()
    receiver.opened(sender.sends.protect(packet(1)))
    forged = packet(30_000) + bytes(16)
    with pytest.raises(Error):
        receiver.opened(forged)
    assert receiver.handed().heard == ((SSRC, 1),)


@pytest.mark.parametrize(
    "wrong",
    [
        HandedKeys("SRTP_NULL", OURS, THEIRS, ()),
        HandedKeys(GCM, OURS[:-1], THEIRS, ()),
        HandedKeys(GCM, OURS, b"", ()),
    ],
)
def test_keys_of_another_kind_are_refused(wrong: HandedKeys) -> None:
    with pytest.raises(ValueError, match=r"profile|length"):
        SrtpSessions.resumed(wrong)
