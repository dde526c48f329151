"""The people in a rehearsal do not exist, and no two are the same."""

import re
import unicodedata
from random import Random

from babel import Locale

from hemicycle.site.rehearsal.people import FORMS_OF_STATE, STATES, PeopleGenerator
from hemicycle.site.rehearsal.speech import LANGUAGES
from hemicycle.ui.territories import folded


def scripts(name: str) -> set[str]:
    return {unicodedata.name(char).split()[0] for char in name if char.isalpha()}


def test_people_have_names_in_the_script_of_their_language() -> None:
    people = PeopleGenerator(Random(1))
    assert {language: scripts(people.person(language).name) for language in LANGUAGES} == {
        "en": {"LATIN"},
        "fr": {"LATIN"},
        "es": {"LATIN"},
        "ar": {"ARABIC"},
        "zh": {"CJK"},
        "ru": {"CYRILLIC"},
    }


def test_addresses_lead_nowhere_and_are_all_different() -> None:
    people = PeopleGenerator(Random(1))
    emails = [people.person("en").email for _ in range(200)]
    assert len(set(emails)) == 200
    assert all(email.endswith(".example.org") for email in emails)


def test_no_organization_comes_twice_even_when_the_words_run_out() -> None:
    people = PeopleGenerator(Random(1))
    names = [people.organization(language) for language in LANGUAGES for _ in range(700)]
    assert len(set(names)) == len(names)


def test_each_state_comes_once_and_then_none_is_left() -> None:
    people = PeopleGenerator(Random(1))
    assert sorted(people.state() for _ in range(192)) == sorted(STATES)
    assert people.state() == ""


def words(name: str) -> set[str]:
    return set(re.findall(r"\w+", folded(name)))


def test_no_state_that_comes_exists() -> None:
    assert len(set(STATES)) == len(STATES) == 192
    real = [
        words(name)
        for language in LANGUAGES
        for name in Locale.parse(language).territories.values()
    ]
    forms = words(" ".join(FORMS_OF_STATE)) | {"of"}
    for state in STATES:
        own = words(state) - forms
        assert len(own) == 1
        assert [name for name in real if own & name] == []


def test_the_same_seed_draws_the_same_cast() -> None:
    one, other = PeopleGenerator(Random(3)), PeopleGenerator(Random(3))
    assert [one.person("zh") for _ in range(9)] == [other.person("zh") for _ in range(9)]
