"""Lists of forms that may contain further lists, on one page and without a script.

A blank row, and a row with the box *remove* selected, does not count. A button named `add` asks for
one more blank row in the list whose prefix is its value; nothing that was typed is lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict

from hemicycle.hearing.setup.schema import Path

MOST = 300
"""The most rows of one list; more do not come from a form of ours."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field with the passage of a note from which it was read.

    `lacking` is true if the note has no value for it.
    """

    field: Any
    passage: str = ""
    lacking: bool = False


class RowForm(forms.Form):
    """One row; `lists` names the lists inside it and the class of their rows."""

    do_not_call_in_templates = True
    lists: ClassVar[dict[str, type["RowForm"]]] = {}
    folded: ClassVar[frozenset[str]] = frozenset()
    """Fields that few hearings need: the page folds them while they have their usual values."""
    moves: ClassVar[bool] = False
    """Whether a row can be moved to another place of its list (`reordering`)."""
    several: ClassVar[Any] = ""
    """The heading of a list of such rows."""
    one_more: ClassVar[Any] = ""
    """The label of the button that adds a row."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        prefix: str,
        initial: Mapping[str, Any] | None = None,
        offers: Mapping[str, Any] | None = None,
    ) -> None:
        own = {name: value for name, value in (initial or {}).items() if name not in self.lists}
        super().__init__(data, prefix=prefix, initial=own, use_required_attribute=False)
        self.inside = {
            name: NestedForms(
                row, f"{self.prefix}-{name}", data, (initial or {}).get(name, ()), offers
            )
            for name, row in self.lists.items()
        }
        self.offer(offers or {})
        self.passages: Mapping[str, str] = {}
        self.lacking: frozenset[str] = frozenset()

    def offer(self, offers: Mapping[str, Any]) -> None:
        """Set the choices of fields from what this hearing offers, by the names in `offers`."""

    def explain(self, passages: Mapping[str, str], lacking: frozenset[str]) -> None:
        """Show the passages of a note beside the fields that were read from them."""
        self.passages, self.lacking = passages, lacking
        for name, nested in self.inside.items():
            nested.passage = passages.get(name, "")
            nested.lacking = name in lacking

    def cells(self) -> Iterator[Cell]:
        """Yield the fields that are always visible, each with its passage."""
        return self._cells(name for name in self.fields if name not in self.folded)

    def folded_cells(self) -> list[Cell]:
        """Return the fields that few hearings need."""
        return list(self._cells(name for name in self.fields if name in self.folded))

    @property
    def unfolded(self) -> bool:
        """Whether these fields are visible at once: one of them has a value or an error."""
        said = self.errors.keys() | self.passages.keys() | self.lacking
        return any(name in said or not self._is_usual(name) for name in self.folded)

    def _is_usual(self, name: str) -> bool:
        value, usual = self[name].value(), self.fields[name].initial
        return value is None or value is False or str(value) in {"", str(usual)}

    def _cells(self, names: Iterable[str]) -> Iterator[Cell]:
        for name in names:
            yield Cell(self[name], self.passages.get(name, ""), name in self.lacking)

    def lists_inside(self) -> list["NestedForms"]:
        """Return the lists inside the row, for the template."""
        return list(self.inside.values())

    def place_in_order(self) -> str:
        """Return the sort key of the row in its list; "" keeps its place."""
        return ""

    def raw(self, name: str) -> str:
        """Return what was typed into a field."""
        return str(self.data.get(self.add_prefix(name), "")).strip()

    @property
    def removed(self) -> bool:
        """Whether the box *remove* was selected."""
        return self.is_bound and bool(self.data.get(f"{self.prefix}-remove"))

    @property
    def blank(self) -> bool:
        """Whether nothing was typed, here or in the lists inside."""
        typed = any(
            self.raw(name) not in {"", self.standing(name)}
            for name, field in self.fields.items()
            if not isinstance(field, forms.BooleanField)
        )
        return not typed and not any(nested.kept for nested in self.inside.values())

    def standing(self, name: str) -> str:
        """Return the initial value of a field as a page shows it."""
        field = self.fields[name]
        value = field.prepare_value(field.initial)
        return "" if value is None else str(value)

    def value(self) -> dict[str, Any]:
        """Return the row as a table of the document."""
        inside = {name: nested.values() for name, nested in self.inside.items()}
        return {**self.cleaned_data, **inside}

    def is_valid(self) -> bool:
        """Whether each field, and each row inside, has a readable value."""
        inside = [nested.is_valid() for nested in self.inside.values()]
        return super().is_valid() and all(inside)

    def place(self, at: Path, sentence: str) -> None:
        """Show a problem at the field that it concerns, here or in a row inside."""
        name = str(at[0]) if at else ""
        if name in self.inside and len(at) > 1:
            self.inside[name].place(at[1:], sentence)
        else:
            self.add_error(name if name in self.fields else None, sentence)


class NestedForms:
    """The rows of one list, from posted data or from the document."""

    def __init__(
        self,
        row: type[RowForm],
        prefix: str,
        data: QueryDict | None,
        initial: Sequence[Any] = (),
        offers: Mapping[str, Any] | None = None,
    ) -> None:
        self.prefix = prefix
        self.row = row
        self.passage = ""
        self.lacking = False
        count = self._count(data, len(initial))
        self.rows = [
            row(
                data,
                prefix=f"{prefix}-{index}",
                initial=initial[index] if index < len(initial) else {},
                offers=offers,
            )
            for index in range(count)
        ]
        self.total = count

    def _count(self, data: QueryDict | None, given: int) -> int:
        if data is None:
            return given
        told = data.get(f"{self.prefix}-count", "")
        count = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0
        if count > len(self._sent(data)):
            # Otherwise a few bytes could claim nested lists with hundreds of rows, and the page
            # would show each.
            raise SuspiciousOperation("a form claims more rows than it has fields for")
        more = 1 if data.get("add") == self.prefix else 0
        return min(count + more, MOST)

    def _sent(self, data: QueryDict) -> set[str]:
        """Return the numbers of the rows that were sent.

        A browser sends at least one field of every row.
        """
        own = f"{self.prefix}-"
        rows = (key.removeprefix(own).partition("-") for key in data if key.startswith(own))
        return {number for number, _dash, field in rows if field and number.isdigit()}

    @property
    def kept(self) -> list[RowForm]:
        """The rows for the document, sorted: without removed and blank ones."""
        standing = [row for row in self.rows if not row.removed and not row.blank]
        return sorted(standing, key=lambda row: row.place_in_order())

    def is_valid(self) -> bool:
        """Whether all of these rows can be read."""
        return all([row.is_valid() for row in self.kept])  # noqa: C419 - each shows its errors

    def values(self) -> list[dict[str, Any]]:
        """Return the rows as tables of the document."""
        return [row.value() for row in self.kept]

    def place(self, at: Path, sentence: str) -> None:
        """Show a problem in the row that it concerns."""
        index = at[0]
        kept = self.kept
        if isinstance(index, int) and index < len(kept):
            kept[index].place(at[1:], sentence)
        elif kept:
            kept[0].place((), sentence)
