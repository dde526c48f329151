"""Speakers check a receipt on their own device, on the page from which they downloaded it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from hemicycle.record import clock, keys
from hemicycle.record.log import checkpoints
from hemicycle.ui.verifier import page as verifier
from tests.support.browser import Pages
from tests.support.site import Site

if TYPE_CHECKING:
    from tests.support.lists import World

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def coming(site: Site) -> Iterator[World]:
    """A hearing in two months by the real clock, which the site uses."""
    from tests.support.lists import reference_world  # settings come after this file

    today = datetime.fromtimestamp(clock.wall() / 1000, UTC).date()
    with reference_world(day=today + timedelta(days=60)) as world:
        yield world


@pytest.fixture
def phone(pages: Pages, site: Site) -> Page:
    """A phone whose owner reads English."""
    return pages.open(base_url=site.url, viewport=PHONE, locale="en", has_touch=True)


@pytest.mark.browser
def test_a_speaker_checks_their_receipt_on_their_phone(coming: World, phone: Page) -> None:
    row = coming.ngo("River Watch", 0)
    for has_checkpoint in (False, True):
        if has_checkpoint:
            checkpoints.make(coming.hearing.id, coming.hearing.slug)
        phone.goto(f"/received/{links.receipt_secret(row)}/")
        phone.get_by_role("link", name="Check it on your own device").first.click()
        phone.get_by_role("heading", name="Verified").wait_for()
        assert phone.url.endswith(f"/h/{coming.hearing.slug}/verify.html"), (
            "no receipt in the history"
        )
        shown = phone.locator(".result")
        expect(shown).to_have_attribute("data-kind", "receipt")
        expect(shown).to_contain_text("A speaker was put on a list of speakers.")
        expect(phone.get_by_text("This fingerprint came with the link.")).to_be_visible()
        wide = phone.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], "the page is wider than the phone"
    expect(shown).to_contain_text("The entry is in the checkpoint of")
    phone.get_by_label("Fingerprint of the hearing’s key").fill("0" * 64)
    expect(shown).to_contain_text("It is signed with another key, whose fingerprint is")
    expect(phone.get_by_text("Verified", exact=True)).to_have_count(0)


def test_the_page_may_load_and_send_nothing(world: World, client: Client) -> None:
    answer = client.get(f"/h/{world.hearing.slug}/verify.html")
    assert (answer.status_code, answer.content) == (200, verifier.packed())
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert f'content="{policy.replace("'", "&#x27;")}"' in answer.content.decode()
    chain = client.get(f"/h/{world.hearing.slug}/chain/").content.decode()
    assert f'verify.html#key={keys.fingerprint()}&amp;language=en"' in chain


def test_every_word_that_the_scripts_say_is_there() -> None:
    from hemicycle.ui.verifier.messages import messages

    script = verifier.script_of(verifier.MODULES)
    template = verifier.packed().decode().partition("<script")[0]
    named = set(
        re.findall(
            r'"((?:problem|proof|log|carried|unreadable|where|proved|not_proved|witnessed|'
            r'heading|page)\.\w+)"',
            script + template,
        )
    )
    assert named - messages().keys() == set()
    made = ("kind.", "status.", "advice.", "what.", "fact.", "entry.")
    in_template = {"without_script"}  # the template itself holds this message in each language
    unused = {key for key in messages().keys() - named - in_template if not key.startswith(made)}
    assert unused == set()
