"""Synthetic people at their microphones and cameras: they join, speak in turn, and leave.

Each is a standard client in a separate task. If the engine or the site is unavailable, they try
again until it is back, with a new pass each time.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

import aiohttp
import numpy as np

from hemicycle.engine.streams import TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.client import OfferRefused, SyntheticPublisher
from hemicycle.engine.synthetic.figures import SyntheticFigure
from hemicycle.engine.synthetic.voices import Babble, Voice
from hemicycle.site.rehearsal.microphones import MicrophoneUser, MicrophoneUsers

FPS = 12
AGAIN_S = 1.5
"""Seconds from a failure to the next attempt."""
STAYS_S = 3.0
"""Seconds until a speaker leaves after speaking."""
SILENT_S = 60.0
AWAY = (aiohttp.ClientError, OSError, TimeoutError, OfferRefused)

type Passes = Callable[[MicrophoneUser], Awaitable[Mapping[str, str] | None]]
"""Returns the pass of a microphone user, with its addresses; None if there is none."""


class GatedVoice:
    """A voice that is silent while it is off."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.on = False
        self.level = 0.0

    def read(self) -> Samples:
        """Return the next 20 ms of sound."""
        if not self.on:
            self.level = 0.0
            return np.zeros(TICK_SAMPLES, np.float32)
        sound = self._voice.read()
        self.level = self._voice.level
        return sound


class Performer:
    """One person, connected until `leave`. Must be used in the event loop.

    Interpreters have only a microphone. `told` is called with True or False as the engine becomes
    available or unavailable.
    """

    def __init__(
        self, user: MicrophoneUser, passes: Passes, site: str, told: Callable[[bool], None]
    ) -> None:
        self.user = user
        self._passes, self._site, self._told = passes, site, told
        self.gated_voice: GatedVoice | None = None
        self._figure: SyntheticFigure | None = None
        self._speaks = False
        self._playing = asyncio.create_task(self._play())

    def speak(self, speaks: bool) -> None:
        """Start or stop speaking."""
        self._speaks = speaks
        if self.gated_voice is not None:
            self.gated_voice.on = speaks

    async def leave(self) -> None:
        """Disconnect and end."""
        self._playing.cancel()
        await asyncio.gather(self._playing, return_exceptions=True)

    async def _play(self) -> None:
        """Stay connected, and reconnect when needed, until a newer session replaces this one."""
        reason = ""
        while reason != "elsewhere":
            try:
                reason = await self._be_there()
            except AWAY as error:
                # A refusal (the hearing is not on air yet) also shows that the engine is available.
                self._told(isinstance(error, OfferRefused) and error.status < 500)
            await asyncio.sleep(AGAIN_S)

    async def _be_there(self) -> str:
        """Connect, stay until the session ends, and return the reason."""
        given = await self._passes(self.user)
        if given is None:
            return ""
        voice, figure = await asyncio.to_thread(self._appearance)
        publisher = SyntheticPublisher(self._site + given["whip"], given["token"], figure, voice)
        try:
            await publisher.start()
            self._told(True)
            if self.user.booth:
                await _take_microphone(publisher.session)
            return await _until_over(publisher)
        finally:
            with suppress(*AWAY):
                await publisher.close()

    def _appearance(self) -> tuple[GatedVoice, SyntheticFigure | None]:
        """Return the person's voice and figure, made once. The program adds the name plate."""
        if self.gated_voice is None:
            seed = zlib.crc32(self.user.person.encode())
            self.gated_voice = GatedVoice(Babble(seed))
            self.gated_voice.on = self._speaks
            self._figure = None if self.user.booth else SyntheticFigure("", seed, fps=FPS)
        return self.gated_voice, self._figure


async def _take_microphone(session: str) -> None:
    wish = {"do": "microphone", "on": True}
    async with aiohttp.ClientSession() as http, http.post(f"{session}/control", json=wish):
        pass


async def _until_over(publisher: SyntheticPublisher) -> str:
    """Follow a session's events until it ends, and return the reason.

    The event stream may break while the session continues. The session has ended only if the engine
    does not know it or the connection is lost.
    """
    events = f"{publisher.session}/events"
    patient = aiohttp.ClientTimeout(total=None, sock_read=SILENT_S)
    while publisher.state not in {"failed", "closed"}:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with aiohttp.ClientSession(timeout=patient) as http, http.get(events) as answer:
                if answer.status == 404:
                    return "lost"
                if answer.status == 200 and (reason := await _closing(answer)):
                    return reason
        await asyncio.sleep(AGAIN_S)
    return "lost"


async def _closing(answer: aiohttp.ClientResponse) -> str:
    closing = False
    async for line in answer.content:
        if closing and line.startswith(b"data:"):
            return "elsewhere" if b'"elsewhere"' in line else "closed"
        closing = closing or line.strip() == b"event: closed"
    return ""


class Performers:
    """All present performers.

    `tell` is called with a sentence when the engine becomes unavailable and when it is back.
    """

    def __init__(self, passes: Passes, site: str, tell: Callable[[str], None]) -> None:
        self._make = partial(Performer, passes=passes, site=site, told=self._heard)
        self._site, self._tell = site, tell
        self._there: bool | None = None
        self._performers: dict[str, Performer] = {}
        self._last: dict[str, float] = {}

    async def be(self, wanted: MicrophoneUsers) -> None:
        """Let the wanted people be present, those whose turn it is speak, and others leave."""
        now = asyncio.get_running_loop().time()
        for user, speaks in wanted.items():
            performer = self._performers.get(user.person)
            if performer is None or _elsewhere(performer.user, user):
                await self._dismiss(user.person)
                performer = self._performers[user.person] = self._make(user)
            performer.speak(speaks)
            self._last[user.person] = now
        for person in self._performers.keys() - {user.person for user in wanted}:
            self._performers[person].speak(False)
            if now - self._last[person] > STAYS_S:
                await self._dismiss(person)

    async def leave(self) -> None:
        """Let all performers leave."""
        await asyncio.gather(*(performer.leave() for performer in self._performers.values()))
        self._performers.clear()

    async def _dismiss(self, person: str) -> None:
        if performer := self._performers.pop(person, None):
            await performer.leave()

    def _heard(self, there: bool) -> None:
        if there and self._there is False:
            self._tell("The media engine is there: the rehearsal has picture and sound.")
        elif not there and self._there is not False:
            self._tell(
                f"No media engine answers at {self._site}: the rehearsal goes on without picture "
                "and sound, and takes them up when it is there."
            )
        self._there = there


def _elsewhere(old: MicrophoneUser, new: MicrophoneUser) -> bool:
    """Whether a person has changed seats; a new connection to the same seat does not count."""
    return (old.slot, old.booth) != (new.slot, new.booth)
