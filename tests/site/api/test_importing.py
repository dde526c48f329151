"""Registrations from a table: every bad row is named, and all rows are imported or none."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from hemicycle.before.registration.models import Registration
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from hemicycle.site.api.models import Scope
from hemicycle.ui.spreadsheets import XLSX_TYPE
from tests.site.api.support import Program, program
from tests.support.bombs import zip_bomb

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

HEAD = ["Organization", "Country", "Category", "Name", "E-mail", "Wishes to intervene", "Panel"]
HEAD[4] = "Email"
GOOD = [
    ["Open Doors", "Kenya", "civil-society", "Amina Example", "a@hearing.example", "yes", "1"],
    ["Safe Harbour", "NO", "civil-society", "Berit Example", "b@hearing.example", "no", ""],
    ["دار الأمان", "EG", "civil-society", "هدى", "c@hearing.example", "Yes", "2"],
]
PATH = "/office/registrations/import"


def _csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _send(
    caller: Program, data: bytes, *, keep: bool = False, media_type: str = "text/csv", **query: str
) -> tuple[int, Any]:
    asked = {"dry_run": "false" if keep else "true", **query}
    address = PATH + "?" + "&".join(f"{key}={value}" for key, value in asked.items())
    answer = caller.ask(address, "post", data=data, content_type=media_type)
    return answer.status_code, json.loads(answer.content)


def _seen(world: World) -> tuple[int, int, int]:
    entries = Entry.objects.filter(hearing=world.hearing.id).count()
    return Registration.objects.count(), Message.objects.count(), entries


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_dry_run_says_what_would_come_of_it_and_keeps_nothing(
    world: World, delimiter: str
) -> None:
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    before = _seen(world)
    status, said = _send(caller, _csv([HEAD, *GOOD], delimiter))
    assert (status, said) == (
        200,
        {"dry_run": True, "rows": 3, "taken": 3, "again": 0, "bad": [], "references": []},
    )
    assert _seen(world) == before


def test_whoever_is_imported_may_have_an_alias(world: World) -> None:
    rows = [[*HEAD, "Alias"], [*GOOD[0], "Coalition of survivors"]]
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    status, _said = _send(caller, _csv(rows), keep=True)
    row = Registration.objects.get(organization__name="Open Doors")
    assert (status, row.alias) == (200, "Coalition of survivors")


def test_a_table_is_taken_once_however_often_it_is_sent(world: World) -> None:
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    _status, said = _send(caller, _csv([HEAD, *GOOD]), keep=True)
    rows = {row.reference: row for row in Registration.objects.all()}
    assert (said["taken"], sorted(said["references"])) == (3, sorted(rows))
    first = rows[said["references"][0]]
    assert (first.organization.name, first.organization.country) == ("Open Doors", "KE")
    assert [inscription.segment for inscription in first.inscriptions.all()] == [world.panels[0]]
    assert Message.objects.filter(person=first.person).count() == 1
    entry = Entry.objects.get(hearing=world.hearing.id, kind="registrations.imported")
    assert (entry.actor, entry.fields()) == (world.secretary.id.hex, {"count": 3})
    before = _seen(world)
    _status, said = _send(caller, _xlsx([HEAD, *GOOD]), keep=True, media_type=XLSX_TYPE)
    assert (said["taken"], said["again"], _seen(world)) == (0, 3, before)


def test_every_bad_row_is_named_and_none_is_taken(world: World) -> None:
    bad = [
        ["", "KE", "civil-society", "No Organization", "d@hearing.example", "no", ""],
        ["Far Away", "Atlantis", "pirates", "Two Faults", "e@hearing.example", "no", ""],
        ["No Panel", "KE", "civil-society", "Wishes", "f@hearing.example", "yes", "9"],
        ["No Address", "KE", "civil-society", "Nobody", "nowhere", "no", ""],
        ["Open Doors", "KE", "civil-society", "Again", "a@hearing.example", "no", ""],
    ]
    before = _seen(world)
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    before = _seen(world)
    for keep in (False, True):
        status, said = _send(caller, _csv([HEAD, *GOOD, [], *bad]), keep=keep)
        named = {one["row"]: [fault["column"] for fault in one["problems"]] for one in said["bad"]}
        assert (status, said["taken"], said["references"]) == (200, 0, [])
        assert named == {
            6: ["organization"],
            7: ["country", "category"],
            8: ["panel"],
            9: ["email"],
            10: ["email"],
        }
        assert all(len(fault["says"]) > 10 for one in said["bad"] for fault in one["problems"])
        assert _seen(world) == before


def test_missions_come_with_their_own_columns(world: World) -> None:
    head = ["State", "Delegation", "Category", "Name", "Email", "Rank", "Panels"]
    rows = [
        ["Estonia", "", "member-state", "Kersti Example", "g@hearing.example", "5", "1; 2"],
        ["", "Holy See", "member-state", "Pietro Example", "h@hearing.example", "9", "1"],
    ]
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    status, said = _send(caller, _csv([head, *rows]), keep=True, track="member-states")
    assert (status, said["bad"], said["taken"]) == (200, [], 2)
    found = Registration.objects.order_by("arrival")
    assert [(one.organization.name, one.inscriptions.count()) for one in found] == [
        ("Estonia", 2),
        ("Holy See", 1),
    ]


def test_after_the_deadline_no_row_is_taken(world: World) -> None:
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    world.clock.advance(6 * 86_400_000)
    _status, said = _send(caller, _csv([HEAD, GOOD[0]]), keep=True)
    assert said["taken"] == 0
    assert "Registration closed on" in said["bad"][0]["problems"][0]["says"]


NONSENSE = {
    "empty": (b"\n", "text/csv", "The table is empty"),
    "unknown": (_csv([["Shoe size"], ["44"]]), "text/csv", "Unknown columns"),
    "lacking": (_csv([["Name"], ["Ana"]]), "text/csv", "Missing columns"),
    "twice": (_csv([["Name", "name"], ["a", "b"]]), "text/csv", "a name of its own"),
    "latin": ("Name,Straße\nü".encode("latin-1"), "text/csv", "not in UTF-8"),
    "wide": (_csv([["Name"], ["a", "b"]]), "text/csv", "Row 2 has more cells"),
    "quote": (b'Name\n"a', "text/csv", "cannot be read as CSV"),
    "long": (_csv([["Name"], *[["x"]] * 1001]), "text/csv", "more than 1000 rows"),
    "cell": (_csv([["Name"], ["x" * 6000]]), "text/csv", "more than 5000 characters"),
    "text": (b"hello", XLSX_TYPE, "workbook cannot be read"),
    "hollow": (b"PK\x05\x06" + b"\0" * 18, XLSX_TYPE, "workbook cannot be read"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_a_file_that_is_no_table_gets_a_sentence(world: World, case: str) -> None:
    data, media_type, says = NONSENSE[case]
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    status, said = _send(caller, data, media_type=media_type)
    assert (status, says in said["detail"]) == (422, True), said


def test_a_file_that_unpacks_to_too_much_gets_a_sentence(world: World) -> None:
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    data = zip_bomb("xl/workbook.xml", 80 * 2**20)
    status, said = _send(caller, data, media_type=XLSX_TYPE)
    assert (status, "too large" in said["detail"]) == (422, True), said


def test_a_file_that_is_too_large_or_of_another_kind(world: World) -> None:
    caller = program(world, Scope.REGISTRATIONS_WRITE)
    assert _send(caller, b"x" * (6 * 2**20))[0] == 413
    assert _send(caller, b"{}", media_type="application/json")[0] == 415
