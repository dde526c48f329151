"""The public's view of the floor: with the delay of picture and sound, and without dropped time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.hearing.setup.models import Segment
from hemicycle.hearing.setup.public_delay import changes_in_s
from hemicycle.meeting.state.meeting_view import live_view, public_view
from hemicycle.procedure import commands as c
from hemicycle.record import feed
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World

DELAY_S = 30


@pytest.fixture
def delayed(panel: World) -> World:
    """The panel has been open for a minute, and the public is half a minute behind."""
    panel.hearing.public_delay_s = DELAY_S
    panel.hearing.save()
    panel.clock.advance(60_000)
    return panel


def in_public(world: World) -> dict[str, Any]:
    found = public_view(world.hearing.id)
    assert found is not None
    return found


def in_room(world: World) -> dict[str, Any]:
    found = live_view(world.hearing.id)
    assert found is not None
    return found


def holder(view: dict[str, Any]) -> str:
    return view["holder"]["slot"] if view["holder"] else ""


def resume(world: World) -> None:
    world.press(c.ResumeFeed(floor_of(world.panels[0].meeting_id).feed_seq))


def test_without_a_delay_the_public_sees_what_the_room_sees(panel: World) -> None:
    panel.press(c.GiveFloor())
    assert in_public(panel) == in_room(panel)
    assert changes_in_s(panel.hearing.id) is None


def test_the_floor_reaches_the_public_after_the_delay(delayed: World) -> None:
    delayed.press(c.GiveFloor())
    assert holder(in_room(delayed))
    assert not holder(in_public(delayed))
    assert changes_in_s(delayed.hearing.id) == pytest.approx(DELAY_S, abs=0.1)
    delayed.clock.advance(DELAY_S * 1000 - 100)
    assert not holder(in_public(delayed))
    delayed.clock.advance(100)
    assert holder(in_public(delayed)) == holder(in_room(delayed))


def test_the_public_clock_runs_with_the_picture(delayed: World) -> None:
    delayed.press(c.GiveFloor())
    delayed.clock.advance(40_000)
    room, public = in_room(delayed)["clock"], in_public(delayed)["clock"]
    assert public["running_since_ms"] == room["running_since_ms"] + DELAY_S * 1000
    assert public["limit_ms"] == room["limit_ms"]


def test_a_discussion_and_its_clock_reach_the_public_after_the_delay(world: World) -> None:
    world.hearing.public_delay_s = DELAY_S
    world.hearing.save()
    world.panels[0].discussion = "allowed"
    world.panels[0].save()
    world.open_panel()
    world.clock.advance(60_000)
    world.press(c.OpenDiscussion())
    assert (in_room(world)["discussing"], in_public(world)["discussing"]) == (True, False)
    world.clock.advance(DELAY_S * 1000)
    room, public = in_room(world)["clock"], in_public(world)["clock"]
    assert public["running_since_ms"] == room["running_since_ms"] + DELAY_S * 1000
    assert public["limit_ms"] == room["limit_ms"], "so that it is as much later"


def test_pages_of_the_public_follow_the_delay_too(delayed: World, client: Client) -> None:
    delayed.press(c.GiveFloor())
    name = in_room(delayed)["holder"]["name"]
    slug = delayed.hearing.slug
    lines = reverse("webcast:chronicle", args=(slug, delayed.panels[0].meeting_id))
    pages = [reverse("webcast:live", args=(slug,)), reverse("room:hall", args=(slug,)), lines]
    before = [client.get(page).content.decode() for page in pages]
    delayed.clock.advance(DELAY_S * 1000)
    after = [client.get(page).content.decode() for page in pages]
    for early, late in zip(before, after, strict=True):
        assert late.count(name) > early.count(name)


def test_a_hall_that_staff_opened_is_not_later(delayed: World) -> None:
    delayed.press(c.GiveFloor())
    page = delayed.client(delayed.moderator).get(reverse("room:hall", args=(delayed.hearing.slug,)))
    assert holder(page.context["snapshot"]) == holder(in_room(delayed))
    assert "/live?token=" in page.context["feed_url"]


def test_who_is_given_the_floor_in_a_dropped_stretch_is_not_told(delayed: World) -> None:
    delayed.press(c.GiveFloor())
    delayed.clock.advance(10_000)
    delayed.press(c.StopFeed())
    delayed.clock.advance(300_000)
    assert not holder(in_public(delayed))
    assert in_public(delayed)["feed"]["stopped"]
    assert changes_in_s(delayed.hearing.id) is None
    delayed.press(c.EndFloor())
    resume(delayed)
    assert not in_public(delayed)["feed"]["stopped"]
    assert changes_in_s(delayed.hearing.id) == pytest.approx(DELAY_S, abs=0.1)
    delayed.clock.advance(DELAY_S * 1000 - 100)
    before = in_public(delayed)
    assert not holder(before)
    delayed.clock.advance(200)
    assert in_public(delayed) == in_room(delayed)


def test_the_public_clock_stands_while_the_feed_is_stopped(panel: World) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(20_000)
    panel.press(c.StopFeed())
    panel.clock.advance(30_000)
    clock = in_public(panel)["clock"]
    assert clock["running_since_ms"] is None
    assert clock["used_before_ms"] == 20_000


def test_a_segment_may_have_a_delay_of_its_own(panel: World) -> None:
    Segment.objects.filter(pk=panel.panels[0].pk).update(public_delay_s=DELAY_S)
    panel.clock.advance(60_000)
    panel.press(c.GiveFloor())
    assert not holder(in_public(panel))
    panel.clock.advance(DELAY_S * 1000)
    assert holder(in_public(panel))


def test_the_feeds_of_the_public_and_of_staff(delayed: World) -> None:
    delayed.press(c.GiveFloor())
    public, live = feed.audience_named("public"), feed.audience_named("live")
    assert public is not None
    assert live is not None
    assert not holder(json.loads(public.render(delayed.hearing.id)))
    assert holder(json.loads(live.render(delayed.hearing.id)))
    assert not live.open_to_all
    assert live.welcome is not None
    assert live.welcome(delayed.hearing.id, frozenset({"nobody", "f" * 32})) == frozenset()
