"""The parent's side: the properties of a video, or a sentence why it cannot be played."""

import json
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hemicycle.documents.reading import guarded
from hemicycle.procedure.clock import m_ss

_WORKER = "hemicycle.before.statements.video.worker"
_CEILING = 4096
SECONDS = 60.0
MEMORY = 2**30
LARGEST = 200 * 2**20
"""The largest file in bytes.

That is three minutes at nine million bits a second, which is more than 1080 lines need.
"""

SENTENCES: dict[str, str] = {
    "empty": gettext_noop("This file is empty. Choose the video again."),
    "too_large": gettext_noop(
        "This video is larger than %(limit)s MB. Export it with a lower bit rate, for example "
        "1280 by 720 at 4 million bits a second, and send it again."
    ),
    "not_video": gettext_noop(
        "This file is neither a video (MP4, WebM) nor a sound recording (M4A, MP3, WebM). Export "
        "the video as MP4 (H.264 and AAC) and send that."
    ),
    "picture_codec": gettext_noop(
        "The picture of this video is in a format that we cannot play (%(codec)s). Export it "
        "as MP4 (H.264 and AAC) or as WebM (VP8 or VP9, and Opus), and send it again."
    ),
    "sound_codec": gettext_noop(
        "The sound of this video is in a format that we cannot play (%(codec)s). Export it as "
        "MP4 (H.264 and AAC) or as WebM (VP8 or VP9, and Opus), and send it again."
    ),
    "too_wide": gettext_noop(
        "The picture of this video is %(width)s by %(height)s. The maximum is 1920 by 1080. "
        "Export it smaller and send it again."
    ),
    "too_long": gettext_noop(
        "This video lasts %(lasts)s, but the time limit is %(limit)s. Shorten it and send it again."
    ),
    "timeout": gettext_noop(
        "This video took too long to read. Export it again as MP4 (H.264 and AAC) and send the "
        "new file."
    ),
    "memory": gettext_noop(
        "This video needs too much memory to read. Export it again as MP4 (H.264 and AAC), at "
        "most 1920 by 1080, and send the new file."
    ),
    "damaged": gettext_noop(
        "This video is damaged or incomplete. Play it on your computer to check it, export it as "
        "MP4 (H.264 and AAC), and send the new copy."
    ),
}


class UnplayableVideo(Exception):
    """A file that cannot be played. `sentence` says what is wrong and what to do."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def sentence(self) -> str:
        """The sentence in the active language."""
        return _(SENTENCES[self.code]) % self.values


@dataclass(frozen=True, slots=True)
class Probed:
    """The properties of a recording: its size in pixels, and the names of its codecs.

    `sound` is "" for a video without sound. `picture` is "" for sound alone, whose size is 0 by 0.
    """

    media_type: str
    duration_ms: int
    width: int
    height: int
    picture: str
    sound: str


def probe(file: IO[bytes], size: int, *, limit_ms: int, seconds: float = SECONDS) -> Probed:
    """Probe a video in a separate process; `file` needs a descriptor.

    `limit_ms` is how long it may last: the speaker's time limit, with one second of tolerance.
    Raises `UnplayableVideo`.
    """
    if size == 0:
        raise UnplayableVideo("empty")
    if size > LARGEST:
        raise UnplayableVideo("too_large", limit=str(LARGEST // 2**20))
    file.seek(0)
    limits = (str(seconds), str(MEMORY))
    status, answer = guarded.run(_WORKER, limits, file, seconds=seconds, ceiling=_CEILING)
    found = _understood(status, answer)
    if found.duration_ms > limit_ms + 1000:
        raise UnplayableVideo(
            "too_long",
            lasts=m_ss(round(found.duration_ms / 1000)),
            limit=m_ss(round(limit_ms / 1000)),
        )
    return found


def _understood(status: int | None, answer: bytes) -> Probed:
    if status is None:
        raise UnplayableVideo("timeout")
    if status in guarded.OUT_OF_MEMORY:
        raise UnplayableVideo("memory")
    try:
        message: dict[str, Any] = json.loads(answer)
        code = message.pop("code", "")
        if status == 0 and not code:
            return Probed(**message)
    except (ValueError, TypeError, AttributeError):
        raise UnplayableVideo("damaged") from None
    raise UnplayableVideo(code if code in SENTENCES else "damaged", **message)
