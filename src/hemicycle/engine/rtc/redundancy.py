"""Redundant sound (RED, RFC 2198): each packet carries two older ones.

The older packets are those of 40 ms and of 80 ms before, not the last two: they restore all of a
hole of 100 ms except the first 20 ms, where the last two would leave 60 ms.
"""

from collections.abc import Iterator, Sequence
from struct import Struct

BEHIND = (2, 4)
"""How many packets (of 20 ms) before a packet its older ones are."""

_MORE = 0x80
_block = Struct("!I")
_MOST_OFFSET = (1 << 14) - 1
_MOST_LENGTH = (1 << 10) - 1


def packed(kind: int, newest: tuple[int, bytes], older: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the payload for a packet and older ones, each as (time, data); `kind` is their type.

    An older packet that a header cannot describe is left out: one from more than 0.34 s before, or
    of 1024 bytes or more.
    """
    at, data = newest
    heads, blocks = [], []
    for before, block in sorted(older):
        if 0 < at - before <= _MOST_OFFSET and len(block) <= _MOST_LENGTH:
            heads.append(_block.pack((_MORE | kind) << 24 | (at - before) << 10 | len(block)))
            blocks.append(block)
    return b"".join([*heads, bytes((kind,)), *blocks, data])


def unpacked(at: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each packet in a payload of RTP time `at`, as (time, data), the newest last.

    Raises ValueError if the payload is malformed.
    """
    place, found = 0, []
    while place < len(payload) and payload[place] & _MORE:
        if place + _block.size > len(payload):
            raise ValueError("A redundant payload ends within a header.")
        (head,) = _block.unpack_from(payload, place)
        found.append((at - (head >> 10 & _MOST_OFFSET), head & _MOST_LENGTH))
        place += _block.size
    place += 1
    if place + sum(length for _, length in found) > len(payload):
        raise ValueError("A redundant payload is shorter than its headers say.")
    for before, length in found:
        yield before & 0xFFFFFFFF, payload[place : place + length]
        place += length
    yield at, payload[place:]
