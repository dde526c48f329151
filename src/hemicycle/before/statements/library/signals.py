"""Signals of the library's search to the apps above."""

from collections.abc import Sequence
from dataclasses import dataclass

from hemicycle.before.statements.library.search_query import SearchQuery
from hemicycle.before.statements.library.snippets import SnippetPart
from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class FoundElsewhere:
    """Passages with the searched words on another public page, and how many more there are.

    Each passage comes with its language.
    """

    label: str
    path: str
    passages: Sequence[tuple[list[SnippetPart], str]]
    more: int = 0


library_searched = Signal[[Hearing, SearchQuery], FoundElsewhere | None]("library_searched")
"""Sent with (hearing, search) when somebody searches the library.

A receiver returns the passages of a public page with all the words in one sentence, or None.
"""
