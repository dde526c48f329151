"""The leases on hearings in the database: answer an engine's request, and refuse an old epoch."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from hemicycle.meeting.media_machines import lease_rules
from hemicycle.meeting.media_machines.lease_rules import (
    SOLE_LEASE_MS,
    Lease,
    LeaseAnswer,
    LeaseRequest,
    Machine,
)
from hemicycle.meeting.media_machines.models import MediaLease, MediaMachine, RecordingFolder
from hemicycle.record import clock

FORGOTTEN_MS = 7 * 86_400_000
"""How long a machine stays listed after its last request, in ms: a week."""


class StaleEpoch(Exception):
    """The report comes from an engine that has lost the hearing."""


def database_ms() -> int:
    """Return the time of the database's clock in ms; with SQLite, that of this machine's clock."""
    if connection.vendor != "postgresql":
        return clock.wall()
    with connection.cursor() as cursor:
        # Not the transaction's time, which is older if the transaction has waited for the lock.
        cursor.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        (told,) = cursor.fetchone() or (0,)
    return int(told)


def ask(asked: LeaseRequest, wanted: Collection[UUID]) -> LeaseAnswer:
    """Answer an engine's request for its hearings. Raises `NameTaken`."""
    hearings = {hearing.hex for hearing in wanted}
    if not asked.name and (same := _as_it_was(asked, hearings)) is not None:
        return same
    with transaction.atomic():
        _lock()
        given = lease_rules.answer(asked, hearings, machines(), last_leases(), database_ms())
        _save(given)
    return given


def _as_it_was(asked: LeaseRequest, wanted: set[str]) -> LeaseAnswer | None:
    """Return the answer to the only machine if no row must be written; otherwise None.

    That machine asks all the time, and must not take SQLite's write lock each time.
    """
    now_ms = database_ms()
    leases = last_leases()
    given = lease_rules.answer(asked, wanted, machines(), leases, now_ms)
    row = MediaMachine.objects.filter(pk=asked.name, process=asked.process).first()
    is_fresh = (
        row is not None
        and now_ms - row.seen_ms < SOLE_LEASE_MS // 60
        and row.behind == _written(asked.behind)
    )
    is_same = all(
        (before := leases.get(lease.hearing)) is not None
        and (before.epoch, before.process) == (lease.epoch, lease.process)
        and bool(before.ends_ms) == bool(lease.ends_ms)
        for lease in given.changed
    )
    return given if is_fresh and is_same and not asked.is_leaving else None


def _lock() -> None:
    """Prevent other decisions until this transaction ends; transactions of SQLite wait anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE media_machines_mediamachine IN SHARE ROW EXCLUSIVE MODE")


def machines() -> list[Machine]:
    """Return the machines that sent a request within the last week."""
    return [
        Machine(
            row.name,
            row.process,
            row.url,
            row.folder,
            row.load,
            row.since_ms,
            row.seen_ms,
            row.is_leaving,
            row.version,
            row.clock_ahead_ms,
            frozenset(row.behind.split()),
        )
        for row in MediaMachine.objects.all()
    ]


def last_leases() -> dict[str, Lease]:
    """Return the last lease of each hearing, by its id in 32 hexadecimal digits."""
    rows = MediaLease.objects.all()
    return {
        row.hearing_id.hex: Lease(
            row.hearing_id.hex, row.machine, row.process, row.epoch, row.ends_ms, row.listed_ms
        )
        for row in rows
    }


def _save(given: LeaseAnswer) -> None:
    machine = {**asdict(given.machine), "behind": _written(given.machine.behind)}
    MediaMachine.objects.update_or_create(pk=machine.pop("name"), defaults=machine)
    long_ago = given.machine.seen_ms - FORGOTTEN_MS
    MediaMachine.objects.filter(seen_ms__lt=long_ago).delete()
    for lease in given.changed:
        data = asdict(lease)
        MediaLease.objects.update_or_create(hearing_id=UUID(hex=data.pop("hearing")), defaults=data)
        if given.machine.folder and lease.hearing in given.held:
            _note_folder(UUID(hex=lease.hearing), given.machine)


def _note_folder(hearing: UUID, machine: Machine) -> None:
    row, _ = RecordingFolder.objects.get_or_create(
        hearing_id=hearing, folder=machine.folder, defaults={"machine": machine.name}
    )
    if row.machine != machine.name:
        row.machine = machine.name
        row.save(update_fields=["machine"])


def _written(behind: Collection[str]) -> str:
    return " ".join(sorted(behind))


def check_epoch(hearing: UUID, epoch: int) -> None:
    """Lock the hearing's lease until the transaction ends; raise `StaleEpoch` for an older epoch.

    A new holder waits for the lock, so that no report of its predecessor follows what it has read.
    """
    with transaction.atomic():
        lease = MediaLease.objects.select_for_update().filter(pk=hearing).first()
    if lease is not None and epoch < lease.epoch:
        raise StaleEpoch


def as_data(given: LeaseAnswer) -> dict[str, Any]:
    """Return the answer in the form in which the engine receives it (docs/media.md)."""
    held: Mapping[str, int] = given.held
    return {
        "hearings": dict(sorted(held.items())),
        "elsewhere": sorted(given.elsewhere),
        "to_release": sorted(given.to_release),
        "lease_s": lease_rules.lease_ms(given.machine.name) / 1000,
        "peers": dict(sorted(given.peers.items())),
        "listed_ms": given.listed_ms,
    }
