"""Nobody in a rehearsal exists, and no two are the same."""

import unicodedata
from random import Random

from hemicycle.mail.outgoing.missions import MEMBERS
from hemicycle.site.rehearsal.people import PeopleGenerator
from hemicycle.site.rehearsal.speech import LANGUAGES


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
    assert sorted(people.state() for _ in range(193)) == sorted(MEMBERS)
    assert people.state() == ""


def test_delegations_speak_a_language_of_their_state_that_is_interpreted() -> None:
    people = PeopleGenerator(Random(1))
    spoken = {state: people.language_of(state) for state in ("SN", "PE", "EG", "BY", "JP")}
    assert spoken == {"SN": "fr", "PE": "es", "EG": "ar", "BY": "ru", "JP": "en"}


def test_the_same_seed_draws_the_same_cast() -> None:
    one, other = PeopleGenerator(Random(3)), PeopleGenerator(Random(3))
    assert [one.person("zh") for _ in range(9)] == [other.person("zh") for _ in range(9)]
