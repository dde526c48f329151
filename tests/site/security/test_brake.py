"""The brake on public pages: who is stopped, who is not, and what a stopped visitor keeps."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from hemicycle.before.registration import choices
from hemicycle.before.registration.models import Registration
from hemicycle.engine import web_api
from hemicycle.hearing.people import limits
from hemicycle.record import clock
from hemicycle.site.http.asgi_types import Message
from hemicycle.site.security import policies
from hemicycle.site.security.brake import Streams
from hemicycle.site.security.log_files import lines_in
from hemicycle.site.security.policies import Rate
from tests.support.addresses import patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
HOME, ELSEWHERE = "198.51.100.7", "198.51.100.8"
MOST = policies.REGISTER.stranger.most
STATES = [str(code) for code, _name in choices.delegations() if len(str(code)) == 2]
FORM = "/h/2021-trafficking/inscribe/"


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address, HTTP_ACCEPT="text/html,*/*;q=0.8")


def inscribe(world: World, client: Client, number: int, **more: Any) -> HttpResponse:
    """Submit the missions' form for another State each time."""
    sent = {
        "form_key": f"m{number:042}",
        "category": str(world.hearing.categories.get(key="member-state").id),
        "state": STATES[number],
        "name": f"Delegate {number}",
        "rank": "7",
        "email": f"delegate{number}@example.org",
        "language": "fr",
        "segments": [str(world.panels[0].id)],
        **more,
    }
    return cast("HttpResponse", client.post(FORM, sent))


def spend(policy: policies.Policy, times: int, network: str = HOME) -> None:
    """Count requests of a stranger, as the brake does, without sending them."""
    until_ms = clock.now_ms() + policy.stranger.seconds * 1000
    for _ in range(times):
        rate = policy.stranger
        limits.count(policy.name, network, most=rate.most, until_ms=until_ms, alone=rate.alone)


def is_counted(answer: Any) -> bool:
    return policies.policy_for(answer.wsgi_request) is not None


def test_thirty_states_do_not_come_from_one_address(world: World) -> None:
    client = at(HOME)
    told = [inscribe(world, client, number).status_code for number in range(30)]
    assert (429 in told[:MOST], told[MOST:]) == (False, [429] * (30 - MOST))
    assert Registration.objects.filter(hearing=world.hearing).count() == MOST
    assert inscribe(world, at(ELSEWHERE), 30).status_code != 429


def test_who_is_stopped_keeps_what_was_typed_and_sends_it_again(world: World) -> None:
    client = at(HOME)
    spend(policies.REGISTER, MOST)
    typed = "Two lines <b>of</b>\r\n“needs”"
    refused = inscribe(world, client, MOST, access_needs=typed)
    page = refused.content.decode()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "Try again in 60 minutes." in page
    kept = dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', page, re.DOTALL))
    assert kept["access_needs"] == "Two lines &lt;b&gt;of&lt;/b&gt;\r\n“needs”"
    assert kept["name"] == f"Delegate {MOST}"
    assert f'action="{FORM}"' in page
    words = re.findall(r'<li dir="auto">(.*?)</li>', page, re.DOTALL)
    assert f"Delegate {MOST}" in words
    assert not [word for word in words if re.fullmatch(r"[0-9a-f-]{36}|on|yes|\W*", word)]
    world.clock.advance(3_600_000)
    limits.forget()
    again = client.post(FORM, {**kept, "access_needs": typed})
    assert again.status_code != 429
    assert Registration.objects.filter(person__name=f"Delegate {MOST}").count() == 1


def test_one_address_is_not_written_to_at_every_strangers_wish(world: World) -> None:
    target = policies.REGISTER.target
    assert target is not None
    told = [
        inscribe(world, at(f"203.0.113.{number}"), number, email="Victim@Example.org").status_code
        for number in range(target.most + 2)
    ]
    assert [status == 429 for status in told] == [False] * target.most + [True] * 2


def test_an_office_that_proves_itself_is_not_locked_out(world: World) -> None:
    client = at(HOME)
    for number in range(MOST + 5):
        assert inscribe(world, client, number).status_code != 429
        limits.give_back("register", HOME)  # as a confirmation from the mailbox does


def test_a_signed_in_person_has_an_allowance_of_their_own(world: World) -> None:
    client = at(HOME)
    spend(policies.REGISTER, MOST)
    assert inscribe(world, client, MOST).status_code == 429
    client.force_login(world.moderator, backend="django.contrib.auth.backends.ModelBackend")
    assert inscribe(world, client, MOST + 1).status_code != 429


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
    ],
)
def test_a_network_shares_a_limit(first: str, second: str, shared: bool) -> None:
    assert (limits.network_at(first) == limits.network_at(second)) is shared


def test_the_settings_widen_a_network_and_exempt_one() -> None:
    with override_settings(LIMIT_PREFIXES={4: 24, 6: 48}):
        assert limits.network_at("198.51.100.7") == "198.51.100.0/24"
        assert limits.network_at("2001:db8:1:2::3") == "2001:db8:1::/48"
    with override_settings(LIMIT_FREE_NETWORKS=["198.51.100.0/24"]):
        assert [limits.is_free(found) for found in ("198.51.100.9", "203.0.113.1", "")] == [
            True,
            False,
            False,
        ]


def test_the_first_attempts_of_a_visitor_cost_no_write(world: World) -> None:
    client = at(HOME)
    with CaptureQueriesContext(connection) as asked:
        inscribe(world, client, 0)
    assert [query for query in asked.captured_queries if "people_tally" in query["sql"]] == []


def test_a_script_gets_a_code(world: World) -> None:
    client = Client(REMOTE_ADDR=HOME, HTTP_ACCEPT="*/*")
    spend(policies.REGISTER, MOST)
    told = json.loads(inscribe(world, client, MOST).content)
    assert (told["code"], told["retry_after"]) == ("too_many", 3600)


def test_a_refusal_is_in_the_security_log_once(world: World) -> None:
    network = "198.51.100.77"
    spend(policies.REGISTER, MOST, network)
    for number in range(4):
        inscribe(world, at(network), number)
    lines = [
        line
        for line in lines_in(settings.SECURITY_LOG_DIR)
        if line.get("network") == network and line["event"] == "limit.reached"
    ]
    assert [(line["what"], line["count"]) for line in lines] == [("register", MOST)]


def test_what_is_only_read_is_not_counted(world: World) -> None:
    client = at(HOME)
    answer = client.get(FORM)
    assert (answer.status_code, is_counted(answer)) == (200, False)


def test_search_and_downloads_have_a_limit(world: World) -> None:
    client = at(HOME)
    library = f"/h/{world.hearing.slug}/statements/"
    spend(policies.SEARCH, policies.SEARCH.stranger.most - 1)
    told = [client.get(library, {"q": "water"}).status_code for _ in range(2)]
    assert told == [200, 429]
    assert client.get(library).status_code == 200


def _names(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}"


@pytest.mark.parametrize(
    ("page", "sent", "policy"),
    [
        ("/sign-in/", {"email": "nobody@example.org"}, policies.ASK_FOR_LINK),
        ("/sign-in/passkey/begin/", {}, policies.PASSKEY),
        ("/h/2021-trafficking/wall/", {"text": "Hello"}, policies.WALL_POST),
    ],
)
def test_what_strangers_send_is_held_to_the_table(
    world: World, page: str, sent: dict[str, str], policy: policies.Policy
) -> None:
    """A limit in the table holds for the page, and counts only what is sent to it."""
    stranger, reader = at(HOME), at(HOME)
    spend(policy, policy.stranger.most - 2)
    told = [stranger.post(page, sent).status_code for _ in range(3)]
    assert (429 in told[:2], told[2]) == (False, 429)
    assert reader.get(page).status_code != 429
    assert at(ELSEWHERE).post(page, sent).status_code != 429


def test_the_table_names_pages_that_exist() -> None:
    known = set(_names(get_resolver().url_patterns))
    assert {*policies.CHOICES, *policies.FREE} - known == set()
    in_languages = {name for name in known if name.endswith("-in") and name[:-3] in known}
    assert "summary:public-pdf-in" in in_languages
    assert {name for name in in_languages if name[:-3] in policies.CHOICES} <= {*policies.CHOICES}


def test_the_media_engine_has_no_limit(world: World) -> None:
    """It asks for cuts every second, and reports for everybody in a meeting, from one address."""
    answer = at(HOME).post(f"/{web_api.CUTS}")
    assert (answer.status_code, is_counted(answer)) == (401, False)
    routes = {name: route for name, route in patterns().items() if ":engine-" in name}
    outside = {name for name, route in routes.items() if not route.startswith(web_api.PREFIX)}
    assert outside == {"room:engine-health"}  # a page of the technician


async def _streamed(streams: Streams, address: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await streams({"type": "http", "path": "/feed/x", "client": (address, 1)}, receive, send)
    return sent


@pytest.mark.django_db(transaction=True)
def test_streams_are_counted_by_network() -> None:
    opened: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        opened.append(scope["client"][0])

    streams = Streams(application, "feed", Rate(4, 60, 2))

    async def ask() -> list[Message]:
        for _ in range(6):
            last = await _streamed(streams, "2001:db8::1")
        await _streamed(streams, "2001:db8:1::1")
        return last

    refused = asyncio.run(ask())
    assert opened == ["2001:db8::1"] * 4 + ["2001:db8:1::1"]
    assert refused[0]["status"] == 429
    assert dict(refused[0]["headers"])[b"retry-after"] == b"60"
