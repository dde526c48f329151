"""Every page in each language of the interface says nothing of its own in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle.hearing.people.models import Person
from hemicycle.ui.languages import OFFICIAL
from tests.support.addresses import patterns, undone
from tests.support.untranslated import left_in_english

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.addresses import Place

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
DATA = {
    "Representative",  # what speakers of the finished hearing wrote as their function
    "Contributions in writing",  # a heading of the summary, which is in English
    "Status",  # the name of a file
    "Registered: everyone who takes part",  # the name of a list when its letter was made
    *("localtime", "UTC"),  # time zones
    "Message-ID",  # a header, as mail servers log it
}


def pages(place: Place) -> Iterator[tuple[str, str]]:
    """Yield the address of each page, and somebody who may open it."""
    for name in patterns():
        try:
            url = place.url(name)
        except Exception:  # noqa: BLE001 - an address whose arguments are a request's own
            continue
        for role in ("secretariat", "moderator", "technician", "interpreter", "captioner"):
            answer = undone(place.client(role), "get", url)
            is_page = not answer.streaming and "text/html" in answer.headers["Content-Type"]
            if answer.status_code == 200 and is_page:
                yield url, role
            if answer.status_code != 403:
                break


def test_the_interface_speaks_the_six_languages() -> None:
    assert {code.partition("-")[0] for code, _name in settings.LANGUAGES} >= set(OFFICIAL)


@pytest.mark.slow
@pytest.mark.any_database
def test_no_page_is_left_in_english(place: Place) -> None:
    """Each page in two languages in turn: that each string has a translation, `make check` sees."""
    names = {*DATA, *Person.objects.values_list("name", flat=True)}
    faults, opened = list[str](), list(pages(place))
    assert len(opened) > 120
    for number, (url, role) in enumerate(opened):
        for language in (OTHERS[(number + step) % len(OTHERS)] for step in (0, 2)):
            answer = undone(place.client(role), "get", url, headers={"accept-language": language})
            said = set(left_in_english(answer.content.decode(), language)) - names
            faults += [f"{language} {url} {text}" for text in sorted(said)]
    assert faults == [], "\n".join(faults)
