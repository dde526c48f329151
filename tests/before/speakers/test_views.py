"""The secretariat's pages of the lists, the public's, and the section on the personal page."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django.fixtures import DjangoAssertNumQueries

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.models import CoSigner
from hemicycle.before.speakers import csv_columns, queries, signals, views
from hemicycle.before.speakers.models import Move
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.procedure import commands as c
from hemicycle.signals import Signal
from tests.support.lists import World
from tests.support.markup import compact

pytestmark = [pytest.mark.postgresql("ordering"), pytest.mark.django_db]


def page_of(world: World, panel: int = 0, name: str = "list") -> str:
    return reverse(f"speakers:{name}", args=(world.hearing.slug, world.panels[panel].pk))


def organizations(html: str) -> list[str]:
    return re.findall(r"<strong><bdi>((?:Ngo|Mission) [A-Z])</bdi>", compact(html))


def test_the_waiting_list_is_on_the_pages_and_in_the_exports(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    for name in ("Ngo A", "Ngo B", "Ngo C"):
        world.ngo(name, 0)
    office = world.client()
    page = office.get(page_of(world)).text
    at = page.index("Waiting list")
    assert at < page.index("Ngo B", at) < page.index("Ngo C", at)
    index = office.get(reverse("speakers:office", args=(world.hearing.slug,))).text
    assert "2 registrations are on the waiting list." in compact(index)
    text = office.get(page_of(world, 0, "csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Position"], row["Organization"], row["State"]) for row in rows] == [
        ("1", "Ngo A", "inscribed"),
        ("", "Ngo B", "waiting-list"),
        ("", "Ngo C", "waiting-list"),
    ]


def test_the_list_shows_the_merged_order_and_finds_words(world: World) -> None:
    world.ngo("Ngo A", 0, co_signers=("Joining Group",))
    world.ngo("Ngo B", 0, speaker="Élodie Ümit")
    world.mission("Mission C", 0)
    client, page = world.client(), page_of(world)
    assert organizations(client.get(page).text) == ["Mission C", "Ngo A", "Ngo B"]
    assert organizations(client.get(page, {"q": "elodie umit"}).text) == ["Ngo B"]
    assert organizations(client.get(page, {"track": "stakeholders"}).text) == ["Ngo A", "Ngo B"]
    assert "No one on this list matches" in client.get(page, {"q": "zzz"}).text


def test_the_page_costs_the_same_for_one_and_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, page = world.client(), page_of(world)
    world.ngo("Ngo A", 0, co_signers=("Joining Group",))
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    for name in "BCDEF":
        world.ngo(f"Ngo {name}", 0, co_signers=("Joining Group",))
    with django_assert_num_queries(len(one)):
        client.get(page)


def test_words_find_whom_a_place_names_and_nobody_else(world: World) -> None:
    joint = world.ngo("Ngo A", 0, co_signers=("Grüne Höfe", "Silent Group"), title="Mayor of Ix")
    world.ngo("Ngo B", 0, speaker="Élodie Ümit")
    world.ngo("Ngo C", 1, speaker="Élodie Ümit")
    one = joint.co_signers.get(organization_name="Grüne Höfe")
    changes.answer_co_signing(co_signer=one, state=CoSigner.State.CONSENTED)
    client, page = world.client(), page_of(world)

    def found(words: str) -> list[str]:
        return organizations(client.get(page, {"q": words}).text)

    assert found("grune mayor") == found("HOFE ngo") == ["Ngo A"]
    assert found(joint.reference) == ["Ngo A"]
    assert found("silent") == found("grune umit") == []
    assert found("umit") == ["Ngo B"]


def test_who_spoke_is_found_after_another_has_taken_over(world: World) -> None:
    row = world.ngo("Ngo A", 0, 1, speaker="Elder Example")
    world.open_panel(0)
    world.press(c.GiveFloor(world.inscription(row).id.hex))
    world.press(c.EndFloor())
    world.press(c.CloseSegment())
    changes.replace_speaker(
        registration=row,
        name="Younger Example",
        email="younger@hearing.example",
        title="",
        actor=world.office,
    )
    client = world.client()
    for panel, word in ((0, "elder"), (1, "younger")):
        assert organizations(client.get(page_of(world, panel), {"q": word}).text) == ["Ngo A"]
    assert organizations(client.get(page_of(world, 1), {"q": "elder"}).text) == []


def test_a_search_costs_the_same_for_one_and_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    client, page = world.client(), page_of(world)
    world.ngo("Ngo A", 0, co_signers=("Joining Group",))
    with CaptureQueriesContext(connection) as one:
        client.get(page, {"q": "ngo"})
    for name in "BCDEF":
        world.ngo(f"Ngo {name}", 0, co_signers=("Joining Group",))
    with django_assert_num_queries(len(one)):
        answer = client.get(page, {"q": "ngo speaker of"})
    assert organizations(answer.text) == ["Ngo A", "Ngo B"]
    named = [query["sql"] for query in one if '_organization"."name"' in query["sql"]]
    assert named
    assert all(" IN (" in sql for sql in named)  # full rows are read only for what the page shows


def test_arrows_fill_in_the_form_and_a_reason_moves(world: World) -> None:
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "ABC"]
    client, page = world.client(), page_of(world)
    up = f"?inscription={rows[2].pk.hex}&amp;before={rows[1].pk.hex}#move"
    assert up in client.get(page).text
    filled = client.get(page, {"inscription": rows[2].pk.hex, "before": rows[1].pk.hex}).text
    assert f'<option value="{rows[2].pk.hex}" selected>3. Ngo C</option>' in filled

    data = {"inscription": rows[2].pk.hex, "before": rows[1].pk.hex, "reason": ""}
    refused = client.post(page, data)
    assert (refused.status_code, Move.objects.count()) == (200, 0)
    assert "Give the reason for moving the speaker" in refused.text
    assert f'<option value="{rows[2].pk.hex}" selected>' in refused.text

    moved = client.post(page, {**data, "reason": "Has a flight"}, follow=True)
    assert organizations(moved.text) == ["Ngo A", "Ngo C", "Ngo B"]
    assert "Moved by <bdi>Ana Secretary</bdi> in front of <bdi>Ngo B</bdi>" in moved.text
    assert "Has a flight" in moved.text


def test_a_long_list_comes_in_pages_that_search_and_moves_reach_across(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "ABCDE"]
    client, page = world.client(), page_of(world)
    first = client.get(page).text
    assert organizations(first) == ["Ngo A", "Ngo B"]
    assert "5. Ngo E" not in first  # the form does not offer it as a choice either
    assert organizations(client.get(page, {"page": 3}).text) == ["Ngo E"]
    assert organizations(client.get(page, {"q": rows[4].registration.reference}).text) == ["Ngo E"]
    linked = client.get(page, {"inscription": rows[4].pk.hex, "before": rows[3].pk.hex}).text
    assert f'<option value="{rows[4].pk.hex}" selected>5. Ngo E</option>' in linked

    data = {"inscription": rows[4].pk.hex, "before": "end", "place": "2", "reason": "a flight"}
    moved = client.post(f"{page}?page=1", data)
    assert moved.headers["Location"] == f"{page}?page=1"
    everybody = [line.organization for line in queries.listing(world.panels[0]).on_list]
    assert everybody == ["Ngo A", "Ngo E", "Ngo B", "Ngo C", "Ngo D"]
    data = {"inscription": rows[0].pk.hex, "before": "end", "place": "99", "reason": "is late"}
    client.post(page, data)
    everybody = [line.organization for line in queries.listing(world.panels[0]).on_list]
    assert everybody == ["Ngo E", "Ngo B", "Ngo C", "Ngo D", "Ngo A"]
    data = {"inscription": rows[0].pk.hex, "before": "end", "place": "3", "reason": "is there"}
    client.post(page, data)
    everybody = [line.organization for line in queries.listing(world.panels[0]).on_list]
    assert everybody == ["Ngo E", "Ngo B", "Ngo A", "Ngo C", "Ngo D"]


def test_a_page_says_of_its_speakers_what_the_whole_list_says(world: World) -> None:
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "ABCDE"]
    move = {"inscription": rows[3].pk.hex, "before": rows[0].pk.hex, "reason": "a flight"}
    world.client().post(page_of(world), move)
    whole = queries.listing(world.panels[0])
    wanted = {rows[1].pk, rows[3].pk}
    bare = queries.filled(queries.listing(world.panels[0], is_bare=True), wanted)
    assert [line.position for line in bare.lines] == [line.position for line in whole.lines]
    assert [line.state for line in bare.lines] == [line.state for line in whole.lines]
    assert [bare.line_of(pk) for pk in wanted] == [whole.line_of(pk) for pk in wanted]


def test_the_page_costs_as_many_queries_for_one_page_as_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "AB"]
    client, page = world.client(), page_of(world)
    move = {"inscription": rows[1].pk.hex, "before": rows[0].pk.hex, "reason": "a flight"}
    client.post(page, move)
    with CaptureQueriesContext(connection) as one:
        assert organizations(client.get(page).text) == ["Ngo B", "Ngo A"]
    for name in "CDEFG":
        world.ngo(f"Ngo {name}", 0, co_signers=("Joining Group",))
    with django_assert_num_queries(len(one)):
        client.get(page)


def test_no_place_of_somebody_who_has_spoken_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 1)
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "ABC"]
    world.open_panel()
    world.press(c.GiveFloor(rows[0].pk.hex))
    data = {"inscription": rows[2].pk.hex, "before": "end", "place": "1", "reason": "a flight"}
    assert "has spoken" in world.client().post(page_of(world), data).text
    assert not Move.objects.exists()


def test_a_move_that_moves_nothing_is_answered_with_a_sentence(world: World) -> None:
    rows = [world.inscription(world.ngo(f"Ngo {name}", 0)) for name in "AB"]
    data = {"inscription": rows[0].pk.hex, "before": rows[1].pk.hex, "reason": "because"}
    assert "already in this position" in world.client().post(page_of(world), data).text
    stale = {"inscription": "0" * 32, "before": "end", "reason": "because"}
    assert "no longer on the list" in world.client().post(page_of(world), stale).text


def test_a_rule_is_looked_at_before_it_is_saved(world: World) -> None:
    for name in "AB":
        world.ngo(f"Ngo {name}", 0)
    world.mission("Mission C", 0)
    page = reverse("speakers:rule", args=(world.hearing.slug,))
    data = {
        "kind": "blocks",
        "first": "stakeholders",
        "count_stakeholders": "1",
        "count_member-states": "1",
    }
    before = world.hearing.merge
    preview = world.client().post(page, {**data, "do": "preview"})
    found = re.findall(r"<td><bdi>((?:Ngo|Mission) [A-Z])</bdi></td>", compact(preview.text))
    assert found == ["Ngo A", "Ngo B", "Mission C"]
    assert Hearing.objects.get(pk=world.hearing.pk).merge == before
    world.client().post(page, {**data, "do": "save"})
    assert Hearing.objects.get(pk=world.hearing.pk).merge == {
        "kind": "blocks",
        "tracks": ["stakeholders", "member-states"],
        "counts": [],
    }
    wrong = world.client().post(page, {**data, "count_stakeholders": "0", "do": "save"})
    assert wrong.status_code == 200
    assert "greater than or equal to 1" in wrong.text


def test_a_rank_is_set_on_the_page(world: World) -> None:
    row = world.inscription(world.mission("Mission A", 0))
    client = world.client()
    client.post(page_of(world, 0, "rank"), {"inscription": row.pk, "rank": 3})
    row.refresh_from_db()
    assert row.rank == 3
    wrong = client.post(page_of(world, 0, "rank"), {"inscription": "x", "rank": 99}, follow=True)
    assert "a rank from 1 to 9" in wrong.text


def test_exports_say_the_same_in_both_forms(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.ngo("=Ngo A", 0)
    world.ngo("Ngo B", 0)
    states = {world.inscription(world.ngo("Ngo C", 0)).pk: "missing"}
    column = signals.Column("statement", "Statement", lambda rows: states)
    only = Signal[[], signals.Column]("list_columns")
    only.connect(lambda: column)
    for module in (csv_columns, views):
        monkeypatch.setattr(module, "list_columns", only)
    text = world.client().get(page_of(world, 0, "csv")).content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(world.client().get(page_of(world, 0, "xlsx")).content))
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["Position"], row["Organization"], row["Statement"]) for row in table] == [
        ("1", "'=Ngo A", ""),
        ("2", "Ngo B", ""),
        ("3", "Ngo C", "missing"),
    ]
    assert book.active is not None
    names = [row[1].value for row in book.active.iter_rows()]
    assert names == ["Organization", "=Ngo A", "Ngo B", "Ngo C"]


def test_the_public_sees_names_only_where_both_agree(world: World) -> None:
    world.ngo("Ngo A", 0, consents_to_list="yes")
    world.ngo("Ngo B", 0)
    page = reverse("speakers:public", args=(world.hearing.slug,))
    closed = Client().get(page).text
    assert "not published" in closed
    assert "Ngo A" not in closed
    Hearing.objects.filter(pk=world.hearing.pk).update(public_list=True)
    shown = Client().get(page).text
    assert "Ngo A" in shown
    assert "Ngo B" not in shown


def personal(world: World, registration_pk: UUID) -> str:
    from hemicycle.before.registration.models import Registration

    registration = Registration.objects.get(pk=registration_pk)
    return Client().get(f"/my/{links.secret_of(registration)}/").text


def test_the_personal_page_tells_place_and_time(world: World) -> None:
    for name in "ABCD":
        world.ngo(f"Ngo {name}", 0)
    own = world.ngo("Ngo E", 0)
    text = personal(world, own.pk)
    assert "You are number 5 on the list." in text
    assert "likely" in text
    assert "have asked for the floor in this panel" not in text
    world.open_panel()
    assert "4 speakers come before you." in personal(world, own.pk)
    world.press(c.GiveFloor(world.inscription(own).pk.hex))
    assert "You have the floor." in personal(world, own.pk)


def test_the_personal_page_says_when_too_many_have_asked(world: World) -> None:
    for number in range(17):
        world.ngo(f"Ngo {number}", 0)
    own = world.ngo("Ngo last", 0)
    text = personal(world, own.pk)
    assert "18 have asked for the floor in this panel. There is time for about 17." in text
    assert "speaking jointly" in text
