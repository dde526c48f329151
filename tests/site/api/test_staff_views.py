"""What a token gives access to, for whom and how long; what it does, and in whose name."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from openpyxl import load_workbook

from hemicycle.hearing.people.models import Appointment
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry, Head
from hemicycle.record.verify import verify
from hemicycle.site.api import actions, limits
from hemicycle.site.api.models import Scope, Token
from tests.site.api.support import Program, program, secret
from tests.support.finished import finished_hearing

if TYPE_CHECKING:
    from tests.support.lists import World

DAY_MS = 86_400_000
PATHS = {
    "/office/registrations": Scope.REGISTRATIONS_READ,
    "/office/registrations/table": Scope.REGISTRATIONS_READ,
    "/office/lists": Scope.LISTS_READ,
    "/office/lists/table": Scope.LISTS_READ,
    "/office/statements": Scope.STATEMENTS_READ,
    "/office/statements/table": Scope.STATEMENTS_READ,
    "/office/questions": Scope.QUESTIONS_READ,
    "/office/questions/table": Scope.QUESTIONS_READ,
    "/office/record": Scope.RECORD_READ,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_token_opens_what_its_scope_says_and_nothing_else(world: World, path: str) -> None:
    assert program(world, PATHS[path]).ask(path).status_code == 200
    others = [scope for scope in Scope if scope != PATHS[path]]
    answer = program(world, *others).ask(path)
    assert answer.status_code == 403
    assert PATHS[path].value in json.loads(answer.content)["detail"]
    assert program(world).ask(path).headers["WWW-Authenticate"] == 'Bearer realm="hemicycle"'


def test_a_token_opens_its_own_hearing_until_it_lapses(world: World) -> None:
    caller = program(world, Scope.RECORD_READ, days=2)
    assert caller.ask("/office/record").status_code == 200
    other = Program(Client(), "/api/v1/hearings/another", caller.secret)
    assert other.problem("/office/record") == (
        404,
        "This token gives no access to a hearing at this address.",
    )
    world.clock.advance(2 * DAY_MS)
    assert caller.problem("/office/record") == (
        401,
        "This token has expired. Ask the secretariat for a new one.",
    )


def test_a_token_that_was_revoked_opens_nothing(world: World) -> None:
    token, opens = secret(world, Scope.RECORD_READ)
    caller = Program(Client(), f"/api/v1/hearings/{world.hearing.slug}", opens)
    assert caller.ask("/office/record").status_code == 200
    actions.revoke_token(token=token, actor=world.office)
    actions.revoke_token(token=token, actor=world.office)
    assert caller.problem("/office/record")[0] == 401
    kinds = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="token.")
    assert list(kinds.order_by("seq").values_list("kind", "actor")) == [
        ("token.made", world.secretary.id.hex),
        ("token.revoked", world.secretary.id.hex),
    ]


def test_a_token_opens_nothing_once_its_owner_has_left(world: World) -> None:
    caller = program(world, Scope.RECORD_READ)
    Appointment.objects.filter(person=world.secretary).delete()
    assert caller.problem("/office/record") == (
        401,
        "The person who created this token no longer works for the hearing.",
    )


def test_a_token_opens_no_more_than_its_owner_may(world: World) -> None:
    callers = {path: program(world, scope) for path, scope in PATHS.items()}
    rows = Appointment.objects.filter(person=world.secretary)
    for duties, open_to in (
        (["lists", "protected"], {Scope.LISTS_READ}),
        (["documents", "registration"], set[Scope]()),
        (["documents", "protected"], {Scope.STATEMENTS_READ, Scope.QUESTIONS_READ}),
        (["registration", "protected"], {Scope.REGISTRATIONS_READ}),
    ):
        rows.update(duties=duties)
        found = {PATHS[path] for path, call in callers.items() if call.ask(path).status_code == 200}
        assert found == open_to
    assert callers["/office/lists"].problem("/office/lists") == (
        403,
        "The person who created this token no longer has the duty: lists of speakers.",
    )


def test_erasing_its_owner_erases_the_token_and_the_record_holds(world: World) -> None:
    caller = program(world, Scope.RECORD_READ)
    erasure.erase(hearing=world.hearing.id, person=world.secretary.id, actor=world.chair)
    assert Token.objects.count() == 0
    assert caller.ask("/office/record").status_code == 401
    assert (
        verify(Entry.objects.order_by("hearing", "seq").values(), Head.objects.values()).broken
        is None
    )


def test_a_token_is_kept_as_a_hash_and_its_use_is_noted(world: World) -> None:
    token, opens = secret(world, Scope.RECORD_READ)
    row = Token.objects.filter(pk=token.pk).values().get()
    assert opens not in json.dumps(row, default=str)
    assert row["last_used_at"] is None
    caller = Program(Client(), f"/api/v1/hearings/{world.hearing.slug}", opens)
    caller.ask("/office/record")
    first = clock.now()
    world.clock.advance(30_000)
    caller.ask("/office/record")
    token.refresh_from_db()
    assert token.last_used_at == first
    world.clock.advance(30_000)
    caller.ask("/office/record")
    token.refresh_from_db()
    assert token.last_used_at == first + timedelta(minutes=1)


def test_a_session_opens_nothing(world: World) -> None:
    client = world.client()
    answer = client.get(f"/api/v1/hearings/{world.hearing.slug}/office/record")
    assert answer.status_code == 401


def test_registrations_are_found_page_by_page(world: World) -> None:
    world.ngo("Open Doors", 0)
    world.mission("Estmere", 0, 1)
    world.ngo("Safe Harbour")
    caller = program(world, Scope.REGISTRATIONS_READ)
    page = caller.get("/office/registrations", limit=2)
    assert [one["organization"]["name"] for one in page["items"]] == ["Open Doors", "Estmere"]
    assert [len(one["requests"]) for one in page["items"]] == [1, 2]
    rest = caller.get("/office/registrations", limit=2, cursor=page["next"])
    assert [one["organization"]["name"] for one in rest["items"]] == ["Safe Harbour"]
    found = caller.get("/office/registrations", q="harbour", track="stakeholders")["items"]
    assert [one["person"]["name"] for one in found] == ["Speaker of Safe Harbour"]
    panel = str(world.panels[1].id)
    assert len(caller.get("/office/registrations", panel=panel)["items"]) == 1
    assert len(caller.get("/office/registrations", category="civil-society")["items"]) == 2
    one = page["items"][0]
    assert caller.get(f"/office/registrations/{one['id']}") == one


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"status": "lost"}, "status"),
        ({"panel": "first"}, "panel"),
        ({"category": "nobody"}, "category"),
        ({"cursor": "???"}, "cursor"),
        ({"cursor": "LTE"}, "cursor"),
        ({"q": "a\0b"}, "q"),
    ],
)
def test_a_query_that_is_not_right_is_told_where(
    world: World, query: dict[str, str], where: str
) -> None:
    answer = program(world, Scope.REGISTRATIONS_READ).ask("/office/registrations", data=query)
    said = json.loads(answer.content)
    assert (answer.status_code, said["errors"][0]["where"]) == (422, where)


def test_a_decision_is_made_in_the_owners_name(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    path = f"/office/registrations/{row.pk}/decision"
    bare = caller.post(path, {"outcome": "refused"})
    assert (bare.status_code, json.loads(bare.content)["errors"][0]["where"]) == (422, "reason")
    for _time in range(2):
        answer = caller.post(path, {"outcome": "refused", "reason": "Not accredited."})
        assert json.loads(answer.content)["status"] == "refused"
    decided = Entry.objects.filter(hearing=world.hearing.id, kind="registration.decided")
    assert list(decided.values_list("actor", "role")) == [(world.secretary.id.hex, "secretariat")]
    assert row.decisions.get().decided_by == world.secretary
    letters = Message.objects.filter(person=row.person, body__contains="Not accredited.")
    assert letters.count() == 1


def test_a_full_panel_refuses_with_the_rules_own_sentence(world: World) -> None:
    first, second = (world.ngo(name, 0, accepted=False) for name in ("First", "Second"))
    panel = world.panels[0]
    panel.max_inscriptions = 1
    panel.save()
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    refuse = {"outcome": "refused", "reason": "No."}
    caller.post(f"/office/registrations/{second.pk}/decision", refuse)
    answer = caller.post(f"/office/registrations/{second.pk}/decision", {"outcome": "accepted"})
    assert answer.status_code == 409
    assert "its one place is taken" in json.loads(answer.content)["detail"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("submitted", "refused")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"outcome": "perhaps"}', "application/json", 422),
        (b'{"outcome": "accepted", "reason": "\\ud800"}', "application/json", 400),
        (b'{"outcome": "accepted", "reason": "a\\u0000"}', "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"outcome=accepted", "application/x-www-form-urlencoded", 415),
        (b'{"reason": "' + b"x" * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_not_right_gets_a_sentence(
    world: World, body: bytes, media_type: str, status: int
) -> None:
    row = world.ngo("Open Doors", accepted=False)
    answer = program(world, Scope.REGISTRATIONS_WRITE).ask(
        f"/office/registrations/{row.pk}/decision", "post", data=body, content_type=media_type
    )
    assert (answer.status_code, len(json.loads(answer.content)["detail"]) > 10) == (status, True)
    row.refresh_from_db()
    assert row.status == "submitted"


def test_lists_statements_questions_and_record_of_a_finished_hearing(db: None) -> None:
    with finished_hearing() as finished:
        world = finished.world
        caller = program(world, *Scope)
        lists = caller.get("/office/lists")["panels"]
        assert {line["state"] for line in lists[0]["lines"]} == {"delivered", "not_reached"}
        texts = caller.get("/office/statements")["items"]
        assert len(texts) == len(finished.registrations)
        assert all("trust fund" in one["text"] for one in texts)
        (question,) = caller.get("/office/questions")["items"]
        assert (question["text"], question["state"]) == ("Who pays for the shelters?", "drawn")
        page = caller.get("/office/record", limit=30)
        given = caller.get("/office/record", kind="floor.given", limit=100)["items"]
        rows = Entry.objects.filter(hearing=world.hearing.id)
        assert len(given) == rows.filter(kind="floor.given").count()
        after = caller.get("/office/record", after=page["items"][-1]["seq"], limit=100)["items"]
        assert [one["seq"] for one in page["items"] + after] == list(range(1, rows.count() + 1))
        for kind in ("registrations", "lists", "statements", "questions"):
            _compare_tables(caller, f"/office/{kind}/table")


def _compare_tables(caller: Program, path: str) -> None:
    """Check that the workbook has the same content as the CSV file."""
    text = caller.ask(path).content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    book = load_workbook(io.BytesIO(caller.ask(path, data={"format": "xlsx"}).content))
    cells = [
        ["" if cell is None else str(cell) for cell in row]
        for row in book.worksheets[0].iter_rows(values_only=True)
    ]
    assert len(table) > 1
    assert cells == table


def test_the_limits_are_told_and_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOR_TOKEN", 3)
    monkeypatch.setattr(limits, "FOR_ADDRESS", 2)
    world.clock.move_to((clock.now_ms() // 60_000 + 1) * 60_000 + 10_000)
    token, stranger = program(world, Scope.RECORD_READ), program(world)
    told = [token.ask("/office/record").headers["RateLimit"] for _time in range(3)]
    assert told == [f'"requests";r={left};t=50' for left in (2, 1, 0)]
    refused = token.ask("/office/record")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")
    assert [stranger.ask("").status_code for _time in range(3)] == [200, 200, 429]
    world.clock.advance(50_000)
    assert token.ask("/office/record").status_code == 200
