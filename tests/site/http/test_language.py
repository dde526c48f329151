"""Which language a page is in: the link's, the menu's, the person's, the browser's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing import frame

if TYPE_CHECKING:
    from tests.support.lists import World

COOKIE = "hemicycle_language"
HTML = {"accept": "text/html,*/*"}


def language_of(answer: Any) -> str:
    found = re.search(r'<html\s+lang="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ar-EG,ar;q=0.9", "ar"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("zh", "zh-hans"),
        ("fr-CA", "fr"),
        ("xx,ru;q=0.5", "ru"),
        ("xx", "en"),
    ],
)
@pytest.mark.django_db
def test_the_browser_chooses(client: Client, accepted: str, language: str) -> None:
    assert language_of(client.get("/sign-in/", headers={"accept-language": accepted})) == language


@pytest.mark.parametrize(("language", "has_fonts"), [("zh-hans", True), ("ru", False)])
@pytest.mark.django_db
def test_a_plain_page_in_chinese_can_load_a_font(
    client: Client, language: str, has_fonts: bool
) -> None:
    answer = client.get("/h/nothing/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert ("fonts/han/han.css" in answer.text) == has_fonts


@pytest.mark.parametrize("tag", ["zh", "zh-Hans", "zh-hans"])
@pytest.mark.django_db
def test_a_link_chooses_and_the_browser_keeps_it(client: Client, tag: str) -> None:
    answer = client.get(f"/sign-in/?lang={tag}&next=/h/a%20b/", headers=HTML)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Fh%2Fa+b%2F")
    assert client.cookies[COOKIE].value == "zh-hans"
    assert language_of(client.get(answer.headers["Location"], headers=HTML)) == "zh-hans"
    assert language_of(client.get("/sign-in/", headers={"accept-language": "fr"})) == "zh-hans"


@pytest.mark.django_db
def test_a_program_is_answered_at_once(client: Client) -> None:
    answer = client.get("/sign-in/?lang=ru")
    assert (answer.status_code, language_of(answer), COOKIE in client.cookies) == (200, "ru", False)


@pytest.mark.parametrize("tag", ["", "xx", "../en", "a" * 600, "\x00"])
@pytest.mark.django_db
def test_an_unknown_language_changes_nothing(client: Client, tag: str) -> None:
    answer = client.get("/sign-in/", {"lang": tag}, headers=HTML)
    assert (answer.status_code, language_of(answer), COOKIE in client.cookies) == (200, "en", False)


@pytest.mark.django_db
def test_a_link_leads_to_no_other_site(client: Client) -> None:
    answer = client.get("//elsewhere.example.org/?lang=fr", headers=HTML)
    assert not answer.headers.get("Location", "/").startswith("//")


@pytest.mark.django_db
def test_the_menu_chooses(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "es", "next": "/sign-in/"})
    assert language_of(client.get("/sign-in/", headers={"accept-language": "fr"})) == "es"


@pytest.mark.parametrize(("before", "after"), [("", "zh-hans"), ("ru", "ru")])
def test_who_signs_in_gets_their_own_language(world: World, before: str, after: str) -> None:
    Person.objects.filter(pk=world.secretary.pk).update(language="zh")
    path = issue_link(person=world.secretary, actor=world.office)
    client = Client()
    if before:
        client.cookies[COOKIE] = before
    client.post(path)
    assert client.cookies[COOKIE].value == after


@pytest.mark.parametrize(
    ("text", "with_language"),
    [
        ("Here: http://testserver/h/x/.", "Here: http://testserver/h/x/?lang=zh-hans."),
        ("http://testserver/my/a.b-c_d/", "http://testserver/my/a.b-c_d/?lang=zh-hans"),
        (
            "http://testserver/h/x/?invited=a:b#part",
            "http://testserver/h/x/?invited=a:b&lang=zh-hans#part",
        ),
        ("http://testserver/my/x/hearing.ics", "http://testserver/my/x/hearing.ics"),
        ("http://elsewhere.example.org/h/", "http://elsewhere.example.org/h/"),
        ("http://testserver", "http://testserver"),
    ],
)
def test_links_in_letters_name_the_letters_language(
    settings: Any, text: str, with_language: str
) -> None:
    settings.BASE_URL = "http://testserver"
    assert frame.opened_in("zh", text) == with_language
