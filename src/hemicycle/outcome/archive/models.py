"""The archives that have been built."""

from django.db import models

from hemicycle.hearing.setup.models import Hearing


class Archive(models.Model):
    """A hearing's archive as a zip: the secretariat's, or the public's.

    `seq` is the last entry of the record that the file is certain to hold. `file` is its name in
    the store; each build has a new one. The job that builds it is in the queue (`building`).
    """

    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="archives")
    is_public = models.BooleanField()
    built_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to="archives/", max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    files = models.PositiveIntegerField(default=0, help_text="files in it")
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "is_public"), name="archive_one_of_a_kind"),
        )
