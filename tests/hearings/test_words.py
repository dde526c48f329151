"""Every kind of entry has a sentence, and each sentence fits its entry."""

import re

import pytest

import hemicycle.hearings.sentences as told
from hemicycle.record import words
from hemicycle.record.registry import KINDS


@pytest.mark.parametrize("kind", sorted(told.SENTENCES))
def test_a_sentence_names_only_fields_of_its_entry(kind: str) -> None:
    places = set(re.findall(r"%\((\w+)\)s", str(told.SENTENCES[kind])))
    assert places <= KINDS[kind].fields


@pytest.mark.django_db
def test_an_entry_is_told_with_names_and_labels() -> None:
    body = {"track": "stakeholders", "at": 1_625_605_200_000}
    assert words.tell("deadline.changed", body, words.names_for([body])) == (
        "The deadline for Stakeholders was set to 2021-07-06 21:00:00 UTC."
    )
    body = {"fields": ["venue", "guiding_questions"]}
    assert words.tell("hearing.changed", body, {}) == (
        "The hearing was changed: venue, guiding questions."
    )


def test_a_kind_without_a_sentence_is_told_by_its_name() -> None:
    assert words.tell("nobody.has_told", {}, {}) == "nobody has told"


def test_the_kinds_of_record_parties_hearings_and_meetings_all_have_one() -> None:
    from hemicycle.procedure.events import EVENTS

    own = {name for name in KINDS if name.split(".")[0] in {"hearing", "role", "link", "programme"}}
    assert (own | set(EVENTS)) - set(told.SENTENCES) == set()
