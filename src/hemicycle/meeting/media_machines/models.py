"""Media machines, the leases by which they run hearings, and the folders that they wrote to.

All times are those of the database's clock, in ms since the Unix epoch, so that machines agree on
them although their own clocks differ.
"""

from django.db import models


class MediaMachine(models.Model):
    """A machine whose engine asks for hearings; the name is empty if it is the only machine."""

    name = models.CharField(primary_key=True, max_length=63)
    process = models.CharField(max_length=32, help_text="the engine's id; another one each start")
    url = models.CharField(max_length=200, help_text="where web processes reach it")
    folder = models.CharField(
        max_length=32, blank=True, help_text="the id of the folder that it writes webcasts to"
    )
    load = models.PositiveIntegerField(default=0, help_text="percent of one core")
    since_ms = models.BigIntegerField(help_text="when it began to ask without a gap")
    seen_ms = models.BigIntegerField()
    is_leaving = models.BooleanField(default=False, help_text="it stops, and takes no hearing")
    version = models.CharField(max_length=32, blank=True, help_text="of Hemicycle, there")
    clock_ahead_ms = models.BigIntegerField(
        default=0, help_text="by how much its own clock is ahead of the database's"
    )
    behind = models.TextField(
        blank=True, help_text="ids of hearings with entries that its version cannot read"
    )


class MediaLease(models.Model):
    """The machine that runs a hearing. The row outlives the lease, and its epoch only grows."""

    hearing_id = models.UUIDField(primary_key=True)
    machine = models.CharField(max_length=63)
    process = models.CharField(max_length=32)
    epoch = models.PositiveBigIntegerField(help_text="one more with each new holder")
    ends_ms = models.BigIntegerField(help_text="0 for a lease that was given back")
    listed_ms = models.BigIntegerField(
        default=0, help_text="the time of the list of other machines that its machine has"
    )


class RecordingFolder(models.Model):
    """A folder that has files of a hearing's webcast; each cut is made in every such folder."""

    hearing_id = models.UUIDField()
    folder = models.CharField(max_length=32)
    machine = models.CharField(max_length=63, blank=True, help_text="that wrote to it last")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "folder"), name="recording_folder_once"),
        )


class RecordingRemoval(models.Model):
    """A folder from which the files of a removed hearing must be deleted; the row is then deleted.

    The field for the hearing has another name here than in other tables, so that the removal of the
    hearing does not remove these rows.
    """

    removed_hearing = models.UUIDField()
    folder = models.CharField(max_length=32)
    machine = models.CharField(max_length=63, blank=True, help_text="that wrote to it last")
    ordered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("removed_hearing", "folder"), name="recording_removal_once"
            ),
        )
