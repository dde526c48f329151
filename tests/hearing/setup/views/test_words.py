"""The office's page of translations: languages side by side, counted, saved, read from files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions, document_mapping
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor
from tests.hearing.setup.office import errors, fields, send

SYSTEM = Actor.system("test")
PAGE = "/office/2021-trafficking/programme/words/"


@pytest.fixture
def office(hearing: Hearing, client: Client) -> Client:
    person = parties.staff_member(name="Secretariat", email="office@hearing.example")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=SYSTEM)
    client.force_login(person)
    data = document_mapping.to_document(actions.whole(hearing.id))
    data |= {"original_language": "en", "languages": ["en", "fr", "ar"]}
    actions.change(hearing=hearing, data=data, actor=SYSTEM)
    return client


def title_field(hearing: Hearing, tag: str) -> str:
    return f"hearing.{hearing.id.hex}.title|{tag}"


def counted(page: bytes) -> list[list[str]]:
    """Return the rows of the table of languages: name, done, missing, outdated."""
    rows = LexborHTMLParser(page).css("table tbody tr")
    return [[" ".join(cell.text().split()) for cell in row.css("th, td")][:4] for row in rows]


def translations_of(hearing: Hearing) -> Any:
    return Hearing.objects.get(pk=hearing.pk).translations


def test_languages_stand_side_by_side_with_what_is_missing(
    office: Client, hearing: Hearing
) -> None:
    page = office.get(PAGE).content
    assert [row[0] for row in counted(page)] == ["French", "Arabic"]
    sent = fields(page)
    assert title_field(hearing, "fr") in sent
    assert title_field(hearing, "ar") in sent
    tree = LexborHTMLParser(page)
    areas = tree.css("textarea")
    assert {(area.attributes["lang"], area.attributes["dir"]) for area in areas} == {
        ("fr", "ltr"),
        ("ar", "rtl"),
    }
    missing = counted(page)[0][2]
    assert int(missing) * 2 == len(areas)


def test_what_is_typed_is_saved_and_counted(office: Client, hearing: Hearing) -> None:
    answer = send(office, PAGE, **{title_field(hearing, "fr"): "La traite"})
    assert answer.status_code == 302
    assert translations_of(hearing) == {"fr": {"title": "La traite"}}
    assert [row[1].split()[0] for row in counted(office.get(PAGE).content)] == ["1", "0"]
    shown = Client(headers={"accept-language": "ar"}).get("/h/2021-trafficking/").content.decode()
    assert '<span lang="en" dir="ltr">' in shown


def test_an_outdated_text_stays_so_until_it_is_confirmed(office: Client, hearing: Hearing) -> None:
    send(office, PAGE, **{title_field(hearing, "fr"): "La traite"})
    facts = "/office/2021-trafficking/programme/facts/"
    send(office, facts, **{"facts-title": "Another title"})
    outdated = {"fr": {"title": "La traite", "outdated": ["title"]}}
    assert translations_of(hearing) == outdated
    send(office, PAGE)
    assert translations_of(hearing) == outdated
    only = office.get(PAGE, {"only": "missing", "in": "fr"}).content
    assert title_field(hearing, "fr") in fields(only)
    assert title_field(hearing, "ar") not in fields(only)
    send(office, PAGE, confirmed=title_field(hearing, "fr"))
    assert translations_of(hearing) == {"fr": {"title": "La traite"}}


def test_a_text_that_is_too_long_loses_nothing(office: Client, hearing: Hearing) -> None:
    long = "é" * 401
    answer = send(office, PAGE, **{title_field(hearing, "fr"): long})
    assert answer.status_code == 422
    assert errors(answer.content) == ["This is 401 characters long. The limit is 400."]
    assert fields(answer.content)[title_field(hearing, "fr")] == long
    assert translations_of(hearing) == {}


def test_two_who_translate_at_once_do_not_undo_each_other(office: Client, hearing: Hearing) -> None:
    mine = fields(office.get(PAGE).content)
    send(office, PAGE, **{title_field(hearing, "ar"): "الاتجار"})
    answer = office.post(PAGE, {**mine, title_field(hearing, "fr"): "La traite"})
    assert answer.status_code == 422
    assert "Someone else has changed this part" in answer.content.decode()
    assert translations_of(hearing) == {"ar": {"title": "الاتجار"}}


def test_a_translators_file_goes_out_and_comes_back(office: Client, hearing: Hearing) -> None:
    sent = office.get(f"{PAGE}fr.xlf")
    assert sent["Content-Type"] == "application/x-xliff+xml"
    content = sent.content.replace(
        b'<target state="needs-translation"></target>', b"<target>Texte</target>"
    )
    answer = office.post(PAGE, {"upload": "1", "file": SimpleUploadedFile("fr.xlf", content)})
    assert answer.status_code == 200
    assert counted(answer.content)[0][2] == "0"
    assert office.get(f"{PAGE}de.xlf").status_code == 404
    assert office.get(f"{PAGE}words.csv").content.startswith(b"\xef\xbb\xbfkey,about,original:en")
    nothing = office.post(PAGE, {"upload": "1"})
    assert nothing.status_code == 422
    assert "Choose a file first." in nothing.content.decode()
