"""The files of a meeting's webcast, its state, and its chapters, which come from the record.

The engine writes `meeting.json` beside the segments (`engine.hls.metadata`). It is read from the
folder if this machine has it, otherwise from the engine, and last from the public address.
"""

import http.client
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from django.conf import settings

from hemicycle.engine.hls import metadata
from hemicycle.engine.hls.metadata import WebcastMetadata
from hemicycle.engine.hls.names import native
from hemicycle.engine.hls.recording import name as file_of
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.cutting.models import Cut
from hemicycle.meeting.media_machines import routes
from hemicycle.meeting.state.chronicle import ChronicleLine, ChronicleTexts
from hemicycle.ui.languages import base, language_name

HERE = "/media/hls"
PATIENCE_S = 1.5
FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class RecordingChapter:
    """A chapter of a recording: an item of the programme, a speaker, or a question to the panel.

    `begins_ms` is its position in the recording. `key` is its name on the page, `slot` the
    speaker's slot, and `line` the result of `ChronicleTexts.as_data`.
    """

    key: str
    kind: str
    slot: str
    begins_ms: int
    line: Mapping[str, Any]

    @property
    def seconds(self) -> str:
        """The position in seconds, as an address has it."""
        return f"{self.begins_ms / 1000:.1f}"


def address(meeting: Meeting) -> str:
    """Return the public address of the files of a meeting's webcast, without a slash at the end."""
    return f"{settings.WEBCAST_URL}/{meeting.hearing_id.hex}/{meeting.id.hex}"


def known(meeting: Meeting) -> WebcastMetadata:
    """Return the engine's metadata of a webcast; empty without a webcast, or without an answer."""
    engine, path = settings.MEDIA_ENGINE, f"{meeting.hearing_id.hex}/{meeting.id.hex}"
    found = metadata.read_file(engine.segments / path)
    if not found.spans:
        found = metadata.read(
            _asked(f"{routes.url(meeting.hearing_id)}{HERE}/{path}/{metadata.FILE}")
        )
    if not found.spans and engine.webcast_store and "://" in settings.WEBCAST_URL:
        # If a new machine runs the engine, it has no files of meetings that ended before it
        # started.
        found = metadata.read(_asked(f"{address(meeting)}/{metadata.FILE}"))
    return found


def _asked(url: str) -> str:
    try:
        with urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310 - the engine's own address
            text: str = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""
    return text


def chapters(
    lines: Sequence[ChronicleLine],
    texts: ChronicleTexts,
    found: WebcastMetadata,
    cuts: Sequence[Cut] = (),
) -> Iterator[RecordingChapter]:
    """Yield the chapters of a recording in order; a cut one is named by the reason of the cut."""
    made = [_gap(cut, found) for cut in cuts]
    for line in lines:
        if line.kind != "closed" and not any(_is_in(cut, line) for cut in cuts):
            slot = line.slot.id if line.slot else ""
            begins_ms = found.media_ms(line.at)
            made.append(RecordingChapter(line.key, line.kind, slot, begins_ms, texts.as_data(line)))
    order = {line.key: place for place, line in enumerate(reversed(lines))}
    yield from sorted(made, key=lambda chapter: (chapter.begins_ms, order.get(chapter.key, -1)))


def _gap(cut: Cut, found: WebcastMetadata) -> RecordingChapter:
    key, at = f"cut-{cut.id.hex}", cut.from_ms
    line = {"key": key, "kind": "cut", "at": at, "name": cut.get_reason_display(), "more": ""}
    return RecordingChapter(key, "cut", "", max(found.media_ms(at), 0), line)


def _is_in(cut: Cut, line: ChronicleLine) -> bool:
    """Return whether a chapter belongs to a cut: the speaker's own, or one within a cut part.

    An item of the programme always stays.
    """
    if line.slot is not None and cut.slot:
        return line.slot.id == cut.slot and line.key == f"floor-{cut.giving}"
    return (
        line.kind != "opened"
        and cut.from_ms <= line.at
        and (cut.to_ms is None or line.at < cut.to_ms)
    )


def channels(hearing: Hearing, language: str) -> list[dict[str, Any]]:
    """Return the menu of channels: the floor, then the hearing's languages.

    Each channel is named in its own language and in the reader's `language`. The channel of the
    reader's language is selected, or else the floor.
    """
    own = next((tag for tag in hearing.languages if base(tag) == base(language)), FLOOR)
    return [{"chosen": tag == own, **_named(tag)} for tag in (FLOOR, *hearing.languages)]


def downloads(hearing: Hearing, meeting: Meeting, found: WebcastMetadata) -> list[dict[str, str]]:
    """Return the files of an ended meeting for download; [] before its end."""
    if not found.ended:
        return []
    # The engine makes them on request; an object store does not have them.
    stored = bool(settings.MEDIA_ENGINE.webcast_store)
    place = f"{HERE}/{meeting.hearing_id.hex}/{meeting.id.hex}" if stored else address(meeting)
    return [
        {"url": f"{place}/{file_of(channel.id, found)}", **_named(channel.id)}
        for channel in found.channels
    ]


def _named(channel: str) -> dict[str, str]:
    """Return a channel with its name in its own and the reader's language; "floor" has none."""
    if channel == FLOOR:
        return {"id": channel, "native": "", "name": ""}
    return {"id": channel, "native": native(channel), "name": language_name(channel)}
