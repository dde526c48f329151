"""Checks for walks: that a video plays, and that `ffprobe` accepts a file."""

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
"""A script that returns the state of a video, for the message if it does not play."""


def plays(video: Locator) -> None:
    """Wait until a video has a picture and plays."""
    at = now_of(video)
    quietly(
        lambda: now_of(video) > at and bool(video.evaluate("video => video.videoWidth > 0")),
        lambda: f"a picture stands still: {video.evaluate(STANDS)}",
    )


def jumps(chapter: Locator, video: Locator) -> None:
    """Press a chapter, and wait until the video plays from its beginning."""
    at = float(chapter.get_attribute("data-chapter") or 0)
    chapter.click()
    quietly(lambda: at - 1 <= now_of(video) <= at + 5, lambda: f"no jump to {at} s")
    plays(video)


def now_of(video: Locator) -> float:
    """Return the current time of a video, in seconds."""
    return float(video.evaluate("video => video.currentTime"))


def values(options: Locator) -> list[str]:
    """Return the values of a menu's options."""
    return [option.get_attribute("value") or "" for option in options.all()]


def probe(what: str) -> dict[str, Any]:
    """Return what `ffprobe` finds in a file or address; end the walk if it reports an error."""
    show = ("-show_streams", "-show_chapters", "-show_format", "-of", "json")
    done = subprocess.run(
        ["ffprobe", "-v", "error", *show, what], capture_output=True, text=True, check=False
    )
    expect(done.returncode == 0 and not done.stderr, f"ffprobe accepts {what}", done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
