"""Convert events to the bodies of entries and back, strictly."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from hemicycle.procedure import codec
from hemicycle.procedure.codec import Json
from hemicycle.procedure.events import EVENTS, Event, SlotRecalled


class UnknownEvent(ValueError):
    """The entry has a kind, version or field that this version of Hemicycle does not know."""


NAMING = frozenset(
    (
        "slot",
        "slots",
        "not_reached",
        "before",
        "person",
        "connection",
        "question",
        "to",
        "point",
        "note",
    )
)
"""The fields that name a row by its id; after the row is erased, the id leads to nothing."""

_WORDS = {(SlotRecalled, "to")}  # a closed vocabulary, although "to" is an id in another event


def fields_of(event_type: type[Event]) -> tuple[str, ...]:
    """Return the fields of an event's body, in order."""
    return tuple(field.name for field in fields(event_type))


def naming_fields(event_type: type[Event]) -> tuple[str, ...]:
    """Return the fields whose ids point to rows that an erasure may remove."""
    return tuple(
        name
        for name in fields_of(event_type)
        if name in NAMING and (event_type, name) not in _WORDS
    )


def to_body(event: Event) -> dict[str, Json]:
    """Return the event's body as plain data for canonical JSON."""
    body: dict[str, Json] = codec.write(event)
    return body


def from_body(kind: str, version: int, body: Mapping[str, Any]) -> Event:
    """Return the event of an entry; raise `UnknownEvent` if this version cannot read it."""
    event_type = EVENTS.get(kind)
    if event_type is None:
        raise UnknownEvent(f"no event is called {kind!r:.60}")
    if version != event_type.VERSION:
        raise UnknownEvent(f"{kind} is read in version {event_type.VERSION}, not {version!r:.20}")
    try:
        return codec.read(event_type, body)
    except codec.Malformed as error:
        raise UnknownEvent(f"{kind}: {error}") from error
