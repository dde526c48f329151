"""What the program's picture costs by its size, and the reduced one beside it."""

import time
from typing import Any

import av
import numpy as np

from hemicycle.engine.video.artwork import ArtworkCache
from hemicycle.engine.video.bit_rates import SMALL_BIT_RATE, bit_rate_for
from hemicycle.engine.video.composer import Composer
from hemicycle.engine.video.encoder import H264Encoder, ReducedEncoder
from hemicycle.engine.video.geometry import LARGE, SMALL, Size
from hemicycle.engine.video.layouts import Layout, Plate

NAME = "ladder"
FPS = 25
PICTURES = 150
NOISE = 4
"""Of a camera in a lit room, as the standard deviation of its brightness (0 to 255)."""


def run() -> dict[str, Any]:
    """Return percent of a core at 25 pictures a second, and their ratios.

    Processor time of the thread is counted, so other work on the machine changes little.
    """
    small, large = (costs(size) for size in (SMALL, LARGE))
    return {
        "core_percent_360": round(sum(small[:2]), 1),
        "core_percent_720": round(sum(large[:2]), 1),
        "ratio_720_to_360": round(sum(large[:2]) / sum(small[:2]), 2),
        "reduced_core_percent_360": round(small[2], 1),
        "reduced_core_percent_720": round(large[2], 1),
        "reduced_ratio_360": round(small[2] / sum(small[:2]), 2),
        "reduced_ratio_720": round(large[2] / sum(large[:2]), 2),
    }


def costs(size: Size) -> tuple[float, float, float]:
    """Return percent of a core for composing, encoding, and encoding the reduced picture."""
    studio = ArtworkCache()
    composer = Composer(size, studio)
    layout = Layout("speaker", main="camera", plate=Plate("Ann Lee", "Institute for Human Rights"))
    while not composer.ready(layout):
        time.sleep(0.05)
    composer.show(layout)
    whole = H264Encoder(size, FPS, max(SMALL_BIT_RATE, bit_rate_for(size)))
    reduced = ReducedEncoder(size, FPS)
    spent = np.zeros(3)
    for number, frame in enumerate(camera(PICTURES)):
        marks = [time.thread_time()]
        composer.compose({"camera": frame}.get, 0)
        marks.append(time.thread_time())
        packet = whole.encode(composer.frame, number, key=number == 0)
        marks.append(time.thread_time())
        reduced.encode(composer.frame, number, key=packet.keyframe)
        marks.append(time.thread_time())
        spent += np.diff(marks)
    studio.close()
    composing, encoding, reducing = (float(part) for part in spent / PICTURES * FPS * 100)
    return composing, encoding, reducing


def camera(count: int) -> list[av.VideoFrame]:
    """Return pictures of 1280x720: a bright shape that moves before a soft ground, with noise."""
    dice = np.random.default_rng(1)
    across, down = np.meshgrid(np.arange(LARGE.width), np.arange(LARGE.height))
    noise = dice.normal(0, NOISE, (LARGE.height + 64, LARGE.width)).astype(np.int16)
    made = []
    for number in range(count):
        ground = 60 + 60 * down / LARGE.height + 20 * np.sin(across / 90)
        x = LARGE.width / 2 + 40 * np.sin(number / 12)
        face = ((across - x) / 150) ** 2 + ((down - 330) / 210) ** 2 < 1
        light = np.where(face, 170 - (down - 330) / 10, ground).astype(np.int16)
        shift = int(dice.integers(0, 64))
        light += noise[shift : shift + LARGE.height]
        grey = np.clip(light, 16, 235).astype(np.uint8)
        made.append(av.VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv420p"))
    return made
