"""The cost and the quality of the encoders of picture and sound, by preset and effort."""

import time
from typing import Any

import av
import numpy as np

from bench.engine import sound_figures
from bench.engine.ladder import FPS, PICTURES
from hemicycle.engine.audio.opus import DELAY, OpusEncoder
from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES
from hemicycle.engine.video.bit_rates import SMALL_BIT_RATE
from hemicycle.engine.video.encoder import H264Encoder
from hemicycle.engine.video.geometry import SMALL
from hemicycle.engine.video.picture_cost import camera

FIGURES = (
    *(f"picture.{name}" for name in ("preset", "core_percent", "psnr_db")),
    *(f"sound.{name}" for name in ("effort", "core_percent", "stoi", "pesq")),
)
PRESETS = ("ultrafast", "superfast", "veryfast", "faster")
EFFORTS = (0, 3, 5, 8, 10)
VOICE = "en-gb+f2"
TEXT = """I thank the last speaker, and I remind all participants of the limit of three minutes.
Interpreters work from your text: please do not speak too fast. The next speaker has the floor."""


def run() -> dict[str, Any]:
    """Return the percentage of a core and the quality for each preset and effort."""
    pictures = [frame.reformat(SMALL.width, SMALL.height) for frame in camera(PICTURES)]
    said = sound_figures.speech(VOICE, TEXT)
    return {
        "picture": [_picture(preset, pictures) for preset in PRESETS],
        "sound": [_sound(effort, said) for effort in EFFORTS],
    }


def _picture(preset: str, pictures: list[av.VideoFrame]) -> dict[str, Any]:
    encoder = H264Encoder(SMALL, FPS, SMALL_BIT_RATE, preset=preset)
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    spent, errors = 0.0, []
    for number, picture in enumerate(pictures):
        begun = time.thread_time()
        packet = encoder.encode(picture, number, key=number == 0)
        spent += time.thread_time() - begun
        (shown,) = decoder.decode(av.Packet(packet.data))
        error = _brightness(shown) - _brightness(picture)
        errors.append(float(np.mean(error**2)))
    return {
        "preset": preset,
        "core_percent": round(spent / len(pictures) * FPS * 100, 1),
        "psnr_db": round(float(np.mean(10 * np.log10(255**2 / np.array(errors)))), 1),
    }


def _brightness(picture: av.VideoFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return picture.to_ndarray()[: SMALL.height].astype(np.float64)


def _sound(effort: int, said: sound_figures.Samples) -> dict[str, Any]:
    encoder = OpusEncoder(effort=effort)
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = SOUND_RATE, av.AudioLayout("mono")
    count = len(said) // TICK_SAMPLES
    spent, heard = 0.0, []
    for number in range(count):
        block = said[number * TICK_SAMPLES : (number + 1) * TICK_SAMPLES]
        begun = time.thread_time()
        packet = encoder.encode(block, number * TICK_SAMPLES)
        spent += time.thread_time() - begun
        frames = decoder.decode(av.Packet(packet.data))
        heard += [frame.to_ndarray().reshape(-1) for frame in frames]
    came = np.concatenate(heard)[DELAY:]
    sent = said[: len(came)]
    return {
        "effort": effort,
        "core_percent": round(spent / count * 1000 / TICK_MS * 100, 2),
        "stoi": round(sound_figures.intelligibility(sent, came[: len(sent)]), 3),
        "pesq": round(sound_figures.quality(sent, came[: len(sent)]), 2),
    }
