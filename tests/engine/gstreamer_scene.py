"""Meetecho's `whip-client` on GStreamer speaks at a hearing; `apart` runs this module.

Prints as JSON what was heard and seen. Arguments: the codec of the picture, a folder for the
webcast.
"""

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, Aired, Ear, on_air, until
from tests.engine.apart import ADDRESS
from tests.procedure.meeting import segment, speaker

HERTZ = 880
SILENT = 0.001

SOUND = (
    f"audiotestsrc is-live=true freq={HERTZ} volume=0.3 ! audioconvert ! audioresample ! "
    "audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay pt=111 ! "
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111"
)
DRAWN = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 ! "
)
PICTURES = {
    "VP8": (
        f"{DRAWN} vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=96 ! "
        "application/x-rtp,media=video,encoding-name=VP8,payload=96"
    ),
    "H264": (
        f"{DRAWN} x264enc tune=zerolatency key-int-max=30 ! "
        "video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 config-interval=-1 ! "
        "application/x-rtp,media=video,encoding-name=H264,payload=96"
    ),
}


@asynccontextmanager
async def whip_client(engine: Aired, picture: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the client, which publishes as the speaker of slot "a"."""
    program = shutil.which("whip-client")
    assert program, "No whip-client was found; on Debian: apt-get install simple-whip-client"
    token = engine.token("publish", "speaker", "a", slot="a")
    url = f"{engine.base}/media/whip/{HEARING}"
    client = await asyncio.create_subprocess_exec(
        *(program, "--url", url, "--token", token, "--no-trickle", "--disable-colors"),
        *("--audio", SOUND, "--video", PICTURES[picture]),
        stdout=sys.stderr,
    )
    try:
        yield client
    finally:
        if client.returncode is None:
            client.kill()
        await client.wait()


def strongest(ear: Ear) -> int:
    """Return the strongest tone of the last half second, in Hz within 2; 0 for silence."""
    sound = ear.last(0.5)
    if len(sound) < SOUND_RATE // 2 or np.sqrt((sound**2).mean()) < SILENT:
        return 0
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return round(int(spectrum.argmax()) * SOUND_RATE / len(sound))


async def play(picture: str, folder: Path) -> dict[str, object]:
    """Play the scene and return its results; raise AssertionError if a step does not happen."""
    ear = Ear()
    async with on_air(folder, address=ADDRESS, languages=["en"]) as engine:
        roster = engine.hearing.roster
        engine.script.do(c.OpenMeeting("meeting"), segment(speaker("a"), speaker("b")))
        async with engine.listener(ear), whip_client(engine, picture) as client:
            here = roster.publishers
            await until(lambda: [*here().values()] != [], "the speaker is connected", 20)
            (session,) = [
                session for session in roster.sessions.values() if session.pass_.slot == "a"
            ]
            await until(lambda: session.state == "up", "the speaker is up", 20)
            assert session.picture is not None
            source = session.picture
            await until(lambda: source.latest() is not None, "the speaker is seen", 20)
            frame = source.latest()
            before = strongest(ear)
            engine.script.do(c.GiveFloor())
            await until(lambda: abs(strongest(ear) - HERTZ) < 5, "the speaker is heard", 20)
            heard = strongest(ear)
            engine.script.do(c.EndFloor())
            await until(lambda: strongest(ear) == 0, "the speaker is heard no more", 20)
            client.send_signal(signal.SIGINT)  # it ends its session with a DELETE
            await until(lambda: not here(), "the speaker has left", 20)
            ended = await client.wait()
    assert frame is not None
    return {
        "before": before,
        "heard": heard,
        "size": [frame.width, frame.height],
        "ended": ended,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(play(sys.argv[1], Path(sys.argv[2])))))
