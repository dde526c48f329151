"""The balance adviser: its published rule, its page, accepted proposals, and `hemicycle verify`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import ListRefused
from hemicycle.before.speakers import actions, balancing, grouping, panel_rules, queries, shares
from hemicycle.before.speakers.models import Move
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document_mapping
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.chain import Content, genesis, link
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import verify
from hemicycle.record.verify.report import Report
from tests.support.lists import World
from tests.support.markup import compact

pytestmark = pytest.mark.django_db


def publish_rule(world: World, **rule: Any) -> None:
    """Change the hearing's rule of balance; by default, it is by category with a bound of 3."""
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    data["balance"] = {"attribute": "category", "bound": 3, "shares": {}, **rule}
    data["merge"] = {"kind": "blocks", "tracks": ["stakeholders", "member-states"], "counts": []}
    hearings.change(hearing=world.hearing, data=data, actor=world.office)


def fill(world: World, **more: Any) -> list[str]:
    """Register three organizations, then three missions; return the ids of their places."""
    rows = [world.ngo(f"Ngo {name}", 0, consents_to_list="yes", **more) for name in "ABC"]
    rows += [world.mission(f"Mission {name}", 0, consents_to_list="yes", **more) for name in "DEF"]
    return [world.inscription(row).pk.hex for row in rows]


def listing(world: World) -> queries.SpeakerList:
    return queries.listing(panel_rules.panels(world.hearing)[0])


def names(world: World) -> str:
    return "".join(line.organization[-1] for line in listing(world).on_list)


def accept(world: World, *left: str, reason: str = "Both groups are to be heard early.") -> int:
    made = balancing.proposal(balancing.inputs_for(listing(world), left))
    return balancing.accept(
        segment=panel_rules.panels(world.hearing)[0],
        left=left,
        seen=made.digest,
        reason=reason,
        actor=world.office,
    )


def page_of(world: World) -> str:
    return reverse("speakers:balance", args=(world.hearing.slug, world.panels[0].pk))


def rows_of(world: World) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(hearing=world.hearing.id).order_by("seq").values()
    return [{**row, "hearing": world.hearing.id.hex} for row in entries]


def verified(world: World, rows: list[dict[str, Any]] | None = None, notes: bool = True) -> Report:
    """Verify the record as `hemicycle verify` does, with or without notes; return the report."""
    head = Head.objects.filter(hearing=world.hearing.id).values().get()
    heads = [{**head, "hearing": world.hearing.id.hex}] if rows is None else []
    kept = Note.objects.filter(hearing=world.hearing.id, erased_at=None).values()
    own = [{**row, "salt": bytes(row["salt"])} for row in kept]
    return verify(rows or rows_of(world), heads, own if notes else ())


def forged(world: World, **changed: Any) -> list[dict[str, Any]]:
    """Return the record with other fields in the entry of the balance, and with a valid chain."""
    hash = genesis(world.hearing.id.hex)
    rows = []
    for row in rows_of(world):
        if row["kind"] == "list.balanced":
            row["body"] = json.dumps({**json.loads(row["body"]), **changed})
        content = replace(Content.of(row))
        row["digest"] = content.digest()
        row["hash"] = hash = link(hash, row["digest"])
        rows.append(row)
    return rows


def balanced_body(world: World) -> dict[str, Any]:
    entry = Entry.objects.get(hearing=world.hearing.id, kind="list.balanced")
    body: dict[str, Any] = json.loads(entry.body)
    return body


# ── The act ───────────────────────────────────────────────────────────────────────────────────
def test_an_accepted_proposal_moves_and_is_recomputed(world: World) -> None:
    publish_rule(world)
    fill(world)
    assert names(world) == "ABCDEF"
    assert accept(world) == 1
    assert names(world) == "ABDCEF"
    report = verified(world)
    assert (report.broken, report.balanced, report.not_balanced) == (None, 1, 0)
    said = Move.objects.get().balance or {}
    assert (said["attribute"], said["arrival"], said["from"], said["to"]) == ("category", 4, 4, 3)
    entries = [row["kind"] for row in rows_of(world)][-2:]
    assert entries == ["list.balanced", "speaker.moved"]


def test_a_new_proposal_counts_from_arrival_again(world: World) -> None:
    publish_rule(world)
    fill(world)
    accept(world)
    with pytest.raises(ListRefused, match="nothing to move"):
        accept(world)
    publish_rule(world, bound=1)
    inputs = balancing.inputs_for(listing(world))
    arrival = [line.organization[-1] for line in listing(world).on_list]
    assert (len(inputs.arrival), arrival) == (6, list("ABDCEF"))
    assert inputs.arrival != inputs.current


def test_who_is_left_and_who_was_moved_by_hand_stay(world: World) -> None:
    publish_rule(world)
    ids = fill(world)
    made = balancing.proposal(balancing.inputs_for(listing(world)))
    left = made.moves[0].line.inscription.pk.hex
    again = balancing.proposal(balancing.inputs_for(listing(world), [left]))
    assert left not in {move.line.inscription.pk.hex for move in again.moves}
    rows = {line.inscription.pk.hex: line.inscription for line in listing(world).on_list}
    actions.move(
        inscription=rows[ids[0]], before=rows[ids[2]], reason="A flight", actor=world.office
    )
    inputs = balancing.inputs_for(listing(world))
    assert (names(world), list(inputs.fixed)) == ("BACDEF", [ids[0]])
    assert accept(world)
    assert names(world) == "BADCEF"
    assert verified(world).broken is None


def test_an_open_panel_is_balanced_on_the_floor(world: World) -> None:
    publish_rule(world)
    ids = fill(world)
    world.open_panel()
    first = floor_of(world.panels[0].meeting_id)
    for slot in first.order:
        if slot not in ids:
            world.press(c.Skip(slot))
    world.press(c.GiveFloor(ids[0]))
    inputs = balancing.inputs_for(listing(world))
    assert inputs.fixed == {ids[0]}
    assert accept(world)
    assert names(world)[0] == "A"
    assert names(world).index("D") < names(world).index("C")
    assert Move.objects.filter(balance__isnull=False).exists()
    report = verified(world)
    assert (report.broken, report.balanced) == (None, 1)


def test_it_is_refused_without_a_reason_a_rule_or_as_it_was_seen(world: World) -> None:
    fill(world)
    segment = panel_rules.panels(world.hearing)[0]
    options: dict[str, Any] = {"segment": segment, "left": (), "actor": world.office}
    with pytest.raises(ListRefused, match="no rule of balance"):
        balancing.accept(**options, seen="", reason="why")
    publish_rule(world)
    options["segment"] = panel_rules.panels(world.hearing)[0]
    with pytest.raises(ListRefused, match="reason"):
        balancing.accept(**options, seen="", reason=" ")
    made = balancing.proposal(balancing.inputs_for(listing(world)))
    world.mission("Mission G", 0)
    with pytest.raises(ListRefused, match="no longer the proposal"):
        balancing.accept(**options, seen=made.digest, reason="why")
    assert not Move.objects.exists()


# ── verify ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"bound": 6}, "does not follow the rule of balance that was published"),
        ({"attribute": "language"}, "does not follow the rule of balance that was published"),
        ({"note": ""}, "without a reason from the secretariat"),
        ({"moves": [[5, 0]]}, "beyond the published bound"),
        ({"moves": [[4, 3]]}, "are not those that its inputs lead to"),
        ({"groups": [1, 1, 1, 1, 1, 1]}, "are not those that its inputs lead to"),
        ({"fixed": [2, 3]}, "moves a speaker beyond the published bound"),
        ({"current": [0, 1, 2, 3, 4, 4]}, "does not contain each speaker exactly once"),
        ({"arrival": None}, "it cannot be read"),
    ],
)
def test_verify_refuses_a_tampered_balance(
    world: World, changed: dict[str, Any], problem: str
) -> None:
    publish_rule(world)
    fill(world)
    accept(world)
    assert verified(world, forged(world)).broken is None
    broken = verified(world, forged(world, **changed)).broken
    assert broken is not None
    assert problem in broken.problem


def test_verify_refuses_another_move_or_none_after_it(world: World) -> None:
    publish_rule(world)
    fill(world)
    accept(world)
    rows = rows_of(world)
    shortened = verified(world, rows[:-1]).broken
    assert shortened is not None
    assert "moves of its last balance" in shortened.problem


def test_gender_stands_beside_the_record(world: World) -> None:
    Hearing.objects.filter(pk=world.hearing.pk).update(status=Hearing.Status.DRAFT)
    publish_rule(world, attribute="gender", bound=10)
    Hearing.objects.filter(pk=world.hearing.pk).update(status=Hearing.Status.PUBLISHED)
    form = Client().get(reverse("registration:register", args=(world.hearing.slug,)))
    assert "balance the lists by a published rule" in compact(form.text)
    people = [world.ngo(f"Ngo {number}", 0, consents_to_list="yes") for number in range(10)]
    for number, registration in enumerate(people):
        gender = "man" if number < 5 else "woman"
        Registration.objects.filter(pk=registration.pk).update(gender=gender)
    made = balancing.proposal(balancing.inputs_for(listing(world)))
    assert made.moves
    assert [move.change for move in made.moves] == [None] * len(made.moves)
    accept(world)
    body = balanced_body(world)
    assert (body["names"], body["groups"]) == ([], [])
    assert "woman" not in Entry.objects.get(kind="list.balanced").body
    whole, public = verified(world), verified(world, notes=False)
    assert (whole.broken, whole.balanced, whole.not_balanced) == (None, 1, 0)
    assert (public.broken, public.balanced, public.not_balanced) == (None, 0, 1)
    Hearing.objects.filter(pk=world.hearing.pk).update(public_list=True)
    answer = world.client().get(reverse("speakers:public", args=(world.hearing.slug,)))
    assert ("Place by order of arrival" in answer.text, "women" in answer.text) == (True, False)
    erased = people[0].person_id
    erasure.erase(hearing=world.hearing.id, person=erased, actor=world.office)
    after = verified(world)
    assert (after.broken, after.not_balanced) == (None, 1)


# ── Groups and shares ─────────────────────────────────────────────────────────────────────────
def test_the_public_reads_no_group_of_an_alias(world: World) -> None:
    publish_rule(world)
    fill(world)
    accept(world)
    row = Move.objects.get().inscription.registration
    Registration.objects.filter(pk=row.pk).update(alias="Speaker 1")
    Hearing.objects.filter(pk=world.hearing.pk).update(public_list=True)
    public = Client().get(reverse("speakers:public", args=(world.hearing.slug,))).text
    assert "From place 4 to place 3, for the balance of the list." in public
    assert "among the first" not in public


def test_an_alias_is_in_no_group_and_small_genders_are_not_shown(world: World) -> None:
    rows = [world.ngo(f"Ngo {number}", 0, country="KE") for number in range(7)]
    hidden = world.ngo("Hidden", 0, country="KE", alias="Speaker 1")
    ids = [row.pk for row in rows]
    Registration.objects.filter(pk__in=ids[:6]).update(gender="woman")
    Registration.objects.filter(pk__in=[ids[6], hidden.pk]).update(gender="man")
    held = [line.inscription for line in listing(world).on_list]
    by_region = grouping.groups_of(held, "region")
    assert by_region[world.inscription(hidden).pk.hex] == ""
    assert sorted(set(by_region.values())) == ["", "africa"]
    assert set(grouping.groups_of(held, "gender").values()) == {""}
    Registration.objects.filter(pk__in=ids[:2]).update(gender="unsaid")
    assert set(grouping.groups_of(held, "newcomers").values()) == {"", "new"}


def test_shares_count_places_and_time_spoken_and_expected(world: World) -> None:
    ids = fill(world)
    world.open_panel()
    for slot in floor_of(world.panels[0].meeting_id).order:
        if slot not in ids:
            world.press(c.Skip(slot))
    world.press(c.GiveFloor(ids[0]))
    world.clock.advance(120_000)
    world.press(c.EndFloor())
    floor = floor_of(world.panels[0].meeting_id)
    (table,) = [
        table
        for table in shares.share_tables(listing(world), floor)
        if table.attribute == "category"
    ]
    rows = {row.label: row for row in table.rows}
    assert [(row.places, row.spoken, row.spoken_ms) for row in rows.values()].count((3, 1, 120_000))
    assert {row.place_share for row in rows.values()} == {"50%"}
    assert sum(row.expected for row in rows.values()) in range(5, 7)
    assert table.picture.count("<rect") == 4
    assert "50%" in table.picture


# ── The rule and the pages ────────────────────────────────────────────────────────────────────
def test_a_rule_that_cannot_be_kept_is_refused(world: World) -> None:
    for rule, sentence in (
        ({"attribute": ""}, "Choose what to balance"),
        ({"shares": {"civil-society": 60, "member-state": 60}}, "more than 100"),
        ({"shares": {"nobody": 10}}, "not one of the groups"),
        ({"attribute": "gender"}, "gender for statistics"),
    ):
        with pytest.raises(InvalidDocument) as refused:
            publish_rule(world, **rule)
        assert sentence in str(refused.value.problems[0].says)


def test_a_change_after_publication_is_shown(world: World) -> None:
    publish_rule(world)
    publish_rule(world, bound=2, shares={"civil-society": 40})
    address = reverse("hearing:page", args=(world.hearing.slug,))
    page = compact(world.client().get(address).text)
    assert "by more than 2 places from the order of arrival" in page
    assert "40%" in page
    assert page.count("This rule was changed after registration had opened") == 2
    assert "by more than 3 places" in page


def test_the_office_sets_the_rule_and_the_file_has_it(world: World) -> None:
    client = world.client()
    part = reverse("hearing:programme-part", args=(world.hearing.slug, "registration"))
    page = client.get(part).text
    assert 'name="registration-balance_bound"' in page
    publish_rule(world, shares={"civil-society": 40})
    file = client.get(reverse("hearing:export", args=(world.hearing.slug,))).content.decode()
    assert "[balance]" in file
    assert re.search(r"civil-society = 40", file)


def test_the_page_proposes_leaves_and_accepts(world: World) -> None:
    publish_rule(world)
    fill(world)
    client, page = world.client(), page_of(world)
    shown = client.get(page).text
    assert "then has" in shown
    assert "<svg" in shown
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    leave = re.search(r'name="leave"\s+value="(\w+)"', shown)
    assert seen
    assert leave
    refused = client.post(page, {"seen": seen[1], "reason": ""})
    assert (refused.status_code, Move.objects.count()) == (200, 0)
    assert "Give the reason" in refused.text
    again = client.post(page, {"do": "again", "leave": leave[1]}).text
    assert ("Left in place" in again, "Give the reason" in again) == (True, False)
    assert Move.objects.count() == 0
    done = client.post(page, {"seen": seen[1], "reason": "Balance"}, follow=True)
    assert "1 speaker has been moved." in done.text
    Hearing.objects.filter(pk=world.hearing.pk).update(public_list=True)
    public = client.get(reverse("speakers:public", args=(world.hearing.slug,))).text
    assert "Place by order of arrival" in public
    assert "among the first" in public
    moved = Move.objects.get().inscription.registration
    record = client.get(reverse("hearing:record", args=(world.hearing.slug,))).text
    balanced = "was balanced by category (most places that a speaker may be moved: 3)."
    assert f"{balanced} Reason: Balance" in compact(record)
    own = Client().get(links.personal_url(moved)).text
    assert "Place by order of arrival: 4." in own


def test_the_page_costs_the_same_for_one_and_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publish_rule(world)
    client, page = world.client(), page_of(world)
    fill(world)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(6):
        world.ngo(f"More {number}", 0)
    with django_assert_num_queries(len(few)):
        client.get(page)
