"""The Merkle tree of RFC 6962 (hashes unchanged in RFC 9162): roots, proofs, and their checking.

The leaves are the 32 raw bytes of each entry's chain hash, in the order of the record, so leaf
number `index` belongs to entry `index + 1`. A leaf is not an entry's content, so erasing a person
changes nothing here.

A *node* is the root of a complete subtree: level 0 has the hashes of leaves, and node `index` of a
level covers the leaves from ``index << level``. A node never changes once its leaves exist. So
proofs are made from nodes alone, which may be stored anywhere: callers pass a function that reads
them.

Standard library only, so that it works where Hemicycle is not installed as a service.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hemicycle.record import speech
from hemicycle.record.speech import noop as _

HASH_BYTES = 32
EMPTY = sha256(b"").digest()
"""The root of the tree that has no leaves."""

Place = tuple[int, int]
"""A node's level and its index on that level."""

Read = Callable[[Sequence[Place]], Sequence[bytes]]
"""Returns the hashes of nodes, in the order of the request."""


class InvalidPath(ValueError):
    """A proof of inclusion or consistency that does not lead to the root.

    `sentence` is a gettext message, whose placeholders `values` fill. `str()` gives it in the
    language of the command.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return speech.gettext(self.sentence) % self.values


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf: ``SHA-256(0x00 ‖ leaf)``."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours: ``SHA-256(0x01 ‖ left ‖ right)``."""
    return sha256(b"\x01" + left + right).digest()


def joined(nodes: Sequence[bytes]) -> bytes:
    """Return the root over adjacent complete subtrees, the largest first."""
    if not nodes:
        return EMPTY
    *others, root = nodes
    for left in reversed(others):
        root = node_hash(left, root)
    return root


def covering(begin: int, end: int) -> list[Place]:
    """Return the nodes that cover the leaves from `begin` to before `end`, from left to right.

    `begin` must be a multiple of the largest power of two that is at most ``end - begin``, which is
    true of every range in a proof.
    """
    places = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        places.append((level, begin >> level))
        begin += 1 << level
    return places


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: enough to add leaves and to compute the root.

    `nodes` are the complete subtrees of the tree, the largest first: one for each bit of `size`.
    """

    size: int
    nodes: list[bytes]

    @classmethod
    def empty(cls) -> "Frontier":
        """Return the tree without leaves."""
        return cls(0, [])

    def add(self, hashed: bytes) -> list[tuple[Place, bytes]]:
        """Add a leaf by its hash; return the nodes that are complete now, the leaf's own first."""
        level, index, size = 0, self.size, self.size
        made = [((0, index), hashed)]
        while size & 1:
            hashed = node_hash(self.nodes.pop(), hashed)
            level, index, size = level + 1, index >> 1, size >> 1
            made.append(((level, index), hashed))
        self.nodes.append(hashed)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root of the present tree."""
        return joined(self.nodes)


class Tree:
    """A whole tree in memory, for callers that have every leaf."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._frontier = Frontier.empty()
        for leaf in leaves:
            self.add(leaf)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._frontier.size

    def add(self, leaf: bytes) -> None:
        """Add a leaf."""
        for (level, _index), hashed in self._frontier.add(leaf_hash(leaf)):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(hashed)

    def read(self, places: Sequence[Place]) -> list[bytes]:
        """Return the hashes of nodes; raise `IndexError` for one that is not complete."""
        return [self._levels[level][index] for level, index in places]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the tree, or of its first `size` leaves."""
        return root(self.read, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that a leaf is in the tree, or in its first `size` leaves."""
        return inclusion(self.read, index, self.size if size is None else size)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `old` leaves is the beginning of this tree."""
        return consistency(self.read, old, self.size if new is None else new)


# ── Making proofs ─────────────────────────────────────────────────────────────────────────────


def root(read: Read, size: int) -> bytes:
    """Return the root over the first `size` leaves."""
    return joined(read(covering(0, size)))


def inclusion(read: Read, index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` is in a tree of `size` leaves (RFC 9162, 2.1.3.1).

    Raises `ValueError` unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of size {size}")
    return _hashes(read, _path(index, 0, size))


def consistency(read: Read, old: int, new: int) -> list[bytes]:
    """Return the proof that a tree of `old` leaves begins one of `new` (RFC 9162, section 2.1.4.1).

    Raises `ValueError` unless ``0 <= old <= new``. The proof is empty if one of the trees is empty.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {old} cannot be the beginning of a tree of size {new}")
    if old in {0, new}:
        return []
    return _hashes(read, _subproof(old, 0, new))


_Range = tuple[int, int]


def _split(begin: int, end: int) -> int:
    """Return where the tree over these leaves splits: the largest power of two below its size."""
    return begin + (1 << ((end - begin - 1).bit_length() - 1))


def _path(index: int, begin: int, end: int) -> list[_Range]:
    ranges = []
    while end - begin > 1:
        middle = _split(begin, end)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def _subproof(old: int, begin: int, end: int) -> list[_Range]:
    ranges, is_whole = [], True
    while old != end:
        middle = _split(begin, end)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin, is_whole = middle, False
    if not is_whole:
        ranges.append((begin, end))
    return ranges[::-1]


def _hashes(read: Read, ranges: Sequence[_Range]) -> list[bytes]:
    """Return the root over each range, reading all nodes at once."""
    covers = [covering(begin, end) for begin, end in ranges]
    nodes = iter(read([place for places in covers for place in places]))
    return [joined([next(nodes) for _place in places]) for places in covers]


# ── Checking proofs ───────────────────────────────────────────────────────────────────────────


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a proof of inclusion leads to (RFC 9162, section 2.1.3.2).

    Raises `InvalidPath` for a proof of the wrong length.
    """
    if not 0 <= index < size:
        raise InvalidPath(
            _("leaf %(index)s is not in a tree of size %(size)s"), index=index, size=size
        )
    _require_hashes(proof)
    place, last, found = index, size - 1, leaf_hash(leaf)
    for hashed in proof:
        if last == 0:
            raise InvalidPath(_("the proof is too long"))
        if place & 1 or place == last:
            found = node_hash(hashed, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hashed)
        place, last = place >> 1, last >> 1
    if last:
        raise InvalidPath(_("the proof is too short"))
    return found


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in the tree that has this root; raises `InvalidPath`."""
    if root_of_inclusion(leaf, index, size, proof) != root:
        raise InvalidPath(_("the proof leads to another root"))


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that one tree is the beginning of another (RFC 9162, section 2.1.4.2); raise
    `InvalidPath`.
    """
    if not 0 <= old <= new:
        raise InvalidPath(
            _("a tree of size %(old)s cannot be the beginning of a tree of size %(new)s"),
            old=old,
            new=new,
        )
    if old in {0, new}:
        _check_trivial(old, old_root, new, new_root, proof)
        return
    if roots_of_consistency(old, old_root, new, proof) != (old_root, new_root):
        raise InvalidPath(_("the earlier tree is not the beginning of the later one"))


def roots_of_consistency(
    old: int, old_root: bytes, new: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the roots of both trees that a proof leads to (RFC 9162, section 2.1.4.2).

    If the proof leads to the root of the later tree, the other value is the true root of its first
    `old` leaves, whatever `old_root` is. Needs ``0 < old < new``; raises `InvalidPath` for a proof
    of the wrong length.
    """
    _require_hashes(proof)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise InvalidPath(_("the proof is too short"))
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = path[0]
    for hashed in path[1:]:
        if last == 0:
            raise InvalidPath(_("the proof is too long"))
        if place & 1 or place == last:
            found_old, found_new = node_hash(hashed, found_old), node_hash(hashed, found_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, hashed)
        place, last = place >> 1, last >> 1
    if last:
        raise InvalidPath(_("the proof is too short"))
    return found_old, found_new


def _check_trivial(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise InvalidPath(_("the proof is too long"))
    if old == new and old_root != new_root:
        raise InvalidPath(_("two trees of one size have different roots"))
    if old == 0 and old_root != EMPTY:
        raise InvalidPath(_("the earlier tree is empty, but its root is not that of an empty tree"))


def _require_hashes(proof: Sequence[bytes]) -> None:
    if any(len(hashed) != HASH_BYTES for hashed in proof):
        raise InvalidPath(_("the proof has a hash that is not 32 bytes long"))
