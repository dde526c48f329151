import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("hearing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OnAirChoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "owner",
                    models.UUIDField(
                        help_text="id of the registration or panel member", unique=True
                    ),
                ),
                (
                    "camera",
                    models.CharField(
                        choices=[
                            ("live", "As it is"),
                            ("card", "A card with the public name in its place"),
                            ("off", "No picture at all: a card only while I speak"),
                        ],
                        max_length=8,
                        verbose_name="camera",
                    ),
                ),
                (
                    "voice",
                    models.CharField(
                        choices=[
                            ("live", "As it is"),
                            ("changed", "Changed, so that no one recognizes it"),
                        ],
                        max_length=8,
                        verbose_name="voice",
                    ),
                ),
                (
                    "hearing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="on_air_choices",
                        to="hearing.hearing",
                    ),
                ),
            ],
        ),
    ]
