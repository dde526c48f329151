"""The database itself refuses to change an entry, or to remove one from a record that is kept.

Deleting a whole record (a hearing past its retention) is possible: its head goes first.
"""

from django.db import migrations
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
)


def protect(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(protect)]
