"""Two people edit at the same time in any order, and no words of either are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.outcome.summary import actions
from hemicycle.outcome.summary.models import Section, Sentence
from tests.support.examples import examples

if TYPE_CHECKING:
    from uuid import UUID

    from tests.support.finished import Finished

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("one", "two")),
        st.sampled_from(("look", "save", "remove", "draft")),
        st.integers(0, 2),
    ),
    max_size=25,
)


def shown(conflict: actions.EditConflict) -> Sentence:
    """Return the sentence that the page shows beside the words that were not saved."""
    assert conflict.row is not None
    return conflict.row


class Editor:
    """An editor who remembers the revisions seen, and which texts were saved or returned."""

    def __init__(self, finished: Finished, name: str) -> None:
        self.finished, self.name = finished, name
        self.seen: dict[UUID, tuple[int, str]] = {}
        self.handed_back: set[str] = set()
        self.saved: set[str] = set()
        self.count = 0

    def look(self, row: Sentence) -> None:
        self.seen[row.pk] = (row.revision, row.text)

    def save(self, pk: UUID) -> str | None:
        """Save new words; return the words that they replaced, or None after a conflict."""
        self.count += 1
        text = f"Words {self.count} of {self.name}."
        revision, before = self.seen[pk]
        try:
            row = actions.edit(
                hearing=self.finished.world.hearing,
                sentence=pk,
                text=text,
                revision=revision,
                actor=self.finished.world.office,
            )
        except actions.EditConflict as conflict:
            self.handed_back.add(conflict.yours)
            self.look(shown(conflict))
            return None
        self.saved.add(text)
        self.look(row)
        return before

    def remove(self, pk: UUID) -> None:
        try:
            row = actions.remove(
                hearing=self.finished.world.hearing,
                sentence=pk,
                revision=self.seen[pk][0],
                actor=self.finished.world.office,
            )
        except actions.EditConflict as conflict:
            self.look(shown(conflict))
        else:
            self.look(row)


@pytest.fixture
def sentences(finished: Finished) -> list[UUID]:
    """Three sentences that people have written."""
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    section = summary.sections.get(key=Section.PARTICIPATION)
    office = finished.world.office
    return [actions.write(section=section, text=f"Begun {n}.", actor=office).pk for n in range(3)]


@pytest.mark.slow
@examples(25)
@given(steps=STEPS)
def test_no_words_are_lost(
    finished: Finished, sentences: list[UUID], steps: list[tuple[str, str, int]]
) -> None:
    editors = {name: Editor(finished, name) for name in ("one", "two")}
    replaced_knowingly: set[str] = set()
    for pk in sentences:
        for editor in editors.values():
            editor.look(Sentence.objects.get(pk=pk))
    for name, act, number in steps:
        editor, pk = editors[name], sentences[number]
        if act == "look":
            editor.look(Sentence.objects.get(pk=pk))
        elif act == "save":
            if before := editor.save(pk):
                replaced_knowingly.add(before)
        elif act == "remove":
            editor.remove(pk)
        else:
            actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    standing = set(Sentence.objects.filter(pk__in=sentences).values_list("text", flat=True))
    for editor in editors.values():
        # Saved words are still there, or were replaced by an editor who had seen them.
        assert editor.saved <= standing | replaced_knowingly
        assert editor.count == len(editor.saved) + len(editor.handed_back)
