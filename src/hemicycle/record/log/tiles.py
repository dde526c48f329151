"""The tree cut into tiles of 256 hashes, as in C2SP's tlog-tiles: paths, bytes, nodes.

Tile `number` of a level has the hashes from ``number * 256`` of that level. Level 0 has the hashes
of leaves; each hash of a higher level is the root of a whole tile of the level below. At the right
edge of the tree a tile may be partial. Nodes between two tile levels are computed from the hashes
of one tile.

Standard library only, so that it works where Hemicycle is not installed as a service.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hemicycle.record.log.merkle import HASH_BYTES, Place, Read, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = "entries"
_PATH = re.compile(
    r"(?P<level>[0-5]|entries)/(?P<number>(?:x[0-9]{3}/){0,3}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class InvalidTile(ValueError):
    """A path that names no tile, or bytes that are not the tile that was asked for."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """A tile's level (None for a bundle of entries), its number and its width."""

    level: int | None
    number: int
    width: int = WIDTH

    @classmethod
    def parse(cls, text: str) -> "TilePath":
        """Read a path as addresses have it after ``tile/``; raise `InvalidTile`."""
        found = _PATH.fullmatch(text)
        if found is None:
            raise InvalidTile("this is no path of a tile")
        level = None if found["level"] == ENTRIES else int(found["level"])
        number = int(found["number"].replace("x", "").replace("/", ""))
        path = cls(level, number, int(found["width"] or WIDTH))
        if str(path) != text or path.width > WIDTH:
            raise InvalidTile("the path of the tile is not spelled in the one way there is")
        return path

    def __str__(self) -> str:
        digits = f"{self.number:03d}"
        digits = digits.zfill(-len(digits) % 3 + len(digits))
        *others, last = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "".join(f"x{group}/" for group in others) + last
        level = ENTRIES if self.level is None else str(self.level)
        return f"{level}/{number}" + (f".p/{self.width}" if self.width != WIDTH else "")


def width_at(level: int, number: int, size: int) -> int:
    """Return how many hashes a tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def split(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile; raise `InvalidTile` if its width is wrong, as when truncated."""
    if len(data) != width * HASH_BYTES:
        raise InvalidTile(f"the tile has {len(data)} bytes instead of {width * HASH_BYTES}")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Return leaves as a bundle of entries: each after its length in two bytes."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """Return the leaves of a bundle of entries; raise `InvalidTile` if its width is wrong."""
    leaves, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        leaves.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(leaves) != width or any(len(leaf) != HASH_BYTES for leaf in leaves):
        raise InvalidTile(f"the bundle does not have {width} entries of {HASH_BYTES} bytes")
    return leaves


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over adjacent hashes, whose number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(*level[at : at + 2]) for at in range(0, len(level), 2)]
    return level[0]


def reader(tile: Callable[[int, int], Sequence[bytes]]) -> Read:
    """Return a reader of nodes; `tile(level, number)` returns all hashes of that tile.

    The reader asks for each tile once. It raises `InvalidTile` if a tile is too narrow for a node.
    """
    known: dict[Place, Sequence[bytes]] = {}

    def one(place: Place) -> bytes:
        level, height = divmod(place[0], HEIGHT)
        first = place[1] << height
        number, begin = divmod(first, WIDTH)
        if (level, number) not in known:
            known[level, number] = tile(level, number)
        hashes = known[level, number][begin : begin + (1 << height)]
        if len(hashes) != 1 << height:
            raise InvalidTile(f"tile {TilePath(level, number)} is too narrow")
        return root_of(hashes)

    return lambda places: [one(place) for place in places]
