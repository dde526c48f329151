"""The webcast over HTTP: `GET /media/hls/<hearing>/<meeting>/<file>`.

The lists of a running meeting come from memory. Everything else is files in the folder, so that a
file server, cache or object store in front of the engine, or instead of it, gives the same answers.
`caching` says how long caches keep each answer. No answer varies with a header of the request, and
none has a cookie.
"""

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import av
from aiohttp import web

from hemicycle.engine.hls import caching, recording, webcast_folder
from hemicycle.engine.hls.caching import OtherSpelling, Reload
from hemicycle.engine.hls.live import (
    LiveWebcast,
    SegmentLongPast,
    SegmentNotReady,
    SegmentTooFarAhead,
)
from hemicycle.engine.hls.metadata import FILE, WebcastMetadata, read_file
from hemicycle.engine.hls.publisher import TYPES, listed_in
from hemicycle.engine.hls.writer import MASTER, SOUND_MASTER
from hemicycle.engine.refusals import Refusal

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
        try:
            reload = _reload(request, name)
        except OtherSpelling:
            return refused(400, "other_query")
        folder = segments / hearing / meeting
        live = find(hearing, meeting)
        answer = (
            await _live(request, live, name, reload)
            if live
            else await _recording(folder, name, making)
        )
        if answer is None and reload is not None:
            return _moved(name)  # a player asks for updates of a list that is over
        return answer or _file(folder / name, ended=live is None)

    making = asyncio.Lock()
    path = "/media/hls/{hearing}/{meeting}/{name}"
    return [web.get(path, get), web.options(path, _options)]


def _reload(request: web.Request, name: str) -> Reload | None:
    """Return a request's query, None if it is empty. Only lists of segments may have a query."""
    query = request.rel_url.raw_query_string
    if not query:
        return None
    if name in {MASTER, SOUND_MASTER} or not name.endswith(".m3u8"):
        raise OtherSpelling
    return Reload.read(query)


async def _options(request: web.Request) -> web.Response:
    allow = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "Range"}
    return web.Response(status=204, headers=_CORS | allow | {"Access-Control-Max-Age": "86400"})


def refused(status: int = 404, code: str = "no_such_part") -> web.Response:
    """Return a refusal, which caches keep only for a moment."""
    headers = _CORS | {"Cache-Control": caching.FOR_REFUSAL}
    return web.json_response(Refusal(code).data(), status=status, headers=headers)


async def _recording(folder: Path, name: str, making: asyncio.Lock) -> web.Response | None:
    """Make the file for download if it is requested and missing, one at a time.

    Returns a refusal if it cannot be made, and None otherwise.
    """
    if not name.startswith("recording-"):
        return None
    async with making:
        known = read_file(folder)
        channel = recording.channel_of(name, known)
        if channel is None:
            return refused()  # removed in the meantime, or unknown
        if (folder / name).exists():
            return None
        try:
            await asyncio.to_thread(_make, folder, channel, known)
        except recording.CutMeanwhile:
            return refused()
        except (recording.DiskFull, OSError, av.FFmpegError):
            return refused(503, "no_room")
    return None


def _make(folder: Path, channel: str, known: WebcastMetadata) -> None:
    """Make a file for download from segments, including those that another machine has made."""
    if (store := webcast_folder.mirror()) is not None:
        store.complete(folder, listed_in(folder))
    recording.make(folder, channel, known)


def _file(path: Path, *, ended: bool) -> web.StreamResponse:
    kind = TYPES.get(path.suffix)
    if kind is None or not path.is_file():
        return refused()
    headers = _CORS | {
        "Cache-Control": caching.of_file(path.name, ended=ended),
        "Content-Type": kind,
    }
    if path.name.startswith("recording-"):
        headers["Content-Disposition"] = "attachment"
    return web.FileResponse(path, headers=headers)


async def _live(
    request: web.Request, live: LiveWebcast, name: str, reload: Reload | None
) -> web.StreamResponse | None:
    """Return the answer from memory; None if the file must be read from the folder."""
    if name in {MASTER, SOUND_MASTER}:
        await live.begun()
    if name in {MASTER, SOUND_MASTER, FILE} and name in live.files:
        return _whole(request, live, name)
    suffix = Path(name).suffix
    if suffix == ".m4s":
        part = await live.part(name)
        return None if part is None else _said(request, part, suffix, caching.FOR_BLOCKING)
    return await _list(request, live, name, reload or Reload()) if suffix == ".m3u8" else None


def _whole(request: web.Request, live: LiveWebcast, name: str) -> web.Response:
    if not live.ready:
        return refused(code="not_begun")
    return _said(request, live.files[name], Path(name).suffix, caching.FOR_LIVE)


async def _list(
    request: web.Request, live: LiveWebcast, name: str, reload: Reload
) -> web.Response | None:
    """Return a rendition's list, and wait until it has what `reload` requests."""
    try:
        text = await live.playlist(
            name.removesuffix(".m3u8"), number=reload.msn, index=reload.part, skip=reload.skip
        )
    except SegmentTooFarAhead:
        return refused(400, "too_far_ahead")
    except SegmentLongPast:
        return _moved(name)
    except SegmentNotReady:
        return refused(503, "not_in_time")
    cache = caching.FOR_LIVE if reload.msn is None else caching.FOR_BLOCKING
    return None if text is None else _said(request, text, ".m3u8", cache)


def _moved(name: str) -> web.Response:
    """Redirect a player to the newest list, which all other players get too."""
    headers = _CORS | {"Location": name, "Cache-Control": caching.FOR_BLOCKING}
    return web.Response(status=302, headers=headers)


def _said(request: web.Request, body: bytes, suffix: str, cache: str) -> web.Response:
    tag = _tag(body)
    headers = _CORS | {"Cache-Control": cache, "ETag": f'"{tag}"'}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, headers=headers)
    response.content_type = TYPES[suffix]
    return response


@lru_cache(maxsize=64)
def _tag(body: bytes) -> str:
    """Return a validator of exactly these bytes, computed once for all requests."""
    return blake2b(body, digest_size=12).hexdigest()
