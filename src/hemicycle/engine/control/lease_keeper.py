"""The hearings that this engine runs, each by a lease of `web`, and how long each still counts.

A lease counts from the moment at which it was requested, by this machine's monotonic clock, and
less a margin: it is over here before `web` gives the hearing to another machine. So an engine that
does not reach `web` stops automatically (`HearingRegistry`), without any answer, unless the other
machines promise not to take its hearings (`lease_promises`).
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from math import inf
from typing import Any

from hemicycle import shared_clock
from hemicycle.engine.control.lease_promises import (
    ASK_S,
    PROMISE_S,
    HandedPromises,
    LeasePromises,
    PeerClient,
)
from hemicycle.engine.control.web_client import WebClient
from hemicycle.engine.hls.folder_id import folder_id
from hemicycle.engine.settings import Settings

log = logging.getLogger(__name__)

RENEW_S = 0.5
"""How often a machine with a name asks, in seconds."""

SOLE_S = 2.0
"""How often the only machine asks, in seconds."""

MARGIN_S = 0.4
"""How much earlier than `web` the engine counts a lease as over, in seconds.

The margin covers clocks of different speed, and the time that the mixers need to rest.
"""

ANSWER_S = 1.5
"""The longest time to wait for an answer, in seconds."""

CUT_OFF_S = 2.0
"""A machine with a name that has had no answer for this time, in seconds, gets no hearing: another
machine has it.
"""

VERSION = version("hemicycle")

AGAIN_S = 0.1
"""The time after which a machine with a name repeats a request without an answer, in seconds."""


@dataclass(frozen=True, slots=True)
class HandedLeases:
    """The leases of an engine for its successor, which continues under the same id.

    `until` are seconds of the monotonic clock, which all processes of a machine share.
    """

    process: str
    epochs: Mapping[str, int]
    until: Mapping[str, float]
    promises: HandedPromises


@dataclass(frozen=True, slots=True)
class HearingsAnswer:
    """The hearings that this engine runs now, and those of its hearings that another machine runs.

    `to_release` are those of `held` that a machine with a newer version should run.
    """

    held: frozenset[str]
    elsewhere: frozenset[str]
    to_release: frozenset[str] = frozenset()


class LeaseKeeper:
    """The leases of one engine. For the event loop only.

    `is_over` says that another process continues with them.
    """

    def __init__(
        self,
        settings: Settings,
        web: WebClient,
        load: Callable[[], float] = lambda: 0.0,
        peers: PeerClient | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._web, self._load, self._peers = settings, web, load, peers
        self._monotonic = monotonic
        self._process = secrets.token_hex(16)
        self._is_first = True
        self.is_over = False
        self._until: dict[str, float] = {}
        # The previous process may have made promises.
        self._promises = LeasePromises(monotonic() + PROMISE_S if settings.machine else -inf)
        self._is_holding_on = False
        self._answered_at: float | None = None

    def pause_s(self, *, answered: bool) -> float:
        """Return the seconds until the next request."""
        if not self._settings.machine:
            return SOLE_S
        return RENEW_S if answered else AGAIN_S

    @property
    def epochs(self) -> Mapping[str, int]:
        """The epoch of each lease."""
        return self._web.epochs

    @property
    def is_cut_off(self) -> bool:
        """Whether `web` no longer answers, so that other machines may have the hearings."""
        renewed_s = self.renewed_s
        return bool(self._settings.machine) and renewed_s is not None and renewed_s > CUT_OFF_S

    @property
    def renewed_s(self) -> float | None:
        """Seconds since the last answer; None before the first."""
        return None if self._answered_at is None else self._monotonic() - self._answered_at

    def overdue(self) -> frozenset[str]:
        """Return the hearings whose lease no longer counts and that no promise extends."""
        if self.is_over:
            return frozenset()
        now = self._monotonic()
        return frozenset(
            hearing
            for hearing, until in self._until.items()
            if until <= now and self._promises.held_until(hearing) <= now
        )

    def drop(self, hearing: str) -> None:
        """Forget a lease: from now on, reports about the hearing are refused."""
        self._until.pop(hearing, None)
        self._web.epochs.pop(hearing, None)

    async def ask(
        self,
        running: Iterable[str],
        attended: Iterable[str],
        *,
        behind: Iterable[str] = (),
        leaving: bool = False,
    ) -> HearingsAnswer:
        """Ask `web` for the hearings to run, which renews the leases. Raises `WebUnavailable`.

        `running` are the hearings that run here, `attended` those to which somebody is connected,
        `behind` those whose record this version cannot read. An engine that is `leaving` returns
        the leases of all hearings that do not run.
        """
        asked_at = self._monotonic()
        request = self._request(running, attended, leaving) | {"behind": sorted(behind)}
        answer = await self._web.hearings(request, ANSWER_S)
        if self.is_over:
            return HearingsAnswer(frozenset(self._until), frozenset())
        self._is_first = False
        self._answered_at = self._monotonic()
        self._promises.renewed(asked_at, answer["peers"], int(answer["listed_ms"]))
        if self._is_holding_on:
            self._is_holding_on = False
            log.warning("web answers again")
        held = {
            str(hearing): int(epoch)
            for hearing, epoch in answer["hearings"].items()
            # The machine that got the promise still runs it, and learns soon that it has lost it.
            if not self._promises.withholds(hearing, self._answered_at)
        }
        until = asked_at + float(answer["lease_s"]) - MARGIN_S
        for hearing in self._until.keys() - held.keys():
            self.drop(hearing)
        self._until |= dict.fromkeys(held, until)
        self._web.epochs.update(held)
        to_release = frozenset(answer.get("to_release", ()))  # an older `web` does not send it
        return HearingsAnswer(frozenset(held), frozenset(answer["elsewhere"]), to_release)

    def _request(
        self, running: Iterable[str], attended: Iterable[str], leaving: bool
    ) -> dict[str, Any]:
        return {
            "machine": self._settings.machine,
            "process": self._process,
            "url": self._settings.url,
            "folder": folder_id(self._settings.segments),
            "load": round(self._load()),
            "clock_ahead_ms": shared_clock.ahead_ms(),
            "listed_ms": self._promises.listed_ms,
            "first": self._is_first,
            "leaving": leaving,
            "running": sorted(running),
            "attended": sorted(attended),
            "version": VERSION,
        }

    # While `web` is away.

    async def keep_promised(self) -> None:
        """Get promises for the hearings that run whenever `web` is late, until cancelled."""
        while True:
            await asyncio.sleep(ASK_S)
            await self._hold_on()

    async def _hold_on(self) -> None:
        wanted = self.to_promise()
        asking = [self._get_promise(*peer, frozenset(self._until)) for peer in wanted.items()]
        await asyncio.gather(*asking)
        now = self._monotonic()
        if not self._is_holding_on and any(until <= now for until in self._until.values()):
            self._is_holding_on = True
            log.warning("web does not answer; hearings go on while no other machine takes them")

    def to_promise(self) -> Mapping[str, str]:
        """Return the addresses of the machines whose promise is needed now, by name."""
        is_needed = self._until and not self.is_over and self._settings.machine
        return self._promises.to_ask(self._monotonic()) if is_needed else {}

    async def _get_promise(self, name: str, url: str, hearings: frozenset[str]) -> None:
        assert self._peers is not None, "an engine with a name has a client for its peers"
        asked_at = self._monotonic()
        promise_s = await self._peers.promise_s(name, url, hearings)
        if promise_s is not None:
            self.receive_promise(name, hearings, asked_at, promise_s)

    def receive_promise(
        self, name: str, hearings: Iterable[str], asked_at: float, promise_s: float
    ) -> None:
        """Take a promise of a machine that was asked at `asked_at` by the monotonic clock."""
        # A lease that is over stays over: its hearing has ended here, or is about to.
        self._promises.receive(name, frozenset(hearings) - self.overdue(), asked_at, promise_s)

    def promise(self, hearings: frozenset[str]) -> float | None:
        """Promise another machine not to run hearings; return for how many seconds.

        Returns None for no promise: this engine runs one of them, or `web` may give it one.
        """
        if self.is_over or hearings & self._until.keys():
            return None
        return self._promises.give(hearings, self._monotonic())

    # From one process to the next.

    def handed(self) -> HandedLeases:
        """Return the leases for another process."""
        promises = self._promises.handed()
        return HandedLeases(self._process, dict(self._web.epochs), dict(self._until), promises)

    def resume(self, handed: HandedLeases) -> None:
        """Take over the leases of another process, under its id."""
        self._process, self._is_first = handed.process, False
        self._until = dict(handed.until)
        self._promises.resume(handed.promises)
        self._web.epochs.clear()
        self._web.epochs.update(handed.epochs)

    def let_go(self) -> None:
        """Ignore all later answers, because another process takes over."""
        self.is_over = True
