"""Pushing the program to others: a real RTMP server, and a real SRT listener."""

import asyncio
import shutil
import socket
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.egress import push
from hemicycle.engine.egress.push import InvalidPushAddress, Push, PushState
from hemicycle.engine.egress.reaching import Inside, MayReach, rtmp
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import PROGRAM, Output
from tests.engine.egress.broadcaster import nginx, no_nginx
from tests.engine.hls.program import TONES
from tests.engine.hls.station import make
from tests.support.ports import free_port

pytestmark = pytest.mark.real_time

__all__ = ["nginx"]
PUSHED_S = 6.0
PLAIN: dict[str, Any] = {
    "url": "",
    "web_url": "",
    "port": 20000,
    "addresses": (),
    "segments": Path(),
    "size": (640, 360),
    "fps": 25,
    "bit_rate": 800_000,
    "given_secret": "",
    "secret_file": Path(),
}

no_ffmpeg = pytest.mark.skipif(
    not shutil.which("ffmpeg"), reason="needs ffmpeg with SRT to be the other broadcaster"
)


async def pushed(
    url: str, seconds: float, *, comes: bool = True, may_reach: MayReach = lambda _address: True
) -> list[PushState]:
    """Push a program for `seconds` after it is accepted; return the states of the push."""
    states: list[PushState] = []
    taken = asyncio.Event()

    def told(state: PushState) -> None:
        states.append(state)
        if state.state == "on":
            taken.set()

    outputs = {"fr": Output("fr", "sound"), PROGRAM: Output(PROGRAM, "picture")}
    making = asyncio.create_task(make(outputs))
    pushing = Push(url, outputs[PROGRAM], outputs["fr"], told, may_reach=may_reach, pauses_s=(0.2,))
    if comes:
        await asyncio.wait_for(taken.wait(), 30)
    await asyncio.sleep(seconds)
    await pushing.close()
    making.cancel()
    await asyncio.sleep(0)
    return states


def check_program(path: str) -> None:
    """Check that the picture has no gap, and that the sound is that of the French channel."""
    with av.open(path) as found:
        times = [frame.time for frame in found.decode(video=0)]
    with av.open(path) as found:
        sound = [frame.to_ndarray() for frame in found.decode(audio=0)]
    assert len(times) > 25 * (PUSHED_S - 2)
    steps = {round(after - before, 2) for before, after in pairwise(times)}
    assert steps == {0.04}
    heard = np.concatenate(sound, axis=1)[0]
    assert tones(heard, TONES.values()) == {TONES["fr"]}


@pytest.mark.test_all("clients")
@no_nginx
def test_nginx_takes_the_program_shows_it_now_and_plays_it_back(nginx: str, tmp_path: Path) -> None:
    async def watch() -> tuple[str, list[PushState]]:
        pushing = asyncio.create_task(pushed(nginx, PUSHED_S))
        await asyncio.sleep(2)
        codecs = await asyncio.to_thread(codecs_at, nginx)
        return codecs, await pushing

    codecs, states = asyncio.run(watch())
    assert codecs == "aac h264"
    assert [state.state for state in states] == ["connecting", "on", "off"]
    check_program(str(tmp_path / "kept" / "program.flv"))


def codecs_at(url: str) -> str:
    with av.open(url, timeout=5) as found:
        return " ".join(sorted(stream.codec_context.name for stream in found.streams))


def test_who_is_away_is_called_again() -> None:
    port = free_port()
    states = asyncio.run(pushed(f"rtmp://127.0.0.1:{port}/live/program", 1.5, comes=False))
    told = [state.state for state in states]
    assert told[:4] == ["connecting", "broken", "connecting", "broken"]
    assert told[-1] == "off"
    assert states[1] == PushState("127.0.0.1", "fr", "broken", "refused", "Connection refused")


@pytest.mark.test_all("clients")
@no_ffmpeg
@pytest.mark.alone  # SRT drops packets that are later than its latency; FFmpeg reads the rest
@pytest.mark.parametrize("mode", ["caller", "listener"])
def test_srt_in_either_direction(tmp_path: Path, mode: str) -> None:
    port = free_port()
    theirs, ours = {"caller": ("listener", "caller"), "listener": ("caller", "listener")}[mode]
    kept = tmp_path / "kept.ts"
    address = f"srt://127.0.0.1:{port}?mode={theirs}&passphrase=a+long+passphrase"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", address, "-c", "copy", str(kept)]
    if theirs == "caller":
        command[4:4] = ["-t", str(PUSHED_S - 1)]
    other = subprocess.Popen(command)
    try:
        url = f"srt://127.0.0.1:{port}?mode={ours}&passphrase=a+long+passphrase"
        states = asyncio.run(pushed(url, PUSHED_S))
        other.wait(10)
    finally:
        other.kill()
        other.wait()
    assert "on" in [state.state for state in states]
    check_program(str(kept))


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("https://example.org/x", "An address to push to begins with rtmp://, rtmps:// or srt://."),
        ("rtmp://example.org", "An RTMP address names a host, an application and a key"),
        ("srt://example.org", "An SRT address names a port"),
        ("srt://example.org:99999", "An SRT address names a port"),
        ("srt://:9000", "An SRT address names a host, unless it has mode=listener."),
        ("srt://example.org:9000?mode=rendezvous", "An SRT address has mode=caller or"),
        ("srt://example.org:9000?passphrase=short", "has 10 to 79 characters"),
        ("srt://example.org:9000?latency=long", "a number of milliseconds up to 10000"),
    ],
)
def test_an_address_that_cannot_be_right_is_told_why(url: str, detail: str) -> None:
    with pytest.raises(InvalidPushAddress, match=detail.replace("?", r"\?")):
        push.check(url)


class Door:
    """A port that counts its connections."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]

    def close(self) -> int:
        """Close the port; return the number of connections."""
        self.socket.setblocking(False)
        came = 0
        try:
            while True:
                self.socket.accept()[0].close()
                came += 1
        except BlockingIOError:
            pass
        self.socket.close()
        return came


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_inside_is_connected_to(host: str) -> None:
    door = Door()
    closed = Settings(**PLAIN).may_reach
    url = f"rtmp://{host}:{door.port}/live/key"
    states = asyncio.run(pushed(url, 3, comes=False, may_reach=closed))
    assert {(state.state, state.reason) for state in states} >= {("broken", "inside")}
    assert {state.state for state in states} <= {"connecting", "broken", "off"}
    assert door.close() == 0


def test_a_name_that_leads_inside_later_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection looks up the name once; FFmpeg gets the address instead of the name."""
    leads = ["203.0.113.9", "127.0.0.1"]

    def look_up(host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (leads.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    known = {"203.0.113.9"}
    number, told = rtmp("rtmp://live.example.org/app/key?a=b", known.__contains__)
    assert number == "rtmp://203.0.113.9:1935/app/key?a=b"
    assert told == {"rtmp_tcurl": "rtmp://live.example.org/app"}
    with pytest.raises(Inside):
        rtmp("rtmps://live.example.org/app/inst/key", known.__contains__)


@pytest.mark.test_all("clients")
@no_nginx
def test_a_broadcaster_by_name_is_told_the_name(nginx: str, tmp_path: Path) -> None:
    named = nginx.replace("127.0.0.1", "localhost")
    here = Settings(**PLAIN, reaches_itself=True).may_reach
    states = asyncio.run(pushed(named, PUSHED_S, may_reach=here))
    assert [state.state for state in states] == ["connecting", "on", "off"]
    check_program(str(tmp_path / "kept" / "program.flv"))
