"""Protection against forged requests, redirects to other sites, framing, and leaks of secrets."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.registration import links
from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.setup.models import Hearing
from hemicycle.logs import TextFormatter, blot
from hemicycle.meeting.room.audiences import room_view, seat_view
from hemicycle.meeting.state.meeting_view import public_view
from hemicycle.procedure import commands as c
from hemicycle.record import feed
from hemicycle.record.writer import Actor
from hemicycle.site.http.refusals import RefusalsBriefly
from tests.support.addresses import patterns, undone
from tests.support.altered import altered_text
from tests.ui.test_revalidation import KEPT

if TYPE_CHECKING:
    from tests.support.addresses import Place
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

ELSEWHERE = [
    *("https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example"),
    *(
        "javascript:alert(1)",
        "http:evil.example",
        "https:///evil.example",
        "\thttps://evil.example",
    ),
]
FRAMED = ("webcast:embed-live", "webcast:embed")
SECRET_PAGES = (
    *("registration:personal", "registration:co-sign", "room:seat", "people:use-link"),
    *("accreditation:approve", "accreditation:evidence", "readers:reader", "room:reader-seat"),
)
PERSONAL = (
    *("office/", "my/", "received/", "co-sign/", "sign-in/", "approve/", "no-objection/", "read/"),
)
OWN = {"room:seat", "room:own-seat", "room:encoder", "room:own-encoder", "room:diagnostics"}
"""Pages for one person whose addresses do not say so."""


def test_nothing_is_taken_without_the_token_against_forged_requests(place: Place) -> None:
    client = place.client("secretariat", enforce_csrf_checks=True)
    answers = {
        name: undone(client, "post", place.url(name), {"a": "b"}).status_code for name in patterns()
    }
    let_through = {name: status for name, status in answers.items() if status != 403}
    # These have no form: the media engine sends a pass in a header, which no other site can do.
    doors = ("hearings", "about", "facts", "ended", "check", "edges")
    engine = {f"room:engine-{door}": 401 for door in doors} | {"statements:engine-video": 401}
    engine |= {f"cutting:engine-{door}": 401 for door in ("cut", "cuts", "removed")}
    # Mail programs press this button automatically (RFC 8058): the signed address is the proof. The
    # API uses no session, so a browser can do nothing there in its user's name.
    assert let_through == {
        **engine,
        "outgoing:unsubscribe": 200,
        # An encoder has no session: its key is the proof.
        "room:whip": 401,
        # A witness has no session: a cosignature is checked by the witness's key.
        "hearing:log-cosignatures": 400,
        **{name: 405 for name in patterns() if name.startswith("api:v1-")},
        **{f"api:v1-{name}": 401 for name in ("decision", "import")},
        "api:v1-receipts": 415,
        "api:nothing": 404,
    }


def test_every_answer_carries_the_headers_that_protect(place: Place) -> None:
    client = place.client("secretariat")
    client.get("/")  # sets the secret of the browser's forms
    tagged = set()
    for name, route in patterns().items():
        answer = undone(client, "get", place.url(name))
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        assert "default-src 'none'" in policy, name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        # Other sites may show the webcast's player in a frame, and nothing else.
        framed = None if name in FRAMED else "DENY"
        assert headers.get("X-Frame-Options") == framed, name
        assert "camera=(self), microphone=(self)" in headers["Permissions-Policy"], name
        # Not "no-referrer": browsers would then send forms without an origin, which are refused.
        assert headers["Referrer-Policy"] == "same-origin", name
        # What is for one person is kept by no browser and no proxy.
        if route.startswith(PERSONAL) or "console" in route or name in OWN:
            kept = headers.get("Cache-Control", "")
            assert answer.status_code != 200 or "no-store" in kept, name
        if headers.get("ETag", "").startswith("W/"):
            tagged.add(name)
    assert tagged == KEPT


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_address_leads_elsewhere(place: Place, elsewhere: str) -> None:
    client = place.client("secretariat")
    slug = place.hearing.slug
    answers = [
        client.post("/i18n/setlang/", {"language": "ar", "next": elsewhere}),
        client.post("/i18n/setlang/", {"language": "ar"}, headers={"referer": elsewhere}),
        client.post(f"/office/{slug}/registrations/decide/", {"next": elsewhere}),
        client.post("/sign-in/passkey/", {"next": elsewhere}),
        client.post("/sign-out/", {"next": elsewhere}),
    ]
    assert [answer.headers["Location"].partition("?")[0] for answer in answers] == [
        "/",
        "/",
        f"/office/{slug}/registrations/",
        "/sign-in/",
        "/",
    ]
    asked = client.get("/sign-in/", {"next": elsewhere})
    assert 'name="next" value="/"' in asked.content.decode()


def test_signing_in_changes_the_session(world: World) -> None:
    path = issue_link(person=world.moderator, actor=Actor.system("test"))
    client = Client()
    client.session.save()
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["hemicycle"] = planted = str(session.session_key)
    assert client.head(path).status_code == 200  # a mail scanner does not use the link up
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    assert client.cookies["hemicycle"].value != planted
    stranger = Client()
    stranger.cookies["hemicycle"] = planted
    assert stranger.get("/office/").status_code == 302
    assert Client().post(path).status_code == 410


def test_a_token_follows_its_own_audience_of_its_own_hearing(place: Place) -> None:
    here, there = place.hearing.id, place.other.id
    seat = feed.token(here, "seat", "who")
    asked = [(here, "seat"), (here, "room"), (here, "entries"), (there, "seat")]
    assert [feed._holder(*what, seat) for what in asked] == ["who", None, None, None]
    assert feed._holder(here, "seat", altered_text(seat)) is None


def test_no_secret_stands_in_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(TextFormatter("%(message)s"))
    secret = links.secret_of(place.registration)
    with caplog.at_level(logging.INFO):
        for name in SECRET_PAGES:
            place.client("anonymous", enforce_csrf_checks=True).post(place.url(name), {"a": "b"})
        for name in ("registration:replace", "statements:hand-in"):
            undone(place.client("anonymous"), "post", place.url(name), {"a": "b"})
    assert "Unprocessable" in caplog.text
    assert "Forbidden" in caplog.text
    assert secret not in caplog.text


def test_a_page_that_is_not_ones_own_is_one_line_of_the_log(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RefusalsBriefly())
    assert place.client("interpreter").get(place.url("room:technician")).status_code == 403
    assert "Forbidden" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_line_of_the_log_keeps_what_opens_nothing() -> None:
    secret = "sVcnVr5P4fL7vYB9nLYyVA6-TZd0HhJ_Tg1rJmzhE0w"
    signed = f"{secret}:1xVtZN:{secret}"
    row = "6d2b6f1e-5d4c-4a39-9f0c-5f4d7c2f5a10"
    assert blot(f"Not Found: /my/{secret}/statement/{row}/") == f"Not Found: /my/…/statement/{row}/"
    assert blot(f"GET /feed/{row}/seat?token={signed}&after=3") == (
        f"GET /feed/{row}/seat?token=…&after=3"
    )


NASTY = "</script><script>alert(1)</script>\u2028'\" &amp; {{7*7}}"


def test_a_name_is_no_markup_on_any_live_page(world: World) -> None:
    row = world.ngo(NASTY, 0, speaker=NASTY)
    world.open_panel(0)
    slot = world.inscription(row).pk.hex
    world.press(c.GiveFloor(slot))
    secret, hearing = links.secret_of(row), world.hearing
    moderator = world.client(world.moderator)
    pages = [
        moderator.get(f"/h/{hearing.slug}/{room}", follow=True).content.decode()
        for room in ("live/", "hall/", "console/", f"seat/{secret}/", "speakers/")
    ]
    assert [page for page in pages if "<script>alert" in page] == []
    assert NASTY.split("<", maxsplit=1)[0] == ""
    frames = [json.dumps(view) for view in _views(hearing)]
    assert all("\n" not in frame and "\u2028" not in frame for frame in frames)


def _views(hearing: Hearing) -> list[object]:
    return [view(hearing.id) for view in (public_view, seat_view, room_view)]
