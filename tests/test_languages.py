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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

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


def pages(place: Place) -> Iterator[tuple[str, str, str]]:
    """Yield each page in each language for a role that may open it: address, language and text.

    An address without a page in the first language has none in the others.
    """
    for name in patterns():
        try:
            url = place.url(name)
        except Exception:  # noqa: BLE001 - an address whose arguments are a request's own
            continue
        first, *others = OTHERS
        for role in ("secretariat", "moderator", "technician", "interpreter", "captioner"):
            answer = asked_for(place, role, url, first)
            if answer.status_code != 403:
                break
        is_page = not answer.streaming and "text/html" in answer.headers["Content-Type"]
        if answer.status_code == 200 and is_page:
            yield url, first, answer.text
            for language in others:
                yield url, language, asked_for(place, role, url, language).text


def asked_for(place: Place, role: str, url: str, language: str) -> HttpResponse:
    return undone(place.client(role), "get", url, headers={"accept-language": language})


def test_the_interface_speaks_the_six_languages() -> None:
    assert {code.partition("-")[0] for code, _name in settings.LANGUAGES} >= set(OFFICIAL)


@pytest.mark.slow
@pytest.mark.any_database
def test_no_page_is_left_in_english(place: Place) -> None:
    names = {*DATA, *Person.objects.values_list("name", flat=True)}
    faults, opened = list[str](), set[str]()
    for url, language, text in pages(place):
        said = set(left_in_english(text, language)) - names
        said |= {BLANK} if BLANK in text else set()
        faults += [f"{language} {url} {words}" for words in sorted(said)]
        opened.add(url)
    assert len(opened) > 120
    assert faults == [], "\n".join(faults)
