"""Entries that the record itself makes, and the procedure's events as kinds."""

from dataclasses import fields

from hemicycle.procedure.events import EVENTS
from hemicycle.record.registry import declare, ids_only, nothing_personal

declare("record.begun", "format", erasure=nothing_personal)
declare("person.erased", "person", "rows", erasure=ids_only("person"))

for _event in EVENTS.values():
    declare(
        _event.KIND,
        *(field.name for field in fields(_event)),
        version=_event.VERSION,
        erasure=ids_only("slot", "slots", "person", "speaker", "note", "connection"),
    )
