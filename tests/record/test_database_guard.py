"""What the databases refuse to do to the record, and what a database's owner can still do.

SECURITY.md has the table of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from hemicycle.record import writer
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import Report, verify

pytestmark = pytest.mark.postgresql("constraints")

WHO = writer.Actor("a" * 32, "secretariat")
CHANGE = "SET actor = 'someone else'"


@pytest.fixture
def hearing(db: None) -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", {"format": "hemicycle-record-1"})
    return hearing


def report() -> Report:
    return verify(Entry.objects.order_by("seq").values(), Head.objects.values(), ())


def refused(*statements: str) -> str:
    """Return the database's refusal of the last statement, and check that nothing has changed."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        run(*statements)
    assert report() == Report(hearings=1, entries=1, notes=0)
    assert Entry.objects.get().actor == WHO.id
    return str(caught.value)


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


EVERYWHERE = (
    f"UPDATE record_entry {CHANGE}",
    "UPDATE record_entry SET id = id + 1000",
    "UPDATE record_entry SET seq = seq + 1",
    "DELETE FROM record_entry",
    "DELETE FROM record_entry WHERE seq = 1",
    (
        "WITH gone AS (SELECT id FROM record_entry) "
        "DELETE FROM record_entry WHERE id IN (SELECT id FROM gone)"
    ),
)


@pytest.mark.parametrize("statement", EVERYWHERE)
def test_entries_are_not_changed_or_removed(hearing: UUID, statement: str) -> None:
    assert "an entry of the record cannot be" in refused(statement)


# ── SQLite ────────────────────────────────────────────────────────────────────────────────────

needs_sqlite = pytest.mark.usefixtures("on_sqlite")
needs_postgresql = pytest.mark.usefixtures("on_postgresql")


@pytest.fixture
def on_sqlite(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this is a way of SQLite's")


@pytest.fixture
def on_postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("this is a way of PostgreSQL's")


@needs_sqlite
@pytest.mark.parametrize(
    "statements",
    [
        (f"UPDATE OR REPLACE record_entry {CHANGE}",),
        (f"UPDATE OR FAIL record_entry {CHANGE}",),
        (f"UPDATE OR ROLLBACK record_entry {CHANGE}",),
        ("INSERT OR REPLACE INTO record_entry SELECT * FROM record_entry",),
        ("REPLACE INTO record_entry SELECT * FROM record_entry",),
        ("PRAGMA recursive_triggers = OFF", f"UPDATE record_entry {CHANGE}"),
        ("PRAGMA ignore_check_constraints = ON", f"UPDATE record_entry {CHANGE}"),
        ("PRAGMA legacy_alter_table = ON", f"UPDATE record_entry {CHANGE}"),
        ("CREATE TEMP VIEW seen AS SELECT * FROM record_entry", f"UPDATE seen {CHANGE}"),
    ],
)
def test_sqlite_refuses_its_own_ways(hearing: UUID, statements: tuple[str, ...]) -> None:
    refused(*statements)


@needs_sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sqlite_master WHERE type = 'trigger'",
        "UPDATE sqlite_master SET sql = '' WHERE name = 'record_entry_kept'",
        "INSERT INTO sqlite_master SELECT * FROM sqlite_master WHERE type = 'trigger'",
    ],
)
def test_sqlite_does_not_let_its_schema_be_written(hearing: UUID, statement: str) -> None:
    said = refused("PRAGMA writable_schema = ON", statement)
    assert said == "table sqlite_master may not be modified"
    run("PRAGMA writable_schema = OFF")


@needs_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_file_attached_under_another_name_is_guarded_too(hearing: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS other", [str(connection.settings_dict["NAME"])])
        try:
            for verb in ("UPDATE", "UPDATE OR REPLACE"):
                with pytest.raises(DatabaseError, match="cannot be changed"):
                    cursor.execute(f"{verb} other.record_entry {CHANGE}")
            with pytest.raises(DatabaseError, match="cannot be removed"):
                cursor.execute("DELETE FROM other.record_entry")
        finally:
            cursor.execute("DETACH DATABASE other")
    assert report().entries == 1


@needs_sqlite
def test_whoever_owns_the_file_can_drop_a_trigger_and_verification_tells(hearing: UUID) -> None:
    with transaction.atomic():
        run("DROP TRIGGER record_entry_unchanged", f"UPDATE record_entry {CHANGE}")
        broken = report().broken
        assert broken is not None
        assert broken.problem == "its content has been changed since it was written"
        transaction.set_rollback(True)


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────

TABLES = "record_entry, record_head, record_note"
RUNNING = "hemicycle_running"
GRANTS = (
    f"CREATE ROLE {RUNNING}",
    f"GRANT USAGE ON SCHEMA public TO {RUNNING}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO {RUNNING}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {RUNNING}",
)
"""The statements that docs/settings.md recommends, here for the record's tables."""


@pytest.fixture
def as_another_role(hearing: UUID, on_postgresql: None) -> Iterator[None]:
    """Continue as a role that may write to the tables and owns none of them."""
    run(*GRANTS, f"SET ROLE {RUNNING}")
    yield
    run("RESET ROLE")


@needs_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE record_entry",
        "TRUNCATE record_entry, record_head",
        "TRUNCATE record_entry CASCADE",
        (
            "INSERT INTO record_entry SELECT * FROM record_entry "
            "ON CONFLICT (id) DO UPDATE SET actor = 'someone else'"
        ),
        (
            "MERGE INTO record_entry AS kept USING record_entry AS own ON kept.id = own.id "
            "WHEN MATCHED THEN UPDATE SET actor = 'someone else'"
        ),
        (
            "MERGE INTO record_entry AS kept USING record_entry AS own ON kept.id = own.id "
            "WHEN MATCHED THEN DELETE"
        ),
    ],
)
def test_postgresql_refuses_its_own_ways(hearing: UUID, statement: str) -> None:
    assert "an entry of the record cannot be" in refused(statement)


@pytest.mark.usefixtures("as_another_role")
@pytest.mark.parametrize(
    "statement",
    [
        *EVERYWHERE,
        "TRUNCATE record_entry",
        "ALTER TABLE record_entry DISABLE TRIGGER ALL",
        "ALTER TABLE record_entry DISABLE TRIGGER record_entry_kept",
        "DROP TRIGGER record_entry_kept ON record_entry",
        "DROP FUNCTION record_entry_refuse() CASCADE",
        "ALTER FUNCTION record_entry_refuse() RENAME TO other",
        (
            "CREATE OR REPLACE FUNCTION record_entry_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$"
        ),
        "CREATE RULE away AS ON UPDATE TO record_entry DO INSTEAD NOTHING",
        "ALTER TABLE record_entry RENAME TO other",
        "DROP TABLE record_entry",
        "SET session_replication_role = replica",
    ],
)
def test_a_role_that_owns_nothing_cannot_take_the_guard_away(statement: str) -> None:
    refused(statement)


@pytest.mark.usefixtures("as_another_role")
def test_a_role_that_owns_nothing_can_write_to_the_record(hearing: UUID) -> None:
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", {"format": "hemicycle-record-1"})
        record.note("because")
    assert (report().entries, Note.objects.count()) == (2, 1)


@needs_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE record_entry DISABLE TRIGGER record_entry_kept",
        "DROP TRIGGER record_entry_kept ON record_entry",
        "SET LOCAL session_replication_role = replica",  # by a superuser
    ],
)
def test_the_owner_can_take_the_guard_away_and_verification_tells(
    hearing: UUID, statement: str
) -> None:
    with transaction.atomic():
        run(statement, f"UPDATE record_entry {CHANGE}")
        broken = report().broken
        assert broken is not None
        assert broken.problem == "its content has been changed since it was written"
        transaction.set_rollback(True)
