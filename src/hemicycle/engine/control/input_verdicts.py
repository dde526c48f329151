"""Keeps an opinion of each microphone that is heard.

The engine looks at one microphone at a time, in a thread beside the mixer's: a look takes a few
hundredths of a second of processor time.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from hemicycle.engine.audio.input_verdict import InputOpinion, Trouble, measure
from hemicycle.engine.control.sessions import MediaSession

log = logging.getLogger(__name__)

HOWLED_S = 30.0
"""How long a microphone that howled is reported as echoing, in seconds."""


class InputVerdicts:
    """The opinions of one hearing. For the event loop only; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._opinions: dict[str, InputOpinion] = {}
        self._due: dict[str, float] = {}
        self._howled: dict[str, float] = {}
        self._look: asyncio.Task[None] | None = None

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        """What is wrong with microphones that are heard, by session."""
        now = self._clock()
        found = {id: opinion.trouble for id, opinion in self._opinions.items()}
        found |= {id: "echo" for id, at in self._howled.items() if now - at < HOWLED_S}
        return {id: trouble for id, trouble in found.items() if trouble is not None}

    def howled(self, session: str) -> None:
        """Note that a microphone howled: it hears its own loudspeaker."""
        self._howled[session] = self._clock()

    def round(self, heard: Iterable[MediaSession]) -> None:
        """Look at the microphone that has waited longest; forget those that are not heard."""
        here = {session.id: session for session in heard if session.input is not None}
        now = self._clock()
        self._opinions = {id: self._opinions.get(id) or InputOpinion() for id in here}
        self._due = {id: self._due.get(id, now) for id in here}
        self._howled = {id: at for id, at in self._howled.items() if id in here}
        if self._look is not None and not self._look.done():
            return
        next_ = min(self._due, key=self._due.__getitem__, default="")
        if next_ and self._due[next_] <= now:
            self._look = asyncio.create_task(self._take(here[next_]))

    def stop(self) -> None:
        """End the look that is under way."""
        if self._look is not None:
            self._look.cancel()

    async def _take(self, session: MediaSession) -> None:
        opinion, tap = self._opinions[session.id], session.input
        assert tap is not None
        try:
            opinion.take(await asyncio.to_thread(measure, tap.recent()))
        except Exception:
            log.exception("a microphone could not be judged")
        self._due[session.id] = self._clock() + opinion.wait_s
