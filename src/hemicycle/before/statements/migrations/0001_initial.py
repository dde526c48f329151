import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import hemicycle.ui.words
from hemicycle.before.statements.library import search_index


def create_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in search_index.CREATE[editor.connection.vendor]:
        editor.execute(statement)


def drop_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in search_index.DROP[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registration", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "original_language",
                    models.CharField(
                        blank=True,
                        help_text="BCP 47; the original",
                        max_length=16,
                        verbose_name="language of these texts",
                    ),
                ),
                (
                    "translations",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text='{"fr": {"title": "…", "outdated": ["title"]}}',
                        verbose_name="translations",
                    ),
                ),
                ("hearing_id", models.UUIDField(db_index=True)),
                (
                    "title",
                    hemicycle.ui.words.WordsCharField(
                        blank=True, max_length=300, verbose_name="title"
                    ),
                ),
                (
                    "consents_to_publish",
                    models.BooleanField(default=False, verbose_name="may be published"),
                ),
                (
                    "release",
                    models.CharField(
                        choices=[
                            ("embargoed", "confidential until delivered"),
                            ("delivered", "delivered"),
                            ("not_reached", "not delivered for lack of time"),
                            ("written", "in writing only"),
                        ],
                        default="embargoed",
                        max_length=16,
                    ),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "is_released_by_hand",
                    models.BooleanField(
                        default=False,
                        help_text="by the secretariat, although the floor did not release it",
                    ),
                ),
                (
                    "naming",
                    models.CharField(
                        choices=[
                            ("named", "under the participant’s public name"),
                            ("withheld", "not at all"),
                        ],
                        default="named",
                        max_length=8,
                        verbose_name="how the public sees it",
                    ),
                ),
                (
                    "is_held",
                    models.BooleanField(
                        default=False,
                        help_text="its text waits for a person to read it under the alias",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, help_text="when it first was public", null=True
                    ),
                ),
                (
                    "inscription",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="statement",
                        to="registration.inscription",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="statements",
                        to="registration.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hearing_id", models.UUIDField(db_index=True)),
                ("language", models.CharField(blank=True, help_text="BCP 47", max_length=16)),
                (
                    "listed_at",
                    models.DateTimeField(help_text="when what the public reads last changed"),
                ),
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listing",
                        to="statements.statement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("file", models.FileField(max_length=255, upload_to="statements/")),
                ("file_name", models.CharField(max_length=255)),
                ("media_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveIntegerField(help_text="bytes")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "text read"),
                            ("unreadable", "text could not be read"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True, help_text="code of why it was not read", max_length=32
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("words", models.PositiveIntegerField(default=0)),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="BCP 47, where it is plain", max_length=16
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(help_text="when we had all of it: this is compared"),
                ),
                (
                    "handed_in_at",
                    models.DateTimeField(help_text="when it was read and became a version"),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="statements.statement",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Video",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("hearing_id", models.UUIDField(db_index=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("file", models.FileField(blank=True, max_length=255, upload_to="videos/")),
                ("file_name", models.CharField(max_length=255)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField(help_text="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("duration_ms", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("has_sound", models.BooleanField()),
                (
                    "play",
                    models.CharField(
                        choices=[
                            ("absent", "when the speaker is not connected"),
                            ("always", "in any case"),
                            ("never", "not at all"),
                        ],
                        default="absent",
                        max_length=8,
                        verbose_name="play it",
                    ),
                ),
                ("handed_in_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="videos",
                        to="registration.inscription",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
            },
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("inscription__isnull", True)),
                fields=("registration",),
                name="statement_one_in_writing",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementversion",
            constraint=models.UniqueConstraint(
                fields=("statement", "number"), name="version_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="video",
            constraint=models.UniqueConstraint(
                fields=("inscription", "number"), name="video_number_once"
            ),
        ),
        migrations.RunPython(create_index, drop_index),
    ]
