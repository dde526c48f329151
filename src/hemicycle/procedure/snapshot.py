"""The floor as plain data and back, so that a reader need not start at the first entry.

A snapshot and the later entries make the same floor as all entries, including what can be undone.
The state before each undoable act is written as its difference from the next later state, because
otherwise a list of 500 speakers would be written twenty times.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_type_hints

from hemicycle.procedure.codec import Json, Malformed, Shape, shape
from hemicycle.procedure.state import ACT_FIELDS, Floor, Mark

FORMAT = 1

_SHAPES: dict[str, Shape] = {
    name: shape(hint) for name, hint in get_type_hints(Floor).items() if name != "marks"
}


def to_json(floor: Floor) -> dict[str, Json]:
    """Return the whole floor as plain data for canonical JSON."""
    body: dict[str, Json] = {
        name: field_shape.write(getattr(floor, name)) for name, field_shape in _SHAPES.items()
    }
    return {"format": FORMAT, "floor": body, "marks": list(_written_marks(floor))}


def from_json(data: Any) -> Floor:
    """Return the floor that `to_json` wrote; raise `Malformed` for any other data."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise Malformed(f"a snapshot in format {FORMAT} is needed")
    try:
        body = data["floor"]
        floor = Floor(
            **{name: field_shape.read(body[name], name) for name, field_shape in _SHAPES.items()}
        )
        return replace(floor, marks=_read_marks(floor, data["marks"]))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise Malformed(f"not a whole snapshot: {error!r:.80}") from error


def _act_values(floor: Floor) -> tuple[Any, ...]:
    return tuple(getattr(floor, name) for name in ACT_FIELDS)


def _written_marks(floor: Floor) -> Iterator[Json]:
    """Yield the marks newest first, each as its difference from the one after it."""
    after = _act_values(floor)
    for mark in reversed(floor.marks):
        changes: dict[str, Json] = {
            name: _difference(name, old, new)
            for name, old, new in zip(ACT_FIELDS, mark.before, after, strict=True)
            if old != new
        }
        yield {"act": mark.act, "at": mark.at, "awaits": mark.awaits, "before": changes}
        after = mark.before


def _read_marks(floor: Floor, data: Any) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    after = _act_values(floor)
    for mark in data:
        after = tuple(
            _former(name, mark["before"][name], new) if name in mark["before"] else new
            for name, new in zip(ACT_FIELDS, after, strict=True)
        )
        marks.append(Mark(mark["act"], mark["at"], after, mark["awaits"]))
    return tuple(reversed(marks))


def _difference(name: str, old: Any, new: Any) -> Json:
    write = _SHAPES[name].write
    if isinstance(old, dict):
        put = {key: value for key, value in old.items() if new.get(key) != value}
        return {"put": write(put), "drop": sorted(new.keys() - old.keys())}
    if isinstance(old, tuple):
        keep = _common(old, new)
        return {"keep": keep, "then": write(old[keep:])}
    return {"is": write(old)}


def _former(name: str, difference: Any, new: Any) -> Any:
    read = _SHAPES[name].read
    if "put" in difference:
        kept = {key: value for key, value in new.items() if key not in difference["drop"]}
        return kept | read(difference["put"], name)
    if "keep" in difference:
        return (*new[: difference["keep"]], *read(difference["then"], name))
    return read(difference["is"], name)


def _common(one: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    """Return the number of leading items that both have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
