"""Synthetic participants who reconnect when the engine ends their session, as pages do."""

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
"""Seconds before a participant reconnects; a page waits 0.15 to 1 s (`media/link-state.js`)."""

type Person = SyntheticListener | SyntheticPublisher


class TimedEar:
    """The times at which a listener heard a tone, by the monotonic clock."""

    def __init__(self, hertz: float) -> None:
        self._hertz = hertz
        self.heard_at: list[float] = []

    def take(self, sound: Samples) -> None:
        """Note the time if the sound contains the tone."""
        if amplitude(sound, self._hertz) > 0.02:
            self.heard_at.append(time.monotonic())

    @property
    def hears(self) -> bool:
        """Whether the tone was heard within the last 0.2 seconds."""
        return bool(self.heard_at) and time.monotonic() - self.heard_at[-1] < 0.2

    def again_after(self, moment: float) -> Iterator[float]:
        """Yield when the tone came back after each silence of over half a second since `moment`."""
        pairs = zip(self.heard_at, self.heard_at[1:], strict=False)
        yield from (back for last, back in pairs if last > moment - 0.1 and back - last > 0.5)


@asynccontextmanager
async def staying(*people: Callable[[], Person]) -> AsyncIterator[None]:
    """Keep people connected until the end of the block, with a new peer for each connection."""
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
    person.session = ""  # the session has ended, so it is not deleted
