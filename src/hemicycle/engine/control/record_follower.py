"""Follows one hearing: the record, folded by `procedure`, its configuration, and the time.

While `web` is unavailable, everything known stays: the floor remains as it was, the clock
continues, and the next entry is requested twice a second.

An entry that only a newer version can read is skipped: people who may have lost the floor by it are
not heard until a later entry gives it to them (`procedure.folding.pass_over`). Everything else is
followed as always: removals, protection, roles and names.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hemicycle.engine.control import access
from hemicycle.engine.control.access import ParticipantAccess
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.procedure import events as e
from hemicycle.procedure.bodies import UnknownEvent, from_body
from hemicycle.procedure.effects import Impossible
from hemicycle.procedure.events import EVENTS, Event
from hemicycle.procedure.folding import apply, pass_over
from hemicycle.procedure.state import EMPTY, Floor

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Seconds between two attempts to reach `web`."""

ASK_AGAIN_S = 30.0
"""Seconds between requests for the configuration when no entry announced a change."""

CLOCK_SAMPLE_EVERY_S = 10.0
"""Seconds between two samples of `web`'s clock."""

CLOCK_SAMPLES = 60
"""The number of clock samples that are compared; the best of them is used."""

FIRST_CLOCK_SAMPLES = 5
"""The number of samples taken before the clock is used: a single one may have been delayed."""

ROUNDED_S = 0.001
"""The precision of `web`'s time, in seconds: it comes in whole milliseconds."""

DRIFT = 1e-4
"""How far two clocks may drift apart, in seconds per second: older samples are less exact."""

ROLES = {"role.given": True, "role.taken": False}
"""The entries by which somebody gets or loses a role (`hemicycle.hearing.people`)."""

DUTIES = "duties.set"
"""The entry that sets an officer's duties: without the duty `media` the officer is a listener here.
"""

NAMED_ANEW = frozenset(
    {
        *("registration.public_name", "panel.public_name", "co_signer.public_name"),
        *("consent.given", "consent.withdrawn", "consent.seat_given", "consent.seat_withdrawn"),
    }
)
"""The entries after which somebody has another public name, or a changed permission for the
webcast: the configuration is requested again for burnt-in names and withheld slots.
"""

READING = frozenset({"reader.confirmed", "reader.taken_back"})
"""The entries by which a reader gets or loses a seat."""

CHOSEN = "on_air.chosen"
"""The entry with a new choice of what may be seen and heard of somebody (`before.on_air`)."""

type OnRole = Callable[[str, str, bool], None]
"""Called with a person's id, the role, and whether it is held now."""

RENAMING = (
    e.MeetingOpened,
    e.MeetingClosed,
    e.SegmentOpened,
    e.SlotAdded,
    e.SpeakerReplaced,
    e.PointOfOrderRaised,
)
"""Events after which the configuration must be requested: a new person or meeting."""


class ClockSample(NamedTuple):
    """One sample of `web`'s clock, in seconds: its time, its round trip, and how far `web` is
    ahead.
    """

    at: float
    took: float
    ahead: float

    def doubt(self, now: float) -> float:
        """Return how wrong the sample may be now, up to a factor that all samples share."""
        return self.took + DRIFT * (now - self.at)


@dataclass(frozen=True, slots=True)
class HandedRecord:
    """How far a process has followed the record, for its successor.

    `chosen` has the number of the last entry with a choice, by slot or registration.
    """

    seq: int
    chosen: Mapping[str, int]


class RecordFollower:
    """One hearing, followed through `web` and its record.

    `floor` is that of the hearing's current meeting, `access` says what participants may no longer
    open, and `config` is the answer of `/media-api/<hearing>`. `on_change` is called in the event
    loop after one of them has changed, and `on_role` when a role was given or taken. All are empty
    until `start` has returned.
    """

    def __init__(
        self, hearing: str, web: WebClient, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.hearing = hearing
        self.config: dict[str, Any] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.on_role: OnRole = lambda person, role, held: None
        self._web = web
        self._monotonic = monotonic
        self._folded: dict[str, Floor] = {}
        self._doubtful: set[str] = set()  # meetings of which an entry was skipped
        self._shown: dict[str, Floor] = {}
        self.access = self._access = ParticipantAccess()
        self._chosen: dict[str, int] = {}
        self._seq = self._handed_seq = 0
        self.is_behind = False
        """Whether the record has entries that this version cannot read."""
        self._present = 0  # before this entry is folded, the floor is from the past
        self._clock_samples: deque[ClockSample] = deque(maxlen=CLOCK_SAMPLES)
        # A monotonic clock and an offset, so that setting this machine's clock does not move a time
        # limit at once.
        self._ahead = time.time() - monotonic()
        self._caught_up = asyncio.Event()
        self._outdated = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def meeting(self) -> str:
        """The id of the hearing's current meeting; "" where it has none."""
        return self.config.get("meeting") or ""

    @property
    def floor(self) -> Floor:
        """The floor of the current meeting, after the last received entry."""
        return self._shown.get(self.meeting, EMPTY)

    # From one process to the next.

    def handed(self) -> HandedRecord:
        """Return how far the record has been followed, for another process."""
        return HandedRecord(self._seq, dict(self._chosen))

    def resume(self, handed: HandedRecord) -> None:
        """Note how far another process has followed the record.

        Until this process is as far, it `lags`, and choices that its configuration may not have are
        not settled.
        """
        self._handed_seq = handed.seq
        for id_, seq in handed.chosen.items():
            self._chosen[id_] = max(seq, self._chosen.get(id_, 0))
        self._outdated.set()

    @property
    def lags(self) -> bool:
        """Whether the previous process had seen entries that this one has not received yet."""
        return self._seq < self._handed_seq

    def is_settled(self, id: str) -> bool:
        """Return whether the configuration knows the last choice for a slot or registration."""
        known: int = self.config.get("seq", 0)
        return self._chosen.get(id, 0) <= known

    def now_ms(self) -> int:
        """Return the time of the record's clock, in ms since the Unix epoch. Thread-safe."""
        return round((self._monotonic() + self._ahead) * 1000)

    async def fetch(self, address: str, to: Path) -> None:
        """Download a file from `web`, such as a recorded video. Raises `OSError`."""
        try:
            await self._web.fetch(self.hearing, address, to)
        except WebUnavailable as away:
            raise OSError(str(away)) from away

    async def ended(self, sign_ins: set[str]) -> set[str]:
        """Return which of the sign-in sessions have ended; none while `web` is unavailable."""
        try:
            return await self._web.ended(self.hearing, sign_ins)
        except WebUnavailable as away:
            log.info("who has signed out is not known: %s", away)
            return set()

    async def tell_check(self, passed: Mapping[str, Any]) -> None:
        """Report a passed device check to `web`. Raises `WebUnavailable`."""
        await self._web.post_check(self.hearing, passed)

    async def tell_edges(self, edges: list[dict[str, object]]) -> None:
        """Report the state of the edges to `web`. Raises `WebUnavailable`."""
        await self._web.post_edges(self.hearing, edges)

    async def start(self) -> None:
        """Start to follow; return when all entries that the record had at the start are folded."""
        for _ in range(FIRST_CLOCK_SAMPLES):
            await self._until_done(self._sample_clock)
        await self._until_done(self._ask)
        self._begin_at(self.config.get("after", 0))
        self._tasks = [
            asyncio.create_task(work)
            for work in (self._read(), self._keep_asking(), self._keep_sampling())
        ]
        await self._caught_up.wait()

    async def stop(self) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _until_done(self, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            if await self._done(ask):
                return
            await asyncio.sleep(RETRY_S)

    async def _done(self, ask: Callable[[], Awaitable[None]]) -> bool:
        try:
            await ask()
        except WebUnavailable as away:
            log.info("waiting for web: %s", away)
            return False
        return True

    # The record.

    def _begin_at(self, after: int) -> None:
        self._folded = {}
        self._doubtful = set()
        self._access = ParticipantAccess()
        # Entries up to here happened before this engine started: it must not act on each of them.
        self._present = max(self._seq, self.config.get("seq", 0))
        self._seq = after
        self._show()

    def _show(self) -> None:
        """Publish the folded floor, unless the fold has not yet reached the present."""
        # Never show half a fold: an old floor would open microphones of people who spoke hours ago.
        if self._seq >= self._present:
            self._shown = dict(self._folded)
            self.access = self._access
            self._caught_up.set()
            self._changed()

    async def _read(self) -> None:
        while True:
            try:
                feed = self._web.entries(self.config["feed"], self._seq)
                # Closed explicitly: a generator that is left unfinished would keep its connection.
                async with contextlib.aclosing(feed):
                    async for entries in feed:
                        self._take(entries)
            except WebUnavailable as away:
                log.info("the feed broke off: %s", away)
                if away.status in (403, 404):  # the feed's address has expired: request another
                    self._outdated.set()
            except Exception:
                log.exception("an entry could not be folded; the record is read again")
                # The state is a fold of the entries, so starting again from the first one repairs
                # any error in it.
                self._begin_at(self.config.get("after", 0))
            await asyncio.sleep(RETRY_S)

    def _take(self, entries: Iterable[tuple[int, str]]) -> None:
        """Fold a batch of entries; report one change for all of them."""
        for seq, text in entries:
            entry = json.loads(text)
            if entry["kind"] in EVENTS or entry.get("meeting"):
                self._fold(seq, entry)
            elif entry["kind"] in access.KINDS:
                self._access = self._access.after(entry["kind"], entry["body"])
                if entry["kind"] in READING:
                    self._outdated.set()  # the name plate must name the new reader
            elif entry["kind"] in NAMED_ANEW:
                # A plate must not show the old name, which an alias may hide.
                ids = [entry["body"].get(field, "") for field in ("registration", "slot")]
                self._chosen |= dict.fromkeys(filter(None, ids), seq)
                self._outdated.set()
            elif entry["kind"] == CHOSEN:
                self._chosen |= dict.fromkeys(entry["body"]["slots"], seq)
                self._outdated.set()  # the strictest protection applies until the answer
            # Only new entries count: a role that was taken and given back in the past must not end
            # a session.
            elif entry["kind"] == DUTIES and seq > self._present:
                body = entry["body"]
                self.on_role(body["person"], "secretariat", "media" in body["duties"])
            elif entry["kind"] in ROLES and seq > self._present:
                body = entry["body"]
                self.on_role(body["person"], body["role"], ROLES[entry["kind"]])
            self._seq = seq
        self._show()

    def _fold(self, seq: int, entry: dict[str, Any]) -> None:
        meeting, at, kind = entry["meeting"], entry["at"], entry["kind"]
        floor = self._folded.get(meeting, EMPTY)
        try:
            event = from_body(kind, entry["version"], entry["body"])
            self._folded[meeting] = apply(floor, seq, at, event)
        except (UnknownEvent, Impossible) as error:
            # After a skipped entry, an entry may end something that never began here. Otherwise an
            # impossible entry shows an error, which reading the record again repairs.
            if isinstance(error, Impossible) and meeting not in self._doubtful:
                raise
            self._doubtful.add(meeting)
            self._folded[meeting] = pass_over(floor, seq, at, kind)
            self._outdated.set()
            self._fall_behind(seq, error)
            return
        # A slot that the configuration does not know has no name yet.
        if isinstance(event, RENAMING) or _slot(event) not in {"", *self.config.get("places", ())}:
            self._outdated.set()

    def _fall_behind(self, seq: int, why: Exception) -> None:
        if not self.is_behind:
            log.error(
                "hearing %s: entry %d of the record cannot be read here: %s. A newer version of "
                "Hemicycle has probably written it: upgrade this media machine. Until then, people "
                "are heard only if the floor is given to them after such an entry.",
                self.hearing,
                seq,
                why,
            )
        self.is_behind = True

    def _changed(self) -> None:
        if not self._caught_up.is_set():
            return
        try:
            self.on_change()
        except Exception:
            log.exception("a change of the floor could not be carried out")

    # The configuration.

    async def _keep_asking(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._outdated.wait(), ASK_AGAIN_S)
            self._outdated.clear()
            await self._until_done(self._ask)
            await asyncio.sleep(RETRY_S)  # a burst of entries causes one request

    async def _ask(self) -> None:
        answer = await self._web.configuration(self.hearing)
        # The feed's address is signed again for each answer, so it always differs.
        changed = {**answer, "feed": "", "seq": 0} != {**self.config, "feed": "", "seq": 0}
        # A choice is settled even by an equal answer: the strictest protection can end now.
        waited = not all(map(self.is_settled, self._chosen))
        self.config = answer
        if changed or waited:
            self._changed()

    # The clock.

    async def _keep_sampling(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_SAMPLE_EVERY_S)
            await self._done(self._sample_clock)

    async def _sample_clock(self) -> None:
        before = self._monotonic()
        answer = await self._web.time_ms()
        after = self._monotonic()
        self._clock_samples.append(
            # The server read its clock somewhere within the round trip: the middle is the best
            # guess, and the error is at most half of it.
            ClockSample(after, after - before, answer / 1000 - (before + after) / 2)
        )
        best = min(self._clock_samples, key=lambda sample: sample.doubt(after))
        # Trust our own clock within the error of that sample: on one machine both clocks are the
        # same.
        own, margin = time.time() - after, best.took / 2 + ROUNDED_S
        self._ahead = min(max(own, best.ahead - margin), best.ahead + margin)


def _slot(event: Event) -> str:
    slot = getattr(event, "slot", "")
    return slot if isinstance(slot, str) else ""
