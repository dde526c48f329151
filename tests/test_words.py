"""The hearing's words on every page are in the reader's language, or marked with their own."""

from __future__ import annotations

import json
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
from hemicycle.mail.outgoing import invitation, letters
from hemicycle.mail.outgoing.texts import send
from hemicycle.record import feed
from hemicycle.ui import words
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.addresses import Place

MODELS = (Hearing, Meeting, Segment, PanelMember, GuidingQuestion, Category)
IN_ARABIC = {"accept-language": "ar"}


class MarkReader(HTMLParser):
    """Finds marks of a language where HTML allows no tags, and counts all marks."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ""
        self.marked = 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look for marks in attributes and in elements that hold text only."""
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
    """Set the language in which all hearings are written."""
    for model in MODELS:
        model.objects.update(original_language=language)


def read(text: str) -> MarkReader:
    """Return the marks that a page contains."""
    reader = MarkReader()
    reader.feed(text)
    return reader


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


def test_papers_calendars_letters_and_feeds_speak_their_readers_language(place: Place) -> None:
    written_in("en")
    titles = {"ar": {"title": "الاتجار بالأشخاص", "short_title": "الاتجار"}}
    Hearing.objects.filter(pk=place.hearing.pk).update(translations=titles)
    GuidingQuestion.objects.filter(number=1).update(translations={"ar": {"text": "ما العمل؟"}})
    Meeting.objects.update(translations={"ar": {"title": "الجلسة"}})
    hearing = Hearing.objects.get(pk=place.hearing.pk)

    arabic, english = (invitation.note(hearing, language) for language in ("ar", "en"))
    assert arabic.subtitle == "الاتجار بالأشخاص"
    assert "ما العمل؟" in repr(arabic.blocks)
    assert english.subtitle == words.original(hearing.title)
    assert "ما العمل؟" not in repr(english.blocks)

    calendar = Client(headers=IN_ARABIC).get(place.url("hearing:calendar")).content.decode()
    assert "SUMMARY:الاتجار: الجلسة" in calendar

    api = Client(headers=IN_ARABIC).get(f"/api/v1/hearings/{hearing.slug}").json()
    assert (api["title"], api["original_language"]) == ("الاتجار بالأشخاص", "en")
    assert api["title_languages"] == ["ar"]

    message = send(
        letters.INVITATION,
        hearing=hearing,
        values=letters.general(hearing),
        address="ar@mission.example",
        language="ar",
    )
    assert message is not None
    assert "الاتجار" in message.subject + message.body

    frame = feed.audience_named("public")
    assert frame is not None
    view = json.loads(frame.render(hearing.id))
    assert view["words"]["texts"][view["meeting"]["title"]] == {"ar": "الجلسة"}
