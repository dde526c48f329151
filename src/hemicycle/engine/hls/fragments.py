"""Fragments of MP4 (ISO/IEC 14496-12 §8.8): a `moof` that describes the content of its `mdat`.

A part of the webcast is one fragment of about a quarter of a second. libavformat writes a fragment
only when the next frame comes, or one for each frame, which doubles a voice's bytes. So fragments
are written here, and init segments, which hold the details of the codecs, by libavformat
(`init_segments`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack_from

_START_CODE = re.compile(b"\x00\x00(?:\x00)?\x01")
_PARAMETERS = frozenset({7, 8, 9})  # SPS and PPS are in the init segment; 9 is a delimiter
_BASE_IS_MOOF = 0x020000
_OFFSET_DURATION_SIZE_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400
_KEY, _NOT_KEY = 0x02000000, 0x01010000


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame as MP4 holds it; `start` and `duration` in ticks of its track's rate."""

    data: bytes
    start: int
    duration: int
    key: bool = True

    @property
    def end(self) -> int:
        """The start that is expected of the next sample."""
        return self.start + self.duration


def nal_units(access_unit: bytes) -> list[bytes]:
    """Return the NAL units of an access unit in Annex B form (ITU-T H.264 §B.1)."""
    return [unit.rstrip(b"\x00") for unit in _START_CODE.split(access_unit) if unit]


def nal_type(unit: bytes) -> int:
    """Return the type of a NAL unit (ITU-T H.264 table 7-1): 5 a keyframe's slice, 7 SPS, 8 PPS."""
    return unit[0] & 0x1F


def length_prefixed(access_unit: bytes) -> bytes:
    """Return an access unit as in MP4 (ISO/IEC 14496-15 §5.3.4.2.1), without parameter sets."""
    units = (unit for unit in nal_units(access_unit) if nal_type(unit) not in _PARAMETERS)
    return b"".join(pack(">I", len(unit)) + unit for unit in units)


def delimited(sample: bytes) -> bytes:
    """Return a keyframe after a delimiter (ITU-T H.264 §7.3.2.4), so that it may follow itself."""
    return pack(">I", 2) + b"\x09\x10" + sample


def fragment(sequence: int, samples: Sequence[Sample], shift: int) -> bytes:
    """Return one or more samples of the track with id 1, in decoding order, as `moof` and `mdat`.

    `sequence` counts the track's fragments from 1; `shift` ticks are added to the samples' starts.
    If the next sample starts after the end of a sample, that sample lasts until then.
    """
    rows = b"".join(
        pack(">III", _lasts(samples, place), len(sample.data), _KEY if sample.key else _NOT_KEY)
        for place, sample in enumerate(samples)
    )
    size = 8 + 16 + 8 + 16 + 20 + 20 + len(rows)
    run = pack(">II", len(samples), size + 8) + rows
    track = (
        _box(b"tfhd", pack(">II", _BASE_IS_MOOF, 1))
        + _box(b"tfdt", pack(">IQ", 0x01000000, samples[0].start + shift))
        + _box(b"trun", pack(">I", _OFFSET_DURATION_SIZE_FLAGS) + run)
    )
    moof = _box(b"moof", _box(b"mfhd", pack(">II", 0, sequence)) + _box(b"traf", track))
    return moof + _box(b"mdat", b"".join(sample.data for sample in samples))


@dataclass(frozen=True, slots=True)
class _SampleTable:
    """The content of a `trun`: the start of its samples, and a row for each of them."""

    base: int
    offset: int
    rows: list[tuple[int, int, int]]


def samples_of(data: bytes) -> list[Sample]:
    """Return the samples of fragments that `fragment` made, with their shifted starts.

    Raises ValueError for any other bytes.
    """
    found: list[Sample] = []
    at = 0
    while at < len(data):
        moof, size = at, _size(data, at, b"moof")
        run = _run(data, moof, size)
        at += size
        at += _size(data, at, b"mdat")
        start, place = run.base, moof + run.offset
        # Lengths come from the file, which may be damaged: no sample may extend into the next
        # fragment.
        for duration, length, flags in run.rows:
            if place + length > at:
                raise ValueError("A sample lies outside of its fragment.")
            found.append(Sample(data[place : place + length], start, duration, flags == _KEY))
            start, place = start + duration, place + length
    return found


def sequence_of(data: bytes) -> int:
    """Return the number of the first fragment."""
    return int(unpack_from(">I", data, 20)[0])


def _size(data: bytes, at: int, kind: bytes) -> int:
    if data[at + 4 : at + 8] != kind:
        raise ValueError(f"A box {kind!r} is missing.")
    size = int(unpack_from(">I", data, at)[0])
    if size < 8 or at + size > len(data):
        raise ValueError(f"A box {kind!r} is cut short.")
    return size


def _run(data: bytes, moof: int, size: int) -> _SampleTable:
    base = data.index(b"tfdt", moof, moof + size)
    run = data.index(b"trun", moof, moof + size)
    count, offset = unpack_from(">Ii", data, run + 8)
    rows = [unpack_from(">III", data, run + 16 + 12 * place) for place in range(count)]
    return _SampleTable(unpack_from(">Q", data, base + 8)[0], offset, rows)


def _lasts(samples: Sequence[Sample], place: int) -> int:
    following = samples[place + 1] if place + 1 < len(samples) else None
    return samples[place].duration if following is None else following.start - samples[place].start


def _box(kind: bytes, content: bytes) -> bytes:
    return pack(">I", 8 + len(content)) + kind + content
