"""The webcast over HTTP: `GET /media/hls/<hearing>/<meeting>/<file>`.

The lists of a running meeting come from memory, everything else is files in the folder, so that any
file server, cache or object store in front, or instead, gives the same. Files that never change may
be cached for ever; files that change are revalidated.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import av
from aiohttp import web

from hemicycle.engine.hls import recording
from hemicycle.engine.hls.live import LiveWebcast, SegmentNotReady, SegmentTooFarAhead
from hemicycle.engine.hls.metadata import FILE, read_file
from hemicycle.engine.hls.writer import MASTER, SOUND_MASTER
from hemicycle.engine.refusals import Refusal

FOR_EVER = "public, max-age=31536000, immutable"
AGAIN = "no-cache"
ONE_SECOND = "public, max-age=1"

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
    ".json": "application/json",
}
_IDS = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date",
}

type Find = Callable[[str, str], LiveWebcast | None]
"""The running webcast of a hearing's meeting (both 32 hexadecimal digits); None when it is over."""


def routes(segments: Path, find: Find) -> list[web.RouteDef]:
    """Return the routes; `segments` is the folder with `<hearing>/<meeting>/` in it."""

    async def get(request: web.Request) -> web.StreamResponse:
        hearing, meeting, name = (request.match_info[key] for key in ("hearing", "meeting", "name"))
        if not (_IDS.fullmatch(hearing) and _IDS.fullmatch(meeting) and _NAME.fullmatch(name)):
            return refused()
        folder = segments / hearing / meeting
        live = find(hearing, meeting)
        answer = (
            await _live(request, live, name) if live else await _recording(folder, name, making)
        )
        return answer or _file(folder / name)

    making = asyncio.Lock()
    path = "/media/hls/{hearing}/{meeting}/{name}"
    return [web.get(path, get), web.options(path, _options)]


async def _options(request: web.Request) -> web.Response:
    allow = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "Range"}
    return web.Response(status=204, headers=_CORS | allow | {"Access-Control-Max-Age": "86400"})


def refused(status: int = 404, code: str = "no_such_part") -> web.Response:
    """Return a refusal that no cache keeps."""
    headers = _CORS | {"Cache-Control": "no-store"}
    return web.json_response(Refusal(code).data(), status=status, headers=headers)


async def _recording(folder: Path, name: str, making: asyncio.Lock) -> web.Response | None:
    """Make the file for download, if it is requested and not there; one at a time."""
    if not name.startswith("recording-"):
        return None
    async with making:
        known = read_file(folder)
        channel = recording.channel_of(name, known)
        if channel is None:
            return refused()  # removed in the meantime, or never made
        if (folder / name).exists():
            return None
        try:
            await asyncio.to_thread(recording.make, folder, channel, known)
        except recording.CutMeanwhile:
            return refused()
        except (recording.DiskFull, OSError, av.FFmpegError):
            return refused(503, "no_room")
    return None


def _file(path: Path) -> web.StreamResponse:
    kind = TYPES.get(path.suffix)
    if kind is None or not path.is_file():
        return refused()
    cache = AGAIN if path.suffix in {".m3u8", ".json"} else FOR_EVER
    headers = _CORS | {"Cache-Control": cache, "Content-Type": kind}
    if path.name.startswith("recording-"):
        headers["Content-Disposition"] = "attachment"
    return web.FileResponse(path, headers=headers)


async def _live(request: web.Request, live: LiveWebcast, name: str) -> web.StreamResponse | None:
    """Return the answer from memory; None if the file must be read from the folder."""
    if name in {MASTER, SOUND_MASTER}:
        await live.begun()
    if name in {MASTER, SOUND_MASTER, FILE} and name in live.files:
        return _whole(live, name)
    suffix = Path(name).suffix
    if suffix == ".m4s":
        part = await live.part(name)
        return None if part is None else _said(part, suffix, FOR_EVER)
    return await _list(request, live, name) if suffix == ".m3u8" else None


def _whole(live: LiveWebcast, name: str) -> web.Response:
    if not live.ready:
        return refused(code="not_begun")
    return _said(live.files[name], Path(name).suffix, AGAIN)


async def _list(request: web.Request, live: LiveWebcast, name: str) -> web.Response | None:
    """Return a rendition's list, waiting for what `_HLS_msn` and `_HLS_part` request."""
    number, index = (_number(request, parameter) for parameter in ("_HLS_msn", "_HLS_part"))
    if index is not None and number is None:
        return refused(400, "part_without_segment")
    skip = request.query.get("_HLS_skip") in {"YES", "v2"}
    try:
        text = await live.playlist(
            name.removesuffix(".m3u8"), number=number, index=index, skip=skip
        )
    except SegmentTooFarAhead:
        return refused(400, "too_far_ahead")
    except SegmentNotReady:
        return refused(503, "not_in_time")
    return None if text is None else _said(text, ".m3u8", ONE_SECOND)


def _number(request: web.Request, name: str) -> int | None:
    value = request.query.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None


def _said(body: bytes, suffix: str, cache: str) -> web.Response:
    response = web.Response(body=body, headers=_CORS | {"Cache-Control": cache})
    response.content_type = TYPES[suffix]
    return response
