"""Where the slices above join in. Their `AppConfig.ready` appends to these lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody on a list. `of` is what the list's slice knows them by."""

    address: str
    name: str = ""
    organization: str = ""
    language: str = "en"
    person: UUID | None = None
    of: Any = None


@dataclass(frozen=True, slots=True)
class Source:
    """A list that a slice keeps: its key, its name, and whom it holds now."""

    key: str
    name: str
    addressees: Callable[[], list[Addressee]]
    registered: bool = False
    """Whether these have registered, and so a page and a link of their own."""


SOURCES: list[Callable[[Hearing], Iterable[Source]]] = []
"""The lists that a hearing has by itself."""

ATTENDING: list[Callable[[Hearing], Iterable[tuple[Person, Meeting]]]] = []
"""Who is expected at which meeting, and so has it in their calendar."""

CHORES: list[Callable[[], object]] = []
"""What the worker does every half minute beside sending."""
