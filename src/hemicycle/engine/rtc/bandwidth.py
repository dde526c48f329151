"""The bandwidth that a publisher is told to use (REMB).

A browser uses the figure from its first second, so a picture starts sharp; it notices losses
itself. What it cannot notice is a queue that fills before anything is lost, which would delay the
sound by a second. A growing round trip shows the queue. It is measured over seconds, so that a busy
moment of this process is not mistaken for a slow network.
"""

CAP_BPS = 2_500_000
LEAST_BPS = 150_000

QUEUE_S = 0.2
"""A round trip longer by this many seconds than the shortest recent one means a queue."""

FORGETS = 1.01
"""The factor by which the shortest round trip grows each second, because network paths change."""


class BandwidthEstimate:
    """The estimate for one publisher, updated once a second."""

    def __init__(self) -> None:
        self.bps = CAP_BPS
        self._shortest_s = 0.0

    def second(self, rtt_s: float, came_bps: float) -> int:
        """Return the estimate, in bits per second.

        `rtt_s` is the last round trip (0: none yet), `came_bps` what came in the last second.
        """
        if rtt_s <= 0:
            return self.bps
        self._shortest_s = min(rtt_s, self._shortest_s * FORGETS or rtt_s)
        if rtt_s - self._shortest_s > QUEUE_S:
            self.bps = max(LEAST_BPS, int(0.7 * min(self.bps, came_bps)))
        else:
            self.bps = min(CAP_BPS, int(self.bps * 1.08))
        return self.bps
