"""How many offers are answered: for one seat, at the same time, and for practice.

An answer costs sockets, keys and 20 ms of the processor that also mixes the meeting. A holder of a
pass may repeat an offer, since connections break; but nobody may take all places from the meeting.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from hemicycle.engine.control.passes import Pass
from hemicycle.engine.control.sessions import SessionRegistry
from hemicycle.engine.refusals import Refusal
from hemicycle.engine.rtc.errors import Full
from hemicycle.engine.rtc.peer_factory import PeerFactory

PER_SEAT = 20
"""The most offers of one seat within `WITHIN_S`: a page without a connection repeats them."""
WITHIN_S = 60.0
MOST_CONNECTING = 400
"""The most offers in the whole engine that are being answered, or were answered and have not yet
connected: a large meeting reconnects all at once after the engine was away.
"""
PRACTICE_CONNECTING = 20
"""The most of these offers that are for practice."""
PRACTICE_SHARE = 4
"""Practice gets at most a quarter of the places, and none of the last quarter."""


class TooManyOffers(Refusal):
    """Raised for an offer that is not answered now.

    `status` is 429 for a seat's own limit, 503 for a shared one.
    """

    def __init__(self, status: int) -> None:
        super().__init__("too_many_offers")
        self.status = status


class OfferLimits:
    """The limits of one engine."""

    def __init__(
        self,
        exchange: PeerFactory,
        registry: SessionRegistry,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._exchange, self._registry, self._clock = exchange, registry, clock
        self._asked: dict[tuple[str, str], deque[float]] = {}
        self._answering: Counter[str] = Counter()

    @contextmanager
    def answering(self, pass_: Pass) -> Iterator[None]:
        """Answer an offer inside the block. Raises `TooManyOffers` or `Full`."""
        self._count(pass_)
        connecting = self._connecting()
        if connecting.total() >= MOST_CONNECTING:
            raise TooManyOffers(503)
        if pass_.use == "practice":
            if connecting["practice"] >= PRACTICE_CONNECTING:
                raise TooManyOffers(503)
            self._check_practice()
        self._answering[pass_.use] += 1
        try:
            yield
        finally:
            self._answering[pass_.use] -= 1

    def _count(self, pass_: Pass) -> None:
        now = self._clock()
        if len(self._asked) > 10_000:  # drop the seats of meetings that are over
            self._asked = {key: at for key, at in self._asked.items() if at[-1] > now - WITHIN_S}
        asked = self._asked.setdefault(
            (pass_.person or pass_.seat, pass_.use), deque(maxlen=PER_SEAT)
        )
        if len(asked) == PER_SEAT and now - asked[0] < WITHIN_S:
            raise TooManyOffers(429)
        asked.append(now)

    def _connecting(self) -> Counter[str]:
        sessions = self._registry.all()
        begun = Counter(session.kind for session in sessions if session.state == "connecting")
        return begun + self._answering

    def _check_practice(self) -> None:
        share = self._exchange.places_total // PRACTICE_SHARE
        held = sum(session.kind == "practice" for session in self._registry.all())
        if (
            held + self._answering["practice"] >= max(share, 2)
            or self._exchange.places_free <= share
        ):
            raise Full("The places that are left are kept for those who take part.")
