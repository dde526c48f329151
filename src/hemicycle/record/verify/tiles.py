"""Compare the tiles of a log that a database stores with the entries from which they are made.

Pages and witnesses get proofs made of these tiles, so for everybody except readers of the entries,
a wrong tile would contradict the checkpoints.
"""

from collections.abc import Iterable
from hashlib import sha256

from hemicycle.record.log.carried import RecordRoots
from hemicycle.record.log.merkle import Place
from hemicycle.record.log.tiles import HEIGHT, TilePath
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.report import Broken, Failed, Row


class TiledRoots(RecordRoots):
    """The roots of a record at some sizes, and the whole tiles that its first entries fill.

    `tiled` is the number of entries that the stored tiles cover.
    """

    def __init__(self, sizes: Iterable[int], tiled: int) -> None:
        self._sizes = frozenset(sizes)
        super().__init__(self._sizes | ({tiled} if tiled else set()))
        self._open: list[list[bytes]] = []
        self._tiles: dict[Place, bytes] = {}

    def _made(self, nodes: Iterable[tuple[Place, bytes]]) -> None:
        for (height, index), hash in nodes:
            level, rest = divmod(height, HEIGHT)
            if rest:
                continue
            if level:
                whole = self._open[level - 1]
                self._tiles[level - 1, index] = _digest(b"".join(whole), hash)
                whole.clear()
            if level == len(self._open):
                self._open.append([])
            self._open[level].append(hash)

    def compare(self, hearing: str, stored: Iterable[Row]) -> int:
        """Compare the stored tiles of a hearing; return their number. Raises `Failed`.

        All tiles that the largest checkpoint fills must be stored.
        """
        missing = {place for place in self._tiles if self._is_needed(place)}
        count = 0
        for row in stored:
            place = row["level"], row["number"]
            if self._tiles.get(place) != _digest(bytes(row["hashes"]), bytes(row["root"])):
                raise _failed(hearing, place, _("it is not made of the entries of the record"))
            missing.discard(place)
            count += 1
        for place in sorted(missing):
            raise _failed(hearing, place, _("it is missing"))
        return count

    def _is_needed(self, place: Place) -> bool:
        level, number = place
        return (number + 1) << (HEIGHT * (level + 1)) <= max(self._sizes, default=0)


def _digest(hashes: bytes, root: bytes) -> bytes:
    return sha256(hashes + root).digest()


def _failed(hearing: str, place: Place, problem: str) -> Failed:
    where = _("hearing %(hearing)s, tile %(tile)s")
    return Failed(Broken(where % {"hearing": hearing, "tile": TilePath(*place)}, problem))
