"""The tables that can be exported. An app registers its own in its `receivers`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.spreadsheets import Rows


@dataclass(frozen=True, slots=True)
class TableToExport:
    """The rows of all pages of a table, in the language now active.

    The name of the file ends with `name`. `count` is an upper limit for the number of `rows`, which
    are read on iteration. `papers` makes the table in other formats too, each in one step.
    """

    name: str

    head: Sequence[object]
    rows: Rows
    count: int
    papers: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table of a hearing. `read` returns it with the filters of an address.

    `page` is the URL name of the page that shows it.
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
    """Return all tables by their names."""
    return _kinds
