"""Browsers keep public pages and ask again; a kept page works, and a changed one is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from tests.support.addresses import patterns, undone

if TYPE_CHECKING:
    from tests.support.addresses import Place
    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
KEPT = {
    "about:accessibility",
    "about:imprint",
    "about:network",
    "about:privacy",
    "api:page",
    "hearing:index",
    "hearing:page",
    "hearing:privacy",
    "registration:chain",
    "speakers:public",
    "statements:library",
}
"""The pages with an ETag, except those of the summary, which is not published here."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(.+?)"')


def test_a_page_that_did_not_change_is_not_sent_again(place: Place) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/")  # sets the secret of the browser's forms
    for name in KEPT:
        url = place.url(name)
        kept = client.get(url)
        assert kept.headers["Cache-Control"] == "private, no-cache", name
        assert {"Cookie", "Accept-Language"} <= set(kept.headers["Vary"].split(", ")), name
        again = client.get(url, headers={"if-none-match": kept.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), name
        assert again.headers["ETag"] == kept.headers["ETag"], name


def test_the_form_of_a_kept_page_works_and_changes_the_page(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    url = f"/h/{world.hearing.slug}/"
    client.get(url)
    kept = client.get(url)
    tag = kept.headers["ETag"]
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    token = TOKEN.findall(kept.content.decode())[0]
    language = {"language": "ar", "next": url, "csrfmiddlewaretoken": token}
    assert client.post("/i18n/setlang/", language).headers["Location"] == url
    arabic = client.get(url, headers={"if-none-match": tag})
    assert arabic.status_code == 200
    assert 'lang="ar"' in arabic.content.decode()


def test_a_browser_with_another_secret_gets_the_page(world: World) -> None:
    client = Client()
    client.get("/")
    tag = client.get("/").headers["ETag"]
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    assert client.get("/", headers={"if-none-match": tag}).status_code == 200


def test_a_change_of_the_hearing_changes_the_tag(world: World) -> None:
    client, url = Client(), f"/h/{world.hearing.slug}/"
    client.get(url)
    tag = client.get(url).headers["ETag"]
    world.hearing.venue = "Another hall"
    world.hearing.save()
    answer = client.get(url, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert "Another hall" in answer.content.decode()


def test_no_page_of_one_person_has_a_tag(place: Place) -> None:
    """A visitor's pages; `test_security.py` reads those of the secretariat."""
    client = place.client("anonymous")
    client.get("/")
    answers = {name: undone(client, "get", place.url(name)) for name in patterns()}
    tagged = {name for name, got in answers.items() if got.headers.get("ETag", "")[:2] == "W/"}
    assert tagged == KEPT
