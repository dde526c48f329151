"""What passed a page's microphone, loudspeaker, camera and screen, and when (`clocked.js`)."""

import base64
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

RATE = 48
"""Samples a millisecond."""

WINDOW = 240
"""Samples (5 ms) for measuring a tone's strength: tones 200 Hz apart do not mix."""

NEAR_MS = 1000.0
"""How far around a block, in ms, one is looked for that a busy page did not delay."""

SCRIPT = Path(__file__).with_name("clocked.js").read_text()

AUDIBLE = 0.01

Times = npt.NDArray[np.float64]


class Taken:
    """Sound with its times (ms since the Unix epoch), and when the picture turned bright."""

    def __init__(self, told: dict[str, Any]) -> None:
        samples = np.frombuffer(base64.b64decode(told["samples"]), np.int16)
        self.samples = samples.astype(np.float64) / 32_767
        self.flashes: list[float] = told["flashes"]
        self._times = _times(told["times"])

    def begins(self, hertz: int) -> list[float]:
        """When a tone began: it then has half of the strength that it has while it lasts."""
        strength = _strength(self.samples, hertz)
        if not len(strength):
            return []
        there = strength > 0.5 * np.quantile(strength, 0.98)
        first = np.flatnonzero(there[1:] & ~there[:-1]) + 1
        held = [at for at in first if there[at : at + 10 * RATE].all()]
        return [float(self._times[at + WINDOW // 2]) for at in held]

    def is_heard(self, hertz: int) -> bool:
        """Whether a tone is loud at the end."""
        return float(np.median(_strength(self.samples[-300 * RATE :], hertz))) > AUDIBLE


def take(page: Page) -> Taken:
    """All that the page has kept since the last time."""
    return Taken(page.evaluate("clocked.taken()"))


def sound_on(page: Page) -> None:
    """Turn the program's sound on, by the page's own key, where it is off."""
    key = page.locator("hc-program [data-sound]")
    key.wait_for()
    if key.get_attribute("aria-pressed") == "false":
        key.click()


def delays(sent: list[float], came: list[float], longest: float = 800.0) -> list[float]:
    """From each moment to the first that came after it; those that never came are left out."""
    found = []
    for moment in sent:
        at = bisect_left(came, moment)
        if at < len(came) and came[at] - moment <= longest:
            found.append(came[at] - moment)
    return found


def _times(blocks: list[list[float]]) -> Times:
    """When each sample was there.

    A page that is busy sees a block late, never early: so the earliest of those around it is
    believed.
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
    """How strong a tone is in the window that begins at each sample."""
    turned = samples * np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / (1000 * RATE))
    whole = np.concatenate([[0], np.cumsum(turned)])
    return np.abs(whole[WINDOW:] - whole[:-WINDOW]) / WINDOW
