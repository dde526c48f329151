"""Convert dataclasses to plain data and back, only by their annotations.

One strict reader reads events, commands and snapshots. It refuses an unknown field, a missing one,
a wrong type or a word outside its vocabulary, and names the path to it. It never accepts a float,
because canonical JSON is hashed and a float can be written in several ways.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

type Json = bool | int | str | list[Json] | dict[str, Json] | None
type Reader = Callable[[Any, str], Any]
type Writer = Callable[[Any], Any]

LONGEST_TEXT = 64
"""The maximum length of a text. Texts are ids and words of closed vocabularies; anything longer
would be free text and is refused.
"""

LARGEST_NUMBER = 2**53 - 1
"""The largest integer that JSON readers in browsers represent exactly."""


class Malformed(ValueError):
    """The data does not fit its type; `str()` says where and how, for a person to read."""


class Shape(NamedTuple):
    """The functions that read a type from plain data (with the path, for errors) and write it."""

    read: Reader
    write: Writer


def read[T](target: type[T], data: Any, path: str = "") -> T:
    """Return a `target` read from plain `data`; raise `Malformed` naming the first wrong field."""
    kind: Any = target
    value: T = shape(kind).read(data, path)
    return value


def write(value: Any) -> Any:
    """Return an instance of a dataclass as plain data."""
    kind: Any = type(value)
    return shape(kind).write(value)


@cache
def shape(target: Any) -> Shape:
    """Return the shape of an annotation, cached."""
    if is_dataclass(target):
        return _object(target)
    if target in _SIMPLE:
        return _SIMPLE[target]
    if origin := get_origin(target):
        return _COMPOUND[origin](get_args(target))
    return shape(target.__value__)  # a named alias


def _as_it_is(value: Any) -> Any:
    return value


def _read_text(data: Any, path: str) -> str:
    if type(data) is not str:
        raise Malformed(f"{path}: a text is needed, not {data!r:.40}")
    if len(data) > LONGEST_TEXT:
        raise Malformed(f"{path}: at most {LONGEST_TEXT} characters")
    return data


def _read_number(data: Any, path: str) -> int:
    if type(data) is not int:
        raise Malformed(f"{path}: a whole number is needed, not {data!r:.40}")
    if abs(data) > LARGEST_NUMBER:
        raise Malformed(f"{path}: too large a number")
    return data


def _read_truth(data: Any, path: str) -> bool:
    if type(data) is not bool:
        raise Malformed(f"{path}: true or false is needed, not {data!r:.40}")
    return data


def _word(words: tuple[str, ...]) -> Shape:
    def read_word(data: Any, path: str) -> str:
        if type(data) is not str or data not in words:
            raise Malformed(f"{path}: {data!r:.40} is not one of {', '.join(words)}")
        return data

    return Shape(read_word, _as_it_is)


def _row(inner: tuple[Any, ...]) -> Shape:
    if inner[1:] == (...,):
        return _sequence(shape(inner[0]))
    items = tuple(map(shape, inner))

    def read_row(data: Any, path: str) -> tuple[Any, ...]:
        if len(_items(data, path)) != len(items):
            raise Malformed(f"{path}: {len(items)} items are needed")
        pairs = zip(items, data, strict=True)
        return tuple([item.read(part, f"{path}[]") for item, part in pairs])

    def write_row(value: tuple[Any, ...]) -> list[Any]:
        return [item.write(part) for item, part in zip(items, value, strict=True)]

    return Shape(read_row, write_row)


def _sequence(item: Shape) -> Shape:
    def read_sequence(data: Any, path: str) -> tuple[Any, ...]:
        return tuple([item.read(entry, f"{path}[]") for entry in _items(data, path)])

    return Shape(read_sequence, lambda value: [item.write(entry) for entry in value])


def _set(inner: tuple[Any, ...]) -> Shape:
    sequence = _sequence(shape(inner[0]))
    return Shape(lambda data, path: frozenset(sequence.read(data, path)), sorted)


def _items(data: Any, path: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise Malformed(f"{path}: a list is needed, not {data!r:.40}")
    return data


def _mapping(inner: tuple[Any, ...]) -> Shape:
    key, item = map(shape, inner)
    numbered = inner[0] is int

    def read_key(name: str, path: str) -> Any:
        # JSON writes every key as text.
        return key.read(int(name) if numbered and name.isdecimal() else name, path)

    def read_mapping(data: Any, path: str) -> dict[Any, Any]:
        named = _object_items(data, path)
        return {read_key(name, path): item.read(entry, f"{path}.{name}") for name, entry in named}

    def write_mapping(value: dict[Any, Any]) -> dict[str, Any]:
        return {str(name): item.write(entry) for name, entry in value.items()}

    return Shape(read_mapping, write_mapping)


def _object_items(data: Any, path: str) -> Any:
    if not isinstance(data, dict):
        raise Malformed(f"{path}: an object is needed, not {data!r:.40}")
    return data.items()


def _optional(inner: tuple[Any, ...]) -> Shape:
    (only,) = (shape(option) for option in inner if option is not NoneType)
    return Shape(
        lambda data, path: None if data is None else only.read(data, path),
        lambda value: None if value is None else only.write(value),
    )


def _object(target: Any) -> Shape:
    hints = get_type_hints(target)
    shapes = {field.name: shape(hints[field.name]) for field in fields(target)}
    readers = {name: known.read for name, known in shapes.items()}
    writers = [(name, known.write) for name, known in shapes.items()]
    needed = {
        field.name
        for field in fields(target)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def read_object(data: Any, path: str) -> Any:
        named = _object_items(data, path or target.__name__)
        if not data.keys() <= readers.keys():
            unknown = min(map(str, data.keys() - readers.keys()))
            raise Malformed(f"{path or target.__name__}: unknown field {unknown!r:.40}")
        if not needed <= data.keys():
            missing = min(needed - data.keys())
            raise Malformed(f"{path or target.__name__}: field {missing!r} is missing")
        return target(**{name: readers[name](value, f"{path}.{name}") for name, value in named})

    return Shape(
        read_object, lambda value: {name: write(getattr(value, name)) for name, write in writers}
    )


_SIMPLE: dict[Any, Shape] = {
    str: Shape(_read_text, _as_it_is),
    int: Shape(_read_number, _as_it_is),
    bool: Shape(_read_truth, _as_it_is),
}
_COMPOUND: dict[Any, Callable[[tuple[Any, ...]], Shape]] = {
    Literal: _word,
    tuple: _row,
    frozenset: _set,
    dict: _mapping,
    Union: _optional,
    UnionType: _optional,
}
