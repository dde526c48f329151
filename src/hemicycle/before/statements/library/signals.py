"""What the search of the library asks the apps above."""

from collections.abc import Sequence
from dataclasses import dataclass

from hemicycle.before.statements.library.search_query import SearchQuery
from hemicycle.before.statements.library.snippets import SnippetPart
from hemicycle.hearing.setup.models import Hearing
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class FoundElsewhere:
    """What another public page says about the words: passages, and how many more there are.

    Each passage has the language that it is in.
    """

    label: str
    path: str
    passages: Sequence[tuple[list[SnippetPart], str]]
    more: int = 0


library_searched = Signal[[Hearing, SearchQuery], FoundElsewhere | None]("library_searched")
"""Sent with (hearing, search) when somebody searches the library: a public page that has all the
words in one sentence; None for none."""
