"""No history of acts on a list loses or doubles a place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration import changes, inscriptions
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.speakers import actions, panel_rules, queries, rules
from hemicycle.before.speakers.ordering import arranged
from hemicycle.before.speakers.rules import rule_of
from hemicycle.hearing.people.models import TrackKind
from hemicycle.procedure.refusals import Refused as FloorRefused
from hemicycle.record.floor import floor_of
from tests.support.examples import examples
from tests.support.lists import Convened, World
from tests.support.shared_hearings import SharedHearing

pytestmark = pytest.mark.postgresql("transactions")

TRACKS = st.sampled_from(TrackKind.values)
RULES = st.builds(
    rules.merge_of,
    kind=st.sampled_from(sorted(rules.LABELS)),
    first=TRACKS,
    counts=st.fixed_dictionaries({track: st.integers(1, 4) for track in TrackKind.values}),
)
ROWS = st.lists(
    st.tuples(TRACKS, st.integers(1, 9), st.sampled_from(Inscription.State), st.booleans()),
    max_size=12,
)
PAIRS = st.lists(st.tuples(st.integers(0, 13), st.none() | st.integers(0, 13)), max_size=8)


@given(rows=ROWS, merge=RULES, pairs=PAIRS)
def test_a_list_holds_each_who_stands_on_it_once(
    rows: list[tuple[str, int, Any, bool]],
    merge: dict[str, Any],
    pairs: list[tuple[int, int | None]],
) -> None:
    made = [_row(number, *row) for number, row in enumerate(rows)]
    moves = [(UUID(int=one), None if before is None else UUID(int=before)) for one, before in pairs]
    order = arranged(made, rule_of(merge), moves)
    standing = {
        row.id.hex for row in made if row.state == "inscribed" and row.registration.takes_part
    }
    assert len(order) == len(standing)
    assert set(order) == standing


def _row(number: int, track: str, rank: int, state: Any, is_live: bool) -> Inscription:
    status = Registration.Status.ACCEPTED if is_live else Registration.Status.REFUSED
    return Inscription(
        id=UUID(int=number),
        track=track,
        rank=rank,
        state=state,
        arrival=number,
        registration=Registration(status=status, confirmed_at=datetime(2021, 7, 1, tzinfo=UTC)),
    )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), TRACKS, st.integers(1, 9)),
        st.tuples(st.just("withdraw"), st.integers(0, 5), st.none()),
        st.tuples(st.just("replace"), st.integers(0, 5), st.none()),
        st.tuples(st.just("move"), st.integers(0, 5), st.none() | st.integers(0, 5)),
        st.tuples(st.just("rule"), RULES, st.none()),
        st.tuples(st.just("open"), st.none(), st.none()),
    ),
    min_size=4,
    max_size=10,
)


@pytest.mark.slow
@pytest.mark.django_db
@examples(25)
@given(steps=STEPS)
def test_no_act_loses_or_doubles_a_place(
    shared_world: SharedHearing[Convened], db: None, steps: list[tuple[str, Any, Any]]
) -> None:
    with transaction.atomic(), shared_world.copy() as made:
        world = made.world
        standing: dict[Registration, bool] = {}
        for name, one, other in steps:
            _step(world, standing, name, one, other)
            _check(world, standing)
        transaction.set_rollback(True)


def _step(
    world: World, standing: dict[Registration, bool], name: str, one: Any, other: Any
) -> None:
    opened = floor_of(world.panels[0].meeting_id).phase != "not_opened"
    if name == "arrive":
        segment = panel_rules.panels(world.hearing)[0]
        arrived = world.mission if one == TrackKind.MISSIONS else world.ngo
        if opened:
            return  # the forms are closed once a panel has opened
        registration = arrived(f"Body {len(standing)}", rank=other)
        inscriptions.inscribe(registration=registration, segment=segment, actor=world.office)
        standing[registration] = True
    elif name == "rule":
        actions.set_rule(hearing=world.hearing, merge=one, actor=world.office)
    elif name == "open":
        if not opened:
            world.open_panel()
    elif one < len(standing):
        _change(world, standing, name, one, other)


def _change(
    world: World,
    standing: dict[Registration, bool],
    name: str,
    one: int,
    other: int | None,
) -> None:
    bodies = list(standing)
    row = world.inscription(bodies[one])
    try:
        if name == "withdraw":
            inscriptions.withdraw(inscription=row, actor=world.office)
            standing[bodies[one]] = False
        elif name == "replace":
            changes.replace_speaker(
                registration=bodies[one],
                name="Another",
                email="another@hearing.example",
                title="",
                actor=actor_of(bodies[one]),
            )
        elif other is None or other < len(bodies):
            before = None if other is None else world.inscription(bodies[other])
            actions.move(inscription=row, before=before, reason="because", actor=world.office)
    except (RegistrationRefused, FloorRefused):
        pass


def _check(world: World, standing: dict[Registration, bool]) -> None:
    segment = panel_rules.panels(world.hearing)[0]
    lines = queries.list_of_speakers(segment)
    wanted = {registration.pk for registration, stands in standing.items() if stands}
    assert sorted(line.inscription.registration_id for line in lines) == sorted(wanted)
    assert [line.position for line in lines] == list(range(1, len(wanted) + 1))
    places = list(Inscription.objects.filter(segment=segment).values_list("track", "place"))
    for track in TrackKind.values:
        own = sorted(place for own_track, place in places if own_track == track)
        assert own == list(range(1, len(own) + 1))
    floor = floor_of(segment.meeting_id)
    if floor.segment_open:
        on_floor = [slot.id for slot in floor.waiting() if slot.role == "speaker"]
        assert on_floor == [line.inscription.pk.hex for line in lines]
