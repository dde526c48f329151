"""The hearing's words on every page: in the reader's language, or with their own language named."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.test import Client

from hemicycle.hearing.setup.models import (
    Category,
    GuidingQuestion,
    Hearing,
    Meeting,
    PanelMember,
    Segment,
)
from tests.support.addresses import patterns
from tests.support.markup import compact
from tests.test_rehearsal_mark import OF_NO_HEARING, WHO, page

if TYPE_CHECKING:
    from tests.support.addresses import Place

MODELS = (Hearing, Meeting, Segment, PanelMember, GuidingQuestion, Category)
IN_ARABIC = {"accept-language": "ar"}


class MarkReader(HTMLParser):
    """Finds marks of a language where HTML has no place for them, and counts the others."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ""
        self.marked = 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look into attributes, and at what surrounds a mark."""
        self.faults += [f"{tag} {name}" for name, value in attrs if "<span" in (value or "")]
        if dict(attrs).get("lang") == "en" and tag in {"span", "div"}:
            self.marked += 1
            if self.open:
                self.faults.append(f"{tag} in {self.open}")
        if tag in {"title", "option", "textarea"}:
            self.open = tag

    def handle_endtag(self, tag: str) -> None:
        """Leave an element that holds text only."""
        if tag == self.open:
            self.open = ""

    def handle_data(self, data: str) -> None:
        """Look for a mark that a reader would see."""
        if "<span lang" in data:
            self.faults.append(f"shown: {data.strip()[:80]}")


def written_in(language: str) -> None:
    """Say in which language all hearings are written."""
    for model in MODELS:
        model.objects.update(original_language=language)


def read(text: str) -> MarkReader:
    """What the page marks."""
    reader = MarkReader()
    reader.feed(text)
    return reader


def test_foreign_words_are_marked_only_where_html_can_name_their_language(place: Place) -> None:
    written_in("en")
    clients = [place.client(who) for who in WHO]
    faults, marked = {}, 0
    for name in patterns():
        if name.startswith(OF_NO_HEARING):
            continue
        for client in clients:
            client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ar"
            if text := page(client, "get", place.url(name)):
                found = read(text)
                marked += found.marked
                if found.faults:
                    faults[name] = found.faults
    assert not faults, repr(faults)
    assert marked > 500


def test_the_hearings_page_speaks_the_readers_language(place: Place) -> None:
    written_in("en")
    row = Hearing.objects.filter(pk=place.hearing.pk)
    row.update(translations={"ar": {"title": "الاتجار بالأشخاص"}})
    arabic = Client(headers=IN_ARABIC).get(place.url("hearing:page")).content.decode()
    assert "<bdi>الاتجار بالأشخاص</bdi>" in compact(arabic)
    assert f'<span lang="en" dir="ltr">{row.get().venue}</span>' in arabic
    english = Client().get(place.url("hearing:page")).content.decode()
    assert "الاتجار" not in english
    assert "<span lang=" not in english
