"""What each kind of entry means, in a sentence for people: the audit view tells the record with it.

A slice says its own: `say("floor.given", _("%(slot)s was given the floor."))`. A place in a
sentence is a field of the entry's body. Ids in it are told by name where a slice can tell one
(`NAMES`), and times, tracks and roles as pages show them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

_HEX = re.compile("[0-9a-f]{32}")

Namer = Callable[[set[str]], Mapping[str, str]]
"""Takes ids (32 hexadecimal digits each) and returns the names of those it knows."""

SENTENCES: dict[str, str | Promise] = {}
NAMES: dict[str, list[Namer]] = {}
"""By the name of a field: who can tell the rows that its ids point to."""
VALUES: dict[str, Callable[[Any], str]] = {}
"""By the name of a field: how a value that is no id is told."""


def say(kind: str, sentence: str | Promise) -> None:
    """Give a kind its sentence."""
    SENTENCES[kind] = sentence


def name(namer: Namer, *fields: str) -> None:
    """Let `namer` tell the ids in `fields`."""
    for field in fields:
        NAMES.setdefault(field, []).append(namer)


def uuids(ids: set[str]) -> list[UUID]:
    """Those of the ids that can be a row's; what else an entry holds there is nobody's name."""
    return [UUID(hex=one) for one in ids if _HEX.fullmatch(one)]


def names_for(bodies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The names of all ids in `bodies`, by field: one question to each namer, not to each entry.

    A field may hold an id in one kind of entry and more than an id in another: only ids are asked.
    """
    wanted: dict[str, set[str]] = {field: set() for field in NAMES}
    for body in bodies:
        for field, value in body.items():
            if field in wanted and value:
                held = value if isinstance(value, list) else [value]
                wanted[field].update(one for one in held if isinstance(one, str))
    found: dict[str, dict[str, str]] = {}
    for field, ids in wanted.items():
        found[field] = {}
        for namer in NAMES[field] if ids else ():
            found[field].update(namer(ids - found[field].keys()))
    return found


def tell(kind: str, body: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> str:
    """The entry in words; a kind without a sentence is told by its name alone."""
    sentence = SENTENCES.get(kind)
    if sentence is None:
        return kind.replace(".", " ").replace("_", " ")
    return str(sentence) % {field: _told(field, body[field], names) for field in body}


def _told(field: str, value: Any, names: Mapping[str, Mapping[str, str]]) -> str:
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, list):
        return ", ".join(_told(field, item, names) for item in value)
    if field in names:
        return names[field].get(str(value), "") or str(value)[:8]
    if field in VALUES:
        return VALUES[field](value)
    return str(value)
