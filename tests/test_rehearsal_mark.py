"""Papers, lists and calendars say which hearing is rehearsed.

`test_languages.py` looks at every page of a rehearsed hearing, `test_roles.py` at those of a real
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.before.accreditation import paper as accreditation
from hemicycle.before.accreditation.models import Edition
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import invitation
from hemicycle.meeting.room import engine
from hemicycle.outcome.archive import index_page
from hemicycle.outcome.summary import document
from hemicycle.outcome.summary.models import Summary
from hemicycle.record.models import Head
from tests.support.addresses import undone
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.addresses import Place

BAND = '<p class="rehearsal" role="note">'


def page(client: Client, method: str, url: str) -> str:
    """Return the page at an address; "" if this client may not see one."""
    answer = undone(client, method, url)
    if answer.status_code not in {200, 422} or answer.streaming:
        return ""
    text = compact(answer.content.decode(errors="replace"))
    return text if text.lstrip()[:9].lower() == "<!doctype" else ""


def test_lists_of_hearings_mark_the_rehearsed_one(place: Place) -> None:
    assert "REHEARSAL" not in Client().get("/").content.decode()
    Hearing.objects.filter(pk=place.hearing.pk).update(is_rehearsed=True)
    assert Client().get("/").content.decode().count("REHEARSAL") == 1
    mine = place.client("secretariat").get("/office/")
    assert mine.content.decode().count("REHEARSAL") == 1


@pytest.mark.parametrize("name", ["registration:personal", "registration:received"])
def test_a_page_kept_for_all_visitors_is_not_that_of_a_removed_rehearsal(
    place: Place, name: str
) -> None:
    shown = []
    for is_rehearsed in (True, False):
        Hearing.objects.update(is_rehearsed=is_rehearsed)
        shown.append(BAND in page(Client(), "get", place.url(name)))
    assert shown == [True, False]


def test_in_arabic_it_says_so_in_arabic(place: Place) -> None:
    Hearing.objects.update(is_rehearsed=True)
    text = page(Client(headers={"accept-language": "ar"}), "get", place.url("hearing:page"))
    assert 'dir="rtl"' in text
    assert f"{BAND}<strong>جلسة تجريبية</strong>" in text


def test_every_paper_carries_it(place: Place) -> None:
    Hearing.objects.update(is_rehearsed=True)
    hearing = Hearing.objects.get(pk=place.hearing.pk)
    summary = Summary.objects.get(hearing=hearing)
    edition = Edition.objects.filter(hearing=hearing)[0]
    papers = [
        *(compose(hearing, "en") for compose in (invitation.letter, invitation.note)),
        document.compose(summary),
        accreditation.compose(edition),
    ]
    assert [paper.mark for paper in papers] == ["REHEARSAL"] * 4
    assert invitation.note(hearing, "ar").mark == "جلسة تجريبية"


def test_the_engine_is_told_of_it(place: Place) -> None:
    assert engine.hearing_config(place.hearing)["mark"] == ""
    place.hearing.is_rehearsed = True
    assert engine.hearing_config(place.hearing)["mark"] == "REHEARSAL"


def test_calendars_and_the_archives_page_carry_it(place: Place) -> None:
    url = place.url("hearing:calendar")
    assert "REHEARSAL" not in Client().get(url).content.decode()
    Hearing.objects.update(is_rehearsed=True)
    calendar = Client().get(url).content.decode()
    assert calendar.count("SUMMARY:REHEARSAL: ") == calendar.count("SUMMARY:") > 2
    hearing = Hearing.objects.get(pk=place.hearing.pk)
    head = Head.objects.get(hearing=hearing.id)
    for public in (True, False):
        page = index_page.render(hearing, head, (), None, {}, documents=(), public=public)
        assert page.count("REHEARSAL") == 1
