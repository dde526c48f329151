"""The device check: what the engine measures of a person who practises, and whether they pass.

A page's own report does not count. To pass, a person needs sound at a good level, few lost packets,
packets in both directions, and no echo; `web` gets the result from here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from hemicycle.engine.audio.practice import PracticeRoom
from hemicycle.engine.audio.sound_check import FOUND_DB, SoundFigures
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.control.web_client import WebUnavailable

log = logging.getLogger(__name__)

GOOD_MS = 1_200
"""The time, in ms, of sound at a good level that shows that somebody can be heard."""

LOST_PERCENT = 5
"""The highest loss of packets that concealment hides, in percent."""

AGAIN_S = 1.0

type Tell = Callable[[dict[str, Any]], Awaitable[None]]
"""Reports a passed check to `web`. Raises `WebUnavailable`."""


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """Results so far: levels in dB, times in ms, `loss` in percent. `returns` is whether packets
    reach the person too, `camera` whether their picture arrives; `echo_db` is None until measured.
    """

    level_db: int
    good_ms: int
    echo_db: int | None
    loss: int
    rtt_ms: int
    returns: bool
    camera: bool

    @property
    def has_echo(self) -> bool:
        """Whether other speakers would hear an echo of themselves."""
        return self.echo_db is not None and self.echo_db > FOUND_DB

    @property
    def passed(self) -> bool:
        """Whether this person can be heard and can hear."""
        is_fit = self.good_ms >= GOOD_MS and self.loss <= LOST_PERCENT and self.returns
        return is_fit and self.echo_db is not None and not self.has_echo


def figures_of(
    sound: SoundFigures, going: MediaSession, coming: MediaSession | None
) -> CheckFigures:
    """Return the figures of a session that practises, and of the session that returns its echo."""
    out, back = going.stats, coming.stats if coming is not None else None
    return CheckFigures(
        level_db=round(sound.level_db),
        good_ms=sound.good_ms,
        echo_db=None if sound.echo_db is None else round(sound.echo_db),
        loss=round(max(out.loss, back.loss if back else 0.0)),
        rtt_ms=round(out.rtt_ms),
        returns=coming is not None and coming.state == "up",
        camera=going.picture is not None and going.picture.latest() is not None,
    )


class DeviceChecks:
    """The checks that run in one hearing. For the event loop only."""

    def __init__(self, room: PracticeRoom, tell: Tell) -> None:
        self._room, self._tell = room, tell
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, dict[str, Any]] = {}

    def begin(self, session: MediaSession) -> None:
        """Begin to measure; the figures of an earlier check are forgotten."""
        if (task := self._telling.pop(session.id, None)) is not None:
            task.cancel()
        self._sent.pop(session.id, None)
        self._room.begin_check(session.pass_.seat)

    def round(self, sessions: Iterable[MediaSession]) -> None:
        """Send each person who is checked what was measured, and report to `web` who has passed."""
        practising = [session for session in sessions if session.kind == "practice"]
        coming = {one.pass_.seat: one for one in practising if one.way == "out"}
        going = {one.id: one for one in practising if one.way == "in"}
        self._forget(going.keys())
        for session in going.values():
            seat = session.pass_.seat
            check = self._room.check_of(seat)
            if check is not None and session.state == "up":
                self._follow(session, figures_of(check.figures, session, coming.get(seat)))

    def stop(self) -> None:
        """Stop all reports to `web`."""
        self._forget(())

    def _forget(self, here: Iterable[str]) -> None:
        for id in self._telling.keys() - set(here):
            self._telling.pop(id).cancel()
            self._sent.pop(id, None)

    def _follow(self, session: MediaSession, figures: CheckFigures) -> None:
        if figures.passed and session.id not in self._telling:
            person = {"person": session.pass_.person, **asdict(figures)}
            self._telling[session.id] = asyncio.create_task(self._pass_on(person))
        told = self._telling.get(session.id)
        passed, noted = told is not None, told is not None and told.done()
        data = {**asdict(figures), "echo": figures.has_echo, "passed": passed, "noted": noted}
        if self._sent.get(session.id) != data:
            self._sent[session.id] = data
            session.send("check", data)

    async def _pass_on(self, data: dict[str, Any]) -> None:
        while True:
            try:
                return await self._tell(data)
            except WebUnavailable as away:
                log.info("a passed check waits: %s", away)
                await asyncio.sleep(AGAIN_S)
