"""The types of entry. An app declares its own in `entry_types.py`; the record refuses any other.

Each type says which fields its body has and what erasing a person does to it. The default erasure
raises an exception, so that the first test notices a type without a declared erasure, not the first
real erasure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


class UndeclaredEntryType(LookupError):
    """An entry of a type that no app has declared."""


class ErasureUndeclared(NotImplementedError):
    """An entry type that does not say what erasure does to it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The remains of an entry after an erasure: the ids that no longer point to a row."""

    orphaned: tuple[str, ...]


Erasure = Callable[[str, Mapping[str, Any]], Kept]
"""Takes a type's name and an entry's body; returns what remains when the rows have been deleted."""


def undeclared(name: str, body: Mapping[str, Any]) -> Kept:
    """Raise `ErasureUndeclared`; this is the default erasure."""
    raise ErasureUndeclared(f"entry type {name!r} does not declare what erasure does to it")


def nothing_personal(name: str, body: Mapping[str, Any]) -> Kept:
    """Keep the entry as it is: its body says nothing about a person."""
    return Kept(orphaned=())


def ids_only(*fields: str) -> Erasure:
    """Return an erasure for a body with random ids in `fields`, which mean nothing without rows."""

    def erase(name: str, body: Mapping[str, Any]) -> Kept:
        return Kept(orphaned=tuple(field for field in fields if body.get(field)))

    return erase


@dataclass(frozen=True, slots=True)
class EntryType:
    """A type of entry: its name, the fields of its body, and its erasure."""

    name: str
    fields: frozenset[str]
    version: int = 1
    erasure: Erasure = undeclared


_entry_types: dict[str, EntryType] = {}


def declare(name: str, *fields: str, version: int = 1, erasure: Erasure = undeclared) -> EntryType:
    """Declare an entry type. Raises `ValueError` if the name is already declared."""
    if name in _entry_types:
        raise ValueError(f"entry type {name!r} is declared twice")
    declared = EntryType(name, frozenset(fields), version, erasure)
    _entry_types[name] = declared
    return declared


def entry_type(name: str) -> EntryType:
    """Return the declared type called `name`. Raises `UndeclaredEntryType`."""
    try:
        return _entry_types[name]
    except KeyError:
        raise UndeclaredEntryType(f"no app declares entries of type {name!r}") from None


def declared_entry_types() -> Mapping[str, EntryType]:
    """Return all declared types, by name."""
    return MappingProxyType(_entry_types)
