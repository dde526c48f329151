"""Signals of the lists of speakers to the apps above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from hemicycle.before.registration.models import Inscription
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the office's lists that an app above fills.

    `states` is called once per page with the list's inscriptions; it returns, for each id, a word
    of `ui.states`. `key` heads the column in exports.
    """

    key: str
    label: str | Promise
    states: Callable[[Sequence[Inscription]], Mapping[UUID, str]]


list_columns = Signal[[], Column]("list_columns")
"""Sent without arguments when a page or an export of the office's lists is made.

A receiver returns a further column.
"""
