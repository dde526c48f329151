"""The record's tables. Only `writer` writes entries; the database refuses to change an entry."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import models


class Head(models.Model):
    """The end of one hearing's chain; every writer of the record locks this row."""

    hearing = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0, help_text="milliseconds since the Unix epoch")
    hash = models.CharField(max_length=64)


class Entry(models.Model):
    """One entry of the record. It holds ids, numbers and closed vocabularies, never names."""

    hearing = models.UUIDField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    at = models.BigIntegerField(help_text="milliseconds since the Unix epoch")
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    meeting = models.CharField(max_length=32, blank=True)
    body = models.TextField(help_text="canonical JSON")
    digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "seq"), name="entry_one_per_place"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="entry_seq_positive"),
        )
        indexes = (
            models.Index(fields=("meeting", "seq"), name="entry_by_meeting"),
            models.Index(
                fields=("at",),
                condition=models.Q(kind="meeting.opened"),
                name="entry_meetings_opened",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"

    def fields(self) -> dict[str, Any]:
        """Return the body as a dictionary."""
        fields: dict[str, Any] = json.loads(self.body)
        return fields


class ServerClock(models.Model):
    """The one row about the clock of the database's server (`server_clock.ClockLead`)."""

    server = models.CharField(
        max_length=32, help_text="when it was started, in seconds since the Unix epoch"
    )
    lead_ms = models.BigIntegerField(
        default=0, help_text="by how much the site's time was ahead of its clock"
    )
    since_ms = models.BigIntegerField(
        default=0, help_text="what its clock said then, in milliseconds since the Unix epoch"
    )


class UnfinishedErasure(models.Model):
    """An erasure that failed, in whole or in part, and is tried again every day.

    `person` is an id as entries hold it, or "" for data of a hearing that belongs to no single
    person. `kinds` holds the names of the erasers that failed, as the log shows them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.UUIDField(db_index=True)
    person = models.CharField(max_length=32, blank=True)
    kinds = models.JSONField(default=list)
    attempts = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "person"), name="erasure_unfinished_once"),
        )


class RemovedPerson(models.Model):
    """A person who was deleted with a whole hearing, for the lists of erased people.

    The record of the hearing, which names its other erased people, is deleted with it. `at` is in
    ms since the Unix epoch. The field is not called `hearing` as in other tables, because the rows
    of those are deleted with the hearing.
    """

    removed_hearing = models.UUIDField()
    person = models.UUIDField()
    at = models.BigIntegerField()


class Note(models.Model):
    """Words that belong to an entry (a reason, a remark), stored apart so that they can be erased.

    Its key is ``SHA-256(salt ‖ text)``. The entry holds the key, so the words are bound to the
    record while they exist, and the chain still verifies when they have been erased.
    """

    key = models.CharField(primary_key=True, max_length=64)
    hearing = models.UUIDField(db_index=True)
    salt = models.BinaryField(max_length=16)
    text = models.TextField()
    erased_at = models.DateTimeField(null=True, blank=True)


class LogTile(models.Model):
    """256 adjacent hashes of the Merkle tree over a record; they never change.

    `level` and `number` are as in C2SP's tlog-tiles: level 0 has the hashes of leaves, and each
    hash of a higher level is the `root` of a tile of the level below. Only whole tiles are stored.
    """

    hearing = models.UUIDField()
    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    hashes = models.BinaryField(max_length=8192)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hearing", "level", "number"), name="log_tile_one_per_place"
            ),
        )


class Checkpoint(models.Model):
    """A signed statement of the length of a record and of the root of its tree.

    `root` is 64 hexadecimal digits, `signature` the log's signature line, `key` the public key that
    checks it (as signed documents hold it). `origin` is the name of the log, which stays the same
    when keys are renewed.
    """

    hearing = models.UUIDField()
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.BigIntegerField(help_text="milliseconds since the Unix epoch")
    origin = models.CharField(max_length=255)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=512)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "size"), name="checkpoint_one_per_size"),
        )


class Cosignature(models.Model):
    """A witness's signature on a checkpoint: the log had only grown since the witness last looked.

    `key_hash` is 8 hexadecimal digits, `timestamp` the witness's own, in seconds since the Unix
    epoch, `line` the whole signature line as in C2SP's tlog-cosignature, without line feed.
    """

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.CASCADE, related_name="cosignatures"
    )
    name = models.CharField(max_length=255)
    key_hash = models.CharField(max_length=8)
    timestamp = models.BigIntegerField(help_text="seconds since the Unix epoch")
    line = models.CharField(max_length=512)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("checkpoint", "name", "key_hash"), name="cosignature_one_per_witness"
            ),
        )


class TimeStamp(models.Model):
    """An authority's statement that a checkpoint existed at a time (RFC 3161).

    It refers to the checkpoint by hearing, size and root. `token` is the authority's whole answer
    in DER, `at` the time that it names, `authority` the name in its certificate.
    """

    hearing = models.UUIDField()
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.BigIntegerField(help_text="milliseconds since the Unix epoch")
    authority = models.CharField(max_length=255)
    token = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing", "size"), name="time_stamp_one_per_size"),
        )

    @property
    def moment(self) -> datetime:
        """The time that the authority names."""
        return datetime.fromtimestamp(self.at / 1000, UTC)
