"""When the processes without pages were last at work."""

from django.db import models


class SignOfLife(models.Model):
    """The last sign of life of the worker or of the mail process.

    Of several workers, the one that wrote last counts: one is enough.
    """

    class Name(models.TextChoices):
        WORKER = "worker"
        MAIL = "mail"

    name = models.CharField(primary_key=True, max_length=16, choices=Name)
    at = models.DateTimeField()
