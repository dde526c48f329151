"""The kinds of entry. A slice declares its own in `kinds.py`; what is not declared is refused.

Each kind says which fields its body has and what erasing a person does to it. Saying nothing is a
defect that the first erasure would meet, so the default raises.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class UndeclaredKind(LookupError):
    """An entry of a kind that no slice has declared."""


class ErasureUndeclared(NotImplementedError):
    """A kind that does not say what erasure does to it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What remains of an entry after erasure: the ids that now point to nothing."""

    orphaned: tuple[str, ...]


Erasure = Callable[[str, Mapping[str, Any]], Kept]
"""Takes a kind's name and an entry's body; says what remains once the subject's rows are gone."""


def undeclared(kind: str, body: Mapping[str, Any]) -> Kept:
    """The default: nobody has thought about it yet."""
    raise ErasureUndeclared(f"kind {kind!r} does not declare what erasure does to it")


def nothing_personal(kind: str, body: Mapping[str, Any]) -> Kept:
    """The body says nothing about a person: the entry stays as it is."""
    return Kept(orphaned=())


def ids_only(*fields: str) -> Erasure:
    """The body names rows by random ids in `fields`; when those rows go, the ids point nowhere."""

    def erase(kind: str, body: Mapping[str, Any]) -> Kept:
        return Kept(orphaned=tuple(name for name in fields if body.get(name)))

    return erase


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry: its name, the fields of its body, what erasure does to it."""

    name: str
    fields: frozenset[str]
    version: int = 1
    erasure: Erasure = undeclared


KINDS: dict[str, Kind] = {}


def declare(name: str, *fields: str, version: int = 1, erasure: Erasure = undeclared) -> Kind:
    """Declare a kind; declaring the same one twice must say the same thing."""
    kind = Kind(name, frozenset(fields), version, erasure)
    known = KINDS.setdefault(name, kind)
    if (known.fields, known.version) != (kind.fields, kind.version):
        raise ValueError(f"kind {name!r} is declared twice, differently")
    return known


def kind_of(name: str) -> Kind:
    """The declared kind called `name`; raises `UndeclaredKind`."""
    try:
        return KINDS[name]
    except KeyError:
        raise UndeclaredKind(f"no slice declares entries of kind {name!r}") from None
