"""Bad input gets a clear message and loses nothing: cases that concern several apps."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people import limits
from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.addresses import undone
from tests.support.bombs import zip_bomb
from tests.support.jobs import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse
    from pytest_django.fixtures import Settings

    from hemicycle.before.registration.models import Registration
    from tests.support.addresses import Place
    from tests.support.lists import World

TEN_MB = "Many words. " * (10 * 2**20 // 12)


LONG_FIELDS = {
    "registration:register": "name",
    "registration:replace": "name",
    "registration:address": "email",
    "registration:co-signers": "co_signer_1",
    "registration:office-co-signers": "co_signer_1",
    "registration:withdraw": "reason",
    "registration:add": "name",
    "registration:edit": "reason",
    "registration:office-withdraw": "reason",
    "registration:merge-with": "reason",
    "registration:check-receipt": "text",
    "statements:hand-in": "text",
    "statements:detail": "text",
    "questions:own": "text",
    "questions:triage": "reason",
    "training:office": "how",
    "training:cancel": "reason",
    "speakers:list": "reason",
    "speakers:balance": "reason",
    "registration:decide": "reason",
    "accreditation:evidence": "text",
    "accreditation:approve": "reason",
    "accreditation:circulated": "reason",
    "accreditation:edition": "reason",
    "accreditation:list-leave-out": "reason",
    "accreditation:list-discard": "reason",
    "accreditation:list-withdraw": "reason",
    "wall:page": "text",
    "room:press": "note",
    "room:feed": "note",
    "summary:add": "text",
    "summary:translate": "text",
    "hearing:programme": "facts-title",
    "hearing:people": "name",
    "room:beat": "screen",
}


def test_ten_megabytes_of_text_get_a_sentence(place: Place) -> None:
    client = place.client("secretariat")
    for name, field in LONG_FIELDS.items():
        answer = undone(client, "post", place.url(name), {field: TEN_MB})
        said = answer.content.decode()
        assert answer.status_code in {413, 422}, name
        assert "MB" in said or "characters" in said, name


FILES = [
    ("hearing:file", "hearing.toml", "larger than the limit of 512 KB"),
    ("hearing:words", "words.xlf", "larger than the limit of 4096 KB"),
    ("hearing:convene", "hearing.toml", "larger than the limit of 512 KB"),
    ("hearing:convene", "note.txt", "longer than 250,000 characters"),
    ("statements:hand-in", "statement.txt", "more than 5,000,000 characters"),
    ("accreditation:evidence", "status.txt", "more than 5,000,000 characters"),
    ("registration:check-receipt", "receipt.json", "too large"),
]


def test_a_file_of_ten_megabytes_gets_a_sentence(place: Place) -> None:
    client = place.client("secretariat")
    for name, file, says in FILES:
        sent = {"file": SimpleUploadedFile(file, TEN_MB.encode())}
        answer = _in_the_end(client, place.url(name), sent)
        said = answer.content.decode()
        assert answer.status_code in {413, 422} or "was not accepted." in said, (name, file)
        assert says in said, (name, file, said)


def _in_the_end(client: Client, url: str, sent: dict[str, Any]) -> HttpResponse:
    """Send a file, roll its effects back, and return the answer, from the worker if needed."""
    limits.forget()
    with transaction.atomic():
        answer: HttpResponse = client.post(url, sent)  # type: ignore[assignment]
        if "?job=" in answer.headers.get("Location", ""):
            answer = outcome(client, answer)
        transaction.set_rollback(True)
    return answer


@pytest.mark.any_database
def test_a_bomb_named_docx_gets_a_sentence_wherever_it_is_sent(place: Place) -> None:
    bomb = zip_bomb("word/document.xml", 400 * 2**20, kinds=True)
    doors = ("hearing:convene", "statements:hand-in", "statements:detail")
    for name in (*doors, "accreditation:evidence"):
        sent = {"file": SimpleUploadedFile("note.docx", bomb)}
        answer = _in_the_end(place.client("secretariat"), place.url(name), sent)
        said = answer.content.decode()
        assert answer.status_code == 422 or "“note.docx” was not accepted." in said, name
        assert "is far larger" in said, name
    assert Hearing.objects.filter(title="note.docx").count() == 0


EARLY = "0001-01-01T00:00:00+14:00}]"
BROKEN_FILES = {
    "nest": "x = " + "[" * 100_000,
    "number": "x = " + "9" * 5000,
    "null": 'title = "a\\u0000b"',
    "late": "title = 'x'\ndeadlines = [{track = 'stakeholders', closes = 9999-12-31}]",
    "early": f"time_zone = 'Asia/Tokyo'\ndeadlines = [{{track = 'stakeholders', closes = {EARLY}",
    "language": "languages = ['xx-yy-zz', '../../']",
    "kind": "title = 1979-05-27",
    "meeting": "[[meetings]]\ndate = 9999-12-31\nstarts = 10:00:00\nends = 11:00:00",
}


@pytest.fixture
def garbage_waits() -> Iterator[None]:
    """Keep garbage of other tests from being finalized at the bottom of a deep recursion."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("garbage_waits")
def test_a_hearing_file_that_cannot_be_gets_a_sentence(place: Place) -> None:
    client = place.client("secretariat")
    answers = {
        (name, what): undone(
            client,
            "post",
            place.url(name),
            {"file": SimpleUploadedFile("h.toml", text.encode())},
        ).status_code
        for name in ("hearing:file", "hearing:convene")
        for what, text in BROKEN_FILES.items()
    }
    assert {*answers.values()} == {422}, answers


def test_one_changed_bit_is_found_by_the_office(world: World) -> None:
    world.ngo("Open Doors", 0)
    entry = Entry.objects.filter(hearing=world.hearing.id, kind="registration.received").get()
    changed = entry.body.replace("stakeholders", "stakeholderr")
    assert changed != entry.body
    _rewrite(entry, changed)
    office = f"/office/{world.hearing.slug}/"
    page = world.client().post(f"{office}verify/", follow=True).content.decode()
    assert f"The record is not intact: it fails at entry {entry.seq}." in page
    assert f'href="/office/{world.hearing.slug}/record/"' in page


def _rewrite(entry: Entry, body: str) -> None:
    """Change the body of an entry, as someone with the password of the database could."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER record_entry_unchanged")
        else:
            cursor.execute("DROP TRIGGER record_entry_kept ON record_entry")
        cursor.execute("UPDATE record_entry SET body = %s WHERE seq = %s", [body, entry.seq])


def test_a_withdrawn_speaker_is_not_called(world: World) -> None:
    rows = [world.ngo(name, 0) for name in ("First", "Second")]
    world.open_panel(0)
    slots = [world.inscription(row).pk.hex for row in rows]
    _withdraw(rows[0])
    assert "withdrawn" in _pressed(world, f"give_floor:{slots[0]}")
    for press in (f"recall:{slots[0]}", f"move_slot:{slots[0]}", f"mark_absent:{slots[0]}"):
        assert "withdrawn" in _pressed(world, press)
    floor = floor_of(world.panels[0].meeting_id)
    assert (floor.holder, floor.slots[slots[0]].state) == (None, "withdrawn")


def test_undoing_brings_nobody_back_who_has_withdrawn(world: World) -> None:
    rows = [world.ngo(name, 0) for name in ("First", "Second")]
    world.open_panel(0)
    slot = world.inscription(rows[0]).pk.hex
    world.press(c.MarkAbsent(slot))
    _withdraw(rows[0])
    assert "withdrawn" in _pressed(world, "undo")
    assert floor_of(world.panels[0].meeting_id).slots[slot].state == "withdrawn"
    assert "withdrawn" in _pressed(world, f"give_floor:{slot}")


def _withdraw(row: Registration) -> None:
    row.refresh_from_db()
    changes.withdraw(registration=row, segments=(), reason="", actor=actor_of(row))


def _pressed(world: World, press: str) -> str:
    """Return the console's answer to a press that it does not allow."""
    address = f"/h/{world.hearing.slug}/console/{world.panels[0].meeting_id}/press/"
    answer = world.client(world.moderator).post(address, {"press": press}, follow=True)
    return unescape(answer.content.decode())


def test_an_upload_folder_that_takes_nothing_is_told_and_leaves_nothing(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "uploads"
    row = world.ngo("Open Doors", 0)
    before = Entry.objects.filter(hearing=world.hearing.id).count()
    address = f"/my/{links.secret_of(row)}/statement/"
    answer = Client().post(address, {"text": "Madam President, we call for a fund."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "could not be saved" in page
    assert "we call for a fund" in page
    assert Statement.objects.filter(registration=row).count() == 0
    assert Entry.objects.filter(hearing=world.hearing.id).count() == before


def test_ids_that_are_none_find_no_row(place: Place) -> None:
    client, nobody = place.client("secretariat"), UUID(int=0)
    names = [name for name, wanted in place.ids.items() if {"pk", "segment"} & wanted.keys()]
    key = {name: "segment" if "segment" in place.ids[name] else "pk" for name in names}
    answers = {
        undone(client, "get", place.url(name, **{key[name]: nobody})).status_code for name in names
    }
    assert answers <= {401, 404, 405}  # 401: addresses of the engine, which need a pass
