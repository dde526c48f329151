"""Synthetic people who come back by themselves when the engine ends their session, as pages do."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import Samples
from hemicycle.engine.synthetic.client import OfferRefused, SyntheticListener, SyntheticPublisher

AGAIN_S = 0.3
"""A page waits between 0.15 and 1 s (`media/link-state.js`)."""

type Person = SyntheticListener | SyntheticPublisher


class TimedEar:
    """When a listener has heard a tone, by the monotonic clock."""

    def __init__(self, hertz: float) -> None:
        self._hertz = hertz
        self.heard_at: list[float] = []

    def take(self, sound: Samples) -> None:
        """Take sound as it comes."""
        if amplitude(sound, self._hertz) > 0.02:
            self.heard_at.append(time.monotonic())

    @property
    def hears(self) -> bool:
        """Whether it hears the tone now."""
        return bool(self.heard_at) and time.monotonic() - self.heard_at[-1] < 0.2

    def again_after(self, moment: float) -> Iterator[float]:
        """Yield when the tone came back after each silence of half a second that began later."""
        pairs = zip(self.heard_at, self.heard_at[1:], strict=False)
        yield from (back for last, back in pairs if last > moment - 0.1 and back - last > 0.5)


@asynccontextmanager
async def staying(*people: Callable[[], Person]) -> AsyncIterator[None]:
    """Keep people connected, in the meantime, with a new peer for each connection."""
    tasks = [asyncio.create_task(_stay(made)) for made in people]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stay(made: Callable[[], Person]) -> None:
    while True:
        with contextlib.suppress(OfferRefused, aiohttp.ClientError, TimeoutError, OSError):
            async with made() as person:
                await _until_ended(person)
        await asyncio.sleep(AGAIN_S)


async def _until_ended(person: Person) -> None:
    """Read the session's events until they end."""
    timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.get(f"{person.session}/events") as events,
    ):
        async for _ in events.content:
            pass
    person.session = ""  # nobody is left to tell that it ends
