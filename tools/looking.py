"""What a walk looks at: whether a picture plays, and what `ffprobe` says of a file."""

import json
import subprocess
from typing import Any

from playwright.sync_api import Locator

from tools.walking import expect, quietly

STANDS = """video => ({
  at: video.currentTime, ready: video.readyState, paused: video.paused, seeking: video.seeking,
  buffered: Array.from({ length: video.buffered.length }, (_, i) => [
    video.buffered.start(i), video.buffered.end(i)]),
})"""
"""What there is to know of a picture that does not move on."""


def plays(video: Locator) -> None:
    """Wait until a picture is there and moves on."""
    at = now_of(video)
    quietly(
        lambda: now_of(video) > at and bool(video.evaluate("video => video.videoWidth > 0")),
        lambda: f"a picture stands still: {video.evaluate(STANDS)}",
    )


def jumps(chapter: Locator, video: Locator) -> None:
    """Press a chapter, and wait until it plays from where it begins."""
    at = float(chapter.get_attribute("data-chapter") or 0)
    chapter.click()
    quietly(lambda: at - 1 <= now_of(video) <= at + 5, lambda: f"no jump to {at} s")
    plays(video)


def now_of(video: Locator) -> float:
    """Where in its time a video is, in seconds."""
    return float(video.evaluate("video => video.currentTime"))


def values(options: Locator) -> list[str]:
    """The values of a menu's options."""
    return [option.get_attribute("value") or "" for option in options.all()]


def probe(what: str) -> dict[str, Any]:
    """What `ffprobe` finds; ends the walk where it complains."""
    show = ("-show_streams", "-show_chapters", "-show_format", "-of", "json")
    done = subprocess.run(
        ["ffprobe", "-v", "error", *show, what], capture_output=True, text=True, check=False
    )
    expect(done.returncode == 0 and not done.stderr, f"ffprobe accepts {what}", done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
