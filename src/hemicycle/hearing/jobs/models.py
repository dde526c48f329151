"""Jobs that wait, run or have ended recently, leases of tasks, and files to delete."""

import uuid
from collections.abc import Callable

from django.db import models
from django.db.models import Q

from hemicycle.record import clock


class Job(models.Model):
    """A task of the worker, with or without a file.

    `key` names its subject and `asker` its owner (`registration:…`, `person:…`); the kind uses
    both, and the limits count by `asker`. The worker that runs the job holds it until `held_until`;
    if that worker is killed, another takes the job after that time. `attempts` counts how often it
    was started; by it, a worker that was too slow sees that another worker has the job now.

    A long job saves its progress (`queue.advance`): `done` of `total` steps, `done_before` of them
    in earlier attempts. `advanced_in` is the attempt that last made progress. `once` is unique, so
    that only one job with that value is unfinished at a time.

    Jobs are ordered by `id`; addresses name a job by its `token`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

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
    once = models.CharField(max_length=140, null=True, blank=True, unique=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="0 for a job without steps")
    done_before = models.PositiveIntegerField(default=0)
    advanced_in = models.PositiveSmallIntegerField(default=0)
    stop_asked = models.BooleanField(default=False, help_text="its owner has pressed “Cancel”")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=32, blank=True, help_text="why it failed")
    field = models.CharField(max_length=32, blank=True, help_text="of the form, that it is about")
    sentence = models.TextField(blank=True, help_text="the message, in `language`")
    result = models.JSONField(default=dict)

    is_ending: Callable[[], bool] = staticmethod(lambda: False)
    """Whether the worker that runs the job has to end, so that another one should continue it."""

    class Meta:
        constraints = (
            # One job of a kind at a time: they are done in order, and the processor stays free.
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

    @property
    def attempts_in_vain(self) -> int:
        """The number of attempts, including this one, since the job last made progress."""
        return self.attempts - self.advanced_in

    @property
    def left_ms(self) -> float | None:
        """How long the job will still take at the pace of this attempt, in ms; None if unknown."""
        steps = self.done - self.done_before
        if self.state != self.State.RUNNING or self.started_at is None or steps <= 0:
            return None
        taken = (clock.now() - self.started_at).total_seconds() * 1000
        return taken / steps * max(0, self.total - self.done)


class TaskLease(models.Model):
    """A task that one process at a time runs, and the process that runs it (`leases`)."""

    name = models.CharField(primary_key=True, max_length=100)
    holder = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField(help_text="by the database's clock")


class FileToDelete(models.Model):
    """A stored file that no row refers to any more (`stored_files.drop`).

    The row is deleted with the file: after the commit, or later by the worker.
    """

    name = models.CharField(max_length=255, help_text="in the store")
    since = models.DateTimeField()
