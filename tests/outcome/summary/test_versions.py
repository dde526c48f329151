"""Versions are stored unchanged, compared word by word, and lose erased data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.outcome.summary import actions, versions
from hemicycle.outcome.summary.models import Section, Sentence, SummaryVersion
from hemicycle.outcome.summary.versions import DiffPart, SentenceChange, compare, difference
from hemicycle.record import erasure

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.postgresql("transactions")


def content(*texts: str, key: str = "a", ids: str = "") -> list[dict[str, Any]]:
    sentences = [
        {"id": id, "text": text, "addressee": "", "sources": [], "origin": "drafted"}
        for id, text in zip(ids or "xyz", texts, strict=False)
    ]
    return [{"key": key, "heading": "Heading", "panel": "", "sentences": sentences}]


def changes(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[SentenceChange]:
    return [change for section in compare(old, new) for change in section.changes]


def test_words_are_told_apart() -> None:
    assert difference("the first fund for all", "the new fund for all of us") == (
        DiffPart("same", "the"),
        DiffPart("removed", "first"),
        DiffPart("added", "new"),
        DiffPart("same", "fund for all"),
        DiffPart("added", "of us"),
    )
    assert difference("", "new") == (DiffPart("added", "new"),)
    assert difference("same words", "same words") == (DiffPart("same", "same words"),)


def test_sentences_are_told_as_added_removed_changed_or_moved() -> None:
    old = content("One stays.", "Two is here now.", "Three goes away.")
    new = content("One stays.", "Two is here still.", "Quite another text.", ids="xyw")
    assert changes(old, new) == [
        SentenceChange("changed", difference("Two is here now.", "Two is here still.")),
        SentenceChange("added", (DiffPart("added", "Quite another text."),)),
        SentenceChange("removed", (DiffPart("removed", "Three goes away."),)),
    ]
    assert changes(content("One."), content("One.", key="b")) == [
        SentenceChange("moved", (DiffPart("same", "One."),))
    ]
    assert changes(old, old) == []
    assert [change.kind for change in changes(old, [])] == ["removed"] * 3


def test_a_sentence_drafted_anew_in_other_words_is_told_as_changed() -> None:
    old = content("Seven participants asked for a fund.")
    new = content("Eight participants asked for a fund.", ids="w")
    assert [change.kind for change in changes(old, new)] == ["changed"]


def test_versions_are_kept_by_hand_before_drafting_again_and_when_published(
    finished: Finished,
) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    assert versions.keep(**act, label="") is None
    actions.draft(**act)
    versions.keep(**act, label="  Before\0 the weekend ")
    actions.draft(**act)
    actions.draft(**act)
    actions.publish(**act)
    found = SummaryVersion.objects.order_by("number").values_list("number", "reason", "label")
    assert list(found) == [
        (1, "kept", "Before the weekend"),
        (2, "drafted", ""),
        (3, "published", ""),
    ]


@pytest.mark.parametrize("edited", [False, True])
def test_erasing_a_person_blanks_their_words_in_versions(finished: Finished, edited: bool) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.draft(**act)
    own = "Online platforms should be obliged to report recruitment by traffickers"
    row = Sentence.objects.filter(section__segment__isnull=False, text__contains=own)[0]
    if edited:
        actions.edit(**act, sentence=row.pk, text="They want platforms obliged.", revision=1)
    version = versions.keep(**act, label="")
    assert version is not None
    person = finished.person
    erasure.erase(hearing=finished.world.hearing.id, person=person.id, actor=finished.world.office)
    version.refresh_from_db()
    texts = [sentence["text"] for section in version.content for sentence in section["sentences"]]
    assert not any(own in text or "platforms obliged" in text for text in texts)
    assert any(text.startswith("By language") for text in texts)


def test_a_recommendation_is_compared_with_who_should_act(finished: Finished) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.draft(**act)
    row = Sentence.objects.filter(section__key__startswith=Section.RECOMMENDATIONS).exclude(
        addressee=""
    )[0]
    before = versions.keep(**act, label="")
    assert before is not None
    actions.edit(**act, sentence=row.pk, text=row.text, addressee="The Assembly", revision=1)
    after = versions.keep(**act, label="")
    assert after is not None
    (change,) = changes(before.content, after.content)
    assert (change.kind, DiffPart("added", "The Assembly:") in change.pieces) == ("changed", True)
