"""The folders with files of a hearing's webcast: one for each machine, or a shared one."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.lease_rules import ALIVE_MS
from hemicycle.meeting.media_machines.models import RecordingFolder


def of(hearing: UUID) -> frozenset[str]:
    """Return the ids of the folders that have files of a hearing."""
    found = RecordingFolder.objects.filter(hearing_id=hearing)
    return frozenset(found.values_list("folder", flat=True))


def machines_of(hearings: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return the folders with files of hearings, each with the machine that last wrote to it."""
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in RecordingFolder.objects.filter(hearing_id__in=hearings):
        found[row.hearing_id][row.folder] = row.machine
    return found


def cuts_here(hearing: UUID, machine: str, folder: str) -> bool:
    """Return whether this machine makes the hearing's cuts in a folder that several may share.

    That is the machine that runs the hearing, or else the first by name of those that are alive. A
    site's only machine makes all cuts.
    """
    if not machine:
        return True
    if folder not in of(hearing):
        return False
    now_ms = leases.database_ms()
    sharing = {
        known.name
        for known in leases.machines()
        if known.folder == folder and (now_ms - known.seen_ms < ALIVE_MS or known.name == machine)
    }
    lease = leases.last_leases().get(hearing.hex)
    if lease is not None and lease.holds(now_ms) and lease.machine in sharing:
        return lease.machine == machine
    return machine == min(sharing, default=machine)
