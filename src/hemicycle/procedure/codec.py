"""Plain data and dataclasses, one into the other, by their annotations alone.

Events, commands and snapshots are all read by the same strict reader: an unknown field, a missing
one, a wrong type or a word outside its vocabulary is refused with the path to it. A float is never
accepted, because canonical JSON is hashed and a float has no single spelling.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

type Json = None | bool | int | str | list[Json] | dict[str, Json]
type Reader = Callable[[Any, str], Any]
type Writer = Callable[[Any], Any]

LONGEST_TEXT = 64
"""Ids and words of closed vocabularies only; whatever is longer is free text and is refused."""

LARGEST_NUMBER = 2**53 - 1
"""The largest integer that every JSON reader in a browser keeps exact."""


class Malformed(ValueError):
    """Data that does not fit its type; `str()` says where and how, for a person to read."""


def read[T](target: type[T], data: Any, path: str = "") -> T:
    """A `target` from plain `data`; raises `Malformed` naming the first field that does not fit."""
    kind: Any = target
    value: T = reader(kind)(data, path)
    return value


def write(value: Any, target: Any = None) -> Any:
    """Plain data for `value`, as `target` (its own type if none is given) declares it."""
    kind: Any = target or type(value)
    return writer(kind)(value)


@cache
def reader(target: Any) -> Reader:
    """The function that reads `target`, made once for each type."""
    if is_dataclass(target):
        return _object_reader(target)
    simple = _SIMPLE.get(target)
    if simple is not None:
        return simple
    origin, inner = get_origin(target), get_args(target)
    if origin is Literal:
        return _word_reader(frozenset(inner))
    if origin is tuple and inner[1:] == (...,):
        return _list_reader(reader(inner[0]))
    if origin is tuple:
        return _row_reader(tuple(map(reader, inner)))
    if origin is dict:
        return _mapping_reader(reader(inner[0]), reader(inner[1]))
    if origin is frozenset:
        return _set_reader(reader(inner[0]))
    if origin in (Union, UnionType):
        return _optional_reader(reader(_not_none(inner)))
    return reader(target.__value__)


@cache
def writer(target: Any) -> Writer:
    """The function that writes `target`, made once for each type."""
    if is_dataclass(target):
        return _object_writer(target)
    if target in _SIMPLE:
        return _same
    origin, inner = get_origin(target), get_args(target)
    if origin is Literal:
        return _same
    if origin is tuple and inner[1:] == (...,):
        return _list_writer(writer(inner[0]))
    if origin is tuple:
        return _row_writer(tuple(map(writer, inner)))
    if origin is dict:
        return _mapping_writer(writer(inner[1]), inner[0] is int)
    if origin is frozenset:
        return sorted
    if origin in (Union, UnionType):
        return _optional_writer(writer(_not_none(inner)))
    return writer(target.__value__)


def _not_none(inner: tuple[Any, ...]) -> Any:
    (only,) = (each for each in inner if each is not NoneType)
    return only


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


_SIMPLE: dict[Any, Reader] = {str: _read_text, int: _read_number, bool: _read_truth}


def _same(value: Any) -> Any:
    return value


def _word_reader(words: frozenset[str]) -> Reader:
    def read_word(data: Any, path: str) -> str:
        if type(data) is not str or data not in words:
            known = ", ".join(sorted(words))
            raise Malformed(f"{path}: {data!r:.40} is not one of {known}")
        return data

    return read_word


def _list_reader(item: Reader) -> Reader:
    def read_list(data: Any, path: str) -> tuple[Any, ...]:
        return tuple([item(each, f"{path}[]") for each in _items(data, path)])

    return read_list


def _row_reader(items: tuple[Reader, ...]) -> Reader:
    def read_row(data: Any, path: str) -> tuple[Any, ...]:
        if len(_items(data, path)) != len(items):
            raise Malformed(f"{path}: {len(items)} items are needed")
        return tuple(item(each, f"{path}[]") for item, each in zip(items, data, strict=True))

    return read_row


def _set_reader(item: Reader) -> Reader:
    def read_set(data: Any, path: str) -> frozenset[Any]:
        return frozenset(item(each, f"{path}[]") for each in _items(data, path))

    return read_set


def _items(data: Any, path: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise Malformed(f"{path}: a list is needed, not {data!r:.40}")
    return data


def _mapping_reader(key: Reader, item: Reader) -> Reader:
    def read_key(name: str, path: str) -> Any:
        if key is _read_number and name.isdecimal():
            return int(name)
        return key(name, path)

    def read_mapping(data: Any, path: str) -> dict[Any, Any]:
        if not isinstance(data, dict):
            raise Malformed(f"{path}: an object is needed, not {data!r:.40}")
        return {read_key(name, path): item(each, f"{path}.{name}") for name, each in data.items()}

    return read_mapping


def _optional_reader(item: Reader) -> Reader:
    def read_optional(data: Any, path: str) -> Any:
        return None if data is None else item(data, path)

    return read_optional


def _object_reader(target: Any) -> Reader:
    hints = get_type_hints(target)
    readers = {each.name: reader(hints[each.name]) for each in fields(target)}
    needed = frozenset(
        each.name
        for each in fields(target)
        if each.default is MISSING and each.default_factory is MISSING
    )

    def read_object(data: Any, path: str) -> Any:
        if not isinstance(data, dict):
            raise Malformed(f"{path or target.__name__}: an object is needed, not {data!r:.40}")
        if not data.keys() <= readers.keys():
            unknown = sorted(map(str, data.keys() - readers.keys()))
            raise Malformed(f"{path or target.__name__}: unknown field {unknown[0]!r:.40}")
        if not needed <= data.keys():
            missing = sorted(needed - data.keys())
            raise Malformed(f"{path or target.__name__}: field {missing[0]!r} is missing")
        return target(
            **{name: readers[name](value, f"{path}.{name}") for name, value in data.items()}
        )

    return read_object


def _list_writer(item: Writer) -> Writer:
    return lambda value: [item(each) for each in value]


def _row_writer(items: tuple[Writer, ...]) -> Writer:
    return lambda value: [item(each) for item, each in zip(items, value, strict=True)]


def _mapping_writer(item: Writer, numbered: bool) -> Writer:
    key: Writer = str if numbered else _same
    return lambda value: {key(name): item(each) for name, each in value.items()}


def _optional_writer(item: Writer) -> Writer:
    return lambda value: None if value is None else item(value)


def _object_writer(target: Any) -> Writer:
    hints = get_type_hints(target)
    writers = [(each.name, writer(hints[each.name])) for each in fields(target)]
    return lambda value: {name: item(getattr(value, name)) for name, item in writers}
