"""Where the folders above join the lists of speakers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from hemicycle.before.registration.models import Inscription


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the office's lists that a slice above fills.

    `states` takes the list's inscriptions and returns, for each id, a word of `ui.states`; it is
    asked once per page. `key` heads the column in exports.
    """

    key: str
    label: str | Promise
    states: Callable[[Sequence[Inscription]], Mapping[UUID, str]]


LIST_COLUMNS: list[Column] = []
