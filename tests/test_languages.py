"""What all pages have in common: their language, and the mark of a rehearsal."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_LABEL

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import REHEARSAL, Hearing
from hemicycle.ui.languages import OFFICIAL, speaking
from tests.support.addresses import patterns, undone
from tests.support.untranslated import left_in_english
from tests.test_rehearsal_mark import BAND
from tests.test_roles import who_sees
from tests.test_words import read, written_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.addresses import Place

pytestmark = pytest.mark.any_database
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
DATA = {
    "Representative",  # what speakers of the finished hearing wrote as their function
    "Contributions in writing",  # a heading of the summary, which is in English
    "Status",  # the name of a file
    "Registered: everyone who takes part",  # the name of a list when its letter was made
    "UTC",  # a time zone
    "Message-ID",  # a header, as mail servers log it
}

BLANK = str(BLANK_CHOICE_LABEL)
"""Django's label for an empty choice, which is in English if its catalogue does not have it."""


OF_NO_HEARING = (
    *("people:", "openid_connect_", "hearing:index", "hearing:mine", "hearing:convene"),
    *("registration:ask-again", "registration:check-receipt", "api:page"),
    *("about:", "operating:"),
    *("registration:verify-page",),  # the same file for every hearing, which archives hold too
)
"""Pages of the whole site. The lists of hearings among them mark each hearing."""


def pages(place: Place, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield each page in a language, for a role that gets it: address's name, method and text."""
    for name, method in product(patterns(), ("get", "post")):
        if role := who_sees(name, method):
            client = place.client(role, headers={"accept-language": language})
            answer = undone(client, method, place.url(name))
            is_page = not answer.streaming and "text/html" in answer.headers["Content-Type"]
            if answer.status_code in {200, 422} and is_page:
                yield name, method, answer.text


def test_the_interface_speaks_the_six_languages() -> None:
    assert {code.partition("-")[0] for code, _name in settings.LANGUAGES} >= set(OFFICIAL)


HELD = pytest.mark.test_all(
    "held",
    by="tests/test_languages.py::test_each_page_speaks_one_language_and_marks_a_rehearsal",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "language", [pytest.param(code, marks=HELD if code != "ar" else ()) for code in OTHERS]
)
def test_each_page_speaks_one_language_and_marks_a_rehearsal(place: Place, language: str) -> None:
    """No text is left in English, and the hearing's words, which are, are marked as HTML can.

    Words that no catalogue has are in English in each language, so one is read daily.
    """
    written_in("en")
    Hearing.objects.update(is_rehearsed=True)
    with speaking(language):
        mark = re.compile(rf"<title>\s*{REHEARSAL}.*{BAND}", re.DOTALL)
    names = {*DATA, *Person.objects.values_list("name", flat=True)}
    faults, opened, marked = list[str](), 0, 0
    for name, method, text in pages(place, language):
        said = set(left_in_english(text, language)) - names
        said |= {BLANK} if BLANK in text else set()
        reader = read(text)
        is_whole = text.lstrip()[:9].lower() == "<!doctype"
        of_hearing = is_whole and not name.startswith(OF_NO_HEARING)
        if of_hearing and not mark.search(text):
            said.add("lacks the mark of a rehearsal")
        faults += [f"{method} {name} {words}" for words in sorted({*said, *reader.faults})]
        opened += of_hearing
        marked += reader.marked
    assert faults == [], "\n".join(faults)
    assert (opened > 240, marked > 300) == (True, True), (opened, marked)
