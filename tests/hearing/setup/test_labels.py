"""Every kind of entry has a sentence that uses only fields of that entry."""

import re
from typing import Any

import pytest
from django.utils import translation

from hemicycle.record import labels
from hemicycle.record.entry_registry import declared_entry_types, entry_type

pytestmark = pytest.mark.postgresql("json")


def test_a_sentence_names_only_fields_of_its_entry() -> None:
    odd = {
        kind: names
        for kind, sentence in labels.sentences().items()
        if (names := set(re.findall(r"%\((\w+)\)", str(sentence))) - entry_type(kind).fields)
    }
    assert odd == {}


@pytest.mark.django_db
def test_an_entry_is_told_with_names_and_labels() -> None:
    body = {"track": "stakeholders", "at": 1_625_605_200_000}
    assert labels.describe("deadline.changed", body, labels.names_for([body])) == (
        "The deadline for Stakeholders was set to 2021-07-06 21:00 UTC."
    )
    body = {"fields": ["venue", "guiding_questions"]}
    assert labels.describe("hearing.changed", body, {}) == (
        "The hearing was changed: venue, guiding questions."
    )


def test_a_kind_without_a_sentence_is_told_by_its_name() -> None:
    assert labels.describe("nobody.has_told", {}, {}) == "nobody has told"


def test_every_kind_has_a_sentence() -> None:
    assert declared_entry_types().keys() - labels.sentences().keys() == set()


def test_a_field_that_is_true_or_false_is_told_in_a_word() -> None:
    told = [
        labels.describe("panel.public_name", {"slot": "", "alias": alias}, {})
        for alias in (True, False)
    ]
    assert [sentence.rpartition("(")[2] for sentence in told] == ["alias: yes).", "alias: no)."]


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("approval.answered", {"answer": "declined"}, "not approved"),
        ("objection.settled", {"answer": "set-aside"}, "set aside"),
        ("list.rule_changed", {"kind": "ratio"}, "ratio: a set number from each track in turn"),
        ("statement.released", {"release": "written"}, "in writing only"),
        ("mail.received", {"state": "stored"}, "State: not reviewed yet."),
        ("mail.decided", {"state": "aside"}, "set aside"),
    ],
)
def test_a_value_is_told_in_a_word(kind: str, fields: dict[str, Any], said: str) -> None:
    body = {**dict.fromkeys(entry_type(kind).fields, ""), **fields}
    assert said in labels.describe(kind, body, {})


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("co_signer.answered", {"answer": "consented"}, "وافق"),
        ("evidence.added", {"form": "link"}, "رابط"),
        ("link.changed", {"state": "down"}, "انتهت"),
    ],
)
def test_a_value_is_told_in_the_language_of_the_page(
    kind: str, fields: dict[str, Any], said: str
) -> None:
    body = {**dict.fromkeys(entry_type(kind).fields, ""), **fields}
    with translation.override("ar"):
        assert said in labels.describe(kind, body, {})


def test_a_value_that_a_later_version_may_write_is_told_as_it_is() -> None:
    body = {"registration": "", "co_signer": "", "answer": "later"}
    assert labels.describe("co_signer.answered", body, {}).endswith("answered: later.")
