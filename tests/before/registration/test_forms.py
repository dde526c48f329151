"""The forms: each error has a sentence, and the typed values are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration import choices
from hemicycle.before.registration.cleaned import Cleaned, NamedCoSigner
from hemicycle.before.registration.forms import MissionForm, StakeholderForm
from hemicycle.before.registration.registration_rules import Facts, facts_of
from tests.support.examples import examples

if TYPE_CHECKING:
    from tests.support.lists import World

type Typed = Callable[..., dict[str, Any]]


@pytest.fixture
def facts(world: World) -> Facts:
    return facts_of(world.hearing)


def errors(form: StakeholderForm | MissionForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in found] for name, found in form.errors.items()}


def test_a_whole_form_says_everything(facts: Facts, world: World, stakeholder: Typed) -> None:
    typed = stakeholder(
        name="  أمينة عثمان ",
        co_signer_1="Freedom Now",
        co_signer_1_email="free@example.org",
        question="Who pays?\r\nAnd when?",
        question_segment=str(world.panels[1].id),
        gender="woman",
        access_needs="Captions",
        eligibility="Since 2009",
        draft_key="d" * 43,
    )
    form = StakeholderForm(facts, typed)
    assert errors(form) == {}
    assert form.cleaned() == Cleaned(
        track="stakeholders",
        form_key=typed["form_key"],
        category=world.hearing.categories.get(key="civil-society").id,
        organization="River Watch",
        country="KE",
        name="أمينة عثمان",
        title="Director",
        email="amina@example.org",
        language="en",
        segments=(world.panels[0].id,),
        co_signers=(NamedCoSigner("Freedom Now", "free@example.org"),),
        access_needs="Captions",
        eligibility="Since 2009",
        gender="woman",
        consents_to_list=True,
        question="Who pays?\nAnd when?",
        question_segment=world.panels[1].id,
    )


def test_whoever_does_not_speak_asks_for_no_panel(facts: Facts, stakeholder: Typed) -> None:
    form = StakeholderForm(facts, stakeholder(wishes_to_intervene="no", co_signer_1="X"))
    assert errors(form) == {
        "co_signer_1_email": [
            "Enter an e-mail address where we can ask this organization for its consent."
        ]
    }
    form = StakeholderForm(facts, stakeholder(wishes_to_intervene="no"))
    assert form.is_valid()
    assert (form.cleaned().segments, form.cleaned().co_signers) == ((), ())


def test_an_empty_form_says_what_is_missing(facts: Facts) -> None:
    assert errors(StakeholderForm(facts, {})) == {
        "organization": ["Enter the name of the organization."],
        "country": ["Choose a country."],
        "category": ["Choose an option."],
        "name": ["Enter the name of the person."],
        "email": ["Enter the e-mail address for your personal link."],
        "language": ["Choose a language."],
        "wishes_to_intervene": ["Choose yes or no."],
    }


def test_a_wish_needs_a_panel(facts: Facts, stakeholder: Typed) -> None:
    form = StakeholderForm(facts, stakeholder(segment=""))
    assert errors(form) == {"segment": ["Choose the panel in which you wish to speak."]}


def test_300_characters_and_emoji_are_taken_and_401_are_refused(
    facts: Facts, stakeholder: Typed
) -> None:
    long = "👩🏽‍💻" + "ن" * 296
    form = StakeholderForm(facts, stakeholder(name=long))
    assert form.is_valid()
    assert form.cleaned().name == long
    form = StakeholderForm(facts, stakeholder(name="x" * 401))
    assert errors(form) == {"name": ["Use at most 400 characters. You have used 401."]}


def test_unseen_characters_are_told_and_the_field_comes_back_without_them(
    facts: Facts, stakeholder: Typed
) -> None:
    form = StakeholderForm(facts, stakeholder(name="Ana\0Maria"))
    sentence = (
        "This field had an invisible character (U+0000). We have removed it. Check the field and "
        "submit again."
    )
    assert errors(form) == {"name": [sentence]}
    assert form["name"].value() == "AnaMaria"


def test_an_address_that_is_none_is_told(facts: Facts, stakeholder: Typed) -> None:
    form = StakeholderForm(facts, stakeholder(email="amina at example"))
    sentence = "Enter an e-mail address in the format name@example.org."
    assert errors(form) == {"email": [sentence]}


def test_choices_of_another_hearing_are_refused(facts: Facts, stakeholder: Typed) -> None:
    form = StakeholderForm(
        facts, stakeholder(category="x", segment="y", country="ZZ", language="q")
    )
    assert set(errors(form)) == {"category", "segment", "country", "language"}


def test_co_signers_have_a_name_and_an_address_and_are_others(
    facts: Facts, stakeholder: Typed
) -> None:
    form = StakeholderForm(
        facts,
        stakeholder(
            co_signer_1="RIVER watch",
            co_signer_1_email="a@example.org",
            co_signer_2_email="b@example.org",
            co_signer_3="Hope",
            co_signer_3_email="c@example.org",
            co_signer_4="hope",
            co_signer_4_email="d@example.org",
        ),
    )
    again = "You have already entered this organization."
    assert errors(form) == {
        "co_signer_1": [again],
        "co_signer_2": ["Enter the name of the organization that uses this address."],
        "co_signer_4": [again],
    }


def test_a_mission_is_a_state_or_another_delegation(facts: Facts, mission: Typed) -> None:
    form = MissionForm(facts, mission())
    assert form.is_valid()
    assert (form.cleaned().organization, form.cleaned().country) == ("France", "FR")
    form = MissionForm(facts, mission(state="another", delegation="Holy See"))
    assert form.is_valid()
    assert (form.cleaned().organization, form.cleaned().country) == ("Holy See", "")
    form = MissionForm(facts, mission(state="another"))
    assert errors(form) == {"delegation": ["Enter the name of the delegation."]}
    form = MissionForm(facts, mission(delegation="Holy See"))
    sentence = "Choose a Member State or enter another delegation, not both."
    assert errors(form) == {"delegation": [sentence]}


def test_a_state_has_one_name_whatever_the_language_of_the_page(
    facts: Facts, mission: Typed
) -> None:
    with override("ar"):
        form = MissionForm(facts, mission())
        assert form.is_valid()
        assert form.cleaned().organization == "France"
        assert "فرنسا" in str(form["state"])


def test_a_mission_may_attend_only(facts: Facts, mission: Typed) -> None:
    form = MissionForm(facts, mission(segments=[]))
    assert errors(form) == {}
    assert (form.cleaned().segments, form.cleaned().co_signers) == ((), ())


def test_missions_co_sign_in_a_panel(facts: Facts, mission: Typed) -> None:
    joint = {"co_signer_1": "Kenya", "co_signer_1_email": "ke@example.org"}
    form = MissionForm(facts, mission(**joint))
    assert errors(form) == {}
    assert form.cleaned().co_signers == (NamedCoSigner("Kenya", "ke@example.org"),)
    form = MissionForm(facts, mission(segments=[], **joint))
    assert errors(form) == {"segments": ["Choose a panel in which the delegations speak jointly."]}
    form = MissionForm(facts, mission(**joint | {"co_signer_1": "France"}))
    assert errors(form) == {"co_signer_1": ["You have already entered this organization."]}


def test_a_hearing_without_a_list_asks_nobody_about_the_floor(
    world: World, stakeholder: Typed
) -> None:
    world.hearing.list_of_speakers = "none"
    world.hearing.save()
    form = StakeholderForm(facts_of(world.hearing), stakeholder())
    assert form.is_valid()
    assert form.cleaned().segments == ()
    assert form.co_signer_rows() == []


def test_forms_of_two_hearings_do_not_share_choices(world: World, facts: Facts) -> None:
    from hemicycle.hearing.setup.actions import convene
    from tests.support.lists import REFERENCE

    other = facts_of(convene(REFERENCE, slug="another", publish=True))
    pages = [str(StakeholderForm(known)["segment"]) for known in (facts, other)]
    for own, strange, page in ((facts, other, pages[0]), (other, facts, pages[1])):
        assert all(str(panel.id) in page for panel in own.panels)
        assert not any(str(panel.id) in page for panel in strange.panels)


@examples(30)
@given(st.dictionaries(st.sampled_from(sorted(StakeholderForm.base_fields)), st.text(), min_size=1))
def test_nothing_that_is_typed_breaks_the_form(
    facts: Facts, stakeholder: Typed, typed: dict[str, str]
) -> None:
    form = StakeholderForm(facts, stakeholder(**typed))
    if form.is_valid():
        form.cleaned()
    assert all(str(field) is not None for field in form)


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ru", "zh-hans"])
def test_every_country_and_language_has_a_name(language: str) -> None:
    with override(language):
        countries = dict(choices.countries())
        states = dict(choices.member_states())
        languages = dict(choices.languages(("en", "zh")))
    assert (len(countries) - 1, len(states) - 1) == (249, 193)  # ISO 3166-1, Member States
    assert len(languages) == 184  # ISO 639-1
    assert all([*countries.values(), *states.values(), *languages.values()])


def test_a_language_is_looked_for_among_the_hearings_then_the_six_then_all() -> None:
    codes = [code for code, _label in choices.languages(("pt", "en"))]
    assert codes[:7] == ["pt", "en", "ar", "zh", "zh-hans", "fr", "ru"]
    assert codes[7:10] == ["es", "ab", "aa"]
    assert len(codes) > 180
