"""What waits for the webcast's thread, and what is dropped after too long a wait."""

import pytest

from hemicycle.engine.hls.backlog import LONGEST_S, WITHOUT_KEY_S, Backlog, Batch, ClockMoved
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, SOUND_RATE, Packet

FPS = 3


def picture(number: int, *, key: bool = False) -> Batch:
    """Return a picture at three pictures a second, with some sound before it."""
    step = PICTURE_RATE // FPS
    sound = Packet(b"sound", number * SOUND_RATE // FPS, 960)
    packet = Packet(b"picture", number * step, step, keyframe=key)
    return Batch((("floor", sound), (PROGRAM, packet)))


def waiting(backlog: Backlog[str]) -> list[Batch | ClockMoved | str]:
    return [backlog.get() for _ in range(len(backlog))]


def times(backlog: Backlog[str]) -> list[float]:
    return [order.at for order in waiting(backlog) if isinstance(order, Batch)]


def test_all_is_kept_that_is_not_too_old() -> None:
    backlog: Backlog[str] = Backlog()
    dropped = [backlog.put_packets(picture(number)) for number in range(round(LONGEST_S) * FPS + 1)]
    assert not any(dropped)
    assert times(backlog) == [number / FPS for number in range(len(dropped))]


def test_the_oldest_are_dropped_up_to_a_keyframe() -> None:
    backlog: Backlog[str] = Backlog()
    every = 2 * FPS
    dropped = [
        number
        for number in range(60 * FPS)
        if backlog.put_packets(picture(number, key=number % every == 0))
    ]
    assert dropped == [18 + 1 + every * time for time in range(len(dropped))]
    kept = waiting(backlog)
    assert isinstance(kept[0], Batch)
    assert kept[0].picture is not None
    assert kept[0].picture.keyframe
    assert kept[0] == picture(54 * FPS, key=True)
    assert len(kept) == 6 * FPS


def test_without_a_keyframe_the_newest_half_stays() -> None:
    backlog: Backlog[str] = Backlog()
    dropped = [number for number in range(60 * FPS) if backlog.put_packets(picture(number))]
    assert dropped[0] == LONGEST_S * FPS + 1
    kept = times(backlog)
    assert WITHOUT_KEY_S <= kept[-1] - kept[0] <= LONGEST_S


def test_sound_alone_is_bounded_too() -> None:
    backlog: Backlog[str] = Backlog()
    for tick in range(60 * 50):
        backlog.put_packets(Batch((("floor", Packet(b"sound", tick * 960, 960)),)))
    assert len(backlog) <= LONGEST_S * 50 + 1


def test_orders_stay_in_their_order_among_what_is_kept() -> None:
    backlog: Backlog[str] = Backlog()
    for number in range(60 * FPS):
        if number % (10 * FPS) == 0:
            backlog.put(f"order {number // FPS}")
        backlog.put_packets(picture(number, key=number % 6 == 0))
    backlog.put("last")
    kept = waiting(backlog)
    orders = [f"order {number}" for number in range(0, 60, 10)]
    assert [order for order in kept if isinstance(order, str)] == [*orders, "last"]
    assert kept[: len(orders)] == orders
    assert kept[-1] == "last"


@pytest.mark.parametrize("ahead", [30, 59])
def test_the_clock_is_moved_at_its_own_picture_also_if_that_is_dropped(ahead: int) -> None:
    backlog: Backlog[str] = Backlog()
    for number in range(60 * FPS):
        if number == ahead * FPS:
            backlog.put(ClockMoved(1_000))
            backlog.put("a caption")
        backlog.put_packets(picture(number, key=number % 6 == 0))
    kept = [order for order in waiting(backlog) if not isinstance(order, Batch)]
    dropped_pts = ahead * PICTURE_RATE if ahead == 30 else None
    assert kept == [ClockMoved(1_000, dropped_pts), "a caption"]
