"""The database itself refuses to change or replace an entry, or to remove one from a kept record.

Deleting a whole record (a hearing past its retention) is possible: its head goes first.

SQLite's `INSERT OR REPLACE` deletes the row in its way without running the triggers for deletion,
but it runs those for insertion first. PostgreSQL's `TRUNCATE` runs no trigger for rows.
"""

import uuid
from dataclasses import dataclass

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_HEAD = "SELECT 1 FROM record_head WHERE hearing = {row}.hearing"
_HEAD_OF_CHECKPOINT = """
    SELECT 1 FROM record_checkpoint AS signed JOIN record_head USING (hearing)
    WHERE signed.id = {row}.checkpoint_id
"""


@dataclass(frozen=True)
class Guarded:
    """A table whose rows stay as they are while their record is kept.

    `what` names a row in the refusal, `place` the columns of which no two rows have the
    same, and `kept` is a query that finds something while the row `row` must stay.
    """

    table: str
    what: str
    place: str
    kept: str = _HEAD


GUARDED = (
    Guarded("record_entry", "an entry of the record", "hearing, seq"),
    Guarded("record_logtile", "a row of the log", "hearing, level, number"),
    Guarded("record_checkpoint", "a row of the log", "hearing, size"),
    Guarded("record_timestamp", "a row of the log", "hearing, size"),
    Guarded(
        "record_cosignature",
        "a row of the log",
        "checkpoint_id, name, key_hash",
        _HEAD_OF_CHECKPOINT,
    ),
)


def _on_sqlite(guarded: Guarded) -> tuple[str, ...]:
    table, kept = guarded.table, guarded.kept.format(row="OLD")
    same = " AND ".join(f"{name} = NEW.{name}" for name in guarded.place.split(", "))

    def refuse(verb: str) -> str:
        return f"BEGIN SELECT RAISE(ABORT, '{guarded.what} cannot be {verb}'); END"

    return (
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {refuse('changed')}",
        f"""
        CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
        WHEN EXISTS ({kept}) {refuse("removed")}
        """,
        f"""
        CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
          OR EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse("replaced")}
        """,  # noqa: S608 - names of ours
    )


def _on_postgresql(guarded: Guarded) -> tuple[str, ...]:
    table, what = guarded.table, guarded.what
    return (
        f"""
        CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND NOT EXISTS ({guarded.kept.format(row="OLD")})
          THEN RETURN OLD; END IF;
          RAISE EXCEPTION '{what} cannot be changed or removed';
        END $$
        """,
        f"""
        CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse()
        """,
        f"""
        CREATE FUNCTION {table}_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM {table} AS present
                     WHERE EXISTS ({guarded.kept.format(row="present")}))
          THEN RAISE EXCEPTION '{what} cannot be removed'; END IF;
          RETURN NULL;
        END $$
        """,  # noqa: S608 - names of ours
        f"""
        CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_truncate()
        """,
    )


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    of = _on_sqlite if schema_editor.connection.vendor == "sqlite" else _on_postgresql
    for guarded in GUARDED:
        for statement in of(guarded):
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
            name="ServerClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "server",
                    models.CharField(
                        help_text="when it was started, in seconds since the Unix epoch",
                        max_length=32,
                    ),
                ),
                (
                    "lead_ms",
                    models.BigIntegerField(
                        default=0,
                        help_text="by how much the site's time was ahead of its clock",
                    ),
                ),
                (
                    "since_ms",
                    models.BigIntegerField(
                        default=0,
                        help_text=(
                            "what its clock said then, in milliseconds since the Unix epoch"
                        ),
                    ),
                ),
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
            name="RemovedPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("removed_hearing", models.UUIDField()),
                ("person", models.UUIDField()),
                ("at", models.BigIntegerField()),
            ],
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
        migrations.CreateModel(
            name="TimeStamp",
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
                ("authority", models.CharField(max_length=255)),
                ("token", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hearing", "size"), name="time_stamp_one_per_size"
                    )
                ],
            },
        ),
        migrations.RunPython(protect),
    ]
