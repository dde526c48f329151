"""The database itself refuses to change or replace an entry, or to remove one from a kept record.

Deleting a whole record (a hearing past its retention) is possible: its head goes first.

SQLite's `INSERT OR REPLACE` deletes the row in its way without running the triggers for deletion,
but it runs those for insertion first. PostgreSQL's `TRUNCATE` runs no trigger for rows.
"""

import uuid

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


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
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
        migrations.RunPython(protect),
    ]
