"""How much a publisher is told that there is room for (REMB).

A browser believes the figure from its first second, so a picture begins sharp; losses it sees for
itself. What it cannot see is a queue that fills before anything is lost: sound would come a second
late. A round trip that grows shows it, and is measured over seconds, so that a busy moment of ours
is not taken for a slow network.
"""

CAP_BPS = 2_500_000
LEAST_BPS = 150_000

QUEUE_S = 0.2
"""A round trip longer by this than the shortest lately means a queue."""

FORGETS = 1.01
"""By so much the shortest round trip is thought to grow each second: ways change."""


class BandwidthEstimate:
    """The room for one publisher, looked at once a second."""

    def __init__(self) -> None:
        self.bps = CAP_BPS
        self._shortest_s = 0.0

    def second(self, rtt_s: float, came_bps: float) -> int:
        """The room, in bits a second.

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
