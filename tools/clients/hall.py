"""A hearing on air in which third-party clients are tried."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.streams import FLOOR, SOUND_RATE, Samples
from hemicycle.engine.synthetic.client import SyntheticPublisher
from hemicycle.engine.synthetic.figures import SyntheticFigure
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, Aired, Ear, on_air, until
from tests.engine.apart import ADDRESS
from tests.procedure.meeting import segment, speaker

OURS_HZ, THEIRS_HZ = 660, 880
"""The tones in Hz of our own speaker, which clients hear, and of a client, which we hear."""

WITHIN_S = 20.0
"""How long a client may take to be heard, in seconds, with the start of its process."""

SEEN_S = 8.0
"""How long the picture may take after the sound, in seconds."""

BOOTH = "fr"
SILENT = 0.001
NEAR_HZ = 12.0
"""The tolerance, in Hz, with which a tone is found in half a second of sound."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client received: the strongest tone in Hz (0: silence), and the size of the picture.

    `warned` holds the lines in which the client warns about faults in the files.
    """

    hertz: float = 0.0
    width: int = 0
    height: int = 0
    warned: tuple[str, ...] = ()

    def is_tone(self, hertz: float) -> bool:
        """Return whether the strongest tone is this one, within `NEAR_HZ`."""
        return abs(self.hertz - hertz) < NEAR_HZ


@dataclass(frozen=True, slots=True)
class Way:
    """The address at which a client connects, and its pass."""

    url: str
    token: str


type Publishing = AbstractAsyncContextManager[None]
"""A client speaks as long as this is open."""

type Listening = AbstractAsyncContextManager[Callable[[], Awaitable[Heard]]]
"""A client listens as long as this is open; the function returns what it hears now."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a trial: what was heard, and after how many seconds.

    `note` says what was not as expected.
    """

    heard: Heard
    seconds: float
    note: str = ""


def strongest(sound: Samples, rate: int = SOUND_RATE) -> float:
    """Return the strongest tone of a piece of sound in Hz; 0 for silence."""
    if len(sound) < rate // 4 or np.sqrt((sound**2).mean()) < SILENT:
        return 0.0
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum.argmax() * rate / len(sound))


class Hall:
    """The hearing, with a trial for each role. All trials use it, one after the other."""

    def __init__(self, aired: Aired) -> None:
        self.aired = aired
        self._taken: Counter[str] = Counter()
        self._floor = Ear()
        self._booth = Ear()

    @property
    def webcast(self) -> str:
        """The master list of the meeting's webcast."""
        return f"{self.aired.base}/media/hls/{HEARING}/{MEETING}/master.m3u8"

    async def speaker(self, publish: Callable[[Way], Publishing]) -> Result:
        """Give a client the floor with its microphone and camera, and end its turn.

        Raises AssertionError with a sentence on what did not happen.
        """
        slot = self._next("s")
        way = self._way("whip", "publish", "speaker", slot, slot=slot)
        async with self._ears(), publish(way):
            session = await self._connected(slot)
            self.aired.script.do(c.GiveFloor(slot))
            begun = time.monotonic()
            try:
                await self._until_heard(self._floor, THEIRS_HZ)
                seconds = time.monotonic() - begun
                width, height = await self._seen(session)
            finally:
                self.aired.script.do(c.EndFloor())
            await self._until_heard(self._floor, 0)
        note = await self._leaves(slot)
        return Result(Heard(THEIRS_HZ, width, height), seconds, note)

    async def interpreter(self, publish: Callable[[Way], Publishing]) -> Result:
        """Let a client be the interpreter of a booth; its voice must be on the booth's channel.

        Raises AssertionError like `speaker`.
        """
        seat = self._next("i")
        way = self._way("whip", "publish", "interpreter", seat, booth=BOOTH)
        async with self._ears(), publish(way):
            session = await self._connected(seat)
            begun = time.monotonic()
            await self.aired.hearing.control(session, {"do": "microphone", "on": True})
            await self._until_heard(self._booth, THEIRS_HZ)
            seconds = time.monotonic() - begun
        note = await self._leaves(seat)
        return Result(Heard(THEIRS_HZ), seconds, note)

    async def listener(self, listen: Callable[[Way], Listening]) -> Result:
        """Let a client listen to the program. Raises AssertionError like `speaker`."""
        seat = self._next("l")
        way = self._way("whep", "listen", "listener", seat)
        begun = time.monotonic()
        async with self.speech(), listen(Way(f"{way.url}?channel={FLOOR}", way.token)) as ask:
            heard = await heard_in_time(ask, OURS_HZ)
            seconds = time.monotonic() - begun
            heard = await seen_in_time(ask, heard)
        note = await self._leaves(seat)
        return Result(heard, seconds, note)

    @asynccontextmanager
    async def speech(self) -> AsyncIterator[None]:
        """Give the floor to our own speaker, who sends a tone and a moving figure."""
        slot = self._next("s")
        token = self.aired.token("publish", "speaker", slot, slot=slot)
        voice = Tone(OURS_HZ)
        figure = SyntheticFigure("", seed=1)
        url = f"{self.aired.base}/media/whip/{HEARING}"
        async with SyntheticPublisher(url, token, figure, voice):
            self.aired.script.do(c.GiveFloor(slot))
            try:
                yield
            finally:
                self.aired.script.do(c.EndFloor())

    def close(self) -> None:
        """Close the meeting, so that its webcast is on demand."""
        self.aired.script.do(c.CloseSegment(), c.CloseMeeting())

    def _next(self, kind: str) -> str:
        self._taken[kind] += 1
        return f"{kind}{self._taken[kind]}"

    def _way(self, door: str, use: str, role: str, seat: str, **more: str) -> Way:
        token = self.aired.token(use, role, seat, **more)  # type: ignore[arg-type]
        return Way(f"{self.aired.base}/media/{door}/{HEARING}", token)

    @asynccontextmanager
    async def _ears(self) -> AsyncIterator[None]:
        self._floor, self._booth = Ear(), Ear()
        async with (
            self.aired.listener(self._floor, seat=self._next("e")),
            self.aired.listener(self._booth, BOOTH, seat=self._next("e")),
        ):
            yield

    def _of(self, seat: str) -> list[MediaSession]:
        roster = self.aired.hearing.roster
        return [one for one in roster.sessions.values() if one.pass_.seat == seat]

    async def _connected(self, seat: str) -> MediaSession:
        def there() -> bool:
            return any(session.state == "up" for session in self._of(seat))

        await until(there, f"It did not connect within {WITHIN_S:.0f} s.", WITHIN_S)
        (session,) = self._of(seat)
        return session

    async def _until_heard(self, ear: Ear, hertz: float) -> None:
        def there() -> bool:
            sound = ear.last(0.5)
            return len(sound) == SOUND_RATE // 2 and abs(strongest(sound) - hertz) < NEAR_HZ

        def found() -> str:
            return f"We heard {strongest(ear.last(0.5)):.0f} Hz instead of {hertz:.0f} Hz."

        with suppress(AssertionError):
            await until(there, "", WITHIN_S)
        assert there(), found()

    async def _seen(self, session: MediaSession) -> tuple[int, int]:
        """Return the size of the client's picture, or zeros if none arrives in time."""
        picture = session.picture
        if picture is None:
            return 0, 0
        with suppress(AssertionError):
            await until(lambda: picture.latest() is not None, "", SEEN_S)
        frame = picture.latest()
        return (frame.width, frame.height) if frame is not None else (0, 0)

    async def _leaves(self, seat: str) -> str:
        """Wait until the client has left; return a note if it did not end its session."""
        with suppress(AssertionError):
            await until(lambda: not self._of(seat), "", 3)
            return ""
        for session in self._of(seat):
            await session.close("lost")
        return "It leaves without DELETE; the engine notices within seconds."


@asynccontextmanager
async def open_hall(folder: Path, slots: int = 80) -> AsyncIterator[Hall]:
    """Yield a hearing on air in two languages, with an open panel of `slots` - 1 speakers."""
    async with on_air(folder, address=ADDRESS, languages=["en", BOOTH]) as aired:
        rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000)
        names: Iterable[str] = (f"s{number}" for number in range(1, slots))
        aired.script.do(
            c.OpenMeeting(MEETING),
            segment(*(speaker(name) for name in names), rules=rules),
        )
        yield Hall(aired)


async def heard_in_time(ask: Callable[[], Awaitable[Heard]], hertz: float) -> Heard:
    """Call `ask` until it returns this tone; return what is heard and seen then.

    Raises AssertionError with the tone that was heard instead.
    """
    over = time.monotonic() + WITHIN_S
    while not (heard := await ask()).is_tone(hertz):
        what = f"It heard {heard.hertz:.0f} Hz instead of {hertz:.0f} Hz."
        assert time.monotonic() < over, what
    return heard


async def seen_in_time(ask: Callable[[], Awaitable[Heard]], heard: Heard) -> Heard:
    """Call `ask` until there is a picture, for `SEEN_S` at most; return `heard` with its size."""
    over = time.monotonic() + SEEN_S
    while not heard.width and time.monotonic() < over:
        heard = replace(heard, width=(found := await ask()).width, height=found.height)
    return heard
