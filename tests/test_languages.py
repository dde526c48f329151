"""No page of the interface in another language has words of its own in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_LABEL

from hemicycle.hearing.people.models import Person
from hemicycle.ui.languages import OFFICIAL
from tests.support.addresses import patterns, undone
from tests.support.untranslated import left_in_english
from tests.test_roles import who_sees

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


def pages(place: Place, language: str) -> Iterator[tuple[str, str]]:
    """Yield each page in a language, for a role that may open it: its address and text."""
    for name in patterns():
        if role := who_sees(name, "get"):
            client = place.client(role, headers={"accept-language": language})
            answer = undone(client, "get", url := place.url(name))
            is_page = not answer.streaming and "text/html" in answer.headers["Content-Type"]
            if answer.status_code == 200 and is_page:
                yield url, answer.text


def test_the_interface_speaks_the_six_languages() -> None:
    assert {code.partition("-")[0] for code, _name in settings.LANGUAGES} >= set(OFFICIAL)


HELD = pytest.mark.test_all("held", by="tests/test_languages.py::test_no_page_is_left_in_english")


@pytest.mark.slow
@pytest.mark.parametrize(
    "language", [pytest.param(code, marks=HELD if code != "ar" else ()) for code in OTHERS]
)
def test_no_page_is_left_in_english(place: Place, language: str) -> None:
    """Words that no catalogue has are in English in each language, so one is read daily."""
    names = {*DATA, *Person.objects.values_list("name", flat=True)}
    faults, opened = list[str](), set[str]()
    for url, text in pages(place, language):
        said = set(left_in_english(text, language)) - names
        said |= {BLANK} if BLANK in text else set()
        faults += [f"{language} {url} {words}" for words in sorted(said)]
        opened.add(url)
    assert len(opened) > 120
    assert faults == [], "\n".join(faults)
