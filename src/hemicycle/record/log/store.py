"""The tree of a hearing's record in the database: whole tiles are stored, the rest is computed.

A tile never changes, so the hashes in it are computed only once: reading a node of a record of
100,000 entries takes at most three queries and hashes at most 255 entries.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from hemicycle.record.log import merkle, tiles
from hemicycle.record.log.merkle import Read
from hemicycle.record.log.tiles import WIDTH
from hemicycle.record.models import Entry, LogTile


def leaves(hearing: UUID, first: int, end: int) -> list[bytes]:
    """Return leaves `first` to before `end`: the hashes of entries ``first + 1`` to `end`."""
    found = Entry.objects.filter(hearing=hearing, seq__gt=first, seq__lte=end).order_by("seq")
    return [bytes.fromhex(hash) for hash in found.values_list("hash", flat=True)]


def tile(hearing: UUID, level: int, number: int, size: int) -> Sequence[bytes]:
    """Return the hashes of a tile in the tree of the first `size` leaves; call `grow` first."""
    width = tiles.width_at(level, number, size)
    if width == WIDTH:
        row = LogTile.objects.get(hearing=hearing, level=level, number=number)
        return tiles.split(bytes(row.hashes), WIDTH)
    return _hashes(hearing, level, number * WIDTH, number * WIDTH + width)


def _hashes(hearing: UUID, level: int, first: int, end: int) -> list[bytes]:
    """Return the hashes from `first` to before `end` of a level, computed from the level below."""
    if first >= end:
        return []
    if level == 0:
        return [merkle.leaf_hash(leaf) for leaf in leaves(hearing, first, end)]
    below = LogTile.objects.filter(
        hearing=hearing, level=level - 1, number__gte=first, number__lt=end
    )
    return [bytes(root) for root in below.order_by("number").values_list("root", flat=True)]


def reader(hearing: UUID, size: int) -> Read:
    """Return a reader of the nodes of the tree of the first `size` leaves; call `grow` first."""
    return tiles.reader(lambda level, number: tile(hearing, level, number, size))


def grow(hearing: UUID, size: int) -> None:
    """Store the tiles that the first `size` leaves fill, if they are not stored yet.

    Each tile is written in its own transaction, so that nobody waits while the next one is
    computed. Raises `DatabaseError` if another process writes the same tile at this moment.
    """
    level, count = 0, size // WIDTH
    while count:
        kept = LogTile.objects.filter(hearing=hearing, level=level).order_by("-number")
        last = kept.values_list("number", flat=True).first()
        for number in range(0 if last is None else last + 1, count):
            hashes = _hashes(hearing, level, number * WIDTH, (number + 1) * WIDTH)
            made = LogTile(
                hearing=hearing,
                level=level,
                number=number,
                root=tiles.root_of(hashes),
                hashes=b"".join(hashes),
            )
            with transaction.atomic():
                made.save(force_insert=True)
        level, count = level + 1, count // WIDTH
