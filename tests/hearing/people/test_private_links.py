"""A private link leaves the address bar, and continues to work in that browser only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings

from hemicycle.before.registration import links
from hemicycle.hearing.people import private_links
from hemicycle.hearing.people.actions import issue_link
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.writer import Actor
from tests.support.addresses import patterns, undone

if TYPE_CHECKING:
    from tests.support.addresses import Place
    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WITH_SECRET = [name for name, route in patterns().items() if "<secret:secret>" in route]


def browser() -> Client:
    return Client(headers=BROWSER)


def secret_in(url: str) -> str:
    found = re.search(r"/((?:[0-9a-f]{32}\.)?[\w-]{43})/", url)
    assert found, url
    return found[1]


@pytest.mark.parametrize("name", WITH_SECRET)
def test_every_private_link_leaves_the_address_and_opens_the_same(place: Place, name: str) -> None:
    url = place.url(name)
    program = undone(Client(), "get", url)
    client = browser()
    moved = client.get(url)
    assert moved.status_code == 302
    assert moved.headers["Cache-Control"].count("no-store") == 1
    secret, short = secret_in(url), moved.headers["Location"]
    assert secret not in short
    assert urlsplit(short).path == url.replace(secret, private_links.handle_of(secret))
    shown = undone(client, "get", short)
    assert shown.status_code == program.status_code
    if not shown.streaming and "text/html" in shown.headers.get("Content-Type", ""):
        assert secret not in shown.content.decode()
    assert undone(browser(), "get", short).status_code == 410


def test_the_cookie_is_for_the_server_alone_and_ends_with_the_browser(place: Place) -> None:
    moved = browser().get(place.url("registration:personal"))
    (cookie,) = moved.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (cookie["max-age"], cookie["expires"], cookie["domain"]) == ("", "", "")
    with override_settings(COOKIE_PREFIX="__Host-", SESSION_COOKIE_SECURE=True):
        (cookie,) = browser().get(place.url("registration:personal")).cookies.values()
    assert (cookie.key.startswith("__Host-link-"), cookie["secure"]) == (True, True)


def test_a_handle_opens_nothing_with_the_cookie_of_another_link(place: Place) -> None:
    client = browser()
    client.get(place.url("registration:personal"))
    other = private_links.handle_of("x" * 43)
    client.cookies[f"link-{other[1:]}"] = client.cookies.popitem()[1].value
    assert client.get(f"/my/{other}/").status_code == 410


def test_a_form_is_sent_and_the_letter_carries_the_whole_link(world: World) -> None:
    registration = world.ngo("River Watch", 0)
    secret = links.secret_of(registration)
    client = browser()
    page = client.get(f"/my/{secret}/", follow=True)
    short = page.redirect_chain[-1][0]
    sent = client.post(f"{short}replace/", {"name": "Ines Example", "email": "ines@example.org"})
    assert sent.status_code == 200, sent.content.decode()
    letters = "\n".join(Message.objects.values_list("body", flat=True))
    assert "/my/~" not in letters
    assert len(re.findall(r"/my/[\w-]{43}/", letters)) >= 1


def test_a_sign_in_link_is_forgotten_once_it_was_used(world: World) -> None:
    path = issue_link(person=world.moderator, actor=Actor.system("test"))
    client = browser()
    short = client.get(path).headers["Location"]
    assert client.get(short).status_code == 200
    used = client.post(short)
    assert used.status_code == 302
    gone = [cookie for cookie in used.cookies.values() if cookie.key.startswith("link-")]
    assert [cookie.value for cookie in gone] == [""]


def test_one_browser_keeps_only_so_many(world: World) -> None:
    client = browser()
    for number in range(private_links.MOST_KEPT + 5):
        client.get(f"/my/{number:043d}/")
    held = [name for name, cookie in client.cookies.items() if cookie.value and "link-" in name]
    assert len(held) == private_links.MOST_KEPT


def test_the_link_of_an_invitation_leaves_the_address_however_it_is_spelt(world: World) -> None:
    token, form = f"{'0' * 32}:{'s' * 43}", f"/h/{world.hearing.slug}/inscribe/"
    for spelt in (token, token.replace(":", "%3A")):
        client = browser()
        short = client.get(f"{form}?invited={spelt}").headers["Location"]
        assert re.fullmatch(rf"{form}\?invited=~[\w-]{{16}}", short)
        assert client.get(short).status_code == 410  # the token is invented
    assert Client().get(f"{form}?invited={token}").status_code == 410


def test_the_link_of_a_draft_leaves_the_address_too(world: World) -> None:
    key, form = "d" * 43, f"/h/{world.hearing.slug}/register/"
    client = browser()
    typed = {"draft_key": key, "name": "Ada Example", "email": "ada@example.org"}
    client.post(form, {**typed, "save_draft": "1"})
    moved = client.get(f"{form}?draft={key}")
    short = moved.headers["Location"]
    assert (moved.status_code, key in short) == (302, False)
    page = client.get(short)
    assert (page.status_code, "Ada Example" in page.content.decode()) == (200, True)
    assert browser().get(short).status_code == 410
