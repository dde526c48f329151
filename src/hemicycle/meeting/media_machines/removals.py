"""The recordings of removed hearings, which must be deleted from each folder of a media machine.

The hearing's rows no longer exist, so each order has its own row until a machine with that folder
reports that nothing is left there. Each machine asks for these orders together with the cuts.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from hemicycle.meeting.media_machines.models import RecordingFolder, RecordingRemoval
from hemicycle.record import clock

AFTER = timedelta(minutes=1)
"""How long after the order the removal begins. By then, an engine that ran the hearing to its end
has written its last file.
"""


def order(hearings: Collection[UUID]) -> None:
    """Order the removal in each folder that has files of these hearings.

    Call it in the transaction that removes the hearings, before their rows are deleted.
    """
    now = clock.now()
    RecordingRemoval.objects.bulk_create(
        RecordingRemoval(
            removed_hearing=row.hearing_id, folder=row.folder, machine=row.machine, ordered_at=now
        )
        for row in RecordingFolder.objects.filter(hearing_id__in=hearings)
    )


def ordered(machine: str, folder: str) -> list[str]:
    """Return the hearings that a machine must remove from its folder; all for the only machine."""
    rows = RecordingRemoval.objects.filter(ordered_at__lte=clock.now() - AFTER)
    if machine:
        rows = rows.filter(folder=folder)
    return sorted({row.removed_hearing.hex for row in rows})


def report(machine: str, folder: str, hearing: UUID) -> None:
    """Record that nothing of a hearing is left in a machine's folder."""
    rows = RecordingRemoval.objects.filter(removed_hearing=hearing)
    if machine:
        rows = rows.filter(folder=folder)
    rows.delete()


def late(before: datetime) -> Counter[str]:
    """Return how many removals that were ordered before a time have not been made, by machine."""
    rows = RecordingRemoval.objects.filter(ordered_at__lt=before)
    return Counter(rows.values_list("machine", flat=True))


def machines(hearings: Collection[UUID]) -> list[str]:
    """Return the names of the machines whose folders must lose files of removed hearings."""
    rows = RecordingRemoval.objects.filter(removed_hearing__in=hearings).exclude(machine="")
    return sorted(set(rows.values_list("machine", flat=True)))
