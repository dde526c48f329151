"""Evidence, approval, objection and decisions in a browser, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.accreditation.models import Approval
from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Category
from hemicycle.mail.outgoing.models import Message
from tests.before.accreditation.people import frozen, named
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def soon(transactional_db: None) -> Iterator[World]:
    """The reference hearing, which takes place in eleven days."""
    with reference_world(datetime.now(UTC).date() + timedelta(days=11)) as world:
        world.accepts = False
        yield world


def test_evidence_approval_and_objection_by_keyboard(soon: World, site: Site, pages: Pages) -> None:
    """An applicant, a focal point and a mission on a phone, and the office."""
    Category.objects.filter(key="civil-society").update(
        evidence="Number of consultative status", focal_point=True, no_objection=True
    )
    named(soon)
    soon.mission("Estmere")
    applicant = soon.ngo("Open Doors", 0, speaker="Ana Lima")
    phone = pages.open(base_url=site.url, viewport=PHONE)
    phone.goto(f"/my/{links.secret_of(applicant)}/")
    expect(phone.get_by_text("The focal point has been asked.")).to_be_visible()
    phone.locator("#next").get_by_role("link", name="Add evidence").press("Enter")
    phone.get_by_label("Number of consultative status").fill("E-1234")
    assert barriers(phone) == []
    phone.get_by_role("button", name="Add evidence").press("Enter")
    expect(phone.get_by_text("E-1234")).to_be_visible()

    phone.goto(f"/approve/{links.derive(Approval.objects.get().id, 1)}/")
    expect(phone.get_by_text("E-1234")).to_be_visible()
    assert barriers(phone) == []
    phone.get_by_role("button", name="I approve").press("Enter")
    expect(phone.get_by_text("You have approved this registration.")).to_be_visible()

    frozen(soon)
    office = office_page(soon, site, pages)
    office.goto(f"/office/{soon.hearing.slug}/review/no-objection/1/")
    office.get_by_role("link", name="Circulate").press("Enter")
    expect(office.get_by_role("heading", name="Recipients")).to_be_visible()
    assert barriers(office) == []
    office.get_by_role("button", name="Circulate").press("Enter")
    expect(office.get_by_text("1 mission gets a letter.")).to_be_visible()
    _object(phone, pages)
    office.reload()
    expect(office.get_by_text("Not known to us.")).to_be_visible()
    office.get_by_text("Enter an objection").press("Enter")
    assert barriers(office) == []
    office.get_by_placeholder("Reason for the decision").fill("Cleared up with the mission.")
    office.get_by_role("button", name="Set aside").press("Enter")
    expect(office.get_by_text("The objection has been settled.")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("set aside")).to_be_visible()


def _object(phone: Page, pages: Pages) -> None:
    """Object by the link in the mission's letter, at first without a reason."""
    letter = Message.objects.get(purpose="no-objection")
    link = next(word for word in letter.body.split() if "/no-objection/" in word)
    pages.allow("422 ")  # the reason is missing
    phone.goto(urlsplit(link).path)
    expect(phone.get_by_text("Anyone who has this link can object in its name")).to_be_visible()
    phone.get_by_role("link", name="Object Open Doors").press("Enter")
    phone.get_by_role("button", name="Submit objection").press("Enter")
    assert barriers(phone) == []  # the reason is missing; the line is still selected
    phone.get_by_label("Reason for the objection").fill("Not known to us.")
    phone.get_by_role("button", name="Submit objection").press("Enter")
    expect(
        phone.get_by_text("We have received your objection. The secretariat will settle it.")
    ).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_queue_is_worked_by_keyboard(soon: World, site: Site, pages: Pages) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        soon.ngo(name)
    office = office_page(soon, site, pages)
    office.goto(f"/office/{soon.hearing.slug}/review/")
    for key in ("j", "x", "j", "x", "r"):
        office.keyboard.press(key)
    office.keyboard.type("Known to us.")
    office.get_by_role("button", name="Accept selected").press("Enter")
    expect(office.get_by_text("Nothing has been changed or sent yet.")).to_be_visible()
    assert barriers(office) == []
    office.get_by_role("button", name="Accept 2 registrations").press("Enter")
    expect(office.get_by_text("2 registrations decided.")).to_be_visible()
    statuses = Registration.objects.order_by("arrival").values_list("status", flat=True)
    assert list(statuses) == ["accepted", "accepted", "submitted"]
