"""The hearing as structured data on its page: readable as JSON-LD, and never executed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = pytest.mark.postgresql("json")

_BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def _block(client: Client) -> Any:
    (text,) = _BLOCK.findall(client.get("/h/2021-trafficking/").content.decode())
    return json.loads(text)


def test_the_hearing_is_an_event_with_its_meetings(hearing: Hearing, client: Client) -> None:
    found = _block(client)
    assert (found["@context"], found["@type"], found["name"]) == (
        "https://schema.org",
        "Event",
        hearing.title,
    )
    assert (found["startDate"], found["endDate"]) == (
        "2021-07-13T10:00:00-04:00",
        "2021-07-13T17:00:00-04:00",
    )
    assert [event["startDate"] for event in found["subEvent"]] == [
        "2021-07-13T10:00:00-04:00",
        "2021-07-13T15:00:00-04:00",
    ]
    assert found["url"].endswith("/h/2021-trafficking/")


def test_no_title_ends_the_block(hearing: Hearing, client: Client) -> None:
    hearing.title = '</script><script>alert(1)</script> & \u2028 “quoted” "plain"'
    hearing.save()
    page = client.get("/h/2021-trafficking/").content.decode()
    assert "<script>alert" not in page
    assert _block(client)["name"] == hearing.title


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_chromium_neither_runs_nor_reports_it(hearing: Hearing, site: Site, pages: Pages) -> None:
    """At the end, `pages` fails if the console has reported a violation of the policy."""
    page = pages.open(base_url=site.url)
    page.add_init_script(
        "window.breaches = [];"
        "addEventListener('securitypolicyviolation', e => window.breaches.push(e.blockedURI))"
    )
    page.goto("/h/2021-trafficking/")
    text = page.locator("script[type='application/ld+json']").text_content()
    assert json.loads(text or "")["@type"] == "Event"
    assert page.evaluate("window.breaches") == []
