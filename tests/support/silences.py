"""Silences in a page: what notes whether its program sounds, and how long it did not."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypedDict

SILENT_MS = 60
"""The shortest silence that counts, in ms; a shorter one is only a late packet."""

LISTEN = """
(selector) => {
  const context = new AudioContext({ sinkId: { type: "none" } });
  const look = new AnalyserNode(context, { fftSize: 1024 });
  const wave = new Float32Array(look.fftSize);
  let followed, source;
  window.turns = [];
  window.tracks = 0;
  setInterval(() => {
    const tracks = document.querySelector(selector)?.srcObject?.getAudioTracks() ?? [];
    window.tracks = Math.max(window.tracks, tracks.length);
    const track = tracks[0];
    if (track && track !== followed) {
      source?.disconnect();
      source = context.createMediaStreamSource(new MediaStream([track]));
      source.connect(look);
      followed = track;
    }
    look.getFloatTimeDomainData(wave);
    const loud = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length) > 0.01;
    if (loud !== turns.at(-1)?.loud) turns.push({ loud, at: Date.now() });
  }, 10);
}
"""
"""A function that notes every 10 ms whether the program sounds, and the most tracks it had."""

SETTLED = "() => turns.at(-1)?.loud && Date.now() - turns.at(-1).at > 1000"
"""A function that returns whether the program has sounded for a second."""


class Turn(TypedDict):
    """A change that `LISTEN` noted: whether the program sounds from now on, and when (ms)."""

    loud: bool
    at: float


def longest_silence_ms(turns: Sequence[Turn], since_ms: float) -> float:
    """Return the length in ms of the longest silence that began after `since_ms`.

    Both times are since the Unix epoch. The result is 0 if no silence lasted `SILENT_MS`, or if it
    has not ended.
    """
    later = [turn for turn in turns if turn["at"] >= since_ms]
    lengths = [after["at"] - turn["at"] for turn, after in pairwise(later) if not turn["loud"]]
    longest = max(lengths, default=0.0)
    return longest if longest >= SILENT_MS else 0.0
