"""When the processes without pages were last at work, and when a backup was last made."""

from django.db import models


class SignOfLife(models.Model):
    """The last sign of life of the worker or of the mail process, or the last backup.

    Of several workers, the one that wrote last counts: one is enough.
    """

    class Name(models.TextChoices):
        WORKER = "worker"
        MAIL = "mail"
        BACKUP = "backup"

    name = models.CharField(primary_key=True, max_length=16, choices=Name)
    at = models.DateTimeField()
