"""Recordings of a page's microphone, loudspeaker, camera and screen with times (`clocked.js`)."""

import base64
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

RATE = 48
"""Samples per millisecond."""

WINDOW = 240
"""The window for measuring a tone, in samples (5 ms); it separates tones 200 Hz apart."""

NEAR_MS = 1000.0
"""How far from a block, in ms, to look for one that a busy page did not delay."""

SCRIPT = Path(__file__).with_name("clocked.js").read_text()

AUDIBLE = 0.01

Times = npt.NDArray[np.float64]


class Taken:
    """Sound with the time of each sample, and the times at which the picture turned bright.

    All times are ms since the Unix epoch.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        samples = np.frombuffer(base64.b64decode(told["samples"]), np.int16)
        self.samples = samples.astype(np.float64) / 32_767
        self.flashes: list[float] = told["flashes"]
        self._times = _times(told["times"])

    def begins(self, hertz: int) -> list[float]:
        """Return the times at which a tone begins, that is, reaches half of its full strength."""
        strength = _strength(self.samples, hertz)
        if not len(strength):
            return []
        there = strength > 0.5 * np.quantile(strength, 0.98)
        first = np.flatnonzero(there[1:] & ~there[:-1]) + 1
        held = [at for at in first if there[at : at + 10 * RATE].all()]
        return [float(self._times[at + WINDOW // 2]) for at in held]

    def is_heard(self, hertz: int) -> bool:
        """Return whether a tone is heard in the last 300 ms."""
        return float(np.median(_strength(self.samples[-300 * RATE :], hertz))) > AUDIBLE


def take(page: Page) -> Taken:
    """Return all that the page has recorded since the last call."""
    return Taken(page.evaluate("clocked.taken()"))


def sound_on(page: Page) -> None:
    """Turn the program's sound on with the page's button, if it is off."""
    key = page.locator("hc-program [data-sound]")
    key.wait_for()
    if key.get_attribute("aria-pressed") == "false":
        key.click()


def delays(sent: list[float], came: list[float], longest: float = 800.0) -> list[float]:
    """Return the time from each moment in `sent` to the first one in `came` after it, in ms.

    Moments with none within `longest` are left out.
    """
    found = []
    for moment in sent:
        at = bisect_left(came, moment)
        if at < len(came) and came[at] - moment <= longest:
            found.append(came[at] - moment)
    return found


def _times(blocks: list[list[float]]) -> Times:
    """Return the time of each sample.

    A busy page sees a block late, never early. The time of each block is therefore derived from the
    earliest of the blocks around it.
    """
    lengths = np.array([block[0] for block in blocks], np.int64)
    seen = np.array([block[1] for block in blocks])
    ends = np.cumsum(lengths)
    late = seen - ends / RATE
    first = np.searchsorted(seen, seen - NEAR_MS)
    last = np.searchsorted(seen, seen + NEAR_MS)
    begun = np.array([late[a:b].min() for a, b in zip(first, last, strict=True)])
    return np.repeat(begun, lengths) + np.arange(int(lengths.sum())) / RATE


def _strength(samples: Times, hertz: int) -> Times:
    """Return the strength of a tone in the window that begins at each sample."""
    turned = samples * np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / (1000 * RATE))
    whole = np.concatenate([[0], np.cumsum(turned)])
    return np.abs(whole[WINDOW:] - whole[:-WINDOW]) / WINDOW
