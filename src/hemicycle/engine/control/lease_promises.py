"""How an engine keeps its hearings while `web` or the database is away: by others' promises.

A lease that cannot be renewed is over soon, since another machine may take it. Each answer of `web`
lists the machines that could, the *peers*. Before its leases are over, the engine asks its peers
for a promise: not to run these hearings for `PROMISE_S`. A peer gives it only if `web` does not
answer the peer either. While all peers repeat their promises, the hearings continue, for up to
`HOLD_S` after the last renewal. Machines that are not on the list wait until that time is over
(`meeting.media_machines.lease_rules.may_take`).

So nothing that an engine cannot see makes two machines run a hearing: if an engine alone is cut
off, the peers reach `web`, promise nothing, and take its hearings as before.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import aiohttp
from aiohttp import web

from hemicycle.engine.control import passes
from hemicycle.engine.control.admission import RequestRefused, check_service
from hemicycle.engine.settings import Settings

HOLD_S: Final = 27.0
"""The longest time that a lease counts after its last renewal, in seconds.

`web` counts 30 s: the difference covers clocks of different speed.
"""

LATE_S: Final = 1.0
"""The time without an answer of `web`, in seconds, after which an engine asks for promises and
gives them.
"""

PROMISE_S: Final = 1.5
"""How long a promise lasts, in seconds. An engine that starts assumes that the previous process
made promises.
"""

MARGIN_S: Final = 0.4
"""How much earlier the receiver of a promise counts it as over, in seconds."""

ASK_S: Final = 0.25
"""How often an engine asks for promises, in seconds."""

ANSWER_S: Final = 0.5
"""The longest time to wait for a promise, in seconds."""

PATH: Final = "/media/promises"
MOST_HEARINGS: Final = 10_000


@dataclass(frozen=True, slots=True)
class HandedPromises:
    """An engine's promises for its successor, in seconds of the machine's monotonic clock.

    `peers` is the list as of `listed_ms`, from the request made at `renewed_at`. `given` has the
    promises to other machines, by hearing, and `received` those of peers, by their name and by
    hearing.
    """

    peers: Mapping[str, str]
    listed_ms: int
    renewed_at: float | None
    given: Mapping[str, float]
    received: Mapping[str, Mapping[str, float]]


class LeasePromises:
    """The promises that one engine has given and received. For the event loop only.

    All times are seconds of the engine's monotonic clock. Before `begins_at`, the engine runs
    nothing.
    """

    def __init__(self, begins_at: float = float("-inf")) -> None:
        self._begins_at = begins_at
        self._peers: dict[str, str] = {}
        self.listed_ms = 0
        self._renewed_at: float | None = None
        self._given: dict[str, float] = {}
        self._received: dict[str, dict[str, float]] = {}

    def renewed(self, asked_at: float, peers: Mapping[str, str], listed_ms: int) -> None:
        """Take the peers from an answer of `web`; the request was made at `asked_at`."""
        self._renewed_at, self.listed_ms = asked_at, listed_ms
        self._peers = dict(peers)

    def is_late(self, now: float) -> bool:
        """Return whether `web` has not answered for so long that the leases are in danger."""
        return self._renewed_at is None or now - self._renewed_at >= LATE_S

    # To other machines.

    def give(self, hearings: Iterable[str], now: float) -> float | None:
        """Promise not to run hearings, of which this engine runs none; return for how many seconds.

        Returns None while `web` answers, since it may give them to this engine.
        """
        if not self.is_late(now):
            return None
        self._given = {hearing: until for hearing, until in self._given.items() if until > now}
        self._given |= dict.fromkeys(hearings, now + PROMISE_S)
        return PROMISE_S

    def withholds(self, hearing: str, now: float) -> bool:
        """Return whether this engine has promised not to run a hearing now."""
        return max(self._begins_at, self._given.get(hearing, now)) > now

    # From other machines.

    def to_ask(self, now: float) -> Mapping[str, str]:
        """Return the addresses of the peers whose promise is needed now, by name."""
        return self._peers if self._renewed_at is not None and self.is_late(now) else {}

    def receive(
        self, peer: str, hearings: Iterable[str], asked_at: float, promise_s: float
    ) -> None:
        """Take a promise that a peer gave when it was asked at `asked_at`."""
        until = asked_at + promise_s - MARGIN_S
        self._received.setdefault(peer, {}).update(dict.fromkeys(hearings, until))

    def held_until(self, hearing: str) -> float:
        """Return until when a hearing may run here without a lease."""
        if self._renewed_at is None:
            return float("-inf")
        found = (self._received.get(peer, {}) for peer in self._peers)
        promised = (hearings.get(hearing, float("-inf")) for hearings in found)
        return min([self._renewed_at + HOLD_S, *promised])

    # From one process to the next.

    def handed(self) -> HandedPromises:
        """Return the promises for another process."""
        received = {peer: dict(hearings) for peer, hearings in self._received.items()}
        return HandedPromises(
            dict(self._peers), self.listed_ms, self._renewed_at, dict(self._given), received
        )

    def resume(self, handed: HandedPromises) -> None:
        """Take over the promises of another process, given and received."""
        self._begins_at = float("-inf")
        self._peers, self.listed_ms = dict(handed.peers), handed.listed_ms
        self._renewed_at, self._given = handed.renewed_at, dict(handed.given)
        self._received = {peer: dict(hearings) for peer, hearings in handed.received.items()}


class PeerClient:
    """Asks other media machines, at their own addresses."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._settings, self._http = settings, http

    async def promise_s(self, name: str, url: str, hearings: Collection[str]) -> float | None:
        """Ask a machine for its promise; return for how many seconds it lasts.

        Returns None if it gives none or does not answer, or if another machine answers in its
        place.
        """
        given = passes.Pass(hearing="", use="service", role="technician", seat="engine")
        headers = {"Authorization": f"Bearer {passes.sign(given, self._settings.secret)}"}
        try:
            async with self._http.post(
                url + PATH,
                headers=headers,
                json={"hearings": sorted(hearings)},
                timeout=aiohttp.ClientTimeout(total=ANSWER_S),
            ) as answer:
                told: Any = await answer.json()
                if answer.status != 200 or told["machine"] != name:
                    return None
                return float(told["promise_s"])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
            return None


class PromiseGiver(Protocol):
    """An object that gives this engine's promises (`LeaseKeeper`)."""

    def promise(self, hearings: frozenset[str]) -> float | None:
        """Promise not to run hearings; return for how many seconds, None for no promise."""


def routes(giver: PromiseGiver, settings: Settings) -> list[web.RouteDef]:
    """Return the route at which other machines ask for a promise."""

    async def give(request: web.Request) -> web.Response:
        check_service(request, settings.secret)
        try:
            hearings = _hearings(json.loads(await request.read())["hearings"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise RequestRefused(400, "bad_promise") from error
        promise_s = giver.promise(hearings)
        if promise_s is None:
            raise RequestRefused(409, "no_promise")
        return web.json_response({"machine": settings.machine, "promise_s": promise_s})

    return [web.post(PATH, give)]


def _hearings(data: Any) -> frozenset[str]:
    if not isinstance(data, list) or len(data) > MOST_HEARINGS:
        raise ValueError(f"a list of at most {MOST_HEARINGS} hearings is needed")
    return frozenset(UUID(hex=hearing).hex for hearing in data)
