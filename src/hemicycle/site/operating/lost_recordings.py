"""Releases the cuts and removals that wait for a media machine whose recordings are lost.

A cut is complete when each folder with recordings has reported it, and so is the removal of a
hearing. Only the operator knows that a machine or its disk is gone for good.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from hemicycle import security_log
from hemicycle.meeting.cutting import actions as cutting
from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.models import RecordingFolder, RecordingRemoval
from hemicycle.record.models import Head
from hemicycle.record.writer import Actor
from hemicycle.security_log import SecurityEvent

LATELY_MS = 60_000
"""A machine that has reported within this time is present, and so is its folder."""


class NotLost(Exception):
    """The machine has no recordings, or they still exist; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Released:
    """The numbers of hearings with recordings on the machine, and of released cuts and removals."""

    hearings: int
    cuts: int
    removals: int


def release(machine: str, *, actor: Actor) -> Released:
    """Note that a machine's recordings no longer exist, and release what waits for them.

    Folders in which a machine works now are left out: that of the machine's new disk, or a shared
    one. Raises `NotLost`.
    """
    with transaction.atomic():
        in_use = _folders_in_use(machine)
        folders = RecordingFolder.objects.filter(machine=machine).exclude(folder__in=in_use)
        removals = RecordingRemoval.objects.filter(machine=machine).exclude(folder__in=in_use)
        hearings = set(folders.values_list("hearing_id", flat=True))
        removed = set(removals.values_list("removed_hearing", flat=True))
        if not hearings | removed:
            raise NotLost(_why_nothing(machine))
        folders.delete()
        number = removals.count()
        removals.delete()
        for hearing in sorted(hearings | removed):
            security_log.note(SecurityEvent.RECORDINGS_LOST, hearing=hearing, actor=actor.id)
        cuts = sum(
            cutting.settle(hearing, actor=actor) for hearing in sorted(_with_record(hearings))
        )
    return Released(len(hearings), cuts, number)


def _folders_in_use(machine: str) -> set[str]:
    now_ms = leases.database_ms()
    living = [known for known in leases.machines() if now_ms - known.seen_ms < LATELY_MS]
    if any(known.name == machine and not known.folder for known in living):
        raise NotLost(
            f"The media machine {machine} runs, and its folder of recordings cannot be written. "
            "See whether the disk is only not there at the moment."
        )
    return {known.folder for known in living if known.folder}


def _why_nothing(machine: str) -> str:
    if RecordingFolder.objects.filter(machine=machine).exists():
        return (
            f"A media machine that runs has the folder of {machine}: it makes the cuts there. "
            f"If {machine} was stopped for good less than a minute ago, try again in a minute."
        )
    known = sorted({*_named(RecordingFolder), *_named(RecordingRemoval)})
    return (
        f"No media machine “{machine}” has recordings. "
        f"Machines with recordings: {', '.join(known) or 'none'}."
    )


def _named(table: type[RecordingFolder | RecordingRemoval]) -> set[str]:
    return set(table.objects.exclude(machine="").values_list("machine", flat=True))


def _with_record(hearings: set[UUID]) -> set[UUID]:
    return set(Head.objects.filter(hearing__in=hearings).values_list("hearing", flat=True))
