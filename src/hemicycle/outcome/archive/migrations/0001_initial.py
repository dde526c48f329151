import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("hearing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Archive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_public", models.BooleanField()),
                ("built_at", models.DateTimeField(blank=True, null=True)),
                ("file", models.FileField(blank=True, max_length=64, upload_to="archives/")),
                ("size", models.PositiveBigIntegerField(default=0, help_text="bytes")),
                ("files", models.PositiveIntegerField(default=0, help_text="files in it")),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "hearing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="archives",
                        to="hearing.hearing",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hearing", "is_public"), name="archive_one_of_a_kind"
                    )
                ],
            },
        ),
    ]
