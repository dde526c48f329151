"""An encoder that others wrote: FFmpeg's WHIP muxer.

It runs in a separate process, since FFmpeg waits for an answer without a time limit.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from threading import Event

import av
import numpy as np

RATE, FPS, FRAME = 48_000, 15, 960
WIDTH, HEIGHT = 320, 176
ENDS_WITHIN_S = 30


@contextmanager
def sending(url: str, key: str, hertz: int) -> Iterator[None]:
    """Send a tone and a changing grey meanwhile. Fails unless the encoder ends with status 0."""
    command = [sys.executable, "-m", "tests.support.encoder", url, key, str(hertz)]
    with subprocess.Popen(command) as process:
        try:
            yield
            process.terminate()
            assert process.wait(ENDS_WITHIN_S) == 0
        finally:
            process.kill()


def send(url: str, key: str, hertz: int, stop: Event) -> None:
    """Send a tone and a changing grey in real time until `stop` is set."""
    options = {"authorization": key, "handshake_timeout": "20000"}
    with av.open(url, "w", format="whip", options=options) as out:
        picture = out.add_stream("libx264", rate=FPS)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.codec_context.gop_size = FPS
        picture.codec_context.options = {"tune": "zerolatency", "profile": "baseline"}
        sound = out.add_stream("libopus", rate=RATE, layout="stereo")
        assert isinstance(sound, av.AudioStream)
        begun = time.monotonic()
        pictures = samples = 0
        while not stop.wait(0.005):
            now = time.monotonic() - begun
            while pictures / FPS < now:
                out.mux(picture.encode(_grey(pictures)))
                pictures += 1
            while samples / RATE < now:
                out.mux(sound.encode(_tone(hertz, samples)))
                samples += FRAME


def _grey(number: int) -> av.VideoFrame:
    pixels = np.full((HEIGHT, WIDTH, 3), number * 3 % 255, np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _tone(hertz: int, first: int) -> av.AudioFrame:
    wave = 0.3 * np.sin(2 * np.pi * hertz * (np.arange(FRAME) + first) / RATE)
    both = np.stack([wave, wave]).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = RATE, first
    return frame


def main() -> None:
    """Send to an address, with a key and a tone in Hz, until terminated."""
    url, key, hertz = sys.argv[1:]
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    send(url, key, int(hertz), stop)


if __name__ == "__main__":
    main()
