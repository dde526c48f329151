"""The public pages in Arabic, before, during and after a hearing, as a phone shows them.

Each is right to left, says nothing of its own in English, and fits. What is a hearing's own (its
title, names, what people wrote) stays in its language. `journeys/test_every_page.py` searches each
kind of page for barriers, and this file those that it does not reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from hemicycle.record import clock
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.site import Site
from tests.support.untranslated import english, left_in_english

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def faults(page: Page) -> list[str]:
    """Return the faults of a page in Arabic, barriers included."""
    return [*faults_of_texts_and_layout(page), *barriers(page)]


def faults_of_texts_and_layout(page: Page) -> list[str]:
    html = page.locator("html")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [
        *([] if html.get_attribute("lang") == "ar" else ["not in Arabic"]),
        *([] if html.get_attribute("dir") == "rtl" else ["not from right to left"]),
        *(f"in English: {text}" for text in left_in_english(page.content(), "ar")),
        *([f"{wide} px too wide"] if wide > 0 else []),
    ]


def walk(page: Page, *addresses: str) -> dict[str, list[str]]:
    """Return the faults of the pages at some addresses, but for barriers."""
    by_address = {}
    for address in addresses:
        page.goto(address)
        if texts_and_layout := faults_of_texts_and_layout(page):
            by_address[address] = texts_and_layout
    return by_address


@pytest.fixture
def phone(site: Site, pages: Pages) -> Page:
    """A phone whose owner reads Arabic."""
    viewport = {"width": 390, "height": 844}
    return pages.open(base_url=site.url, locale="ar", viewport=viewport)


@pytest.fixture
def coming(site: Site) -> Iterator[World]:
    """A hearing in two months by the real clock, which the site uses."""
    from tests.support.lists import reference_world  # Django is set up by now

    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        yield world


def test_english_is_told_from_what_is_not() -> None:
    assert english("ar").has("Register")
    assert english("ar").has("3 words over the time limit")
    assert not english("ar").has("التسجيل")
    assert not english("ar").has("Morning meeting")


def test_before_the_hearing(coming: World, phone: Page, pages: Pages) -> None:
    pages.allow("404 GET")
    pages.allow("410 GET")
    row = coming.ngo("River Watch (e.V.)", 0, co_signers=("Hope!",), question="Who pays?")
    here, mine = f"/h/{coming.hearing.slug}/", f"/my/{links.secret_of(row)}/"
    parts = ("", "take-part/", "register/", "inscribe/", "chain/", "speakers/", "statements/")
    seat = f"{here}seat/{links.secret_of(row)}/"
    assert walk(phone, "/", *(here + part for part in (*parts, "live/", "hall/")), seat) == {}
    acts = ("", "?confirmed=1", "details/", "replace/", "withdraw/", "statement/", "questions/")
    asked = f"/co-sign/{links.derive(row.co_signers.get().id, 1)}/"
    assert walk(phone, *(mine + act for act in acts), asked) == {}
    new = coming.ngo("Lake Watch (e.V.)", 0, confirmed=False)
    receipt = f"/received/{links.receipt_secret(new)}/"
    assert walk(phone, receipt, f"/my/{links.secret_of(new)}/") == {}
    others = ("/receipts/", "/my/", "/my/no-such-link/", "/sign-in/", "/sign-in/no-such-link/")
    assert walk(phone, *others, "/co-sign/no-such-link/", "/no-such-page/") == {}


def test_forms_that_are_refused_and_taken(coming: World, phone: Page, pages: Pages) -> None:
    pages.allow("422 POST")
    here = f"/h/{coming.hearing.slug}/"
    for form in ("inscribe/", "register/"):
        phone.goto(here + form)
        phone.locator("form.registration .btn--primary").click()
        expect(phone.get_by_role("alert")).to_be_visible()
        assert faults(phone) == []
    phone.locator("[name=organization]").fill("جمعية البيت الآمن")
    phone.locator("[name=country]").select_option("EG")
    phone.locator("[name=category]").first.check()
    phone.locator("[name=name]").fill("سلمى الحداد")
    phone.locator("[name=email]").fill("salma@example.org")
    phone.locator("[name=wishes_to_intervene][value=yes]").check()
    phone.locator("[name=segment]").first.check()
    phone.locator("form.registration .btn--primary").click()
    phone.wait_for_url("**/received/**")
    assert faults(phone) == []
    phone.goto("/receipts/")
    phone.locator("textarea").fill("{}")
    phone.locator("form.form .btn--primary").click()
    expect(phone.get_by_text("ليست هذه وثيقة موقّعة يمكن قراءتها.")).to_be_visible()
    assert faults(phone) == []


def test_while_somebody_has_the_floor(site: Site, phone: Page) -> None:
    from hemicycle.procedure import commands as c
    from tests.support.panel import panel_today

    with panel_today(site, speakers=3) as panel:
        panel.world.open_panel()
        here, seats = f"/h/{panel.slug}/", [panel.seat(number) for number in range(3)]
        assert walk(phone, here + "live/", here + "hall/", here, *seats) == {}
        panel.world.press(c.GiveFloor())
        assert walk(phone, here + "live/", here + "hall/", here + "speakers/", *seats) == {}
        phone.goto(here + "live/")
        expect(phone.locator(".now")).to_contain_text("الكلمة الآن لـ")
        panel.world.press(c.Suspend())
        expect(phone.locator(".now [data-when=held]")).to_contain_text("الاجتماع معلّق")
        assert faults(phone) == []


def test_after_the_hearing(phone: Page) -> None:
    from hemicycle.before.statements import actions as statements
    from hemicycle.hearing.setup import actions as hearings
    from hemicycle.outcome.summary import actions as summaries
    from tests.support.finished import finished_hearing

    with finished_hearing() as finished:
        world = finished.world
        statement = finished.statement("Open Doors")
        statements.set_consent(statement=statement, publish=True, actor=world.office)
        summaries.draft(hearing=world.hearing, actor=world.office)
        summaries.publish(hearing=world.hearing, actor=world.office)
        hearings.end(hearing=world.hearing, actor=world.office)
    here = f"/h/{world.hearing.slug}/"
    mine = [f"/my/{links.secret_of(row)}/" for row in finished.registrations.values()]
    parts = ("", "take-part/", "register/", "live/", "statements/", "summary/", "speakers/")
    published = f"{here}statements/{statement.pk}/"
    assert walk(phone, *(here + part for part in parts), published, *mine) == {}
