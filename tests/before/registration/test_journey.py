"""Registering in a real browser: rows, drafts, receipt and proof; what only letters lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links, pending
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import Draft, PendingChange, Registration
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.before.registration.confirming import confirm_by_letter_shown
from tests.support.axe import barriers
from tests.support.browser import Pages
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


def fits(page: Page) -> bool:
    """Return whether the page fits the width of the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_participant_registers_and_checks_the_receipt(
    world: World, page: Page, pages: Pages
) -> None:
    pages.allow("422 POST")  # the form that is sent incomplete
    page.goto(address(world, "register"))
    _rows_of_co_signers(page)
    assert barriers(page) == []
    _draft(page)
    page.get_by_role("button", name="Submit registration").click()
    page.wait_for_url("**/received/**")
    assert Draft.objects.get().sent_to == "amina@example.org"  # the draft of the mailbox
    expect(page.get_by_text(Registration.objects.get().reference, exact=True)).to_be_visible()
    expect(page.locator(".receipt__place")).to_contain_text("1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the signed receipt").click()
    confirm_by_letter_shown(page)
    expect(page.locator(".receipt__place").first).to_contain_text("1")

    page.goto("/receipts/")
    page.get_by_label("Or the receipt as a file").set_input_files(download.value.path())
    page.get_by_role("button", name="Check receipt").click()
    expect(page.get_by_text("This receipt is valid.")).to_be_visible()
    assert barriers(page) == []
    assert "River Watch" not in page.content()


def _rows_of_co_signers(page: Page) -> None:
    """Add and remove rows of co-signers, and send the form, otherwise empty, by Enter."""
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
    expect(page.get_by_role("alert")).to_contain_text("Please correct 7 fields")
    expect(page.locator("[name=co_signer_1]")).to_have_value("Lake Watch")


def _draft(page: Page) -> None:
    """Fill in the form, which saves itself, and continue from the page of the saved draft."""
    fill_in(page)
    page.get_by_label("E-mail of organization 1").fill("lake@example.org")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Draft saved")
    assert Draft.objects.count() == 1
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Draft saved")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Continue in this browser").click()
    expect(page.get_by_label("Name of the person")).to_have_value("Amina Otieno")


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


def test_a_mission_inscribes(world: World, page: Page) -> None:
    page.goto(address(world, "inscribe"))
    page.get_by_role("radio", name="Member State").check()
    page.get_by_role("combobox", name="Member State").select_option("FR")
    page.get_by_label("Name of the person").fill("Claire Martin")
    page.get_by_label("E-mail address", exact=True).fill("claire@example.org")
    page.get_by_label("Panel 1").check()
    page.get_by_label("Panel 2").check()
    page.get_by_role("button", name="Inscribe delegation").click()
    expect(page.locator(".receipt__place")).to_have_count(2)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_long_names_fit_every_screen_without_barriers(
    world: World, site: Site, pages: Pages, language: str
) -> None:
    """Each participant's page; for barriers, those that no link leads to, only a letter or form."""
    row = world.ngo(LONG, 0, speaker=LONG[::-1], co_signers=("Hope" * 60,))
    pending.ask(
        registration=row,
        kind=PendingChange.Kind.EMAIL,
        email="new@example.org",
        actor=actor_of(row),
    )
    waiting = world.ngo(LONG, 0, confirmed=False)
    change = re.search(r"/change/\S+", Message.objects.get(address="new@example.org").body)
    assert change
    secret = links.secret_of(row)
    linked = [
        *(address(world, part) for part in ("take-part", "chain")),
        *(f"/my/{secret}/{part}" for part in ("", "details/", "replace/", "withdraw/")),
        *("/receipts/", "/my/"),
    ]
    lettered = [
        *(address(world, part) for part in ("register", "inscribe")),
        f"/received/{links.receipt_secret(row)}/",
        f"/confirm/{links.confirmation_secret(waiting)}/",
        f"/co-sign/{links.derive(row.co_signers.get().id, 1)}/",
        change[0],
    ]
    page = pages.open(base_url=site.url, locale=language)
    for shown in linked + lettered:
        page.goto(shown)
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        _look(page, shown, searched=language == "en" and shown in lettered)
    page.goto(f"/my/{secret}/erase/")
    page.locator("[name=sure]").check()
    page.locator("main form .btn").first.click()
    expect(page.locator("[name=sure]")).to_have_count(0)
    _look(page, "erased", searched=language == "en")


def _look(page: Page, shown: str, *, searched: bool) -> None:
    """Check that the page fits all widths, and search it for barriers on a phone."""
    for width in (1920, 1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), (shown, width)
    assert not searched or barriers(page) == [], shown


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
