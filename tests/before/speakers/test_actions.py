"""Actions on a list, before its panel opens and while it is open."""

from __future__ import annotations

import json

import pytest

from hemicycle.before.registration import changes, inscriptions, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import ListRefused, RegistrationRefused
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.before.speakers import actions, panel_rules, queries
from hemicycle.before.speakers.models import Move
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused as FloorRefused
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.lists import World

pytestmark = [pytest.mark.postgresql("ordering"), pytest.mark.django_db]


def names(world: World, panel: int = 0) -> list[str]:
    segment = panel_rules.panels(world.hearing)[panel]
    lines = queries.list_of_speakers(segment)
    return [line.inscription.registration.organization.name for line in lines]


def told(world: World, kind: str) -> list[dict[str, object]]:
    entries = Entry.objects.filter(hearing=world.hearing.id, kind=kind).order_by("seq")
    return [json.loads(entry.body) for entry in entries]


def test_places_are_counted_within_panel_and_track(world: World) -> None:
    for name in ("Ngo A", "Ngo B"):
        world.ngo(name, 0)
    world.mission("Chile", 0, 1)
    world.mission("Ghana", 1)
    rows = Inscription.objects.order_by("arrival", "place")
    assert [
        (row.registration.organization.name, row.segment.ordinal, row.track, row.place)
        for row in rows
    ] == [
        ("Ngo A", world.panels[0].ordinal, "stakeholders", 1),
        ("Ngo B", world.panels[0].ordinal, "stakeholders", 2),
        ("Chile", world.panels[0].ordinal, "member-states", 1),
        ("Chile", world.panels[1].ordinal, "member-states", 1),
        ("Ghana", world.panels[1].ordinal, "member-states", 2),
    ]
    assert [(body["inscription"], body["place"]) for body in told(world, "speaker.inscribed")] == [
        (row.id.hex, row.place) for row in rows
    ]


def test_a_full_list_refuses_and_frees_a_place_when_one_withdraws(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=2)
    first = world.ngo("Ngo A", 0)
    world.ngo("Ngo B", 0)
    with pytest.raises(RegistrationRefused):
        world.ngo("Ngo C", 0)
    changes.withdraw(registration=first, reason="", actor=actor_of(first))
    world.ngo("Ngo C", 0)
    assert names(world) == ["Ngo B", "Ngo C"]


def test_the_list_itself_refuses_what_is_too_many(world: World) -> None:
    Segment.objects.filter(pk=world.panels[1].pk).update(max_inscriptions=1)
    segment = panel_rules.panels(world.hearing)[1]
    first, second = world.ngo("Ngo A"), world.ngo("Ngo B")
    inscriptions.inscribe(registration=first, segment=segment, actor=world.office)
    with pytest.raises(RegistrationRefused, match="full"):
        inscriptions.inscribe(registration=second, segment=segment, actor=world.office)
    with pytest.raises(ListRefused, match="already"):
        inscriptions.inscribe(registration=first, segment=segment, actor=world.office)
    assert names(world, 1) == ["Ngo A"]


def test_a_move_needs_a_reason_and_says_who_and_why(world: World) -> None:
    a, b, d = (world.ngo(name, 0) for name in ("Ngo A", "Ngo B", "Ngo D"))
    target, last = world.inscription(a), world.inscription(d)
    with pytest.raises(ListRefused, match="Give the reason"):
        actions.move(inscription=last, before=target, reason="  ", actor=world.office)
    actions.move(inscription=last, before=target, reason="Flight at noon", actor=world.office)
    assert names(world) == ["Ngo D", "Ngo A", "Ngo B"]
    line = queries.list_of_speakers(world.panels[0])[0]
    assert [(move.by, move.reason, move.before and move.before.pk) for move in line.moves] == [
        ("Ana Secretary", "Flight at noon", target.pk)
    ]
    with pytest.raises(ListRefused, match="already in this position"):
        actions.move(inscription=last, before=target, reason="again", actor=world.office)
    with pytest.raises(ListRefused, match="already in this position"):
        actions.move(
            inscription=world.inscription(b), before=None, reason="again", actor=world.office
        )


def test_one_is_moved_within_a_panel_only(world: World) -> None:
    here, there = world.ngo("Ngo A", 0), world.ngo("Ngo B", 1)
    with pytest.raises(ListRefused, match="Only speakers"):
        actions.move(
            inscription=world.inscription(here),
            before=world.inscription(there, 1),
            reason="mistaken",
            actor=world.office,
        )


def test_a_mistaken_refusal_gives_the_place_back(world: World) -> None:
    a = world.ngo("Ngo A", 0)
    world.ngo("Ngo B", 0)
    decide(world, a, Registration.Status.REFUSED)
    assert names(world) == ["Ngo B"]
    decide(world, a, Registration.Status.ACCEPTED)
    assert names(world) == ["Ngo A", "Ngo B"]
    assert world.inscription(a).place == 1
    assert [body["place"] for body in told(world, "speaker.reinstated")] == [1]


def decide(world: World, registration: Registration, outcome: RegistrationStatus) -> None:
    review.decide(
        hearing=world.hearing,
        chosen=[registration.id],
        outcome=outcome,
        reason="because",
        decided_by=world.secretary,
        actor=world.office,
    )


def test_the_rule_merges_and_moves_stay_on_top(world: World) -> None:
    for name in ("Ngo A", "Ngo B", "Ngo C"):
        world.ngo(name, 0)
    world.mission("Chile", 0, rank=7)
    world.mission("Ghana", 0, rank=5)
    assert names(world) == ["Chile", "Ngo A", "Ghana", "Ngo B", "Ngo C"]
    rules = {
        "blocks": ["Ngo A", "Ngo B", "Ngo C", "Chile", "Ghana"],
        "ratio": ["Ngo A", "Ngo B", "Chile", "Ngo C", "Ghana"],
        "protocol": ["Ngo A", "Ngo B", "Ngo C", "Ghana", "Chile"],
    }
    for kind, order in rules.items():
        counts = [2, 1] if kind == "ratio" else []
        merge = {"kind": kind, "tracks": ["stakeholders", "member-states"], "counts": counts}
        actions.set_rule(hearing=world.hearing, merge=merge, actor=world.office)
        assert names(world) == order
    with pytest.raises(ListRefused):
        actions.set_rule(hearing=world.hearing, merge={"kind": "dice"}, actor=world.office)
    assert [body["kind"] for body in told(world, "list.rule_changed")] == list(rules)


def test_ranks_count_under_protocol(world: World) -> None:
    world.mission("Chile", 0)
    ghana = world.mission("Ghana", 0)
    merge = {"kind": "protocol", "tracks": ["member-states", "stakeholders"], "counts": []}
    actions.set_rule(hearing=world.hearing, merge=merge, actor=world.office)
    assert names(world) == ["Chile", "Ghana"]
    actions.set_rank(inscription=world.inscription(ghana), rank=1, actor=world.office)
    assert names(world) == ["Ghana", "Chile"]
    with pytest.raises(ListRefused):
        actions.set_rank(inscription=world.inscription(ghana), rank=10, actor=world.office)


def test_an_open_panel_is_changed_on_the_floor(world: World) -> None:
    a, b, d = (world.ngo(name, 0) for name in ("Ngo A", "Ngo B", "Ngo D"))
    world.open_panel()
    floor = floor_of(world.panels[0].meeting_id)
    speakers = [slot for slot in floor.order if floor.slots[slot].role == "speaker"]
    assert speakers == [world.inscription(one).id.hex for one in (a, b, d)]

    changes.withdraw(registration=b, reason="", actor=actor_of(b))
    actions.move(
        inscription=world.inscription(d),
        before=world.inscription(a),
        reason="needs to leave",
        actor=world.office,
    )
    assert names(world) == ["Ngo D", "Ngo A"]
    floor = floor_of(world.panels[0].meeting_id)
    assert floor.slots[world.inscription(b).id.hex].state == "withdrawn"
    assert world.inscription(b).state == Inscription.State.WITHDRAWN
    assert Move.objects.get().moved_by == world.secretary
    assert told(world, "speaker.withdrawn") == []
    with pytest.raises(FloorRefused, match="withdrawn"):
        world.press(c.GiveFloor(world.inscription(b).id.hex))


def test_one_who_has_spoken_keeps_their_place_in_the_record(world: World) -> None:
    a = world.ngo("Ngo A", 0)
    world.open_panel()
    slot = world.inscription(a).id.hex
    world.press(c.GiveFloor(slot))
    world.clock.advance(60_000)
    world.press(c.EndFloor())
    with pytest.raises(ListRefused, match="spoken"):
        inscriptions.withdraw(inscription=world.inscription(a), actor=world.office)
    changes.withdraw(registration=a, reason="", actor=actor_of(a))
    assert world.inscription(a).state == Inscription.State.INSCRIBED
    assert [line.state for line in queries.list_of_speakers(world.panels[0])] == ["delivered"]


def test_what_the_moderator_does_reaches_the_rows_and_so_does_its_undoing(world: World) -> None:
    a, b = world.ngo("Ngo A", 0), world.ngo("Ngo B", 0)
    world.open_panel()
    first, second = world.inscription(a), world.inscription(b)
    world.press(c.MoveSlot(second.id.hex, first.id.hex), note="asked for it")
    world.press(c.WithdrawSlot(first.id.hex))
    assert world.inscription(a).state == Inscription.State.WITHDRAWN
    world.press(c.Undo())
    assert world.inscription(a).state == Inscription.State.INSCRIBED
    assert Move.objects.count() == 1
    world.press(c.Undo())
    assert Move.objects.count() == 0
    assert names(world) == ["Ngo A", "Ngo B"]


def test_what_a_speaker_has_given_up_the_moderator_cannot_take_back(world: World) -> None:
    a = world.ngo("Ngo A", 0)
    world.open_panel()
    changes.withdraw(registration=a, reason="", actor=actor_of(a))
    with pytest.raises(FloorRefused, match="withdrawn"):
        world.press(c.Undo())
    assert world.inscription(a).state == Inscription.State.WITHDRAWN


def test_a_refusal_during_the_panel_stands_whatever_is_undone(world: World) -> None:
    a = world.ngo("Ngo A", 0)
    world.open_panel()
    decide(world, a, Registration.Status.REFUSED)
    with pytest.raises(FloorRefused, match="withdrawn"):
        world.press(c.Undo())
    assert names(world) == []
    decide(world, a, Registration.Status.ACCEPTED)
    assert names(world) == ["Ngo A"]
    assert world.inscription(a).place == 2


def test_another_speaks_in_the_same_place(world: World) -> None:
    a = world.ngo("Ngo A", 0, 1)
    world.open_panel()
    slot = world.inscription(a).id.hex
    changes.replace_speaker(
        registration=a,
        name="Second Speaker",
        email="second@hearing.example",
        title="",
        actor=actor_of(a),
    )
    assert [world.inscription(a, panel).speaker.name for panel in (0, 1)] == ["Second Speaker"] * 2
    floor = floor_of(world.panels[0].meeting_id)
    assert floor.slots[slot].person == world.inscription(a).speaker_id.hex


def test_a_late_speaker_joins_the_open_panel_at_the_end(world: World) -> None:
    world.ngo("Ngo A", 0)
    late, later = world.ngo("Ngo B"), world.ngo("Ngo C")
    world.open_panel()
    segment = panel_rules.panels(world.hearing)[0]
    inscriptions.inscribe(registration=late, segment=segment, actor=world.office)
    assert names(world) == ["Ngo A", "Ngo B"]
    with pytest.raises(FloorRefused, match="joined"):
        world.press(c.Undo())
    assert world.inscription(late).state == Inscription.State.INSCRIBED
    world.press(c.CloseList())
    with pytest.raises(ListRefused, match="closed"):
        inscriptions.inscribe(registration=later, segment=segment, actor=world.office)
    world.press(c.CloseSegment())
    with pytest.raises(ListRefused, match="over"):
        inscriptions.inscribe(registration=later, segment=segment, actor=world.office)
