"""Garbage in queries, forms, bodies and addresses gets an answer below 500."""

from __future__ import annotations

import csv
import io
import unicodedata
from html import unescape
from itertools import cycle, islice
from typing import TYPE_CHECKING
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.middleware.locale import LocaleMiddleware
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from hemicycle.hearing.people import private_links
from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup import actions
from hemicycle.site.http.language import LanguageMiddleware
from tests.support.addresses import patterns, undone

if TYPE_CHECKING:
    from tests.support.addresses import Place
    from tests.support.lists import World

NASTY = (
    *("<script>alert(1)</script>", "\"'><img src=x onerror=x>", "{{7*7}}{% now %}", "%s %d %(x)s"),
    *("\u202eRTL", "\0", "a\0b", "\ud800", "👩‍👩‍👧‍👦", "é" * 300, "منظمة المدافعين", "国际组织"),
    *("-1", "0", "9" * 19, "9" * 5000, "1e309", "²", "٣", "NaN", "../../etc/passwd", "=1+1"),
    *("00000000-0000-0000-0000-000000000000", "{}", "[[]]", "null", " ", "\r\nX: y", "1;drop"),
)
KEYS = (
    *("q", "sort", "page", "panel", "after", "track", "status", "category", "floor", "state"),
    *("guiding", "purpose", "kind", "seq", "statement", "sentence", "release", "draft", "next"),
    *("inscription", "before", "public", "lang", "new", "again", "token"),
)
FIELDS = (
    *KEYS,
    *("press", "seen", "note", "reason", "text", "name", "title", "email", "role", "chosen", "do"),
    *("segment", "segments", "to", "guiding_question", "revision", "section", "kept", "more"),
    *("outcome", "rank", "kind", "first", "count_stakeholders", "what", "answer", "publish"),
    *("act", "connection", "credential", "reference", "organization", "country", "state"),
    *("form_key", "draft_key", "save_draft", "co_signer_1", "add", "facts-title", "language"),
    *("meetings-meetings-count", "meetings-meetings-0-date", "question", "facts-time_zone"),
)
PARTS = 5
"""The number of tests among which the addresses are divided, so that processes share them."""
WORST = ("\0", "\ud800", "9" * 5000)
TO_A_DATABASE = (
    *("a\0b", "👩‍👩‍👧‍👦", "é" * 300, "-1", "0", "9" * 19, "1e309", "²", "٣", "NaN"),
    *("00000000-0000-0000-0000-000000000000", "null"),
)
"""Words that databases may treat differently: numbers, and text that one cannot store."""
PRESSES = ("open_segment:", "give_floor:", "recall:x:", "move_slot:", "rule_point_of_order:", "")

nasty = st.one_of(st.sampled_from(NASTY), st.text(max_size=60))


def _client(place: Place) -> Client:
    """Return a client of the secretariat, for which most views run far enough to break."""
    return place.client("secretariat", raise_request_exception=False)


def _quoted(text: str) -> str:
    return quote(text, errors="surrogatepass")


PAPERS = {
    "archive:office-zip",
    *("summary:pdf", "summary:docx", "summary:translation-pdf", "summary:translation-docx"),
}
"""Files that take long to make, and whose views do not read the query."""


def _query(word: str) -> str:
    return "&".join(f"{key}={_quoted(word)}" for key in KEYS)


def _looks_at_query(client: Client, url: str) -> tuple[bool, int]:
    """Return whether the view at an address reads the query, and its status for the worst word.

    Two readers at every address do not count: the guard of private links, and the language that the
    link in a letter names.
    """
    with (
        patch.object(private_links, "IN_QUERY", ()),
        patch.object(LanguageMiddleware, "process_request", LocaleMiddleware.process_request),
    ):
        answer = undone(client, "get", f"{url}?{_query(WORST[-1])}")
    asked: WSGIRequest = answer.wsgi_request  # type: ignore[attr-defined]
    return "GET" in vars(asked), answer.status_code  # Django parses the query when it is read


def _shows_script(client: Client, url: str) -> bool:
    """Return whether what a hearing is searched for comes back as it was sent, unescaped."""
    word = "\"'><script>alert(1)</script>"
    answer = undone(client, "get", url, {"q": word, "next": word})
    return not answer.streaming and b"<script>alert(1)" in answer.content


IN_TURN = 2
"""The number of words, beside the worst, with which a view is asked daily: each view with others.
"""
HELD = pytest.mark.test_all("held", by="tests/test_garbage.py::test_each_nasty_word_in_each_query")


@pytest.mark.slow
@pytest.mark.parametrize("how_many", ["in turn", pytest.param("all", marks=HELD)])
@pytest.mark.parametrize("part", range(PARTS))
def test_each_nasty_word_in_each_query(place: Place, part: int, how_many: str) -> None:
    """A view that does not read the query answers all alike, so it gets only one word."""
    client = _client(place)
    broken: list[tuple[str, str]] = []
    raw: list[str] = []
    words = cycle(NASTY if connection.vendor == "sqlite" else TO_A_DATABASE)
    number = IN_TURN if how_many == "in turn" else len(NASTY)
    reading = 0
    names = sorted(patterns().keys() - PAPERS)
    for name in names[part::PARTS]:
        url = place.url(name)
        looks, status = _looks_at_query(client, url)
        reading += looks
        broken += [(name, WORST[-1])] if status >= 500 else []
        broken += [
            (name, word)
            for word in ({*WORST, *islice(words, number)} if looks else ())
            if undone(client, "get", f"{url}?{_query(word)}").status_code >= 500
        ]
        raw += [name] if looks and _shows_script(client, url) else []
    assert (broken, raw) == ([], [])
    # More than half would mean that shared code reads it, for which one word is enough.
    assert 20 <= reading * PARTS <= len(names) / 2


def test_a_hearing_that_says_nothing_yet_has_all_its_pages(place: Place) -> None:
    client = _client(place)
    hearing = actions.convene({"title": "Water"}, slug="water")
    Appointment.objects.create(
        person=place.people["secretariat"], hearing_id=hearing.id, role=Role.SECRETARIAT
    )
    answers = {
        name: undone(client, "get", place.url(name, slug=hearing.slug)).status_code
        for name, route in patterns().items()
        if "<slug:slug>" in route
    }
    assert {name: status for name, status in answers.items() if status >= 500} == {}
    assert sum(status == 200 for status in answers.values()) >= 20


def test_garbage_in_every_form(place: Place) -> None:
    client, names = _client(place), sorted(patterns())
    urls = {name: place.url(name) for name in names}
    body = st.dictionaries(st.sampled_from(FIELDS), nasty, max_size=12)

    @given(st.sampled_from(names), body, st.sampled_from(PRESSES))
    def sent(name: str, fields: dict[str, str], press: str) -> None:
        if name == "room:press":
            fields = {**fields, "press": press + fields.get("press", "")}
        encoded = "&".join(f"{key}={_quoted(value)}" for key, value in fields.items())
        form = "application/x-www-form-urlencoded"
        answer = undone(client, "post", urls[name], encoded, content_type=form)
        assert answer.status_code < 500, (name, fields)

    sent()


BODIES: dict[str, tuple[str, bytes]] = {
    "json": ("application/json", b'{"a": [1e999, "\xff'),
    "bytes": ("text/plain", b"\xff\xfe\x00"),
    "headless": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    ),
    "no-boundary": ("multipart/form-data", b"no boundary"),
    "long-boundary": ("multipart/form-data; boundary=" + "x" * 300, b""),
    "charset": ("application/x-www-form-urlencoded; charset=klingon", b"a=%ff%fe&b=%zz&%"),
    "many": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1500))),
}


def _breaks(place: Place, name: str, body: str) -> bool:
    content_type, content = BODIES[body]
    sent = ("POST", place.url(name), content)  # not by `post`, which would look the charset up
    answer = undone(_client(place), "generic", *sent, content_type=content_type)
    return answer.status_code >= 500


@pytest.mark.any_database
def test_each_address_is_sent_a_body_that_is_no_form(place: Place) -> None:
    sent = zip(patterns(), cycle(BODIES))
    assert [(name, body) for name, body in sent if _breaks(place, name, body)] == []


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.any_database
@pytest.mark.test_all(
    "held", by="tests/test_garbage.py::test_each_address_is_sent_a_body_that_is_no_form"
)
def test_bodies_that_are_no_forms(place: Place, body: str) -> None:
    assert [name for name in patterns() if _breaks(place, name, body)] == []


def test_addresses_that_are_none(place: Place) -> None:
    client, slug = _client(place), place.hearing.slug
    words = ["%ff%fe", "%00", "..%2f..", "%e2%80%ae", "-1", "9" * 400, "x" * 3000, "%ed%a0%80"]
    stems = [
        *("/", "/h/", f"/h/{slug}/", f"/h/{slug}/seat/", "/my/", "/co-sign/", "/sign-in/"),
        *("/office/", f"/office/{slug}/", f"/office/{slug}/registrations/"),
        *(f"/office/{slug}/statements/export/", f"/office/{slug}/programme/"),
        *("/my/x/receipt-", "/sign-in/passkeys/", "/sign-in/passkeys/1/remove"),
    ]
    answers = {
        stem + word + end: undone(client, "get", stem + word + end).status_code
        for stem in stems
        for word in words
        for end in ("", "/", ".json")
    }
    assert {address: status for address, status in answers.items() if status >= 500} == {}


KEPT = [text for text in NASTY if not {"\0", "\u202e", "\ud800", "\r"} & {*text}]
KEPT = [text for text in KEPT if text.strip() and len(text) <= 400]


@pytest.mark.parametrize("name", ["\u202eRTL", "a\0b"])
def test_unseen_characters_in_a_name_are_told_and_taken_out(world: World, name: str) -> None:
    answer = Client().post(_register(world), _form(world, name))
    assert (answer.status_code, b"invisible character" in answer.content) == (422, True)
    assert world.hearing.registrations.count() == 0


@pytest.mark.parametrize("name", KEPT, ids=[f"{text[:12]!r}-{len(text)}" for text in KEPT])
def test_a_name_of_any_kind_is_kept_whole_and_shown_escaped(world: World, name: str) -> None:
    answer = Client().post(_register(world), _form(world, name))
    assert answer.status_code == 302, answer.content.decode()
    row = world.hearing.registrations.get()
    kept = (row.organization.name, row.person.name, row.access_needs, row.questions.get().text)
    assert kept == (unicodedata.normalize("NFC", name),) * 4
    page = Client().get(answer.headers["Location"].partition("?")[0]).content.decode()
    office, client = f"/office/{world.hearing.slug}", world.client()
    listed = client.get(f"{office}/registrations/").content.decode()
    detail = client.get(f"{office}/registrations/{row.pk}/").content.decode()
    shown = (
        kept[0] in unescape(page),
        kept[0][:60] in unescape(listed),
        kept[0] in unescape(detail),
    )
    assert shown == (True, True, True)
    assert not any("<script>alert" in shown or "<img src=x" in shown for shown in (page, listed))
    table = client.get(f"{office}/registrations.csv").content.decode("utf-8-sig")
    cell = next(csv.DictReader(io.StringIO(table)))["Organization"]
    assert cell == (f"'{kept[0]}" if kept[0][0] in "=-+@" else kept[0])
    book = load_workbook(io.BytesIO(client.get(f"{office}/registrations.xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells if cell.value == kept[0]} == {"s"}


def _register(world: World) -> str:
    return f"/h/{world.hearing.slug}/register/"


def _form(world: World, name: str) -> dict[str, str]:
    return {
        "form_key": "k" * 43,
        "organization": name,
        "country": "KE",
        "category": str(world.hearing.categories.get(key="civil-society").pk),
        "name": name,
        "title": name[:200],
        "email": "odd@hearing.example",
        "language": "en",
        "wishes_to_intervene": "yes",
        "segment": str(world.panels[0].pk),
        "question": name,
        "access_needs": name,
        "eligibility": name,
    }
