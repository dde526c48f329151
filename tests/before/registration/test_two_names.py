"""An organization's name in two languages: the form, who sees which, search, alias, and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from hemicycle.before.registration import aliases, public_words, search
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.forms import MissionForm, StakeholderForm
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.people.models import Organization
from hemicycle.meeting.state.display_names import display_names
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from hemicycle.ui import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lists import World

pytestmark = pytest.mark.any_database

CHINESE, ENGLISH = "河流守望社", "River Watch Society"


@pytest.fixture
def named(world: World) -> Registration:
    """A Chinese organization on the list of speakers, with its name in Chinese and in English."""
    return world.ngo(
        CHINESE,
        0,
        accepted=True,
        consents_to_list="yes",
        organization_language="zh",
        other_names={"en": ENGLISH},
    )


def test_the_form_asks_for_a_second_name_and_both_languages(
    world: World, stakeholder: Callable[..., dict[str, Any]]
) -> None:
    facts = facts_of(world.hearing)
    two = {"organization": CHINESE, "other_name": ENGLISH}
    bare = StakeholderForm(facts, stakeholder(**two))
    assert dict(bare.errors) == {
        "organization_language": ["Choose a language."],
        "other_name_language": ["Choose a language."],
    }
    same = {"organization_language": "zh", "other_name_language": "zh"}
    form = StakeholderForm(facts, stakeholder(**two, **same))
    assert dict(form.errors) == {"other_name_language": ["Choose another language here."]}
    form = StakeholderForm(facts, stakeholder(**two, **same | {"other_name_language": "en"}))
    assert form.is_valid()
    cleaned = form.cleaned()
    assert (cleaned.organization, cleaned.organization_language) == (CHINESE, "zh")
    assert cleaned.other_names == {"en": ENGLISH}
    alias = {**two, **same, "other_name_language": "en", "alias": "river watch society"}
    assert list(StakeholderForm(facts, stakeholder(**alias)).errors) == ["alias"]


def test_a_state_is_named_in_the_readers_language(
    world: World, mission: Callable[..., dict[str, Any]]
) -> None:
    form = MissionForm(facts_of(world.hearing), mission(state="RU"))
    assert form.is_valid()
    cleaned = form.cleaned()
    assert (cleaned.organization, cleaned.organization_language) == ("Russian Federation", "en")
    assert cleaned.other_names["zh"] == "俄罗斯联邦"
    assert sorted(cleaned.other_names) == ["ar", "es", "fr", "ru", "zh"]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh-hans", f"<bdi>{CHINESE}</bdi>"),
        ("en", f"<bdi>{ENGLISH}</bdi>"),
        ("ar", f'<bdi><span lang="zh" dir="ltr">{CHINESE}</span></bdi>'),
    ],
)
def test_the_public_list_shows_the_name_for_the_reader(
    world: World, named: Registration, language: str, shown: str
) -> None:
    world.hearing.public_list = True
    world.hearing.save(update_fields=["public_list"])
    address = reverse("speakers:public", kwargs={"slug": world.hearing.slug})
    page = Client().get(address, {"lang": language}, follow=True)
    assert shown in page.content.decode()


def test_screens_of_all_languages_get_both_names_in_one_frame(
    world: World, named: Registration
) -> None:
    slot = world.inscription(named).id.hex
    world.open_panel()
    floor = floor_of(world.panels[0].meeting_id)
    with override("fr"):
        name = display_names([floor.slots[slot]])[slot]
        data = {name: words.Words.of(name, "en", {}, "fr") for name in ("Rivers", "Lakes")}
        told = words.dictionary({**data, "organization": name.organization})
    assert told["language"] == "en"
    assert told["languages"] == {CHINESE: "zh"}
    assert told["texts"][CHINESE] == {"en": ENGLISH}


def test_the_office_finds_it_by_either_name(world: World, named: Registration) -> None:
    for asked in (CHINESE, "river watch"):
        wanted = search.RegistrationFilters(words=asked)
        assert list(search.find(world.hearing, wanted)) == [named]


def test_an_alias_replaces_both_names_and_may_be_neither(world: World, named: Registration) -> None:
    for own in (CHINESE, ENGLISH):
        with pytest.raises(RegistrationRefused):
            aliases.set_alias(registration=named, alias=own, actor=actor_of(named))
    row = aliases.set_alias(registration=named, alias="Voice B", actor=actor_of(named))
    for language in ("zh-hans", "en", "ar"):
        with override(language):
            assert row.public_organization == "Voice B"
    said = f"{ENGLISH} thanks you. {CHINESE}感谢各位。"
    assert public_words.public_text(row, said) == "Voice B thanks you. Voice B感谢各位。"
    assert public_words.without_names(world.hearing.pk, said) == public_words.public_text(row, said)
    other = world.ngo("Lake Watch", 0)
    with pytest.raises(RegistrationRefused):
        aliases.set_alias(registration=other, alias=ENGLISH, actor=actor_of(other))


def test_erasure_forgets_both_names_of_whom_an_alias_hid(world: World, named: Registration) -> None:
    aliases.set_alias(registration=named, alias="Voice B", actor=actor_of(named))
    erasure.erase(hearing=world.hearing.pk, person=named.person_id, actor=world.office)
    row = Organization.objects.get(pk=named.organization_id)
    assert (row.names, row.original_language, row.translations) == (("–",), "", {})
