"""Playlists as text (RFC 8216bis): written here, and read again after a restart. Pure.

One text serves any file server: it lists whole segments only. The engine's own answers add what
reduces the delay (§4.4.3.8, §4.4.4.9): parts, a hint of the next part, and blocking requests.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from hemicycle.engine.hls.segmenter import LONGEST_S, PART_S

TARGET_S = round(LONGEST_S)
SKIP_S = 6 * TARGET_S
"""The age, in seconds, above which an update leaves out segments that the player already has."""
HOLD_BACK_S = 3 * TARGET_S
PART_HOLD_BACK_S = 3 * PART_S
STAMP_EVERY = 10
"""The list repeats the wall time every so many segments."""


@dataclass(frozen=True, slots=True)
class ListedSegment:
    """One segment in a list: the text before its parts, and the text after them."""

    before: str
    after: str
    duration: float

    @property
    def text(self) -> str:
        """The segment as it is listed without parts."""
        return self.before + self.after

    @property
    def name(self) -> str:
        """The name of the segment's file."""
        return self.after.splitlines()[-1]


@dataclass(frozen=True, slots=True)
class AudioChannel:
    """An audio rendition: its id (`floor` or a language), and its name in its own language."""

    id: str
    name: str


def before(*, init: str = "", wall_ms: float | None = None, discontinuity: bool = False) -> str:
    """Return the lines before a segment: a new init segment, its wall time, a discontinuity."""
    text = "#EXT-X-DISCONTINUITY\n" if discontinuity else ""
    if init:
        text += f'#EXT-X-MAP:URI="{init}"\n'
    if wall_ms is not None:
        text += f"#EXT-X-PROGRAM-DATE-TIME:{stamp(wall_ms)}\n"
    return text


def removed(cut: str, wall_ms: float, seconds: float | None, reason: str, title: str) -> str:
    """Return the lines about a removed stretch in a list (§4.4.5.1).

    `seconds` is None for a stretch that has not ended.
    """
    lasts = "" if seconds is None else f"DURATION={seconds:.3f},"
    return (
        f'#EXT-X-DATERANGE:ID="{cut}",CLASS="org.hemicycle.removed",START-DATE="{stamp(wall_ms)}",'
        f'{lasts}X-REASON="{quoted(reason)}",X-TITLE="{quoted(title)}"\n'
    )


def after(name: str, duration: float, *, gap: bool = False) -> str:
    """Return the lines of a whole segment: its duration (seconds), and its file or a gap."""
    return f"{'#EXT-X-GAP\n' if gap else ''}#EXTINF:{duration:.5f},\n{name}\n"


def stamp(ms: float) -> str:
    """Return a moment (ms since the Unix epoch) as ISO 8601 with milliseconds."""
    at = datetime.fromtimestamp(round(ms) / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def head(kind: str, extra: str = "", target: float = TARGET_S) -> str:
    """Return the start of every list of segments; `kind` is EVENT or VOD (§4.4.3.5)."""
    return (
        f"#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{max(round(target), 1)}\n{extra}"
        f"#EXT-X-PLAYLIST-TYPE:{kind}\n#EXT-X-MEDIA-SEQUENCE:0\n"
    )


def live_head(*, parts: bool) -> str:
    """Return the start of a list that the engine serves, with the features that it supports."""
    control = f"CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={SKIP_S}.0,HOLD-BACK={HOLD_BACK_S}.0"
    if not parts:
        return head("EVENT", f"#EXT-X-SERVER-CONTROL:{control}\n")
    return head(
        "EVENT",
        f"#EXT-X-SERVER-CONTROL:{control},PART-HOLD-BACK={PART_HOLD_BACK_S:g}\n"
        f"#EXT-X-PART-INF:PART-TARGET={PART_S:g}\n",
    )


def part(name: str, duration: float, *, independent: bool) -> str:
    """Return the line of one part of a segment."""
    tail = ",INDEPENDENT=YES" if independent else ""
    return f'#EXT-X-PART:DURATION={duration:.5f},URI="{name}"{tail}\n'


def hint(name: str) -> str:
    """Return the line that announces the next part."""
    return f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{name}"\n'


def report(name: str, number: int, index: int) -> str:
    """Return the line that reports how far another rendition is."""
    last = f",LAST-PART={index}" if index >= 0 else ""
    return f'#EXT-X-RENDITION-REPORT:URI="{name}",LAST-MSN={number}{last}\n'


def skippable(segments: Sequence[ListedSegment]) -> int:
    """Return how many segments an update may leave out."""
    kept, seconds = 0, 0.0
    for segment in reversed(segments):
        if seconds >= SKIP_S:
            break
        seconds += segment.duration
        kept += 1
    return len(segments) - kept


ENDED = "#EXT-X-ENDLIST\n"


def whole(segments: Iterable[ListedSegment], *, ended: bool, target: float = TARGET_S) -> str:
    """Return the list for any file server; no segment may be longer than `target` seconds."""
    text = head("VOD" if ended else "EVENT", target=target) + "".join(
        segment.text for segment in segments
    )
    return text + ENDED if ended else text


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """The picture's format in a master playlist."""

    codecs: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class BitRate:
    """The bits per second of a track: of its largest segment, and of all segments together."""

    highest: int = 0
    average: int = 0


SOUNDS = {"opus": "opus", "aac": "mp4a.40.2"}


def master(
    pictures: Mapping[str, VideoFormat],
    channels: Sequence[AudioChannel],
    texts: Mapping[str, str],
    rates: Mapping[str, BitRate],
    *,
    fps: int = 0,
    floor: str = "floor",
) -> str:
    """Return the master playlist: with Opus and with AAC, each picture and the sound alone.

    `pictures` are by track, the best first; each has every channel. `texts` are the captions'
    playlists by language; `rates` the bit rates by track, `fps` the pictures per second (0:
    unknown).
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS"]
    names = {channel.id: channel.name for channel in channels}
    for codec in SOUNDS:
        lines += [_sound(codec, channel, floor) for channel in channels]
    lines += [_text(language, uri, names) for language, uri in texts.items()]
    text = ',SUBTITLES="text"' if texts else ""
    for codec, spelled in SOUNDS.items():
        tracks = [f"{channel.id}.{codec}" for channel in channels]
        sounds = [rates[track] for track in tracks if track in rates]
        sound = BitRate(
            max((one.highest for one in sounds), default=0),
            max((one.average for one in sounds), default=0),
        )
        tail = f'AUDIO="{codec}"{text}'
        for track, picture in pictures.items():
            timed = f"FRAME-RATE={fps:.3f}," if fps else ""
            more = f"RESOLUTION={picture.width}x{picture.height},{timed}{tail},CLOSED-CAPTIONS=NONE"
            own = rates.get(track, BitRate())
            both = BitRate(own.highest + sound.highest, own.average + sound.average)
            lines += _variant(both, f"{picture.codecs},{spelled}", more, track)
        # The variant for connections that cannot carry a picture; its list is the floor's.
        lines += _variant(sound, spelled, tail, f"{floor}.{codec}")
    return "\n".join(lines) + "\n"


def _variant(rate: BitRate, codecs: str, more: str, track: str) -> tuple[str, str]:
    stated = (
        f"BANDWIDTH={_rounded(rate.highest)},AVERAGE-BANDWIDTH={_rounded(rate.average)},"
        f'CODECS="{codecs}"'
    )
    return f"#EXT-X-STREAM-INF:{stated},{more}", f"{track}.m3u8"


def _rounded(bits_per_second: int) -> int:
    return ceil(bits_per_second / 1000) * 1000


def _sound(codec: str, channel: AudioChannel, floor: str) -> str:
    is_floor = channel.id == floor
    language = "" if is_floor else f'LANGUAGE="{channel.id}",'
    default = "YES" if is_floor else "NO"
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{codec}",{language}NAME="{quoted(channel.name)}",'
        f'STABLE-RENDITION-ID="{channel.id}",DEFAULT={default},AUTOSELECT=YES,CHANNELS="1",'
        f'URI="{channel.id}.{codec}.m3u8"'
    )


def _text(language: str, uri: str, names: Mapping[str, str]) -> str:
    name = quoted(names.get(language, language))
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",LANGUAGE="{language}",NAME="{name}",'
        f'STABLE-RENDITION-ID="{language}",DEFAULT=NO,AUTOSELECT=YES,URI="{uri}"'
    )


def quoted(name: str) -> str:
    """Return a name with only the characters that a quoted string permits (§4.2)."""
    return re.sub(r'["\r\n]+', " ", name)


def read(text: str) -> list[ListedSegment]:
    """Return the whole segments in a list from `whole`; a truncated last line is left out."""
    _, _, body = text.partition("#EXT-X-MEDIA-SEQUENCE:0\n")
    found, leading, trailing, duration = [], "", "", 0.0
    for line in body.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        if line.startswith("#EXTINF:"):
            duration = float(line[8:].partition(",")[0])
        if line.startswith(("#EXTINF:", "#EXT-X-GAP")):
            trailing += line
        elif line.startswith("#EXT-X-ENDLIST"):
            break
        elif line.startswith("#"):
            leading += line
        else:
            found.append(ListedSegment(leading, trailing + line, duration))
            leading, trailing = "", ""
    return found
