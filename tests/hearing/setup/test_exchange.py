"""Translators' files: translations are read back, and changes made meanwhile are reported."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from hemicycle.hearing.setup import actions, document_mapping, exchange, translations
from hemicycle.hearing.setup.exchange import FileRefused, StaleText
from hemicycle.record.writer import Actor

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.hearing.setup.translations import HearingText

pytestmark = pytest.mark.postgresql("json")

OFFICE = Actor("0" * 32, "secretariat")
NS = {"x": exchange.SPACE}
TAGS = ["ar", "fr"]


@pytest.fixture
def english(hearing: Hearing) -> Hearing:
    """Return the reference hearing, with English as its stated language."""
    edit(hearing, original_language="en")
    return hearing


def edit(hearing: Hearing, **fields: object) -> None:
    data = document_mapping.to_document(actions.whole(hearing.id))
    actions.change(hearing=hearing, data={**data, **fields}, actor=OFFICE)


def entries(hearing: Hearing) -> list[HearingText]:
    return translations.entries(actions.whole(hearing.id))


def translated(content: bytes, texts: dict[str, str]) -> bytes:
    """Return the XLIFF file as a translator returns it."""
    root = etree.fromstring(content)
    for unit in root.iterfind(".//x:trans-unit", NS):
        source, target = unit.find("x:source", NS), unit.find("x:target", NS)
        assert source is not None
        assert target is not None
        if text := texts.get(str(source.text)):
            target.text = text
            target.set("state", "translated")
    written = etree.tostring(root, xml_declaration=True, encoding="UTF-16")
    assert isinstance(written, bytes)
    return written


def bring(hearing: Hearing, content: bytes) -> exchange.Brought:
    brought = exchange.read(content, entries(hearing), TAGS)
    translations.save(hearing, brought.changes, actor=OFFICE)
    return brought


def test_xliff_carries_every_text_with_its_limit_and_its_languages(english: Hearing) -> None:
    root = etree.fromstring(exchange.to_xliff(english, entries(english), "fr"))
    file = root.find("x:file", NS)
    assert file is not None
    assert {str(name): str(value) for name, value in file.attrib.items()} == {
        "original": "2021-trafficking",
        "datatype": "plaintext",
        "source-language": "en",
        "target-language": "fr",
    }
    units = root.findall(".//x:trans-unit", NS)
    assert [unit.get("id") for unit in units] == [entry.key for entry in entries(english)]
    assert [unit.get("maxwidth") for unit in units] == [str(e.limit) for e in entries(english)]
    assert {target.get("state") for target in root.iterfind(".//x:target", NS)} == {
        "needs-translation"
    }


def test_xliff_comes_back_and_a_second_time_changes_nothing(english: Hearing) -> None:
    title = entries(english)[0].original
    sent = translated(exchange.to_xliff(english, entries(english), "fr"), {title: "Traite & co"})
    assert len(bring(english, sent).changes) == 1
    assert entries(english)[0].text("fr") == "Traite & co"
    assert bring(english, sent).changes == []
    again = exchange.to_xliff(english, entries(english), "fr")
    assert b'<target state="translated">Traite &amp; co</target>' in again


def test_a_stale_file_says_what_changed_and_marks_what_it_brings(english: Hearing) -> None:
    title = entries(english)[0].original
    sent = translated(exchange.to_xliff(english, entries(english), "fr"), {title: "Traite"})
    edit(english, title="Another title", categories=[])
    brought = bring(english, sent)
    now = entries(english)[0]
    assert [(stale.was, stale.entry.original) for stale in brought.stale] == [
        (title, "Another title")
    ]
    assert isinstance(brought.stale[0], StaleText)
    assert (now.text("fr"), now.is_outdated("fr")) == ("Traite", True)
    assert b"needs-review-translation" in exchange.to_xliff(english, entries(english), "fr")


def test_a_text_whose_row_is_gone_is_named(english: Hearing) -> None:
    label = next(entry.original for entry in entries(english) if entry.name == "label")
    sent = translated(exchange.to_xliff(english, entries(english), "fr"), {label: "Groupe"})
    edit(english, categories=[])
    brought = bring(english, sent)
    assert [line.source for line in brought.gone] == [label]
    assert brought.changes == []


def test_a_table_comes_back_with_the_delimiters_of_other_countries(english: Hearing) -> None:
    edit(english, theme="=A theme that a spreadsheet would calculate")
    table = exchange.to_csv(english, entries(english), TAGS).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(table, newline=""))
    assert head == ["key", "about", "original:en", "ar", "fr"]
    for row in rows:
        if row[0].startswith("hearing.") and row[0].endswith("theme"):
            row[3:] = ["الموضوع", "'=Thème"]
    for between, encoding in ((";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=between).writerows([head, *rows])
        brought = exchange.read(out.getvalue().encode(encoding), entries(english), TAGS)
        assert [change.texts for change in brought.changes] == [{"ar": "الموضوع", "fr": "=Thème"}]
        assert brought.stale == []


def test_what_exists_already_is_named_when_it_is_replaced(english: Hearing) -> None:
    title = entries(english)[0].original
    file = exchange.to_xliff(english, entries(english), "fr")
    bring(english, translated(file, {title: "Une"}))
    brought = bring(english, translated(file, {title: "Deux"}))
    assert [(entry.key, tag, was) for entry, tag, was in brought.replaced] == [
        (entries(english)[0].key, "fr", "Une")
    ]


def test_a_translation_that_is_too_long_is_left_out(english: Hearing) -> None:
    title = entries(english)[0].original
    file = exchange.to_xliff(english, entries(english), "fr")
    brought = bring(english, translated(file, {title: "é" * 401}))
    assert [entry.key for entry in brought.too_long] == [entries(english)[0].key]
    assert entries(english)[0].text("fr") == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no texts of a hearing"),
        (b"<xliff", "not valid XML"),
        (b"<xliff version='2.0'/>", "not an XLIFF file of version 1.2"),
        (b"a,b\n1,2", "must name the columns"),
        (b"key,about,original,de\nk,a,o,t", "not translated into “de”"),
        (b"\xff\xff\x00", "UTF-8"),
        (b"<" + b"a" * exchange.LARGEST, "larger than the limit of 4096 KB"),
        (
            (
                b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
                b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file '
                b'target-language="fr"><body><trans-unit id="k"><source>&e;</source></trans-unit>'
                b"</body></file></xliff>"
            ),
            "",
        ),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(english: Hearing, content: bytes, says: str) -> None:
    if not says:  # an entity is not read and changes nothing
        assert exchange.read(content, entries(english), TAGS).changes == []
        return
    with pytest.raises(FileRefused, match=says):
        exchange.read(content, entries(english), TAGS)
