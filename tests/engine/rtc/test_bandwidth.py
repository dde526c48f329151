"""The estimated bandwidth, which is reported to a publisher."""

from hemicycle.engine.rtc.bandwidth import CAP_BPS, LEAST_BPS, BandwidthEstimate


def test_a_good_network_has_all_the_room_from_the_first_second() -> None:
    room = BandwidthEstimate()
    assert [room.second(rtt, 300_000) for rtt in (0, 0.04, 0.05, 0.2, 0.04)] == [CAP_BPS] * 5


def test_a_queue_makes_it_small_and_its_end_lets_it_grow_again() -> None:
    room = BandwidthEstimate()
    room.second(0.05, 1_000_000)
    told = [room.second(rtt, 1_000_000) for rtt in (0.3, 0.6, 0.9)]
    assert told == [600_000, 360_000, 216_000]
    after = [room.second(0.05, 216_000) for _ in range(40)]
    assert after == sorted(after)
    assert after[-1] == CAP_BPS


def test_losses_that_last_make_it_small_and_a_hole_does_not() -> None:
    """This also holds if the queue was full from the first round trip on."""
    room = BandwidthEstimate()
    told = [room.second(0.6, 300_000, lost) for lost in (0.3, 0.0, 0.3, 0.3, 0.3)]
    assert told == [CAP_BPS, CAP_BPS, CAP_BPS, 180_000, LEAST_BPS]


def test_near_what_filled_the_link_it_rises_slowly_and_after_a_while_fast() -> None:
    room = BandwidthEstimate()
    for _ in range(2):
        room.second(0.3, 500_000, 0.2)
    room_before = room.bps
    assert room_before == 300_000
    told = [room.second(0.3, 400_000) for _ in range(20)]
    assert room_before < told[0] < told[18] < 340_000
    assert told[19] > 1.07 * told[18]


def test_it_never_falls_to_nothing() -> None:
    room = BandwidthEstimate()
    room.second(0.05, 0)
    assert room.second(1, 0) == LEAST_BPS


def test_another_way_with_a_longer_trip_is_got_used_to() -> None:
    room = BandwidthEstimate()
    room.second(0.1, 1_000_000)
    told = [room.second(0.4, 1_000_000) for _ in range(120)]
    assert (told[0], told[-1]) == (600_000, CAP_BPS)
