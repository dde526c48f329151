"""The cuts out of recordings that were ordered, and the progress of each."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing, Meeting


class CutReason(models.TextChoices):
    """The public reason of a cut."""

    SPEAKER = "speaker", _("Removed at the request of the speaker")
    SECRETARIAT = "secretariat", _("Removed by the secretariat")
    RETENTION = "retention", _("Removed: retention period over")


class Cut(models.Model):
    """A part of a meeting that must not be in its recording.

    Times are in ms since the Unix epoch; `to_ms` is empty while the part has not ended.
    Interpretation and captions lag behind the floor, so `trail_ms` more of them is cut. `done_at`
    is the time at which nothing of the part was left in any file; until then, the media engine gets
    the order again. Where media machines have separate folders, each machine makes the cut in its
    own folder.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="cuts")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="cuts")
    slot = models.CharField(
        max_length=32, blank=True, db_index=True, help_text="the speaker's; none for a time"
    )
    giving = models.BigIntegerField(
        default=0, help_text="the entry that gave the floor; 0 for a time"
    )
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField(null=True)
    only_text = models.BooleanField(default=False, help_text="captions alone go")
    trail_ms = models.PositiveIntegerField()
    reason = models.CharField(max_length=12, choices=CutReason)
    ordered_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_in = models.JSONField(default=list, help_text="the ids of folders in which it is made")
    has_no_room = models.BooleanField(default=False, help_text="the disk was full at the last try")
    seq = models.BigIntegerField(help_text="the entry that ordered it")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "slot", "giving", "only_text"),
                condition=models.Q(giving__gt=0),
                name="intervention_cut_once",
            ),
        )
