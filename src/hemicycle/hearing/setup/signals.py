"""Where the slices above join in; their `AppConfig.ready` appends to these lists."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Writer


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the overview; `tone` is ok, warn, bad or ""."""

    value: int | str
    label: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How full a panel's list is: interventions asked for against those that the time holds."""

    title: str
    asked: int
    holds: int
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the secretariat, and where it is done."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is: its words, and the path."""

    label: str
    path: str


OVERVIEW_FIGURES: list[Callable[[Hearing], Iterable[Figure]]] = []
OVERVIEW_LOADS: list[Callable[[Hearing], Iterable[Load]]] = []
TASKS: list[Callable[[Hearing], Iterable[Task]]] = []

PUBLIC_LINKS: list[Callable[[Hearing], Iterable[Link]]] = []
"""What came out of a hearing, for its public page."""

ROLE_LINKS: list[Callable[[Hearing], Iterable[Link]]] = []
"""Fresh links of participants, for whoever runs the server."""

HOLDINGS: list[Callable[[Hearing, Person], Iterable[str]]] = []
"""What a slice holds about a person and erasure will blank or delete, in sentences."""

TAKES_PART: list[Callable[[Hearing, Person], bool]] = []
"""Whether a person takes part in a hearing without a role of its staff."""

ON_CHANGED: list[Callable[[Writer, Hearing], None]] = []
"""(writer, hearing): the hearing's document has changed, inside the turn that changed it."""

BRIEFS: list[Callable[[Hearing], Mapping[str, Any]]] = []
"""What a slice adds to what the media engine is told of a hearing (`/media-api/<hearing>`):
`videos`, `push`, `picture`; mappings of several slices are joined, lists strung together."""
