"""No reader sees `<bdi>`, which is for browsers, on a page, in a letter or in a file.

Pages and files are checked by all tests that request every address (`addresses.undone`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle.mail.outgoing.delivery.mail import plain
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import built_in_text, fill, known_letters
from hemicycle.ui.languages import speaking
from tests.support.markup import markup_shown

if TYPE_CHECKING:
    from tests.support.addresses import Place

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("text", "is_html", "is_shown"),
    [
        ("<p><bdi>Amina</bdi></p>", True, False),
        ("<p>&lt;bdi&gt;Amina&lt;/bdi&gt;</p>", True, True),
        ("<p>&amp;lt;bdi&amp;gt;Amina</p>", True, True),
        ('<a title="from <bdi>Amina</bdi>">a</a>', True, True),
        ('<p class="a"><bdi dir="ltr">Amina</bdi></p>', True, False),
        ("<title>Letter to <bdi>Amina</bdi></title>", True, True),
        ("Dear Amina", False, False),
        ("Dear <bdi>Amina</bdi>", False, True),
        (r'{"name": "\u003Cbdi\u003EAmina"}', False, True),
    ],
)
def test_markup_that_is_read_as_text_is_found(text: str, is_html: bool, is_shown: bool) -> None:
    assert bool(markup_shown(text, is_html=is_html)) is is_shown


def test_no_letter_shows_markup(place: Place) -> None:
    sent = Message.objects.filter(hearing_id=place.hearing.id)
    assert sent.count() > 10
    shown = [
        (message.purpose, found)
        for message in sent
        for text in (message.subject, plain(message, place.hearing))
        if (found := markup_shown(text, is_html=False))
    ]
    assert shown == []


def test_no_letter_shows_markup_in_any_language(place: Place) -> None:
    shown = []
    for code, _name in settings.LANGUAGES:
        for letter in known_letters().values():
            with speaking(code):
                values = letter.example(place.hearing) if letter.example else None
                text = fill(built_in_text(letter, code), values or {})
            if found := markup_shown(f"{text.subject}\n{text.body}", is_html=False):
                shown.append((code, letter.key, found))
    assert shown == []
