"""Registering in a real browser: receipt and proof, missions, co-signers, drafts and erasure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links, mission_list
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import CoSigner, Draft, Registration
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.mail.outgoing import invited
from hemicycle.mail.outgoing import lists as distribution
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.confirming import confirm_by_letter_shown
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Ana María de los Ángeles " * 12


EMAIL = re.compile(r"^E-mail address( \(optional\))?$")
"""The label on the form of a participant and on that of the office."""


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """A hearing in two months by the real clock, which the site uses."""
    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        yield world


def address(world: World, part: str) -> str:
    return f"/h/{world.hearing.slug}/{part}/"


def fill_in(page: Page, name: str = "Amina Otieno") -> None:
    page.get_by_label("Organization", exact=True).fill("River Watch")
    page.get_by_label("Country where it is based").select_option("KE")
    page.get_by_label("Invited civil society organization").check()
    page.get_by_label("Name of the person").fill(name)
    page.get_by_label(EMAIL).fill("amina@example.org")
    page.get_by_label("Yes, I wish to intervene").check()
    page.get_by_label("Panel 1").first.check()


def on_file(world: World, mission: str, *addresses: str) -> None:
    """Put a mission's addresses on the secretariat's list of missions."""
    lines = [mission_list.MissionLine(mission, address) for address in addresses]
    mission_list.add(hearing=world.hearing, lines=lines, actor=world.office)


def fits(page: Page) -> bool:
    """Return whether the page fits the width of the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_register_then_receipt_then_proof(world: World, page: Page, pages: Pages) -> None:
    pages.allow("422 POST")  # the form that is sent empty
    page.goto(address(world, "register"))
    assert barriers(page) == []
    page.get_by_role("button", name="Submit registration").click()
    expect(page.get_by_role("alert")).to_contain_text("Please correct 6 fields")
    assert barriers(page) == []
    fill_in(page)
    page.get_by_text("Speak jointly with other organizations").click()
    page.locator("[name=co_signer_1]").fill("Hope")
    page.get_by_label("E-mail of organization 1").fill("hope@example.org")
    page.get_by_role("button", name="Submit registration").click()

    page.wait_for_url("**/received/**")
    assert barriers(page) == []
    row = Registration.objects.get()
    expect(page.get_by_text(row.reference, exact=True)).to_be_visible()
    expect(page.locator(".receipt__place")).to_contain_text("1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the signed receipt").click()

    page.get_by_role("link", name="Check a receipt").click()
    page.get_by_label("Or the receipt as a file").set_input_files(download.value.path())
    page.get_by_role("button", name="Check receipt").click()
    expect(page.get_by_text("This receipt is valid.")).to_be_visible()
    assert barriers(page) == []
    assert "River Watch" not in page.content()


def test_rows_of_co_signers_come_and_go_and_enter_sends_the_form(
    world: World, page: Page, pages: Pages
) -> None:
    pages.allow("422 POST")  # the rest of the form is empty
    page.goto(address(world, "register"))
    page.get_by_label("Yes, I wish to intervene").check()
    page.get_by_text("Speak jointly with other organizations").click()
    rows = page.locator("[data-row]:visible")
    expect(rows).to_have_count(1)
    page.locator("[name=co_signer_1]").fill("Hope")
    page.get_by_role("button", name="Add an organization").click()
    expect(page.locator("[name=co_signer_2]")).to_be_focused()
    page.locator("[name=co_signer_2]").fill("Lake Watch")
    rows.nth(0).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(1)
    expect(page.locator("[name=co_signer_1]")).to_have_value("Lake Watch")
    page.locator("[name=co_signer_1]").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Please correct")
    expect(page.locator("[name=co_signer_1]")).to_have_value("Lake Watch")


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(world: World, page: Page) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    page.goto(f"/my/{links.secret_of(row)}/statement/")
    file = page.get_by_label("File", exact=True)
    file.evaluate("field => { field.dataset.mostBytes = 3; }")
    file.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"four"})
    expect(page.get_by_role("alert")).to_contain_text("PDF, DOCX, ODT or plain text, up to 20 MB.")
    expect(file).to_have_value("")
    file.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"two"})
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_draft_saves_itself_and_is_gone_once_sent(world: World, page: Page) -> None:
    page.goto(address(world, "register"))
    fill_in(page)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Draft saved")
    assert Draft.objects.count() == 1
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Continue in this browser").click()
    expect(page.get_by_label("Name of the person")).to_have_value("Amina Otieno")
    page.get_by_role("button", name="Submit registration").click()
    page.wait_for_url("**/received/**")
    assert Draft.objects.get().sent_to == "amina@example.org"  # the draft of the mailbox
    assert Registration.objects.count() == 1


def test_a_draft_goes_on_in_another_browser_by_its_letter(
    world: World, site: Site, page: Page, pages: Pages
) -> None:
    pages.allow("422 POST")  # the form has no e-mail address
    page.goto(address(world, "register"))
    page.get_by_label("Name of the person").fill("Amina Otieno")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Please correct 1 field")
    page.get_by_label("E-mail address", exact=True).fill("amina@example.org")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Draft saved")).to_be_visible()
    assert barriers(page) == []
    link = page.get_by_role("link", name=re.compile("draft=")).get_attribute("href")
    assert link is not None
    other = pages.open(base_url=site.url)
    other.goto(link)
    expect(other.get_by_label("Name of the person")).to_have_value("Amina Otieno")
    assert "draft=~" in other.url


def test_without_scripts(world: World, site: Site, pages: Pages) -> None:
    page = pages.open(base_url=site.url, java_script_enabled=False)
    page.goto(address(world, "register"))
    fill_in(page)
    page.get_by_role("button", name="Submit registration").click()
    confirm_by_letter_shown(page)
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("The whole registration").check()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The withdrawal has been recorded.")).to_be_visible()
    assert Registration.objects.get().status == Registration.Status.WITHDRAWN


def test_a_mission_inscribes_and_replaces_its_speaker(world: World, page: Page) -> None:
    on_file(world, "France", "claire@example.org")
    page.goto(address(world, "inscribe"))
    assert barriers(page) == []
    page.get_by_role("radio", name="Member State").check()
    page.get_by_role("combobox", name="Member State").select_option("FR")
    page.get_by_label("Name of the person").fill("Claire Martin")
    page.get_by_label("E-mail address", exact=True).fill("claire@example.org")
    page.get_by_label("Panel 1").check()
    page.get_by_label("Panel 2").check()
    page.get_by_role("button", name="Inscribe delegation").click()
    expect(page.locator(".receipt__place")).to_have_count(2)

    confirm_by_letter_shown(page)
    expect(page.get_by_role("link", name="Go to my seat")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Replace the speaker").click()
    page.get_by_label("Name of the person who will speak instead").fill("Léa Petit")
    page.get_by_label("E-mail address").fill("lea@example.org")
    page.get_by_role("button", name="Ask the new speaker").click()
    expect(page.get_by_role("heading", name="We have asked the new speaker")).to_be_visible()
    assert Registration.objects.get().person.name == "Claire Martin"
    asked = Message.objects.get(address="lea@example.org").body
    page.goto(f"/change/{asked.partition('/change/')[2].split()[0]}")
    assert barriers(page) == []
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Léa Petit")).to_be_visible()
    assert Registration.objects.get().person.name == "Léa Petit"


def inscribe_france(page: Page, email: str) -> None:
    page.get_by_role("radio", name="Member State").check()
    page.get_by_role("combobox", name="Member State").select_option("FR")
    page.get_by_label("Name of the person").fill("Claire Martin")
    page.get_by_label("E-mail address", exact=True).fill(email)
    page.get_by_label("Panel 1").check()
    page.get_by_role("button", name="Inscribe delegation").click()


def test_an_applicant_confirms_by_mailbox_and_the_place_is_kept(world: World, page: Page) -> None:
    page.goto(address(world, "register"))
    fill_in(page)
    page.get_by_role("button", name="Submit registration").click()
    expect(
        page.get_by_role("heading", name="Registration received: now confirm your place")
    ).to_be_visible()
    expect(page.get_by_text("no e-mail is sent")).to_be_visible()
    page.get_by_role("link", name="Open the link in the e-mail").click()
    expect(page.get_by_text("place 1 by order of arrival")).to_be_visible()
    assert barriers(page) == []
    assert Registration.objects.get().confirmed_at is None  # opening the page confirms nothing
    page.get_by_role("button", name="Confirm").click()
    expect(
        page.get_by_text("Your registration is confirmed. This is your personal page.")
    ).to_be_visible()
    expect(page.locator(".receipt__place").first).to_contain_text("1")
    assert barriers(page) == []
    assert Registration.objects.get().confirmed_at is not None


def test_a_mission_inscribes_by_the_link_in_its_invitation(world: World, page: Page) -> None:
    made = distribution.make(
        hearing=world.hearing, name="Missions", of_missions=True, actor=world.office
    )
    line = made.lines.get(country="FR")
    line.address = "france@example.org"
    distribution.put(recipients=made, line=line, actor=world.office)
    page.goto(urlsplit(invited.url(world.hearing, line))._replace(scheme="", netloc="").geturl())
    expect(page.get_by_role("combobox", name="Member State")).to_have_value("FR")
    page.get_by_label("Name of the person").fill("Claire Martin")
    page.get_by_label("E-mail address", exact=True).fill("claire@elsewhere.example")
    page.get_by_label("Panel 1").check()
    page.get_by_role("button", name="Inscribe delegation").click()
    confirm_by_letter_shown(page)
    expect(page.get_by_role("link", name="Go to my seat")).to_be_visible()
    assert Registration.objects.get().vouched_by == Registration.Vouch.INVITATION


def test_an_impostor_gets_nowhere_and_the_mission_is_told(
    world: World, site: Site, pages: Pages
) -> None:
    on_file(world, "France", "france@example.org")
    impostor = pages.open(base_url=site.url)
    impostor.goto(address(world, "inscribe"))
    inscribe_france(impostor, "impostor@elsewhere.example")
    confirm_by_letter_shown(impostor)
    expect(impostor.get_by_text("We do not know this as an address of the mission")).to_be_visible()
    expect(impostor.get_by_role("link", name="Go to my seat")).to_have_count(0)
    letters = Message.objects.filter(address="france@example.org")
    assert ["could not verify" in letter.subject for letter in letters] == [True]

    mission = pages.open(base_url=site.url)
    mission.goto(address(world, "inscribe"))
    inscribe_france(mission, "france@example.org")
    confirm_by_letter_shown(mission)
    expect(mission.get_by_role("link", name="Go to my seat")).to_be_visible()
    called = list_of_speakers(world.panels[0])
    assert [line.inscription.registration.person.email for line in called] == ["france@example.org"]


def test_a_co_signer_consents(world: World, page: Page) -> None:
    asked = world.ngo("River Watch", 0, co_signers=("Hope",)).co_signers.get()
    page.goto(f"/co-sign/{links.derive(asked.id, 1)}/")
    assert barriers(page) == []
    page.get_by_role("button", name="Agree").click()
    expect(page.locator(".badge")).to_contain_text("consented")
    assert CoSigner.objects.get().state == CoSigner.State.CONSENTED


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_long_names_fit_every_screen(
    world: World, site: Site, pages: Pages, width: int, language: str
) -> None:
    row = world.ngo(LONG, 0, speaker=LONG[::-1], co_signers=("Hope" * 60,))
    page = pages.open(base_url=site.url, locale=language, viewport={"width": width, "height": 900})
    secret = links.secret_of(row)
    addresses = [
        *(address(world, part) for part in ("take-part", "register", "inscribe", "chain")),
        *(f"/my/{secret}/{part}" for part in ("", "details/", "replace/", "withdraw/")),
        f"/received/{links.receipt_secret(row)}/",
        f"/co-sign/{links.derive(row.co_signers.get().id, 1)}/",
        "/receipts/",
        "/my/",
    ]
    for shown in addresses:
        page.goto(shown)
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        assert fits(page), shown


def test_a_participant_erases_their_data_and_sees_it_done(
    world: World, page: Page, pages: Pages
) -> None:
    pages.allow("422 POST")  # the box is not ticked
    pages.allow("410 ")  # the personal link, after the erasure
    row = world.ngo("River Watch", 0, speaker="Amina Otieno")
    path = f"/my/{links.secret_of(row)}/"
    page.goto(path)
    page.get_by_role("link", name="Erase my data").click()
    assert barriers(page) == []
    expect(page.get_by_role("heading", name="What stays")).to_be_visible()
    page.get_by_role("button", name="Erase my data permanently").click()
    expect(page.get_by_role("alert")).to_contain_text("Please correct 1 field")
    page.get_by_label("I understand that this cannot be undone.").check()
    page.get_by_role("button", name="Erase my data permanently").click()
    expect(page.get_by_role("heading", name="Your data has been erased")).to_be_visible()
    assert barriers(page) == []
    assert "Amina Otieno" not in page.content()
    page.get_by_role("link", name="What is kept, and why").click()
    expect(page.get_by_role("heading", name="Personal data", exact=True)).to_be_visible()
    assert barriers(page) == []
    assert fits(page)
    page.goto(path)
    expect(page.get_by_role("heading", name="This link is not valid")).to_be_visible()


def test_going_back_and_pressing_again_does_nothing_twice(
    world: World, page: Page, pages: Pages, site: Site
) -> None:
    """Test three forms: a participant's, the office's for another person, and one for decisions."""
    pages.allow("422 POST")  # some browsers forget what was typed, and send an empty form
    pages.allow("409 POST")  # others send the same fields with another key
    page.goto(address(world, "register"))
    fill_in(page)
    send = page.get_by_role("button", name="Submit registration")
    send.click()
    page.wait_for_url("**/received/**")
    page.go_back()
    if not page.get_by_label("Name of the person").input_value():
        fill_in(page)
    send.click()
    said = page.get_by_text(re.compile("have not registered you twice|is already registered for"))
    expect(said.first).to_be_visible()
    row = Registration.objects.get()

    office = office_page(world, site, pages)
    detail = f"/office/{world.hearing.slug}/registrations/{row.pk}/"
    confirm(registration=row)
    accept = office.get_by_role("button", name="Accept", exact=True)
    office.goto(detail)
    accept.click()
    expect(office.get_by_text("1 registration decided.")).to_be_visible()
    office.go_back()
    letters = Message.objects.count()
    accept.click()
    expect(office.get_by_text("the same decision had already been made")).to_be_visible()
    assert Message.objects.count() == letters

    office.goto(f"/office/{world.hearing.slug}/registrations/add/stakeholders/")
    fill_in(office, "Bo Adeyemi")
    office.get_by_label(EMAIL).fill("")
    office.get_by_label("telephone").check()
    enter = office.locator("main form .form__actions button.btn--primary")
    enter.click()
    office.wait_for_url(re.compile(r"/registrations/[0-9a-f-]{36}/$"))
    office.go_back()
    enter.click()
    office.wait_for_load_state()
    assert Registration.objects.count() == 2
