import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("key", models.CharField(db_index=True, max_length=100)),
                ("asker", models.CharField(blank=True, db_index=True, max_length=64)),
                ("network", models.CharField(blank=True, max_length=64)),
                (
                    "data",
                    models.JSONField(default=dict, help_text="what the kind needs to know"),
                ),
                ("file", models.FileField(blank=True, max_length=255, upload_to="jobs/")),
                (
                    "file_name",
                    models.CharField(
                        blank=True, help_text="as its sender called it", max_length=255
                    ),
                ),
                (
                    "size",
                    models.PositiveBigIntegerField(
                        default=0, help_text="bytes that its file holds here"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="of the person who asked", max_length=16
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("once", models.CharField(blank=True, max_length=140, null=True, unique=True)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "total",
                    models.PositiveIntegerField(default=0, help_text="0 for a job without steps"),
                ),
                ("done_before", models.PositiveIntegerField(default=0)),
                ("advanced_in", models.PositiveSmallIntegerField(default=0)),
                (
                    "stop_asked",
                    models.BooleanField(default=False, help_text="its owner has pressed “Cancel”"),
                ),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "code",
                    models.CharField(blank=True, help_text="why it failed", max_length=32),
                ),
                (
                    "field",
                    models.CharField(
                        blank=True, help_text="of the form, that it is about", max_length=32
                    ),
                ),
                (
                    "sentence",
                    models.TextField(blank=True, help_text="the message, in `language`"),
                ),
                ("result", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)),
                        fields=["id"],
                        name="job_unfinished",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("kind",),
                        name="job_one_of_a_kind_runs",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FileToDelete",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="in the store", max_length=255)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TaskLease",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, max_length=32)),
                ("until", models.DateTimeField(help_text="by the database's clock")),
            ],
        ),
    ]
