"""The last signs of life of the processes of each machine."""

from django.db import models


class SignOfLife(models.Model):
    """The last sign of life of the processes with one name on one machine.

    Several such processes on one machine share a row and overwrite it in turn.
    """

    class Name(models.TextChoices):
        WEB = "web"
        WORKER = "worker"
        MAIL = "mail"

    name = models.CharField(max_length=16, choices=Name)
    machine = models.CharField(max_length=255, help_text="its host name")
    version = models.CharField(max_length=32, help_text="of Hemicycle, there")
    at = models.DateTimeField()
    clock_ahead_ms = models.BigIntegerField(
        default=0, help_text="by how much its own clock is ahead of the database's"
    )

    is_behind = models.BooleanField(
        default=False, help_text="it has met entries of the record that its version cannot read"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name", "machine"), name="one_sign_a_machine"),
        )
