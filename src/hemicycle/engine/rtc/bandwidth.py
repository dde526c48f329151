"""Estimates the bandwidth that a publisher should use (REMB).

A browser uses the figure from its first second, so a picture starts sharp. It notices losses
itself, but sends lost packets again: behind a link of 256 kb/s, Chromium continued to send 356. It
cannot notice a queue that fills before anything is lost, which would delay the sound by a second. A
growing round trip shows the queue. Losses that last show a full queue, even one that was full from
the first round trip on. Both are observed over seconds, so that a busy moment of this process, or a
hole in the link, is not mistaken for a narrow link.
"""

CAP_BPS = 2_500_000
LEAST_BPS = 150_000

QUEUE_S = 0.2
"""A round trip longer by this many seconds than the shortest recent one means a queue."""

LOST = 0.1
"""The share of lost packets, in two seconds in a row, that means a full queue."""

FORGETS = 1.01
"""The factor by which the shortest round trip grows each second, because network paths change."""

FALLS, NEAR = 0.6, 0.55
"""Shares of the bits per second that were received while the link was full: the estimate falls to
FALLS of them, and rises slowly above NEAR of them. They include headers and redundant sound, which
a browser does not count."""

FAST, SLOW = 1.08, 1.005
"""Factors by which the estimate rises in a second, far from what filled the link and near it."""

REMEMBERED_S = 20
"""Seconds without a sign of a full link after which the link may have become wider."""


class BandwidthEstimate:
    """The estimate for one publisher, updated once a second."""

    def __init__(self) -> None:
        self.bps = CAP_BPS
        self._shortest_s = 0.0
        self._lost = 0.0
        self._filled_bps = 0.0
        self._well_s = 0

    def second(self, rtt_s: float, came_bps: float, lost: float = 0.0) -> int:
        """Update the estimate with the last second; return it, in bits per second.

        `rtt_s` is the last round trip in seconds (0: none yet), `came_bps` the bits received in the
        second, and `lost` the share of its packets that were lost.
        """
        lasts = min(self._lost, lost) > LOST
        self._lost = lost
        queue = rtt_s > 0 and self._queue_s(rtt_s) > QUEUE_S
        if queue or lasts:
            self._filled_bps, self._well_s = came_bps, 0
            self.bps = max(LEAST_BPS, int(FALLS * min(self.bps, came_bps)))
        elif rtt_s > 0:
            self._well_s += 1
            is_near = self._well_s < REMEMBERED_S and self.bps > NEAR * self._filled_bps > 0
            self.bps = min(CAP_BPS, int(self.bps * (SLOW if is_near else FAST)))
        return self.bps

    def _queue_s(self, rtt_s: float) -> float:
        self._shortest_s = min(rtt_s, self._shortest_s * FORGETS or rtt_s)
        return rtt_s - self._shortest_s
