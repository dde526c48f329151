"""The summary's part of a hearing's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from hemicycle.outcome.summary import actions, cards, circulation
from hemicycle.record import erasure

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database


def test_each_step_of_the_summary_waits_until_it_is_done(finished: Finished) -> None:
    hearing = finished.world.hearing
    found = []
    for act in (actions.draft, actions.publish, circulation.circulate):
        (task,) = cards.tasks(hearing, by_real_names=True)
        found.append((task.text.partition(".")[0], task.url.rpartition("summary/")[2]))
        act(hearing=hearing, actor=finished.world.office)
    assert found == [
        ("The summary can be drafted from what has been said so far", ""),
        ("The summary is drafted", ""),
        ("The summary is published, but has not been sent to anyone yet", "circulation/"),
    ]
    assert list(cards.tasks(hearing, by_real_names=True)) == []


def test_what_erasing_would_blank_is_told(finished: Finished) -> None:
    hearing, office = finished.world.hearing, finished.world.office
    actions.draft(hearing=hearing, actor=office)
    assert list(cards.holdings(hearing, finished.person)) == [
        "2 sentences of the summary that hold their words: their text is deleted."
    ]
    erasure.erase(hearing=hearing.id, person=finished.person.id, actor=office)
    assert list(cards.holdings(hearing, finished.person)) == []


def test_the_public_page_leads_to_the_summary_while_it_is_published(finished: Finished) -> None:
    hearing, office = finished.world.hearing, finished.world.office
    actions.draft(hearing=hearing, actor=office)
    link = f'href="/h/{hearing.slug}/summary/"'
    shown = []
    for act in (None, actions.publish, actions.take_back):
        if act is not None:
            act(hearing=hearing, actor=office)
        shown.append(link in Client().get(f"/h/{hearing.slug}/").text)
    assert shown == [False, True, False]
