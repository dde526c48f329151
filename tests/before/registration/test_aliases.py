"""Aliases of participants and co-signers: who sets them, which are refused, and their effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from hemicycle.before.registration import aliases, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.forms import MissionForm, StakeholderForm
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.hearing.people.public_identity import name_words
from hemicycle.hearing.setup.aliases import set_alias as set_member_alias
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from tests.support.axe import barriers
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from tests.support.browser import Pages
    from tests.support.lists import World
    from tests.support.site import Site

pytestmark = pytest.mark.any_database


def called(registration: Registration, alias: str) -> Registration:
    """Set an alias as the registered person, and return the registration."""
    return aliases.set_alias(registration=registration, alias=alias, actor=actor_of(registration))


def refused(registration: Registration, alias: str) -> str:
    """Return the sentence with which an alias is refused."""
    with pytest.raises(RegistrationRefused) as raised:
        called(registration, alias)
    registration.refresh_from_db()
    assert (registration.alias, raised.value.field) == ("", "alias")
    return raised.value.sentence


@pytest.mark.parametrize("track", ["mission", "ngo"])
def test_an_alias_is_set_changed_and_taken_away(world: World, track: str) -> None:
    row = getattr(world, track)("Estmere", 0, consents_to_list="yes", accepted=True)
    shown = []
    for alias in ("Voice A", "Voice B", ""):
        called(row, alias)
        (line,) = list_of_speakers(world.panels[0])
        shown.append((line.public_organization, line.public_speaker))
    assert shown == [("Voice A", ""), ("Voice B", ""), ("Estmere", "Speaker of Estmere")]
    entries = Entry.objects.filter(kind="registration.public_name").order_by("seq")
    assert [entry.fields()["alias"] for entry in entries] == [True, True, False]
    assert "Voice" not in "".join(entry.body for entry in Entry.objects.all())


def test_the_person_is_told_who_sees_what(world: World) -> None:
    row = world.ngo("River Watch", 0)
    called(row, "Voice A")
    told = Message.objects.get(person=row.person, subject__contains="your public name")
    assert "the public sees “Voice A”" in told.body
    assert "The secretariat sees your real name" in told.body


@pytest.mark.parametrize(
    "alias",
    [
        *("Estmere", "ESTMERE", "Ｅｓｔｍｅｒｅ", "estmere!", "Speaker of Estmere"),
        *("of Speaker, Estmere", "Voice É", "voice e", "Ana Secretary", "Hope"),
    ],
)
def test_a_name_or_alias_of_somebody_at_the_hearing_is_refused(world: World, alias: str) -> None:
    world.mission("Estmere", 0)
    world.ngo("Safe Harbour", 0, alias="Voice É", co_signers=("Hope",))
    assert "Someone at this hearing already has this name" in refused(world.ngo("X Y", 0), alias)


def test_panellists_are_among_those_whose_names_are_taken(world: World) -> None:
    member = world.panels[0].members.all()[0]
    set_member_alias(hearing=world.hearing, member=member, alias="Voice P", actor=world.office)
    row = world.ngo("River Watch", 0)
    for alias in (member.name, "voice p"):
        assert "already has this name" in refused(row, alias)


@pytest.mark.parametrize(
    ("alias", "why"),
    [
        ("River Watch", "contains the real name"),
        ("A friend of river watch", "contains the real name"),
        ("Amina from elsewhere", ""),
        ("Otieno, Amina!", "contains the real name"),
        ("—", "must have letters or digits"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_an_alias_does_not_name_its_bearer(world: World, alias: str, why: str) -> None:
    row = world.ngo("River Watch", 0, speaker="Amina Otieno")
    if why:
        assert why in refused(row, alias)
    else:
        assert called(row, alias).alias == alias


def test_names_are_compared_by_their_words() -> None:
    assert name_words("  Ána-María  ") == name_words("MARIA ana")
    assert name_words("أحمد  الأحمد") == name_words("الأحمد، أحمد")
    assert name_words("王小明") != name_words("王小")
    assert name_words(" – ") == frozenset()


@pytest.mark.parametrize(
    ("alias", "is_refused"),
    [("Estmere", True), ("Voice A", True), ("Safe Harbour", False), ("River Watch", True)],
)
def test_the_open_form_tells_nobody_who_is_hidden(
    world: World, alias: str, is_refused: bool
) -> None:
    """A name in public use is refused at once; a hidden one, only once the mailbox is confirmed."""
    world.mission("Estmere", 0)
    world.ngo("Safe Harbour", 0, alias="Voice A")
    form = StakeholderForm(
        facts_of(world.hearing), {"alias": alias, "organization": "River Watch", "name": "A B"}
    )
    assert not form.is_valid()
    assert ("alias" in form.errors) is is_refused
    row = world.ngo("River Watch", 0)
    assert refused(row, "Safe Harbour")


def test_a_mission_may_begin_under_an_alias(world: World) -> None:
    form = MissionForm(facts_of(world.hearing), {"alias": "Delegate Seven", "state": "EE"})
    assert not form.is_valid()
    assert (form.cleaned_data["alias"], "alias" in form.errors) == ("Delegate Seven", False)
    named = MissionForm(facts_of(world.hearing), {"alias": "Delegate of Estonia", "state": "EE"})
    assert "alias" in named.errors


def test_whoever_no_longer_takes_part_has_no_name_to_change(world: World) -> None:
    row = world.ngo("River Watch", 0)
    Registration.objects.filter(pk=row.pk).update(status=Registration.Status.WITHDRAWN)
    with pytest.raises(RegistrationRefused):
        called(row, "Voice A")
    page = Client().get(f"/my/{links.secret_of(row)}/public-name/")
    assert "no longer valid" in page.text


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────
def test_the_office_sets_an_alias_and_sees_both_names(world: World) -> None:
    row = world.ngo("River Watch", 0)
    client, where = world.client(), ("registration:detail", (world.hearing.slug, row.pk))
    address = reverse("registration:alias", args=where[1])
    wrong = client.post(address, {"alias": "River Watch"})
    assert (wrong.status_code, "contains the real name" in wrong.text) == (422, True)
    assert client.post(address, {"alias": "Voice A"}).status_code == 302
    page = client.get(reverse(where[0], args=where[1]))
    assert "Voice A" in page.text
    assert "River Watch" in page.text
    assert client.post(address).status_code == 422  # an empty form removes no alias
    assert Registration.objects.get(pk=row.pk).alias == "Voice A"


def test_a_co_signer_has_one_alias_wherever_it_joins(world: World) -> None:
    asks: dict[str, Any] = {"co_signers": ("Hope",), "consents_to_list": "yes", "accepted": True}
    speakers = [world.ngo(name, 0, **asks) for name in "AB"]
    CoSigner.objects.update(state=CoSigner.State.CONSENTED)
    page = f"/co-sign/{links.derive(speakers[0].co_signers.get().id, 1)}/"
    client = Client()
    wrong = client.post(page, {"alias": "Hope"})
    assert (wrong.status_code, "contains the real name" in wrong.text) == (422, True)
    assert client.post(page, {"alias": "A friend"}).status_code == 302
    joined = [line.public_joined_by for line in list_of_speakers(world.panels[0])]
    assert joined == [["A friend"], ["A friend"]]
    assert "A friend" in client.get(page).text
    office = reverse(
        "registration:co-signer-alias",
        args=(world.hearing.slug, speakers[1].co_signers.get().pk),
    )
    world.client().post(office, {"alias": ""})
    assert set(CoSigner.objects.values_list("alias", flat=True)) == {""}


def test_whoever_is_asked_to_join_is_not_told_the_name_behind_an_alias(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A", co_signers=("Hope",))
    page = Client().get(f"/co-sign/{links.derive(row.co_signers.get().id, 1)}/")
    assert "Voice A asks you to join" in page.text
    assert "River Watch" not in page.text


# ── In a browser ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def ahead(transactional_db: None) -> Iterator[World]:
    """A hearing in two months by the real clock, which the site uses."""
    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        yield world


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_person_hides_behind_an_alias_from_their_page(
    ahead: World, site: Site, pages: Pages
) -> None:
    row = ahead.ngo("River Watch", 0, speaker="Amina Otieno", consents_to_list="yes")
    page = pages.open(base_url=site.url)
    page.goto(f"/my/{links.secret_of(row)}/")
    panel = page.get_by_role("region", name="Who can see what about you")
    expect(panel).to_contain_text("Amina Otieno")
    panel.get_by_role("link", name="Appear under an alias").click()
    pages.allow("422")
    page.get_by_label("Alias").fill("river watch")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Alias")).to_have_value("river watch")
    expect(page.get_by_text("contains the real name").first).to_be_visible()
    page.get_by_label("Alias").fill("Voice A")
    page.get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("Voice A")
    expect(panel).not_to_contain_text("Amina")
    for width in (1920, 1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert barriers(page) == []


def test_the_panel_is_there_in_arabic(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    page = Client(headers={"accept-language": "ar"}).get(f"/my/{links.secret_of(row)}/")
    assert re.search(r'lang="ar"', page.text)
    assert "Who can see what about you" not in page.text
    assert "Voice A" in page.text


def test_a_member_of_two_panels_has_one_alias_in_both(world: World) -> None:
    first = world.panels[0].members.all()[0]
    second = PanelMember.objects.create(
        segment=world.panels[1], role=first.role, name=first.name, ordinal=99
    )
    set_member_alias(hearing=world.hearing, member=second, alias="Voice P", actor=world.office)
    shown = [row.public.name for row in PanelMember.objects.filter(pk__in=[first.pk, second.pk])]
    assert shown == ["Voice P", "Voice P"]


def test_a_co_signer_is_told_what_the_public_sees(world: World) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",), accepted=True)
    co_signer = row.co_signers.get()
    CoSigner.objects.update(state=CoSigner.State.ASKED)
    for alias in ("A Friend", "A Friend", ""):
        aliases.set_co_signer_alias(co_signer=co_signer, alias=alias, actor=world.office)
    told = Message.objects.filter(
        address=co_signer.email, subject__contains="the public name of your organization"
    )
    bodies = "\n".join(message.body for message in told)
    assert len(told) == 2
    assert "the public sees “A Friend” instead of your organization’s name" in bodies
    assert "the public sees “Hope” instead of your organization’s name" in bodies
    assert bodies.count(f"/co-sign/{links.derive(co_signer.id, 1)}/") == 2


def test_the_organization_behind_an_alias_goes_with_the_person(world: World) -> None:
    hidden, open_ = called(world.ngo("Safe Harbour", 0), "Voice A"), world.ngo("River Watch", 0)
    for row in (hidden, open_):
        erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
        row.refresh_from_db()
    kept = hidden.organization
    assert (kept.name, kept.country, kept.website) == ("–", "", "")
    keys = (hidden.organization_key, hidden.loose_key, kept.name_key)
    assert not any("harbour" in key for key in keys)
    assert open_.organization.name == "River Watch"
