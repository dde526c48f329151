"""The library's pages: their content, their data for search engines, and withdrawn statements."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from django.test import Client

from hemicycle.before.registration import aliases, changes
from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements import actions
from hemicycle.record import erasure
from tests.before.statements.library.libraries import TEXTS, FilledLibrary, filled
from tests.support.lists import World
from tests.support.markup import compact, tags_in_line

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.postgresql("search")


def get(library: FilledLibrary, path: str = "", **data: str) -> Answer:
    return Client().get(f"/h/{library.world.hearing.slug}/statements/{path}", data)


def listed(answer: Answer) -> list[str]:
    return re.findall(r'<h2 dir="auto"><a href="[^"]+">([^<]+)</a>', compact(answer.text))


def linked_data(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    told: dict[str, object] = json.loads(found.group(1))
    return told


def test_the_library_shows_passages_with_what_was_sought(library: FilledLibrary) -> None:
    answer = get(library, q="受害者")
    assert listed(answer) == ["光明"]
    assert '<p class="library__passage" dir="auto" lang="zh">' in tags_in_line(answer.text)
    assert "我们必须保护<mark>受害者</mark>" in tags_in_line(answer.text)
    assert answer.text.count("Check against delivery") == 2  # in the introduction and beside it
    assert 'content="noindex, follow"' in answer.text
    assert "noindex" not in get(library).text


def test_the_library_has_pages_and_says_when_nothing_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hemicycle.before.statements.library.views.PER_PAGE", 4)
    library = filled(world)
    pages = [listed(get(library, page=number)) for number in ("1", "2", "3", "99", "x")]
    assert [len(names) for names in pages] == [4, 4, 1, 1, 4]
    assert sorted(name for page in pages[:3] for name in page) == sorted(TEXTS)
    assert "Nothing was found" in get(library, q="zzz").text
    assert "Nothing was found" in get(library, q="!!!").text


def test_markup_in_a_statement_is_text_everywhere(world: World) -> None:
    nasty = "</script><script>alert(1)</script> <b>water</b> & 'more'"
    library = filled(world, {"<i>Evil</i>": nasty})
    (statement,) = library.statements.values()
    for answer in (get(library, q="water"), get(library, f"{statement.pk}/")):
        assert "<script>alert" not in answer.text
        assert "<i>Evil" not in answer.text
    assert "<mark>water</mark>" in tags_in_line(get(library, q="water").text)
    told = linked_data(get(library, f"{statement.pk}/").text)
    assert told["description"] == nasty


def test_a_statement_has_an_address_and_says_what_it_is(library: FilledLibrary) -> None:
    statement = library.statements["River Watch"]
    answer = get(library, f"{statement.pk}/")
    address = f"http://localhost:8000/h/{library.world.hearing.slug}/statements/{statement.pk}/"
    assert f'<link rel="canonical" href="{address}">' in answer.text
    assert f'<meta name="description" content="{TEXTS["River Watch"]}">' in answer.text
    assert '<article class="prose library__text" dir="auto" lang="en">' in tags_in_line(answer.text)
    assert "Check against delivery" in answer.text
    told = linked_data(answer.text)
    assert (told["@id"], told["inLanguage"], told["creativeWorkStatus"], told["version"]) == (
        *(address, "en", "Check against delivery"),
        1,
    )
    assert told["author"] == {
        "@type": "Organization",
        "name": "River Watch",
        "member": {"@type": "Person", "name": "Speaker of River Watch"},
    }
    file = get(library, f"{statement.pk}/file/")
    assert b"".join(file) == TEXTS["River Watch"].encode()


def addresses(answer: Answer) -> list[str]:
    return [
        str(element.text)
        for element in ElementTree.fromstring(answer.content).iter()
        if element.text and element.text.strip()
    ]


def everywhere(library: FilledLibrary, *names: str) -> dict[str, dict[str, bool | int]]:
    """Return where each statement appears, with the status codes of its page and file."""
    shown = listed(get(library))
    table = get(library, "list.csv").content.decode()
    mapped = " ".join(addresses(get(library, "sitemap.xml")))
    return {
        name: {
            "page": get(library, f"{library.statements[name].pk}/").status_code,
            "file": get(library, f"{library.statements[name].pk}/file/").status_code,
            "list": name in shown,
            "search": name in listed(get(library, q=TEXTS[name].split()[-1].strip("."))),
            "table": name in table,
            "map": str(library.statements[name].pk) in mapped,
        }
        for name in names
    }


HERE = {"page": 200, "file": 200, "list": True, "search": True, "table": True, "map": True}
GONE = {"page": 410, "file": 410, "list": False, "search": False, "table": False, "map": False}


def test_what_is_taken_back_is_gone_everywhere_at_once(library: FilledLibrary) -> None:
    names = ("River Watch", "Casa Abierta", "Голос", "Safe Harbour")
    assert everywhere(library, *names) == dict.fromkeys(names, HERE)
    revoked, withdrawn, erased, withheld = (library.registrations[name] for name in names)
    office = library.world.office
    statement = library.statements["River Watch"]
    actions.set_consent(statement=statement, publish=False, actor=actor_of(revoked))
    changes.withdraw(registration=withdrawn, reason="", actor=actor_of(withdrawn))
    erasure.erase(hearing=library.world.hearing.id, person=erased.person_id, actor=office)
    kept = library.statements["Safe Harbour"]
    actions.set_naming(statement=kept, naming="withheld", actor=office)
    assert everywhere(library, *names) == dict.fromkeys(names, GONE)
    assert withheld.is_live
    page = get(library, f"{statement.pk}/")
    assert "This statement is no longer public" in page.text
    assert page["X-Robots-Tag"] == "noindex"
    assert TEXTS["River Watch"] not in page.text


def test_under_an_alias_nothing_tells_the_name(library: FilledLibrary) -> None:
    statement, office = library.statements["River Watch"], library.world.office
    aliases.set_alias(registration=statement.registration, alias="A survivor", actor=office)
    actions.release_words(statement=statement, number=1, actor=office)
    answers = [get(library, path) for path in ("", f"{statement.pk}/", "list.csv", "sitemap.xml")]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [
        answer for answer in answers if "River Watch" in unescape(answer.content.decode())
    ] == []
    assert "A survivor" in answers[1].text
    assert linked_data(answers[1].text)["author"] == {
        "@type": "Person",
        "name": "A survivor",
        "alternateName": "A survivor",
    }
    assert get(library, f"{statement.pk}/file/").status_code == 404


def test_search_engines_find_the_maps_and_no_private_room(library: FilledLibrary) -> None:
    slug = library.world.hearing.slug
    robots = Client().get("/robots.txt")
    assert "Disallow: /my/" in robots.text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in robots.text
    maps = addresses(Client().get("/sitemap.xml"))
    assert maps == [f"http://localhost:8000/h/{slug}/statements/sitemap.xml"]
    mapped = addresses(get(library, "sitemap.xml"))
    pages = [address for address in mapped if address.startswith("http")]
    assert len(pages) == 1 + len(TEXTS)


def test_the_secretariat_sets_how_the_public_sees_it(library: FilledLibrary) -> None:
    statement, client = library.statements["River Watch"], library.world.client()
    page = f"/office/{library.world.hearing.slug}/statements/{statement.pk}/"
    assert "As the public reads it" in client.get(page).text
    refused = client.post(f"{page}naming/", {"naming": "alias"})
    assert refused.status_code == 422
    client.post(f"{page}naming/", {"naming": "withheld"})
    assert "The public does not see it now." in client.get(page).text
