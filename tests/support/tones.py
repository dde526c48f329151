"""Pages whose microphone plays a tone, and what is heard in them.

A tone replaces the microphone, a field of one colour replaces the camera, and the output of the
page's loudspeaker is recorded. Everything else in such a page is the product's own.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from hemicycle.engine.audio import analysis
from hemicycle.engine.streams import SOUND_RATE, Samples
from tests.support.browser import Pages
from tests.support.recording import CLICK_MS

SCRIPT = Path(__file__).with_name("voice.js").read_text()
CAMERA = Path(__file__).with_name("person.js").read_text()
WITHIN_S = 60.0
"""How long a test waits, in seconds; a busy machine needs it."""

WITHOUT_H264 = """
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (what, options) {
    const made = addTransceiver.call(this, what, options);
    const kind = what.kind ?? what;
    const known = RTCRtpReceiver.getCapabilities(kind).codecs;
    made.setCodecPreferences(known.filter((codec) => codec.mimeType !== "video/H264"));
    return made;
  };
"""
"""A script for a page whose browser cannot decode the program's video: it hears, and sends VP8."""

SMALL = {"width": 800, "height": 600}
"""A window that costs little to draw."""

VOICE = 0.02
"""The least amplitude of a tone, which usually has about 0.1.

Harmonics of a tone that a busy page has interrupted are weaker.
"""

MS = SOUND_RATE // 1000
LAST_S = 0.4
"""Seconds of the most recent sound that count as heard now."""


def open_page(
    pages: Pages,
    hertz: int = 0,
    *,
    speech: Samples | None = None,
    look: Mapping[str, Any] | None = None,
    script: str = "",
    **options: Any,
) -> Page:
    """Open a page whose microphone plays a tone or repeats `speech`; with neither, it only hears.

    `look` describes the person whom its camera films (`person.js`), in place of a field of one
    colour. `script` runs before the page's scripts.
    """
    page = pages.open(**{"viewport": SMALL, "reduced_motion": "reduce", **options})
    page.context.set_default_timeout(WITHIN_S * 1000)
    voice: dict[str, Any] = {"hertz": hertz, "colour": f"hsl({hertz % 360}deg 60% 40%)"}
    if speech is not None:
        voice["speech"] = base64.b64encode((speech * 32_767).astype("<i2").tobytes()).decode()
    if look:
        voice["look"], script = dict(look), f"{script}\n{CAMERA}"
    page.add_init_script(f"window.voice = {json.dumps(voice)};\n{script}\n{SCRIPT}")
    return page


def until(page: Page, true: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until `true` returns true. Raises AssertionError with the text of `what` otherwise."""
    over = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < over, what()
        page.wait_for_timeout(200)


@dataclass
class Ear:
    """What is heard in a page opened by `open_page`. `among` are all tones in use."""

    page: Page
    among: frozenset[int]
    name: str

    @classmethod
    def of(cls, page: Page, among: Iterable[int], name: str, selector: str) -> Ear:
        """Begin to listen to what an element of the page plays."""
        page.evaluate("(selector) => ear.listen(selector)", selector)
        return cls(page, frozenset(among), name)

    def last(self, seconds: float) -> Samples:
        """Return the last `seconds` of what was heard."""
        return self._samples(round(seconds * SOUND_RATE))

    def mark(self) -> int:
        """Return this moment, for `since`."""
        kept: int = self.page.evaluate("ear.kept")
        return kept

    def since(self, mark: int = 0) -> Samples:
        """Return everything that was heard since a moment; 0 is the beginning."""
        return self._samples(self.mark() - mark)

    def _samples(self, count: int) -> Samples:
        told = self.page.evaluate("(count) => ear.last(count)", count)
        samples = np.frombuffer(base64.b64decode(told), np.int16)[-count:]
        return samples.astype(np.float32) / np.float32(32_767)

    def tones(self) -> frozenset[float]:
        """Return the tones that are heard now."""
        return analysis.tones(self.last(LAST_S), self.among)

    def hears(self, *expected: int) -> None:
        """Wait until exactly these tones are heard."""
        wanted = frozenset(expected)

        def there() -> bool:
            sound = self.last(LAST_S)
            whole = len(sound) == round(LAST_S * SOUND_RATE)
            return whole and analysis.tones(sound, self.among) == wanted

        def told() -> str:
            return f"{self.name} should hear {sorted(wanted)}, and hears {sorted(self.tones())}"

        until(self.page, there, told)

    def has_heard(self) -> frozenset[int]:
        """Return all tones that have ever been heard here, except clicks."""
        whole = self.since()
        return frozenset(tone for tone in self.among if _ever(whole, tone))


def _ever(sound: Samples, hertz: int) -> bool:
    return any(
        span.end_ms - span.begin_ms >= CLICK_MS
        and analysis.amplitude(sound[span.begin_ms * MS : span.end_ms * MS], hertz) >= VOICE
        for span in analysis.spans(sound, hertz)
    )


def connections(page: Page) -> int:
    """Return how many connections the page has made so far."""
    made: int = page.evaluate("connections")
    return made
