"""The bandwidth that a publisher is told to use (REMB).

A browser uses the figure from its first second, so a picture starts sharp. It notices losses
itself, but sends again what was lost: behind 256 kb/s Chromium went on sending 356. What it cannot
notice at all is a queue that fills before anything is lost, which would delay the sound by a
second. A growing round trip shows the queue, and losses that last show a full one, also if it was
full from the first round trip on. Both are looked at over seconds, so that a busy moment of this
process, or a hole in the link, is not mistaken for a narrow link.
"""

CAP_BPS = 2_500_000
LEAST_BPS = 150_000

QUEUE_S = 0.2
"""A round trip longer by this many seconds than the shortest recent one means a queue."""

LOST = 0.1
"""A share of lost packets that means a full queue, in two seconds in a row."""

FORGETS = 1.01
"""The factor by which the shortest round trip grows each second, because network paths change."""

FALLS, NEAR = 0.6, 0.55
"""Shares of what came while the link was full: as much as FALLS is told next, and above NEAR the
figure rises slowly. What comes has headers and redundant sound that a browser does not count."""

FAST, SLOW = 1.08, 1.005
"""Factors by which the figure rises in a second, far from what filled the link and near it."""

REMEMBERED_S = 20
"""How many seconds without a sign of a full link until it may be wider."""


class BandwidthEstimate:
    """The estimate for one publisher, updated once a second."""

    def __init__(self) -> None:
        self.bps = CAP_BPS
        self._shortest_s = 0.0
        self._lost = 0.0
        self._filled_bps = 0.0
        self._well_s = 0

    def second(self, rtt_s: float, came_bps: float, lost: float = 0.0) -> int:
        """Return the estimate, in bits per second.

        `rtt_s` is the last round trip (0: none yet), `came_bps` what came in the last second, and
        `lost` the share of its packets that were lost.
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
