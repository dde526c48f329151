"""`/metrics` of the engine (`docs/watching.md`): figures of all hearings together."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from hemicycle import metrics
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.control.web_client import WebClient, WebUnavailable

LOSSY_PERCENT = 5.0
"""The loss of packets, in percent, from which people hear it: concealment hides less than this."""


class EngineFigures:
    """What the engine knows when it is asked.

    `sessions` are all live sessions. `behind_s` has, for each running webcast, by how many seconds
    it is behind the program. `ahead_s` is by how much the clock of `web` is ahead; None while `web`
    is unavailable. `epochs` are those of the leases on hearings. `renewed_s` is how long ago `web`
    last answered for them; None before its first answer.
    """

    def __init__(
        self,
        sessions: Iterable[MediaSession],
        behind_s: Iterable[float],
        places_free: int,
        segments: Path,
        *,
        ready: bool,
        ahead_s: float | None,
        epochs: Mapping[str, int] = MappingProxyType({}),
        renewed_s: float | None = None,
    ) -> None:
        self._sessions, self._behind_s = tuple(sessions), tuple(behind_s)
        self._places_free, self._segments = places_free, segments
        self._ready, self._ahead_s = ready, ahead_s
        self._epochs, self._renewed_s = dict(epochs), renewed_s

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        yield metrics.readiness(ready=self._ready)
        yield from metrics.disks({"webcast": self._segments})
        yield from self._of_sessions()
        yield metrics.gauge("hemicycle_webcasts", "Webcasts that run.", len(self._behind_s))
        yield metrics.gauge(
            "hemicycle_webcast_behind_seconds",
            "How far the latest webcast is behind the program; 0 without a webcast.",
            max(self._behind_s, default=0.0),
        )
        yield metrics.gauge(
            "hemicycle_media_places_free",
            "How many more connections the engine may serve.",
            self._places_free,
        )
        yield from self._of_leases()
        if self._ahead_s is not None:
            yield metrics.skews({"web": self._ahead_s})

    def _of_leases(self) -> Iterator[Metric]:
        yield metrics.gauge(
            "hemicycle_media_hearings",
            "Hearings that run on this machine.",
            len(self._epochs),
        )
        yield metrics.gauge(
            "hemicycle_media_lease_epoch",
            "The highest epoch of a lease: how often that hearing has got an engine.",
            max(self._epochs.values(), default=0),
        )
        if self._renewed_s is not None:
            yield metrics.gauge(
                "hemicycle_media_lease_renewed_seconds",
                "Time since the leases of hearings were last renewed.",
                self._renewed_s,
            )

    def _of_sessions(self) -> Iterator[Metric]:
        found = Counter((session.kind, session.state) for session in self._sessions)
        sessions = GaugeMetricFamily(
            "hemicycle_sessions",
            "Seats and listeners that are connected, by what they do and how the connection is.",
            labels=("kind", "state"),
        )
        for labels, number in sorted(found.items()):
            sessions.add_metric(labels, number)
        yield sessions
        lost = [session.stats.loss for session in self._sessions if session.peer is not None]
        yield metrics.gauge(
            "hemicycle_packet_loss_ratio",
            "Share of packets lost in the last second, as a mean of all connections.",
            sum(lost) / len(lost) / 100 if lost else 0.0,
        )
        yield metrics.gauge(
            "hemicycle_connections", "Connections that carry sound or picture.", len(lost)
        )
        yield metrics.gauge(
            "hemicycle_connections_lossy",
            "Connections that lose more than 5 percent of packets.",
            sum(1 for percent in lost if percent > LOSSY_PERCENT),
        )


def routes(
    readers: metrics.Readers, figures: Callable[[], Awaitable[EngineFigures]]
) -> list[web.RouteDef]:
    """Return the route; for a client that may not read it, the address does not exist."""

    async def tell(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not readers.admit(request.remote or "", headers):
            raise web.HTTPNotFound
        text = metrics.exposition(await figures())
        return web.Response(
            body=text,
            headers={"Content-Type": metrics.CONTENT_TYPE, "Cache-Control": "no-store"},
        )

    return [web.get(metrics.ADDRESS, tell)]


async def clock_ahead_s(client: WebClient) -> float | None:
    """Return by how many seconds the clock of `web` is ahead of this machine's; None if `web` does
    not answer.
    """
    before = time.time()
    try:
        told_ms = await client.time_ms()
    except WebUnavailable:
        return None
    return told_ms / 1000 - (before + time.time()) / 2
