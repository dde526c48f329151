from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def unlog(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Counts may be lost in a crash, so PostgreSQL need not write them to its log."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE parties_tally SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_captioners"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="keyed hash of who and what",
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("used", models.PositiveIntegerField()),
                ("until_ms", models.BigIntegerField(help_text="when the stretch ends")),
            ],
        ),
        migrations.RunPython(unlog, migrations.RunPython.noop),
    ]
