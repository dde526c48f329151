"""Each kind of speaker has a time limit, which the clock, the papers and the pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration import links, speaking_time
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.speakers import queries
from hemicycle.before.statements import queries as statements
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from tests.support.lists import World


@pytest.fixture
def world(world: World) -> World:
    """A hearing with time limits for ministers, joint interventions, and its first track."""
    world.accepts = True
    tracks = [track | {"limit_seconds": 420} for track in world.hearing.tracks[:1]]
    Hearing.objects.filter(pk=world.hearing.pk).update(
        high_level_limit_s=300, joint_limit_s=240, tracks=[*tracks, *world.hearing.tracks[1:]]
    )
    world.hearing.refresh_from_db()
    return world


def without_track_limit(world: World) -> None:
    tracks = [track | {"limit_seconds": None} for track in world.hearing.tracks]
    Hearing.objects.filter(pk=world.hearing.pk).update(tracks=tracks)
    world.hearing.refresh_from_db()


def limit(world: World, registration: Registration) -> int:
    return speaking_time.limit_s(world.hearing, registration.inscriptions.get())


def joined(registration: Registration) -> Registration:
    registration.co_signers.update(state=CoSigner.State.CONSENTED)
    return registration


@pytest.mark.parametrize(("rank", "seconds"), [(1, 300), (5, 300), (6, 180), (9, 180)])
def test_speakers_of_high_level_have_their_limit(world: World, rank: int, seconds: int) -> None:
    without_track_limit(world)
    assert limit(world, world.mission("Chad", 0, rank=rank)) == seconds


def test_an_organization_has_no_rank(world: World) -> None:
    assert limit(world, world.ngo("River Watch", 0, rank=1)) == 180


def test_an_intervention_is_joint_once_somebody_has_agreed(world: World) -> None:
    registration = world.ngo("River Watch", 0, co_signers=("Delta Group",))
    assert limit(world, registration) == 180
    assert limit(world, joined(registration)) == 240


def test_the_longest_that_applies_counts(world: World) -> None:
    assert limit(world, world.mission("Chad", 0, rank=1)) == 420


def test_the_clock_gives_each_the_time_of_their_kind(world: World) -> None:
    world.ngo("River Watch", 0)
    joined(world.ngo("Delta Group", 0, co_signers=("River Watch",)))
    world.mission("Chad", 0)
    world.open_panel()
    floor = floor_of(world.panels[0].meeting_id)
    by_track = {(slot.track, slot.limit_ms) for slot in floor.slots.values()}
    speakers = {pair for pair in by_track if pair[0] != queries.PANEL_TRACK}
    assert speakers == {
        ("member-states", 420_000), ("stakeholders", None), ("stakeholders", 240_000)
    }  # fmt: skip
    first = next(id for id in floor.order if floor.slots[id].limit_ms == 420_000)
    world.press(c.GiveFloor(first), 0)
    holder = floor_of(world.panels[0].meeting_id).holder
    assert holder is not None
    assert holder.limit_ms == 420_000


def test_the_personal_page_and_the_paper_say_it(world: World, client: Client) -> None:
    registration = world.mission("Chad", 0)
    page = client.get(f"/my/{links.secret_of(registration)}/", follow=True).content.decode()
    assert "Time limit: 7 minutes" in " ".join(page.split())
    print_page = f"/office/{world.hearing.slug}/lists/{world.panels[0].pk}/print/"
    paper = " ".join(world.client().get(print_page).content.decode().split())
    assert "(7 minutes)" in paper


def test_a_statement_is_measured_against_its_speakers_time(world: World) -> None:
    place = world.mission("Chad", 0).inscriptions.get()
    statement = Statement(registration=place.registration, inscription=place)
    found: Any = statements.StatementDetails(statement, (), world.hearing)
    assert found.limit_words == 120 * 7
