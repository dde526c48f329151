"""FFmpeg's WHIP muxer, used through PyAV."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

import av

from tests.support.encoder import send
from tools.clients.hall import THEIRS_HZ, Way
from tools.clients.rows import Client


@asynccontextmanager
async def publish(way: Way) -> AsyncIterator[None]:
    """Let FFmpeg speak, in a thread, as long as the context is open."""
    stop = Event()
    sending = asyncio.create_task(asyncio.to_thread(send, way.url, way.token, THEIRS_HZ, stop))
    try:
        yield
    except AssertionError as error:
        if sending.done() and (why := sending.exception()):
            raise AssertionError(str(why)) from error
        raise
    finally:
        stop.set()
        await asyncio.gather(sending, return_exceptions=True)


CLIENTS = [
    Client(
        "FFmpeg",
        "whip muxer, by PyAV",
        version=lambda: f"{av.ffmpeg_version_info}",
        needs=lambda: "" if "whip" in av.formats_available else "This PyAV has no whip muxer",
        publish=publish,
        cannot={"listener": "FFmpeg has no WHEP: `ffplay` follows the webcast."},
    )
]
