"""What waits for the thread that writes a webcast: some seconds of the program, and orders.

A slow disk or an overloaded machine delays the thread. Then the oldest packets are dropped, up to a
keyframe, so that what is written stays near the present: viewers miss a stretch, and do not see the
past as if it were live. Orders are few and small; they always reach the thread, at their place
among the packets.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Condition

from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, SOUND_RATE, Packet

LONGEST_S = 6.0
"""The longest part of the program that waits, in seconds of its clock: three segments."""
WITHOUT_KEY_S = LONGEST_S / 2
"""How many seconds stay if no keyframe waits: sound continues there, and the picture later."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Packets with the names of their outputs, in the order in which they came.

    There is at least one packet, and only the last one may be a picture.
    """

    packets: tuple[tuple[str, Packet], ...]

    @property
    def at(self) -> float:
        """The newest packet's time on the program's clock, in seconds."""
        name, packet = self.packets[-1]
        return packet.pts / (PICTURE_RATE if name == PROGRAM else SOUND_RATE)

    @property
    def picture(self) -> Packet | None:
        """The picture of this batch; None if there is none."""
        name, packet = self.packets[-1]
        return packet if name == PROGRAM else None


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """An order: from a picture on, the clock was 0 at another time (ms since the Unix epoch).

    The picture is the next one, or, if that was dropped, the one with the time stamp `from_pts`.
    """

    started_at_wall_ms: int
    from_pts: int | None = None


class Backlog[Order]:
    """A queue from the event loop to one thread, bounded by the program's time.

    Neither side ever waits for the other to make room.
    """

    def __init__(self) -> None:
        self._waiting: deque[Batch | ClockMoved | Order] = deque()
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, order: ClockMoved | Order) -> None:
        """Append an order to the queue."""
        with self._changed:
            self._waiting.append(order)
            self._changed.notify()

    def put_packets(self, batch: Batch) -> bool:
        """Append packets; return whether older ones were dropped to make room."""
        with self._changed:
            self._waiting.append(batch)
            self._changed.notify()
            if batch.at - next(self._batches()).at <= LONGEST_S:
                return False
            self._drop(before=self._begin(batch.at))
            return True

    def get(self) -> Batch | ClockMoved | Order:
        """Wait for the next item, remove it from the queue, and return it."""
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            return self._waiting.popleft()

    def _batches(self) -> Iterator[Batch]:
        return (waiting for waiting in self._waiting if isinstance(waiting, Batch))

    def _begin(self, newest: float) -> float:
        """Return where the kept part begins: at the first keyframe that is not too old."""
        keys = (
            batch.at
            for batch in self._batches()
            if newest - batch.at <= LONGEST_S and batch.picture and batch.picture.keyframe
        )
        return next(keys, newest - WITHOUT_KEY_S)

    def _drop(self, before: float) -> None:
        kept: deque[Batch | ClockMoved | Order] = deque()
        move: int | None = None
        for waiting in self._waiting:
            if isinstance(waiting, Batch) and waiting.at < before:
                if waiting.picture is not None and move is not None:
                    # The new clock is valid from here on, although this picture is not written.
                    moved = kept[move]
                    assert isinstance(moved, ClockMoved)
                    kept[move], move = replace(moved, from_pts=waiting.picture.pts), None
                continue
            if isinstance(waiting, ClockMoved) and waiting.from_pts is None:
                move = len(kept)
            kept.append(waiting)
        self._waiting = kept
