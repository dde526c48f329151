"""The jobs that wait, are done, or have ended a short while ago."""

import uuid

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A task of the worker, with or without a file.

    `key` names its subject and `asker` its owner (`registration:…`, `person:…`), both for the
    kind's own use and for counting. The worker that runs it holds it until `held_until`; if that
    worker is killed, another takes the job after that time. `attempts` counts how often it was
    started; a worker that was too slow sees by it that another has the job now.

    The order is that of `id`; addresses name a job by its `token`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=100, db_index=True)
    asker = models.CharField(max_length=64, blank=True, db_index=True)
    network = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict, help_text="what the kind needs to know")
    file = models.FileField(upload_to="jobs/", max_length=255, blank=True)
    file_name = models.CharField(max_length=255, blank=True, help_text="as its sender called it")
    size = models.PositiveBigIntegerField(default=0, help_text="bytes that its file holds here")
    language = models.CharField(max_length=16, blank=True, help_text="of the person who asked")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=32, blank=True, help_text="why it failed")
    field = models.CharField(max_length=32, blank=True, help_text="of the form, that it is about")
    sentence = models.TextField(blank=True, help_text="the message, in `language`")
    result = models.JSONField(default=dict)

    class Meta:
        constraints = (
            # One of a kind at a time: the order of asking holds, and the processor stays free.
            models.UniqueConstraint(
                fields=("kind",), condition=Q(state="running"), name="job_one_of_a_kind_runs"
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=Q(finished_at=None), name="job_unfinished"),
        )

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.finished_at is not None
