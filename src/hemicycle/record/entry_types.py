"""The record's own entries, and the procedure's events as entry types."""

from hemicycle.procedure.bodies import fields_of, naming_fields
from hemicycle.procedure.events import EVENTS
from hemicycle.record import succession
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

declare("record.begun", "format", erasure=nothing_personal)
declare(succession.ENTRY, *succession.FIELDS, erasure=nothing_personal)
declare("person.erased", "person", "rows", erasure=ids_only("person"))

for _event in EVENTS.values():
    declare(
        _event.KIND,
        *fields_of(_event),
        version=_event.VERSION,
        erasure=ids_only(*naming_fields(_event)),
    )
