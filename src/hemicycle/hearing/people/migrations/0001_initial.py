import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import hemicycle.ui.words


def unlog(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Counts may be lost in a crash, so PostgreSQL need not write them to its log."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE people_tally SET UNLOGGED")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=400, verbose_name="name")),
                (
                    "email",
                    models.EmailField(
                        blank=True, db_index=True, max_length=254, verbose_name="e-mail address"
                    ),
                ),
                (
                    "title",
                    models.CharField(blank=True, max_length=200, verbose_name="title or function"),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="BCP 47", max_length=16, verbose_name="language"
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        help_text="IANA name; empty: not known",
                        max_length=64,
                        verbose_name="time zone",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "is_administrator",
                    models.BooleanField(
                        default=False,
                        help_text="may convene a hearing without a role in another one",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
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
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", hemicycle.ui.words.WordsCharField(max_length=400, verbose_name="name")),
                (
                    "name_key",
                    models.CharField(
                        db_index=True, help_text="case-folded, for matching", max_length=400
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="ISO 3166-1 alpha-2",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                ("website", models.URLField(blank=True, verbose_name="website")),
            ],
        ),
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
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("hearing_id", models.UUIDField(blank=True, db_index=True, null=True)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("secretariat", "Secretariat"),
                            ("moderator", "Moderator"),
                            ("panellist", "Panellist"),
                            ("interpreter", "Interpreter"),
                            ("captioner", "Captioner"),
                            ("technician", "Technician"),
                            ("mission", "Permanent mission"),
                            ("stakeholder", "Stakeholder"),
                            ("speaker", "Speaker"),
                        ],
                        max_length=16,
                    ),
                ),
                ("next_url", models.CharField(default="/", max_length=400)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_in_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignInSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, null=True, unique=True)),
                (
                    "proof",
                    models.CharField(
                        choices=[
                            ("link", "sign-in link"),
                            ("passkey", "passkey"),
                            ("totp", "authenticator app"),
                            ("recovery-code", "recovery code"),
                            ("institution", "your institution’s sign-in"),
                        ],
                        default="link",
                        max_length=16,
                    ),
                ),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="device")),
                ("network", models.CharField(blank=True, max_length=50, verbose_name="network")),
                ("began_at", models.DateTimeField(db_index=True)),
                ("seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("hearing_id", models.UUIDField(db_index=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("secretariat", "Secretariat"),
                            ("moderator", "Moderator"),
                            ("panellist", "Panellist"),
                            ("interpreter", "Interpreter"),
                            ("captioner", "Captioner"),
                            ("technician", "Technician"),
                            ("mission", "Permanent mission"),
                            ("stakeholder", "Stakeholder"),
                            ("speaker", "Speaker"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "duties",
                    models.JSONField(
                        blank=True,
                        help_text="values of Duty, of the secretariat's; null: all of them",
                        null=True,
                    ),
                ),
                ("is_pending", models.BooleanField(default=False)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "hearing_id", "role"), name="appointment_held_once"
                    )
                ],
            },
        ),
        migrations.RunPython(unlog, migrations.RunPython.noop),
    ]
