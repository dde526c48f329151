"""The database itself refuses to change or replace an entry, or to remove one from a kept record.

Deleting a whole record (a hearing past its retention) is possible: its head goes first.

SQLite's `INSERT OR REPLACE` deletes the row in its way without running the triggers for deletion,
but it runs those for insertion first. PostgreSQL's `TRUNCATE` runs no trigger for rows.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """
    CREATE TRIGGER record_entry_unchanged BEFORE UPDATE ON record_entry
    BEGIN SELECT RAISE(ABORT, 'an entry of the record cannot be changed'); END
    """,
    """
    CREATE TRIGGER record_entry_kept BEFORE DELETE ON record_entry
    WHEN EXISTS (SELECT 1 FROM record_head WHERE hearing = OLD.hearing)
    BEGIN SELECT RAISE(ABORT, 'an entry of the record cannot be removed'); END
    """,
    """
    CREATE TRIGGER record_entry_not_replaced BEFORE INSERT ON record_entry
    WHEN EXISTS (SELECT 1 FROM record_entry WHERE hearing = NEW.hearing AND seq = NEW.seq)
      OR EXISTS (SELECT 1 FROM record_entry WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'an entry of the record cannot be replaced'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION record_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM record_head WHERE hearing = OLD.hearing)
      THEN RETURN OLD; END IF;
      RAISE EXCEPTION 'an entry of the record cannot be changed or removed';
    END $$
    """,
    """
    CREATE TRIGGER record_entry_kept BEFORE UPDATE OR DELETE ON record_entry
    FOR EACH ROW EXECUTE FUNCTION record_entry_refuse()
    """,
    """
    CREATE FUNCTION record_entry_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM record_entry JOIN record_head USING (hearing))
      THEN RAISE EXCEPTION 'an entry of the record cannot be removed'; END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER record_entry_not_truncated BEFORE TRUNCATE ON record_entry
    FOR EACH STATEMENT EXECUTE FUNCTION record_entry_refuse_truncate()
    """,
)

_OF_A_RECORD = "SELECT 1 FROM record_head WHERE hearing = OLD.hearing"
_OF_A_CHECKPOINT = """
    SELECT 1 FROM record_checkpoint JOIN record_head USING (hearing)
    WHERE record_checkpoint.id = OLD.checkpoint_id
"""
LOG = (
    ("record_logtile", "hearing, level, number", _OF_A_RECORD),
    ("record_checkpoint", "hearing, size", _OF_A_RECORD),
    ("record_cosignature", "checkpoint_id, name, key_hash", _OF_A_CHECKPOINT),
)
"""The tables of the log: the columns that name a row, and what is there while it must stay."""


def _log_on_sqlite(table: str, names: str, record: str) -> tuple[str, ...]:
    same = " AND ".join(f"{name} = NEW.{name}" for name in names.split(", "))
    refuse = "BEGIN SELECT RAISE(ABORT, 'a row of the log cannot be changed or removed'); END"
    return (
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} WHEN EXISTS ({record}) {refuse}",
        f"""
        CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE {same} OR id = NEW.id) {refuse}
        """,  # noqa: S608 - names of ours
    )


def _log_on_postgresql(table: str, names: str, record: str) -> tuple[str, ...]:
    return (
        f"""
        CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND NOT EXISTS ({record}) THEN RETURN OLD; END IF;
          RAISE EXCEPTION 'a row of the log cannot be changed or removed';
        END $$
        """,
        f"""
        CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse()
        """,
        f"""
        CREATE FUNCTION {table}_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM {table}) AND EXISTS (SELECT 1 FROM record_head)
          THEN RAISE EXCEPTION 'a row of the log cannot be removed'; END IF;
          RETURN NULL;
        END $$
        """,  # noqa: S608 - names of ours
        f"""
        CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_truncate()
        """,
    )


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    of_log = _log_on_sqlite if is_sqlite else _log_on_postgresql
    statements = list(SQLITE if is_sqlite else POSTGRESQL)
    for table in LOG:
        statements += of_log(*table)
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                ("hearing", models.UUIDField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "at",
                    models.BigIntegerField(
                        default=0, help_text="milliseconds since the Unix epoch"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("hearing", models.UUIDField(db_index=True)),
                ("salt", models.BinaryField(max_length=16)),
                ("text", models.TextField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="UnfinishedErasure",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False),
                ),
                ("hearing", models.UUIDField(db_index=True)),
                ("person", models.CharField(blank=True, max_length=32)),
                ("kinds", models.JSONField(default=list)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hearing", "person"), name="erasure_unfinished_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hearing", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("kind", models.CharField(max_length=64)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("at", models.BigIntegerField(help_text="milliseconds since the Unix epoch")),
                ("actor", models.CharField(max_length=64)),
                ("role", models.CharField(max_length=32)),
                ("meeting", models.CharField(blank=True, max_length=32)),
                ("body", models.TextField(help_text="canonical JSON")),
                ("digest", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["meeting", "seq"], name="entry_by_meeting"),
                    models.Index(
                        condition=models.Q(("kind", "meeting.opened")),
                        fields=["at"],
                        name="entry_meetings_opened",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("hearing", "seq"), name="entry_one_per_place"),
                    models.CheckConstraint(
                        condition=models.Q(("seq__gte", 1)), name="entry_seq_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogTile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hearing", models.UUIDField()),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("hashes", models.BinaryField(max_length=8192)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hearing", "level", "number"), name="log_tile_one_per_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hearing", models.UUIDField()),
                ("size", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("at", models.BigIntegerField(help_text="milliseconds since the Unix epoch")),
                ("origin", models.CharField(max_length=255)),
                ("key", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=512)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hearing", "size"), name="checkpoint_one_per_size"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("key_hash", models.CharField(max_length=8)),
                ("timestamp", models.BigIntegerField(help_text="seconds since the Unix epoch")),
                ("line", models.CharField(max_length=512)),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cosignatures",
                        to="record.checkpoint",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "name", "key_hash"),
                        name="cosignature_one_per_witness",
                    )
                ],
            },
        ),
        migrations.RunPython(protect),
    ]
