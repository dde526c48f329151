"""What the lists of speakers ask the apps above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from hemicycle.before.registration.models import Inscription
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the office's lists that an app above fills.

    `states` takes the list's inscriptions and returns, for each id, a word of `ui.states`; it is
    asked once per page. `key` heads the column in exports.
    """

    key: str
    label: str | Promise
    states: Callable[[Sequence[Inscription]], Mapping[UUID, str]]


list_columns = Signal[[], Column]("list_columns")
"""Sent with nothing while a page or an export of the office's lists is made: a further column."""
