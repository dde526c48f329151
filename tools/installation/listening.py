"""A listener outside, who measures the sound at a seat in each second, and the webcast.

Import this module only after SSL_CERT_FILE names the site's certificate authority: aiohttp reads it
once.
"""

import asyncio
import html
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp
import numpy as np

from hemicycle.engine.audio import analysis
from hemicycle.engine.streams import SOUND_RATE, Samples
from hemicycle.engine.synthetic.client import SyntheticListener
from tools.installation.people import HERTZ

HEARD = 0.003
"""The lowest level that counts as sound, where 1.0 is full scale: −50 dBFS."""
SEAT = r'href="([^"]+/seat/[^"]+)"'
CSRF = r'name="csrfmiddlewaretoken"\s+value="(\w+)"'


@dataclass
class Heard:
    """The sound that a listener heard in each second, and the segments of the webcast."""

    levels: list[float] = field(default_factory=list)
    """The amplitude of the speaker's tone in each second of sound, where 1.0 is full scale."""
    listened_s: float = 0.0
    """The time from the first packet of sound to the last, in seconds."""
    sounding_s: float = 0.0
    """The length of the sound with the speaker's tone in that time, in seconds."""
    longest_gap_ms: float = 0.0
    """The longest time without a packet that contains the tone, in milliseconds."""
    segments: int = 0
    segment_bytes: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def silent(self) -> int:
        """The number of seconds of sound that were silent."""
        return sum(level < HEARD for level in self.levels)

    @property
    def share(self) -> float:
        """The share of the time in which the speaker was heard, from 0 to 1."""
        return min(1.0, self.sounding_s / self.listened_s) if self.listened_s else 0.0


class Listening(threading.Thread):
    """A thread that listens at a seat and fetches the webcast, until `over` is called."""

    def __init__(self, personal: str, webcast: str) -> None:
        super().__init__(daemon=True)
        self.heard = Heard()
        self._personal, self._webcast = personal, webcast
        self._over = threading.Event()
        self._error: Exception | None = None
        self._kept: list[Samples] = []
        self._size, self._begun, self._last = 0, 0.0, 0.0

    def check(self) -> None:
        """Raise the exception that has stopped the listener, if there is one."""
        if self._error:
            raise self._error

    def over(self) -> Heard:
        """Stop the thread, and return what was heard. Raises like `check`."""
        self._over.set()
        self.join(60)
        self.check()
        return self.heard

    def run(self) -> None:
        """Listen, in the thread's own event loop."""
        try:
            asyncio.run(self._listen())
        except Exception as error:  # noqa: BLE001 - `check` raises it in the caller's thread
            self._error = error

    async def _listen(self) -> None:
        async with aiohttp.ClientSession() as browser:
            seat = urljoin(self._personal, await self._find(browser, self._personal, SEAT))
            csrf = await self._find(browser, seat, CSRF)
            data = {"use": "listen", "csrfmiddlewaretoken": csrf}
            headers = {"Referer": seat}
            async with browser.post(f"{seat}pass/", data=data, headers=headers) as answer:
                granted = await answer.json()
            whep = urljoin(seat, granted["whep"])
            async with SyntheticListener(whep, granted["token"], on_sound=self._hear):
                while not self._over.is_set():
                    await self._fetch(browser)
                    await asyncio.sleep(2)

    async def _find(self, browser: aiohttp.ClientSession, address: str, what: str) -> str:
        """Return the first group of a pattern in a page; a private link sets a cookie."""
        async with browser.get(address) as page:
            text = await page.text()
        found = re.search(what, text)
        assert found, f"{page.status}: {text}"
        return html.unescape(found[1])

    def _hear(self, samples: Samples) -> None:
        heard, now = self.heard, time.monotonic()
        self._begun = self._begun or now
        self._last = self._last or now
        heard.listened_s = now - self._begun
        if analysis.amplitude(samples, HERTZ) >= HEARD:
            heard.sounding_s += len(samples) / SOUND_RATE
            heard.longest_gap_ms = max(heard.longest_gap_ms, (now - self._last) * 1000)
            self._last = now
        self._kept.append(samples)
        self._size += len(samples)
        if self._size >= SOUND_RATE:
            second = np.concatenate(self._kept)
            self.heard.levels.append(analysis.amplitude(second, HERTZ))
            self._kept, self._size = [], 0

    async def _fetch(self, browser: aiohttp.ClientSession) -> None:
        """Fetch the newest segment of the webcast, as a player does."""
        try:
            playlist = self._webcast
            for _ in range(2):
                async with browser.get(playlist) as answer:
                    answer.raise_for_status()
                    text = await answer.text()
                names = [line for line in text.splitlines() if line and not line.startswith("#")]
                if not names:
                    return
                playlist = urljoin(playlist, names[-1])
            async with browser.get(playlist) as answer:
                answer.raise_for_status()
                self.heard.segment_bytes += len(await answer.read())
            self.heard.segments += 1
        except aiohttp.ClientError as error:
            self.heard.failed.append(repr(error))
