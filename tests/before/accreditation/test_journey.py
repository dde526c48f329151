"""From a registration to its acceptance, and from the waiting list to the floor, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.accreditation.models import Approval, Edition
from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Category, Segment
from hemicycle.mail.outgoing.models import Message
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


def own_page(registration: Registration, site: Site, pages: Pages) -> Page:
    own = pages.open(base_url=site.url, viewport=PHONE)
    own.goto(f"/my/{links.secret_of(registration)}/")
    return own


def test_from_evidence_to_acceptance(soon: World, site: Site, pages: Pages) -> None:
    Category.objects.filter(key="civil-society").update(
        evidence="Number of consultative status", focal_point=True, no_objection=True
    )
    soon.mission("Estmere")
    applicant = soon.ngo("Open Doors", 0, speaker="Ana Lima")
    review = f"/office/{soon.hearing.slug}/review/"
    office = office_page(soon, site, pages)
    office.goto(f"{review}focal-points/")
    office.get_by_label("Name", exact=True).fill("Fatou Focal")
    office.get_by_label("E-mail address").fill("focal@example.org")
    office.get_by_label("Approves registrations of a category").select_option(index=1)
    office.get_by_role("button", name="Name").press("Enter")
    expect(office.get_by_text("asked about all waiting registrations.")).to_be_visible()

    own = own_page(applicant, site, pages)
    expect(own.get_by_text("The focal point has been asked.")).to_be_visible()
    own.locator("#next").get_by_role("link", name="Add evidence").press("Enter")
    own.get_by_label("Number of consultative status").fill("E-1234")
    assert barriers(own) == []
    own.get_by_role("button", name="Add evidence").press("Enter")
    expect(own.get_by_text("E-1234")).to_be_visible()
    assert barriers(own) == []

    focal = pages.open(base_url=site.url, viewport=PHONE)
    focal.goto(f"/approve/{links.derive(Approval.objects.get().id, 1)}/")
    expect(focal.get_by_text("E-1234")).to_be_visible()
    assert barriers(focal) == []
    focal.get_by_role("button", name="I approve").press("Enter")
    expect(focal.get_by_text("You have approved this registration.")).to_be_visible()

    _list(soon, office, review)
    own.reload()
    expect(own.get_by_text("Your organization is on list 1.")).to_be_visible()
    _objection(soon, office, site, pages)
    own.reload()
    expect(own.get_by_text("Your organization is on list 1.")).to_be_visible()
    Edition.objects.update(deadline=datetime.now(UTC) - timedelta(minutes=1))
    office.reload()
    office.get_by_role("button", name="Accept all that have no objection").press("Enter")
    expect(office.get_by_text("1 registration has been accepted.")).to_be_visible()
    own.reload()
    expect(own.get_by_text("You are accepted.")).to_be_visible()


def _list(soon: World, office: Page, review: str) -> None:
    """Create the list as an officer, and circulate it to the only mission."""
    office.goto(f"{review}no-objection/")
    until = datetime.now(soon.hearing.zone) + timedelta(days=3)
    office.get_by_label("Objections until, day").fill(f"{until:%Y-%m-%d}")
    office.get_by_label("Objections until, time").fill("17:00")
    office.get_by_role("button", name="Create the list").press("Enter")
    office.get_by_role("link", name="Circulate").press("Enter")
    expect(office.get_by_role("heading", name="Recipients")).to_be_visible()
    assert barriers(office) == []
    office.get_by_role("button", name="Circulate").press("Enter")
    expect(office.get_by_text("1 mission gets a letter.")).to_be_visible()


def _objection(soon: World, office: Page, site: Site, pages: Pages) -> None:
    """Object by the link in the mission's letter, then read and set aside the objection."""
    letter = Message.objects.get(purpose="no-objection")
    link = next(word for word in letter.body.split() if "/no-objection/" in word)
    pages.allow("422 ")  # the first form is sent without a reason
    mission = pages.open(base_url=site.url, viewport=PHONE)
    mission.goto(urlsplit(link).path)
    expect(mission.get_by_text("Anyone who has this link can object in its name")).to_be_visible()
    assert barriers(mission) == []
    mission.get_by_role("link", name="Object Open Doors").press("Enter")
    mission.get_by_role("button", name="Submit objection").press("Enter")
    assert barriers(mission) == []  # the reason is missing; the line is still selected
    mission.get_by_label("Reason for the objection").fill("Not known to us.")
    mission.get_by_role("button", name="Submit objection").press("Enter")
    expect(
        mission.get_by_text("We have received your objection. The secretariat will settle it.")
    ).to_be_visible()
    assert barriers(mission) == []
    assert mission.evaluate("document.documentElement.scrollWidth <= innerWidth")
    office.reload()
    expect(office.get_by_text("Not known to us.")).to_be_visible()
    office.get_by_text("Enter an objection").press("Enter")
    assert barriers(office) == []
    office.get_by_placeholder("Reason for the decision").fill("Cleared up with the mission.")
    office.get_by_role("button", name="Set aside").press("Enter")
    expect(office.get_by_text("The objection has been settled.")).to_be_visible()
    assert barriers(office) == []
    mission.reload()
    expect(mission.get_by_text("set aside")).to_be_visible()


def test_from_the_waiting_list_to_the_floor(soon: World, site: Site, pages: Pages) -> None:
    Segment.objects.filter(pk=soon.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    first, second = soon.ngo("Alpha", 0), soon.ngo("Beta", 0)
    waits = own_page(second, site, pages)
    expect(waits.get_by_text("You are number 1 on the waiting list")).to_be_visible()
    assert barriers(waits) == []
    leaves = own_page(first, site, pages)
    leaves.get_by_role("link", name="Withdraw").press("Enter")
    leaves.get_by_label("The whole registration").check()
    leaves.get_by_role("button", name="Withdraw").press("Enter")
    expect(leaves.get_by_text("The withdrawal has been recorded.")).to_be_visible()
    waits.reload()
    expect(waits.get_by_text("place by order of arrival").first).to_be_visible()
    expect(waits.get_by_text("You are number 1 on the waiting list")).to_have_count(0)
    letter = Message.objects.get(person=second.person, subject__contains="moved up")
    assert soon.panels[0].title in letter.body


def test_the_queue_is_worked_by_keyboard(soon: World, site: Site, pages: Pages) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        soon.ngo(name)
    office = office_page(soon, site, pages)
    office.goto(f"/office/{soon.hearing.slug}/review/")
    assert barriers(office) == []
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
