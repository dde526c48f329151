"""The webcast of a hearing's meetings: packaged live, and completed when a meeting closes."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from hemicycle.engine.captions.webvtt import CaptionLine
from hemicycle.engine.egress.destinations import Destinations
from hemicycle.engine.egress.push import PushState
from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.engine.hls import metadata, webcast_folder
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.live import LiveWebcast
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.names import native
from hemicycle.engine.hls.packager import Packager
from hemicycle.engine.hls.webcast_folder import Mirror, OnTrouble
from hemicycle.engine.outputs import PREVIEW, Outputs
from hemicycle.engine.public_card import PublicCard
from hemicycle.engine.public_feed import DelayedPacket, HandedFeed, PublicFeed
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import FLOOR, PROGRAM
from hemicycle.engine.video.bit_rates import REDUCED_BIT_RATE
from hemicycle.engine.video.layouts import HoldingCard, Plate
from hemicycle.procedure.state import EMPTY, Floor

log = logging.getLogger(__name__)

TRAIL_MS = 8_000
"""Milliseconds that interpreters and captions are behind a speaker, until `web` orders the cut."""

ASK_STORE_S = 30.0
"""Seconds for which a new webcast waits for the object store, which may have its beginning."""

ON_THE_AIR = frozenset({"open", "suspended"})


@dataclass(frozen=True, slots=True)
class HandedWebcast:
    """The state of a webcast for another process: its meeting, name plates, and public feed."""

    meeting: str
    plates: Mapping[str, Plate]
    feed: HandedFeed


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """A turn in which somebody is heard: with the floor, with a point of order or in a discussion.

    It begins with entry `giving`.

    `key` is the person's key in `HearingConfig.withheld`: their slot, or, without one, the person.
    """

    key: str
    slot: str
    giving: int
    given_at: int


class HearingWebcast:
    """Follows the floor: opens with a meeting, continues through suspensions, closes with it.

    `folder` is the hearing's own; `on_trouble` gets reports for the technician. Everything for the
    public goes through `feed`, which delays it and can be stopped. `epoch` is the epoch of the
    lease under which the hearing runs here, so that no other machine gives files the same names.
    """

    def __init__(
        self,
        folder: Path,
        outputs: Outputs,
        wall_ms: Callable[[], int],
        on_trouble: OnTrouble,
        settings: Settings,
        *,
        epoch: int = 0,
    ) -> None:
        self._folder, self._outputs, self._epoch = folder, outputs, epoch
        may_reach = settings.may_reach
        self._wall_ms, self._on_trouble = wall_ms, on_trouble
        self._meeting = ""
        # Kept during the meeting: when it closes, the configuration may already be the next
        # meeting's.
        self._plates: dict[str, Plate] = {}
        self._packager: Packager | None = None
        self._card = PublicCard(outputs, settings, wall_ms)
        sources = {name: out for name, out in outputs.streams.items() if name != PREVIEW}
        # Look the titles up now, while nobody listens: their tables are read from the disk.
        self._titles = {name: native(name) for name in sources if name not in {FLOOR, PROGRAM}}
        self.feed = PublicFeed(sources, time.monotonic, self._card.begin, self._card.end)
        self.feed.on_delay = self._delayed
        self.pushes = Destinations(self.feed.streams, self._push_stands, may_reach)
        self._ended = EMPTY
        self._ending: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._cutting: set[asyncio.Task[bool]] = set()
        self._withheld: dict[tuple[int, str], HeardTurn] = {}
        self._discussion = ""
        self._fps = settings.fps
        self._waits = False
        self._asking: asyncio.Task[None] | None = None
        self._asked = ""
        self._is_stopped = False
        self._followed: tuple[Floor, HearingConfig, bool] | None = None

    # Hand-over to another process.

    @property
    def ends(self) -> bool:
        """Whether the meeting is closed, and its end has not been sent yet."""
        return self._ending is not None or bool(self._closing)

    def handed(self) -> HandedWebcast:
        """Return the state of the webcast for another process."""
        return HandedWebcast(self._meeting, self._plates, self.feed.handed())

    def resume(self, handed: HandedWebcast, waiting: Sequence[DelayedPacket]) -> None:
        """Continue the public feed of another process. Raises ValueError if it does not fit.

        The other process still writes to the webcast's folder and pushes to other broadcasters:
        call `begin` when it has ended.
        """
        self._meeting, self._plates = handed.meeting, dict(handed.plates)
        self.feed.inherit(handed.feed, waiting)
        self._waits = True

    def begin(self) -> None:
        """Start to write and push with the next `follow`."""
        self._waits = False

    def live(self, meeting: str) -> LiveWebcast | None:
        """Return the running webcast of a meeting; None if it is over, or has never run."""
        return self._packager.live if self._packager and meeting == self._meeting else None

    @property
    def behind_s(self) -> float | None:
        """Seconds by which the running webcast is behind the program; None without a webcast."""
        return self._packager.behind_s if self._packager else None

    async def cut(self, meeting: str, order: CutOrder) -> bool | None:
        """Remove a stretch from a meeting's running webcast; return whether all of it is on disk.

        If not, ask again. Return None if the webcast is over.
        """
        if self._packager is None or meeting != self._meeting:
            return None
        return await self._packager.cut(order)

    def follow(self, floor: Floor, config: HearingConfig, *, stopped: bool) -> None:
        """Open, continue or close the webcast as the floor's phase requires; stop or resume it."""
        self._followed = floor, config, stopped
        segment = floor.segment.id if floor.segment and floor.segment_open else ""
        self._follow_stop(config, config.delay_in(segment), stopped=stopped)
        on_the_air = floor.phase in ON_THE_AIR or self._ending is not None
        # With a delay, also before: packets that wait when the meeting opens must have both sizes.
        self._outputs.picture.reduce(on=config.in_public and (on_the_air or self.feed.delay_s > 0))
        if self._waits or not config.in_public:
            return
        self.pushes.follow(config.push if on_the_air else ())
        if floor.phase in ON_THE_AIR and self._packager is None and config.meeting:
            if self._may_open(config.meeting):
                self._open(config.meeting, config.title)
        elif floor.phase == "closed" and floor.meeting == self._meeting:
            self._close_later(floor)
        self._plates.update(config.places)
        self._discussion = config.cards.get("discussion", "")
        self._withhold(floor, config.withheld)

    def _withhold(self, floor: Floor, withheld: Mapping[str, str]) -> None:
        """Remove speakers who do not want to be in the webcast, from the moment they are heard.

        `web` orders the same cut with the same id, and its order replaces this one.
        """
        heard = {(turn.giving, turn.key): turn for turn in _heard(floor)}
        ended = {past.giving: past.ended_at for past in floor.history}
        ended |= {past.giving: past.ended_at or floor.at for past in floor.heard_points}
        for key in self._withheld.keys() - heard.keys():
            over = self._withheld.pop(key)
            self._order(over, ended.get(over.giving, floor.at), withheld)
        for key, turn in heard.items():
            if turn.key in withheld and key not in self._withheld:
                self._withheld[key] = turn
                self._order(turn, None, withheld)

    def _order(self, turn: HeardTurn, to_ms: int | None, withheld: Mapping[str, str]) -> None:
        if self._packager is None:
            return
        # Derived from meeting, slot and holding, so that `web` computes the same id without asking.
        cut = uuid5(UUID(hex=self._meeting), f"{turn.slot}:{turn.giving}").hex
        title = withheld.get(turn.key, "")
        order = CutOrder(cut, turn.given_at, to_ms, TRAIL_MS, "speaker", title)
        task = asyncio.create_task(self._packager.cut(order))
        self._cutting.add(task)
        task.add_done_callback(self._cutting.discard)

    def _follow_stop(self, config: HearingConfig, delay_s: int, *, stopped: bool) -> None:
        if stopped:  # first: a change of the delay must send nothing that a stop would drop
            self.feed.stop()
        self.feed.set_delay(delay_s)
        if not stopped:
            self.feed.resume()
        code = "interrupted" if stopped else "returning"
        text = config.cards.get(code, "")
        self._card.show(HoldingCard(config.title, (text,) if text else ()), config.mark)

    def caption(self, line: CaptionLine) -> None:
        """Add a line to the captions of its language, while there is a webcast."""
        if self._packager is not None:
            self._packager.caption(line)

    async def stop(self) -> None:
        """Stop, and wait for webcasts that are closing; an open one can be continued later."""
        self._is_stopped = True
        if self._ending is not None:
            self._ending.cancel()
            self._end(self._ended)
        if self._packager is not None:
            packager, self._packager = self._packager, None
            await packager.leave()
        await self.pushes.stop()
        self.feed.close()
        await asyncio.gather(*self._closing)
        await self._card.close()

    def _push_stands(self, state: PushState) -> None:
        if state.state == "broken":
            values = {"host": state.host, "channel": state.channel, "reason": state.reason}
            self._on_trouble("push", **values, detail=state.detail)

    def _open(self, meeting: str, title: str) -> None:
        if meeting != self._meeting:
            self._meeting, self._plates = meeting, {}
        self._packager = Packager(
            self._folder / meeting,
            self.feed.streams,
            self._zero_ms(self.feed.announced_s),
            self._titles,
            on_trouble=self._on_trouble,
            title=title,
            fps=self._fps,
            small=self.feed.streams[PROGRAM].bit_rate > REDUCED_BIT_RATE,
            epoch=self._epoch,
        )

    def _may_open(self, meeting: str) -> bool:
        """Whether the webcast may open: first ask the object store what it has of the meeting."""
        store = webcast_folder.mirror()
        if store is None or meeting == self._asked:
            return True
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(store, meeting))
        return False

    async def _ask(self, store: Mirror, meeting: str) -> None:
        folder, over = self._folder / meeting, time.monotonic() + ASK_STORE_S
        while True:
            try:
                await asyncio.to_thread(store.fetch, folder)
                break
            except OSError as away:
                log.warning("what the store has of meeting %s is not known: %s", meeting, away)
                known = metadata.read_file(folder)
                if known.spans and self._epoch - known.epoch <= 1:
                    break  # this machine wrote the webcast last
                if time.monotonic() > over:
                    # Another machine may have given the same names to other content.
                    store.leave_out(folder)
                    break
            await asyncio.sleep(1)
        self._asked, self._asking = meeting, None
        if self._followed is not None and not self._is_stopped:
            floor, config, stopped = self._followed
            self.follow(floor, config, stopped=stopped)

    def _zero_ms(self, delay_s: float) -> int:
        """Return the time in the room (ms since the Unix epoch) at 0 of the public's clock."""
        passed_s = time.monotonic() - self._outputs.start
        return self._wall_ms() - round((passed_s + delay_s) * 1000)

    def _delayed(self, delay_s: float) -> None:
        if self._packager is not None:
            self._packager.move_clock(self._zero_ms(delay_s))

    def _close_later(self, floor: Floor) -> None:
        """Close the webcast when the last words have been sent, after the delay."""
        if self._ending is None and self._packager is not None:
            self._ended = floor
            delay_s = self.feed.delay_s
            self._ending = self._outputs.loop.call_later(delay_s, self._end, floor)

    def _end(self, floor: Floor) -> None:
        self._ending = None
        packager, self._packager = self._packager, None
        if packager is not None:
            chapters = tuple(_chapters(floor, self._plates, self._discussion))
            task = asyncio.create_task(packager.close(chapters))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _heard(floor: Floor) -> Iterator[HeardTurn]:
    if (holder := floor.holder) is not None:
        yield HeardTurn(holder.slot, holder.slot, holder.giving, holder.given_at)
    if (talk := floor.discussion) is not None:
        for slot in sorted(floor.heard & floor.voiced_ms.get(talk.opening, {}).keys()):
            yield HeardTurn(slot, slot, talk.opening, talk.opened_at)
    for point in floor.heard_points[-1:]:
        if point.ended_at is None:
            person = floor.points[point.point]
            slot = floor.slot_of(person)
            yield HeardTurn(slot or person, slot, point.giving, point.given_at)


def _chapters(floor: Floor, plates: Mapping[str, Plate], discussion: str) -> Iterator[ChapterMark]:
    """Yield a chapter for each intervention and each discussion (titled `discussion`), in order."""
    found = [ChapterMark(talk.opened_at, discussion) for talk in floor.discussions if discussion]
    for intervention in floor.history:
        plate = plates.get(intervention.slot)
        if plate is not None:
            found.append(ChapterMark(intervention.given_at, plate.name))
    yield from sorted(found, key=lambda chapter: chapter.at_ms)
