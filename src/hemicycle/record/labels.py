"""Sentences that explain each entry type to people; the audit page shows the record with them.

An app declares its own in `labels.py`: `{"floor.given": _("%(slot)s was given the floor.")}`. Each
placeholder is a field of the entry's body. An id in a field is shown by the name that a namer
returns for it (`declare_names`), any other value by the field's format (`declare_formats`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Choices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

_HEX = re.compile("[0-9a-f]{32}")

Namer = Callable[[set[str]], Mapping[str, str]]
"""Takes ids (32 hexadecimal digits each) and returns the names of those it knows."""

Formatter = Callable[[Any], str]

_sentences: dict[str, str | Promise] = {}
_namers: dict[str, list[Namer]] = {}
_formatters: dict[tuple[str, str], Formatter] = {}
_EVERY_TYPE = ""


def declare_sentences(sentences: Mapping[str, str | Promise]) -> None:
    """Declare the sentence of each entry type in `sentences`."""
    _refuse_twice("entry type", _sentences.keys() & sentences.keys())
    _sentences.update(sentences)


def declare_names(namer: Namer, *fields: str) -> None:
    """Declare that `namer` names the ids in `fields`; a field may have several namers."""
    for field in fields:
        _namers.setdefault(field, []).append(namer)


def declare_formats(*entry_types: str, **formatters: Formatter) -> None:
    """Declare how fields that hold no ids are formatted; `formatters` are by the field's name.

    A format applies to the fields of that name in `entry_types`, or without `entry_types` to those
    of every entry type that has no format of its own for the field.
    """
    own = {
        (entry_type, field): formatter
        for entry_type in entry_types or (_EVERY_TYPE,)
        for field, formatter in formatters.items()
    }
    _refuse_twice("field", _formatters.keys() & own.keys())
    _formatters.update(own)


def choice(choices: type[Choices]) -> Formatter:
    """Return the format of a field that holds one of `choices`: its label, or else the value."""
    labels = dict(choices.choices)
    return lambda value: str(labels.get(value, value))


def _refuse_twice(what: str, names: Iterable[object]) -> None:
    for name in names:
        raise ValueError(f"the {what} {name!r} has its label declared twice")


def sentences() -> Mapping[str, str | Promise]:
    """Return the sentences of all entry types."""
    return MappingProxyType(_sentences)


def row_ids(ids: set[str]) -> list[UUID]:
    """Return those of `ids` that can be a row's id; other values have no name."""
    return [UUID(hex=id) for id in ids if _HEX.fullmatch(id)]


def names_for(bodies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the names of all ids in `bodies`, by field; each namer runs once per field.

    A field may hold an id in one entry type and something else in another, so only text is looked
    up.
    """
    wanted: dict[str, set[str]] = {field: set() for field in _namers}
    for body in bodies:
        for field, value in body.items():
            if field in wanted and value:
                held = value if isinstance(value, list) else [value]
                wanted[field].update(id for id in held if isinstance(id, str))
    found: dict[str, dict[str, str]] = {}
    for field, ids in wanted.items():
        found[field] = {}
        for namer in _namers[field] if ids else ():
            found[field].update(namer(ids - found[field].keys()))
    return found


def describe(
    entry_type: str, body: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]
) -> str:
    """Return the entry as a sentence, or its type's name if the type has none."""
    sentence = _sentences.get(entry_type)
    if sentence is None:
        return entry_type.replace(".", " ").replace("_", " ")
    formats = {
        field: _formatters.get((entry_type, field)) or _formatters.get((_EVERY_TYPE, field))
        for field in body
    }
    shown = {field: _shown(body[field], names.get(field), formats[field]) for field in body}
    return str(sentence) % shown


def _shown(value: Any, names: Mapping[str, str] | None, formatter: Formatter | None) -> str:
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, list):
        between = pgettext("between the items of a list", ", ")
        return between.join(_shown(part, names, formatter) for part in value)
    if names is not None:
        return names.get(str(value), "") or str(value)[:8]
    if formatter is not None:
        return formatter(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
