"""Contributions to a discussion count, on the page of coverage and in the draft."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Role
from hemicycle.outcome.summary import actions, queries
from hemicycle.outcome.summary.models import Sentence
from hemicycle.outcome.summary.participation import panel_outcomes
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support.lists import World

pytestmark = pytest.mark.django_db

SECOND = 1_000


def discuss(world: World, *spoke_s: int) -> int:
    """Hold a discussion of two minutes; each panellist speaks so many seconds. Return its entry."""
    members = world.panels[0].members.filter(role=Role.PANELLIST)
    slots = [member.id.hex for member in members][: len(spoke_s)]
    world.press(c.OpenDiscussion())
    for slot in slots:
        world.press(c.ReportMicrophone(slot, open=True))
    begun = clock.now_ms()
    world.clock.advance(120 * SECOND)
    for slot, seconds in zip(slots, spoke_s, strict=True):
        half = seconds * SECOND // 2  # in two utterances, which are one intervention
        for at in (begun, begun + 60 * SECOND):
            world.press(c.ReportVoice(slot, at, at + half))
    world.press(c.CloseDiscussion())
    return floor_of(world.panels[0].meeting_id).discussions[-1].opening


@pytest.fixture
def discussed(world: World) -> tuple[World, list[int]]:
    """Two discussions of the first panel, by two panellists and by one; a third one is silent."""
    world.panels[0].discussion = "allowed"
    world.panels[0].save(update_fields=("discussion",))
    world.ngo("Open Doors", 0)
    world.open_panel(0)
    openings = [discuss(world, 40, 70), discuss(world, 20, 0)]
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())
    return world, openings


def test_coverage_counts_each_voice_of_each_discussion_once(
    discussed: tuple[World, list[int]],
) -> None:
    world, openings = discussed
    outcomes = panel_outcomes(world.hearing)
    found = queries.interventions_covered(outcomes, [])
    first, second = [
        member.name for member in world.panels[0].members.filter(role=Role.PANELLIST)[:2]
    ]
    assert [(voice.name, voice.spoke_ms, voice.opening) for voice in found.discussed] == [
        (second, 70 * SECOND, openings[0]),
        (first, 40 * SECOND, openings[0]),
        (first, 20 * SECOND, openings[1]),
    ]
    assert (found.made, found.with_text, found.without_text) == (3, 0, ())
    assert [len(outcome.voices) for outcome in outcomes] == [3] + [0] * (len(outcomes) - 1)


def test_the_page_leads_to_each_and_the_draft_tells_of_them(
    discussed: tuple[World, list[int]],
) -> None:
    world, openings = discussed
    actions.draft(hearing=world.hearing, actor=world.office)
    page = world.client().get(reverse("summary:coverage", args=(world.hearing.slug,))).text
    assert "Spoken in a discussion" in page
    assert [page.count(f"#c-discussion-{opening}") for opening in openings] == [2, 1]
    said = Sentence.objects.get(text__contains="discussions were held")
    title = world.panels[0].title
    assert said.text == (
        f"In “{title}”, 2 discussions were held; their speakers were heard for 2 minutes."
    )
    assert said.sources == [{"seq": opening} for opening in openings]
