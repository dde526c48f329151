"""Where the slices above join in. Their `AppConfig.ready` appends to these lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hemicycle.hearings.models import Hearing, Meeting
from hemicycle.parties.models import Person


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


@dataclass(frozen=True, slots=True)
class File:
    """A paper that can go with a letter. `method` is a calendar's, which mail programs act upon."""

    name: str
    media_type: str
    content: bytes
    method: str = ""


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper that a slice can make of a hearing, in a language."""

    key: str
    label: str
    make: Callable[[Hearing, str], File | None]
    """None where the hearing has not what it would be made of."""


SOURCES: list[Callable[[Hearing], Iterable[Source]]] = []
"""The lists that a hearing has by itself."""

PAPERS: list[Callable[[Hearing], Iterable[PaperKind]]] = []
"""The papers that may go with a letter."""

ATTENDING: list[Callable[[Hearing], Iterable[tuple[Person, Meeting]]]] = []
"""Who is expected at which meeting, and so has it in their calendar."""

CHORES: list[Callable[[], object]] = []
"""What the worker does every half minute beside sending."""
