"""The erasure of a person's statements and recorded videos."""

from uuid import UUID

from django.db.models import Q, QuerySet

from hemicycle.before.statements import entry_types
from hemicycle.before.statements.files import drop_file
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.models import Listing, Statement, Video
from hemicycle.hearing.jobs import stored_files
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.writer import Writer


def erase_statements(person: UUID, record: Writer) -> list[str]:
    """Delete the files, texts and titles that a person submitted; the fact that they did stays.

    Versions that a replaced speaker submitted are deleted too: they may contain that name, and
    nobody could find it in them afterwards.
    """
    ids: list[str] = []
    theirs = Q(registration__person=person)
    replaced = Q(registration__former_speakers=person, versions__handed_in_by=person)
    rows = Statement.objects.filter(theirs | replaced, hearing_id=record.hearing).distinct()
    for statement in rows.select_related("registration").prefetch_related("versions"):
        ids.append(statement.id.hex)
        _erase_reasons(statement, record)
        _erase_titles(statement, person, record)
        versions = list(statement.versions.all())
        newest = max((version.number for version in versions), default=0)
        if statement.registration.person_id != person:
            versions = [version for version in versions if version.handed_in_by_id == person]
        if not versions or versions[-1].number == newest:
            Listing.objects.filter(statement=statement).delete()
            Statement.objects.filter(pk=statement.pk).update(consents_to_publish=False)
        for version in versions:
            ids.append(version.id.hex)
            stored_files.drop(version.file.name or "")
            version.file = ""
            version.file_name = version.text = ""
            version.save(update_fields=["file", "file_name", "text"])
    return ids


def _erase_reasons(statement: Statement, record: Writer) -> None:
    """Blank the reasons for which a statement was released by hand."""
    for entry in _entries(statement, entry_types.RELEASED_BY_HAND, record):
        erasure.erase_note(record, entry.fields()["reason"])


def _erase_titles(statement: Statement, person: UUID, record: Writer) -> None:
    """Blank the titles of a person's statement, or those that they gave as a replaced speaker."""
    given = list(_entries(statement, entry_types.TITLED, record))
    theirs = given
    if statement.registration.person_id != person:
        theirs = [entry for entry in given if entry.actor == person.hex]
    for entry in theirs:
        erasure.erase_note(record, entry.fields()["title"])
        erasure.erase_note(record, entry.fields()["other_title"])
    if theirs and theirs[-1] is given[-1]:
        statement.title, statement.original_language, statement.translations = "", "", {}
        statement.save(update_fields=["title", "original_language", "translations"])
        publication.follow(record, statement.pk)


def _entries(statement: Statement, kind: str, record: Writer) -> QuerySet[Entry]:
    rows = Entry.objects.filter(hearing=record.hearing, kind=kind, body__contains=statement.id.hex)
    return rows.order_by("seq")


def erase_videos(person: UUID, record: Writer) -> list[str]:
    """Delete the videos that a person submitted or appears in; return the videos' ids."""
    theirs = Q(inscription__registration__person=person) | Q(inscription__speaker=person)
    rows = Video.objects.filter(theirs | Q(handed_in_by=person), hearing_id=record.hearing)
    ids: list[str] = []
    for video in rows:
        ids.append(video.id.hex)
        drop_file(video)
        video.file_name = ""
        video.save(update_fields=["file", "file_name"])
    return ids
