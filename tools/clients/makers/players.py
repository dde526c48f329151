"""mpv, VLC, ffplay and GStreamer: each writes its sound to a file and prints the picture's size."""

import asyncio
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

import av
import numpy as np

from hemicycle.engine.streams import SOUND_RATE, Samples
from tools.clients.hall import Heard, strongest
from tools.clients.makers.installed import debian, needs_programs
from tools.clients.rows import Player

PLAYS_S = 20
"""How long a player plays, in seconds; one second of sound, 0.5 s before its end, counts."""

WARNINGS = re.compile(r"(?i)[^\n]*(?:duplicated moov|packet corrupt|non-monoton)[^\n]*")
"""Finds the lines in which a player warns about faults in the files."""


async def mpv(url: str, hertz: float) -> Heard:
    """Play an address with mpv, without a screen."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sound.wav")
        said = await _run(
            "mpv",
            *("--no-config", "--vo=null", "--ao=pcm", f"--ao-pcm-file={file}"),
            *(f"--length={PLAYS_S - 4}", url),
            folder=folder,
        )
        size = re.search(r"VO: \[null\] (\d+)x(\d+)", said)
        return _found(_wave(file), size, said)


async def vlc(url: str, hertz: float) -> Heard:
    """Play an address with VLC, as a user other than root: VLC refuses to run as root."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sound.wav")
        said = await _run(
            *("unshare", "--user", "--map-user=1000", "--map-group=1000", "vlc", "-I", "dummy"),
            *("-vv", "--no-dbus", "--vout=dummy", "--aout=afile", f"--audiofile-file={file}"),
            *(url, "vlc://quit"),
            folder=folder,
            for_s=PLAYS_S,  # VLC's limit starts at the webcast's beginning
        )
        size = re.search(r"vsz (\d+)x(\d+)", said)
        return _found(_wave(file), size, said)


async def ffplay(url: str, hertz: float) -> Heard:
    """Play an address with ffplay, without a screen."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sound.raw")
        said = await _run(
            *("ffplay", "-hide_banner", "-autoexit", "-t", str(PLAYS_S - 4)),
            *("-af", "aformat=channel_layouts=stereo", url),
            folder=folder,
            SDL_VIDEODRIVER="dummy",
            SDL_AUDIODRIVER="disk",
            SDL_DISKAUDIOFILE=str(file),
        )
        size = re.search(r"Video: h264.*?, (\d+)x(\d+)", said)
        return _found(_raw(file), size, said)


async def gstreamer(url: str, hertz: float) -> Heard:
    """Play an address with GStreamer's own elements for HLS, without a screen."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sound.raw")
        raw = f"audio/x-raw,format=S16LE,rate={SOUND_RATE},channels=2"
        said = await _run(
            *("gst-launch-1.0", "-v", "uridecodebin3", f"uri={url}", "name=it"),
            *("it.", "!", "audioconvert", "!", "audioresample", "!", raw),
            *("!", "queue", "!", "filesink", "sync=true", f"location={file}"),
            *("it.", "!", "videoconvert", "!", "queue", "!", "fakesink", "sync=true"),
            folder=folder,
        )
        newest = r"(?s).*video/x-raw[^\n]*? width=\(int\)(\d+), height=\(int\)(\d+)"
        return _found(_raw(file), re.search(newest, said), said)


async def _run(*command: str, folder: str, for_s: float = PLAYS_S + 8, **environment: str) -> str:
    """Run a player for up to `for_s` seconds; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "HOME": folder, "XDG_RUNTIME_DIR": folder, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    reading = asyncio.create_task(process.communicate())
    await asyncio.wait([reading], timeout=for_s)
    with suppress(ProcessLookupError):
        process.terminate()
    done, _ = await asyncio.wait([reading], timeout=5)
    if not done:
        process.kill()
    return (await reading)[0].decode(errors="replace")


def _wave(file: Path) -> tuple[Samples, int]:
    if not file.exists():
        return np.zeros(0, np.float32), SOUND_RATE
    to_mono = av.AudioResampler("s16", "mono", SOUND_RATE)
    with av.open(str(file)) as read:
        parts = [
            mono.to_ndarray()[0]
            for frame in read.decode(audio=0)
            for mono in to_mono.resample(frame)
        ]
    return (np.concatenate(parts) / 32768).astype(np.float32), SOUND_RATE


def _raw(file: Path) -> tuple[Samples, int]:
    read = file.read_bytes() if file.exists() else b""
    both = np.frombuffer(read[: len(read) // 4 * 4], "<i2").reshape(-1, 2)
    return (both.mean(axis=1) / 32768).astype(np.float32), SOUND_RATE


def _found(sound: tuple[Samples, int], size: re.Match[str] | None, said: str) -> Heard:
    samples, rate = sound
    assert len(samples) > rate, "It played no sound."
    heard = strongest(samples[-rate * 3 // 2 : -rate // 2], rate)
    width, height = (int(size[1]), int(size[2])) if size else (0, 0)
    return Heard(heard, width, height, tuple(WARNINGS.findall(said)))


PLAYERS = [
    Player("mpv", "from Debian", debian("mpv"), needs_programs("mpv"), mpv),
    Player("VLC", "from Debian", debian("vlc-bin"), needs_programs("vlc"), vlc),
    Player("ffplay", "FFmpeg, from Debian", debian("ffmpeg"), needs_programs("ffplay"), ffplay),
    Player(
        "GStreamer",
        "hlsdemux2, from Debian",
        debian("gstreamer1.0-plugins-good"),
        needs_programs("gst-launch-1.0"),
        gstreamer,
    ),
]
