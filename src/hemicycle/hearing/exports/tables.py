"""The tables that can be exported. An app registers its own in its `receivers`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.spreadsheets import Rows


@dataclass(frozen=True, slots=True)
class TableToExport:
    """What a page shows, all pages of it, in the language now active.

    `name` ends the name of its file. `count` is how many `rows` there are at most; they are read
    when somebody iterates over them. `papers` makes it in other formats too, in one step.
    """

    name: str

    head: Sequence[object]
    rows: Rows
    count: int
    papers: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table that a hearing has. `read` applies the filters of an address.

    `page` names the address of the page that shows it.
    """

    name: str
    title: str | Promise
    page: str
    read: Callable[[Hearing, QueryDict], TableToExport]


_kinds: dict[str, TableKind] = {}


def register(kind: TableKind) -> TableKind:
    """Register a table, and return it."""
    _kinds[kind.name] = kind
    return kind


def known() -> dict[str, TableKind]:
    """All tables, by their names."""
    return _kinds
