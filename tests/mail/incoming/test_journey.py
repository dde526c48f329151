"""The secretariat decides on messages in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hemicycle.before.statements.models import Statement
from hemicycle.mail.incoming.models import Mail
from tests.mail.incoming.arriving import arrived, known_as
from tests.mail.incoming.letters import TEXT, docx, letter, with_file
from tests.mail.incoming.receiving.test_listener import coming
from tests.mail.incoming.test_inscriptions import ASKED
from tests.support import axe
from tests.support.browser import Pages
from tests.support.lists import World, office_page
from tests.support.site import Site

__all__ = ["coming"]
pytestmark = pytest.mark.browser


def test_whose_it_is_is_chosen_and_it_is_taken(coming: World, site: Site, pages: Pages) -> None:
    relief = known_as(
        coming.ngo("Relief International", 0, speaker="Ana Ruiz"), "ana@relief.example.org"
    )
    message = letter(
        sender='"Ruiz, Ana" <ana.ruiz@private.example>',
        subject="Our statement for the hearing",
        text=f"Dear colleagues,\n\nplease find it attached.\n\n{TEXT}\n\nRelief International",
    )
    mail = arrived(with_file(with_file(message), "annex.docx", docx("An annex.")))
    arrived(
        letter(
            sender="Permanent Mission of Estmere <mission@estmere.example>",
            to="speakers@hearing.example",
            subject="Inscription of Estmere",
            text=ASKED,
        )
    )
    page = office_page(coming, site, pages)
    page.goto(f"/office/{coming.hearing.slug}/mail/")
    _shot(page, "list")
    page.get_by_role("link", name="Our statement for the hearing").click()
    expect(page.get_by_text("same name, the organization is named")).to_be_visible()
    assert axe.barriers(page) == []
    _shot(page, "mail")
    page.get_by_role("button", name="Assign the message").click()
    page.get_by_role("link", name="statements", exact=True).click()
    page.get_by_label("statement.docx").check()
    _shot(page, "take")
    page.get_by_role("button", name="Accept as: statements").click()
    expect(page.get_by_text("Accepted.")).to_be_visible()
    mail.refresh_from_db()
    assert (mail.state, mail.registration_id) == (Mail.State.DONE, relief.id)
    assert Statement.objects.get(registration=relief).versions.count() == 1
    page.get_by_role("link", name="Inscription of Estmere").click()
    page.get_by_role("link", name="inscriptions", exact=True).click()
    expect(page.get_by_label("Name of the person")).to_have_value("Juma Otieno")
    assert axe.barriers(page) == []
    member = page.get_by_label("Member State", exact=False).first
    expect(member).not_to_be_checked()  # no State in the list has this name: a person decides
    member.check()
    _shot(page, "inscription")
    page.context.add_cookies([{"name": "hemicycle_language", "value": "ar", "url": site.url}])
    page.reload()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert axe.barriers(page) == []
    _shot(page, "arabic")


def _shot(page: Page, name: str) -> None:
    """Save pictures of the page in two widths if SHOTS is set."""
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(folder, f"{name}-{width}.png"), full_page=True)
