"""The writer: one transaction at a time, all or nothing, and only declared entry types."""

import threading
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from hemicycle.record import clock, writer
from hemicycle.record.chain import genesis
from hemicycle.record.compiled import insert
from hemicycle.record.entry_registry import UndeclaredEntryType
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import Report, verify

pytestmark = pytest.mark.postgresql("transactions")

WHO = writer.Actor("a" * 32, "secretariat")
BODY = {"format": "hemicycle-record-1"}


@pytest.fixture
def hearing(db: None) -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    return hearing


def report(hearing: UUID) -> Report:
    rows = Entry.objects.filter(hearing=hearing).order_by("seq").values()
    return verify(rows, Head.objects.filter(hearing=hearing).values(), Note.objects.values())


def test_entries_follow_one_another(hearing: UUID) -> None:
    for _ in range(3):
        with writer.writing(hearing, actor=WHO) as record:
            record.append("record.begun", BODY)
    assert report(hearing) == Report(hearings=1, entries=3, notes=0)


def test_a_turn_inside_a_turn_is_the_same_turn(hearing: UUID) -> None:
    with writer.writing(hearing, actor=WHO) as outer:
        outer.append("record.begun", BODY)
        with writer.writing(hearing, actor=WHO) as inner:
            assert inner is outer
            assert inner.append("record.begun", BODY).seq == 2
    assert report(hearing).entries == 2


def test_an_ending_may_register_another(hearing: UUID) -> None:
    called: list[str] = []

    def second(record: writer.Writer) -> None:
        called.append("second")
        record.at_end(second)  # was called already

    def first(record: writer.Writer) -> None:
        called.append("first")
        record.at_end(second)

    with writer.writing(hearing, actor=WHO) as record:
        record.at_end(first)
    assert called == ["first", "second"]


def test_a_turn_that_fails_leaves_nothing(hearing: UUID) -> None:
    def fail() -> None:
        with writer.writing(hearing, actor=WHO) as record:
            record.append("record.begun", BODY)
            record.note("because")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert report(hearing) == Report(hearings=0, entries=0, notes=0)
    assert Head.objects.get(hearing=hearing).hash == genesis(hearing.hex)


@pytest.mark.parametrize("body", [{}, {**BODY, "name": "Ms Example"}, {"format": 1.5}])
def test_a_body_must_be_as_declared(hearing: UUID, body: dict[str, object]) -> None:
    with pytest.raises(ValueError), writer.writing(hearing, actor=WHO) as record:  # noqa: PT011
        record.append("record.begun", body)


def test_a_statement_goes_with_the_commit_and_with_its_undoing(hearing: UUID) -> None:
    def write(words: str, entry: str) -> None:
        note = Note(key=words, hearing=hearing, salt=b"", text=words)
        with writer.writing(hearing, actor=WHO) as record:
            record.with_commit(partial(insert, note))
            assert not Note.objects.filter(key=words).exists()
            record.append(entry, BODY)

    write("kept", "record.begun")
    with pytest.raises(UndeclaredEntryType):
        write("undone", "hearing.dreamt")
    assert list(Note.objects.values_list("key", flat=True)) == ["kept"]


def test_an_undeclared_kind_is_refused(hearing: UUID) -> None:
    with pytest.raises(UndeclaredEntryType), writer.writing(hearing, actor=WHO) as record:
        record.append("hearing.dreamt", {})


def test_a_hearing_without_a_record_is_refused(db: None) -> None:
    with pytest.raises(writer.RecordMissing), writer.writing(uuid4(), actor=WHO):
        pass


def test_time_never_goes_backwards(hearing: UUID) -> None:
    for told in (2_000, 1_000):
        with clock.using(clock.Virtual(told)), writer.writing(hearing, actor=WHO) as record:
            record.append("record.begun", BODY)
    entries = Entry.objects.filter(hearing=hearing).order_by("seq")
    assert list(entries.values_list("at", flat=True)) == [2_000, 2_000]


def test_the_words_of_a_note_are_bound_to_its_key(hearing: UUID) -> None:
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
        key = record.note("asked by the delegation")
        assert record.note("  ") == ""
    assert report(hearing) == Report(hearings=1, entries=1, notes=1)
    Note.objects.filter(key=key).update(text="asked by nobody")
    assert not report(hearing).holds


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_touch_an_entry(hearing: UUID, change: str) -> None:
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
    entries = Entry.objects.filter(hearing=hearing)
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(actor="b" * 32) if change == "update" else entries.delete()
    assert report(hearing).holds


def forged(entry: Entry, verb: str, end: str, **changes: object) -> None:
    """Replace `entry` by another one, in SQL."""
    fields = [field for field in Entry._meta.concrete_fields if field.name != "id"]
    row: dict[str, Any] = {str(field.column): getattr(entry, field.attname) for field in fields}
    row |= changes
    if connection.vendor == "sqlite":
        row["hearing"] = entry.hearing.hex
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    sql = f"{verb} INTO record_entry ({columns}) VALUES ({marks}) {end}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, list(row.values()))


@pytest.mark.parametrize(
    ("verb", "end"),
    [
        ("INSERT OR REPLACE", ""),
        ("REPLACE", ""),
        ("INSERT", "ON CONFLICT (hearing, seq) DO UPDATE SET actor = excluded.actor"),
        ("INSERT", "ON CONFLICT (id) DO UPDATE SET actor = excluded.actor"),
    ],
)
@pytest.mark.parametrize("by", ["place", "id"])
def test_the_database_refuses_to_replace_an_entry(
    hearing: UUID, verb: str, end: str, by: str
) -> None:
    if verb != "INSERT" and connection.vendor != "sqlite":
        pytest.skip("only SQLite knows REPLACE")
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
    entry = Entry.objects.get(hearing=hearing)
    changes = {"id": entry.pk, "seq": 2} if by == "id" else {}
    with pytest.raises(DatabaseError):
        forged(entry, verb, end, actor="b" * 32, **changes)
    assert Entry.objects.get(hearing=hearing).actor == WHO.id
    assert report(hearing) == Report(hearings=1, entries=1, notes=0)


def test_postgresql_refuses_to_empty_the_table_of_entries(hearing: UUID) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no TRUNCATE")
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE record_entry")
    assert report(hearing).entries == 1


def test_a_whole_record_can_go_when_its_head_has_gone(hearing: UUID) -> None:
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", BODY)
    Head.objects.filter(hearing=hearing).delete()
    Entry.objects.filter(hearing=hearing).delete()
    assert not Entry.objects.filter(hearing=hearing).exists()


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_wait_for_one_another() -> None:
    hearing = uuid4()
    writer.begin(hearing)

    def write() -> None:
        try:
            for _ in range(5):
                with writer.writing(hearing, actor=WHO) as record:
                    record.append("record.begun", BODY)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert report(hearing) == Report(hearings=1, entries=40, notes=0)
