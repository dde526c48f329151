"""Delivery of videos: in ranges to people's players, as a whole to the media engine."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

from hemicycle.before.statements.models import Video

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})$")
_BLOCK = 2**16
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}


def serve(request: HttpRequest, video: Video | None) -> HttpResponseBase:
    """Return the video's file, or the requested range; raise `Http404` if there is none."""
    if video is None or not video.file:
        raise Http404
    try:
        file = video.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked is None:
        return FileResponse(file, content_type=video.media_type, headers=HEADERS)
    size = file.size
    first = int(asked[1])
    last = min(int(asked[2]) if asked[2] else size - 1, size - 1)
    if first > last:
        file.close()
        return HttpResponse(status=416, headers={**HEADERS, "Content-Range": f"bytes */{size}"})
    return _piece(file, video.media_type, first, last, size)


def _piece(
    file: IO[bytes], media_type: str, first: int, last: int, size: int
) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(
        _blocks(file, first, last - first + 1), status=206, content_type=media_type
    )
    for name, value in HEADERS.items():
        answer.headers[name] = value
    answer.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer.headers["Content-Length"] = str(last - first + 1)
    return answer


def _blocks(file: IO[bytes], first: int, left: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block
