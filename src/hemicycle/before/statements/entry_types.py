"""Entries about statements, and what erasing a person does to the rows and files behind them."""

from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from hemicycle.before.statements.models import Listing, Statement, Video
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only
from hemicycle.record.writer import Writer

HANDED_IN = declare(
    "statement.handed_in",
    *("statement", "registration", "inscription", "version", "number", "words", "sha256"),
    erasure=ids_only("statement", "registration", "inscription", "version"),
).name
CONSENT_CHANGED = declare(
    "statement.consent_changed",
    *("statement", "publish"),
    erasure=ids_only("statement"),
).name
RELEASED = declare("statement.released", "statement", "release", erasure=ids_only("statement")).name
NAMING_CHANGED = declare(
    "statement.naming_changed", "statement", "naming", erasure=ids_only("statement")
).name

VIDEO_HANDED_IN = declare(
    "video.handed_in",
    *("video", "inscription", "number", "duration_ms", "size", "sha256"),
    erasure=ids_only("video", "inscription"),
).name
VIDEO_WITHDRAWN = declare(
    "video.withdrawn", "video", "inscription", erasure=ids_only("video", "inscription")
).name
VIDEO_PLAY_CHOSEN = declare(
    "video.play_chosen",
    *("video", "inscription", "play"),
    erasure=ids_only("video", "inscription"),
).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Delete the files and texts that a person handed in; that they did stays true."""
    ids: list[str] = []
    rows = Statement.objects.filter(registration__person=person, hearing_id=record.hearing)
    for statement in rows.prefetch_related("versions"):
        ids.append(statement.id.hex)
        Listing.objects.filter(statement=statement).delete()
        Statement.objects.filter(pk=statement.pk).update(consents_to_publish=False, alias="")
        for version in statement.versions.all():
            ids.append(version.id.hex)
            # A file cannot be rolled back, so it goes once the erasure is certain.
            transaction.on_commit(partial(default_storage.delete, version.file.name or ""))
            version.file = ""
            version.file_name = version.text = ""
            version.save(update_fields=["file", "file_name", "text"])
    return ids


@erasure.register
def erase_videos(person: UUID, record: Writer) -> list[str]:
    """Delete the videos that a person handed in, or that stand in for them."""
    theirs = Q(inscription__registration__person=person) | Q(inscription__speaker=person)
    rows = Video.objects.filter(theirs | Q(handed_in_by=person), hearing_id=record.hearing)
    ids: list[str] = []
    for video in rows:
        ids.append(video.id.hex)
        drop_file(video)
        video.file_name = ""
        video.save(update_fields=["file", "file_name"])
    return ids


def drop_file(video: Video) -> None:
    """Delete a video's file once what is being done is certain, since no file can be rolled back.

    The row is not saved.
    """
    if video.file:
        transaction.on_commit(partial(default_storage.delete, video.file.name or ""))
        video.file = ""
