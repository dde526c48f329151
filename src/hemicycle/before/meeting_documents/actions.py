"""Adding, changing and deleting documents of a hearing.

Each function writes the row and the entry in one transaction. A file is stored before it and
deleted after it (`jobs.stored_files`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.utils.translation import gettext as _

from hemicycle.before.meeting_documents import entry_types
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.meeting_documents.signals import document_withdrawn
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import clock, writer
from hemicycle.ui.words import original, tidy

LARGEST = 25 * 2**20
"""The largest size of a file in bytes."""
MOST = 200
"""The largest number of documents of a hearing."""
MOST_OF_PERSON = 10
"""The largest number of files of one panellist."""
BEGINNINGS = {
    ".pdf": b"%PDF-",
    **dict.fromkeys((".docx", ".pptx", ".xlsx", ".odt", ".odp", ".ods"), b"PK\x03\x04"),
}
"""The suffixes of the files that are accepted, with the first bytes of each."""


class DocumentRefused(Exception):
    """Raised for a document that cannot be stored or changed; `field` is the form's field."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class Details:
    """The description of a document. `titles` are by BCP 47 tag; the first one is the original."""

    kind: MeetingDocument.Kind
    titles: Mapping[str, str]
    language: str = ""
    ordinal: int = 1
    is_public: bool = False

    def into(self, document: MeetingDocument) -> None:
        """Copy the description to an unsaved row."""
        (tag, title), *others = self.titles.items()
        document.kind, document.title, document.original_language = self.kind, title, tag
        document.translations = tidy({other: {"title": text} for other, text in others})
        document.language, document.ordinal = self.language, self.ordinal
        document.is_public = self.is_public

    @classmethod
    def of(cls, document: MeetingDocument) -> "Details":
        """Return the description of a stored document."""
        others = {tag: texts["title"] for tag, texts in document.translations.items()}
        return cls(
            kind=MeetingDocument.Kind(document.kind),
            titles={document.original_language: original(document.title), **others},
            language=document.language,
            ordinal=document.ordinal,
            is_public=document.is_public,
        )


def add(
    *,
    hearing: Hearing,
    details: Details,
    file: "File[Any]",
    file_name: str,
    actor: writer.Actor,
    member: PanelMember | None = None,
    person: Person | None = None,
    agrees: bool = False,
) -> MeetingDocument:
    """Add a document.

    `member` and `person` are the seat and the panellist of a panellist's file, which is not public
    yet. Raises `DocumentRefused` for a file of another kind, and once there are too many.
    """
    name = PurePath(file_name.replace("\0", "")).name[:255]
    suffix = _check(name, file)
    document = MeetingDocument(
        hearing=hearing,
        member=member,
        person=person,
        file_name=name,
        size=file.size,
        sha256=_digest(file),
        agrees=agrees,
    )
    details.into(document)
    _check_public(document)
    try:
        with (
            stored_files.stored_first(MeetingDocument, f"{uuid4().hex}{suffix}", file) as stored,
            writer.writing(hearing.id, actor=actor) as record,
        ):
            _check_room(hearing, person)
            document.added_at = clock.from_ms(record.now)
            document.file = stored.take()
            document.save(force_insert=True)
            body = {
                "document": document.id.hex,
                "kind": document.kind,
                "size": document.size,
                "sha256": document.sha256,
                "public": document.is_public,
                "slot": member.id.hex if member else "",
            }
            record.append(entry_types.ADDED, body)
    except OSError as error:  # a full disk, a store that does not answer
        sentence = _("The file could not be saved. Try again later.")
        raise DocumentRefused(sentence, "file") from error
    return document


def change(*, document: MeetingDocument, details: Details, actor: writer.Actor) -> None:
    """Change the description of a document; its file stays.

    Raises `DocumentRefused` if it would be public against its owner's will, or under an alias.
    """
    with writer.writing(document.hearing_id, actor=actor) as record:
        document = _locked(document)
        if Details.of(document) == details:
            return
        was_public = document.is_public
        details.into(document)
        _check_public(document)
        document.save()
        if was_public and not document.is_public:
            document_withdrawn.send(record)
        body = {
            "document": document.id.hex,
            "kind": document.kind,
            "public": document.is_public,
        }
        record.append(entry_types.CHANGED, body)


def agree(*, document: MeetingDocument, agrees: bool, actor: writer.Actor) -> None:
    """Set whether a panellist's file may become public; without agreement it is unpublished.

    Raises `DocumentRefused` for an agreement under an alias.
    """
    with writer.writing(document.hearing_id, actor=actor) as record:
        document = _locked(document)
        if document.agrees == agrees:
            return
        if agrees and document.has_alias:
            raise DocumentRefused(_("A file of a person with an alias cannot become public."))
        was_public = document.is_public
        document.agrees = agrees
        document.is_public = was_public and agrees
        document.save(update_fields=("agrees", "is_public"))
        record.append(entry_types.AGREED, {"document": document.id.hex, "agrees": agrees})
        if was_public and not agrees:
            document_withdrawn.send(record)


def remove(*, document: MeetingDocument, actor: writer.Actor) -> None:
    """Delete a document and its file; do nothing if it is already deleted."""
    with writer.writing(document.hearing_id, actor=actor) as record:
        deleted, _rows = MeetingDocument.objects.filter(pk=document.pk).delete()
        if deleted:
            stored_files.drop(document.file.name or "")
            record.append(entry_types.REMOVED, {"document": document.id.hex})
            document_withdrawn.send(record)


def hide(*, record: writer.Writer, hearing: Hearing) -> None:
    """Unpublish the files of panellists who now have an alias."""
    rows = MeetingDocument.objects.filter(hearing=hearing, is_public=True)
    for document in rows.exclude(person=None).exclude(member__alias="").select_related("member"):
        document.is_public = False
        document.save(update_fields=("is_public",))
        body = {"document": document.id.hex, "kind": document.kind, "public": False}
        record.append(entry_types.CHANGED, body)
        document_withdrawn.send(record)


def _locked(document: MeetingDocument) -> MeetingDocument:
    """Read a row again in the hearing's turn. Raises `DocumentRefused` if it was deleted."""
    rows = MeetingDocument.objects.select_related("member", "hearing")
    if (found := rows.filter(pk=document.pk).first()) is None:
        raise DocumentRefused(_("This document has been deleted."))
    return found


def _check(name: str, file: "File[Any]") -> str:
    """Return the file's suffix. Raises `DocumentRefused` if the first bytes do not match it."""
    suffix = PurePath(name).suffix.lower()
    beginning = BEGINNINGS.get(suffix)
    file.seek(0)
    if beginning is None or file.read(len(beginning)) != beginning:
        sentence = _("This is not a PDF, Office or OpenDocument file.")
        raise DocumentRefused(sentence, "file")
    return suffix


def _digest(file: "File[Any]") -> str:
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _check_room(hearing: Hearing, person: Person | None) -> None:
    rows = MeetingDocument.objects.filter(hearing=hearing)
    if person is not None and rows.filter(person=person).count() >= MOST_OF_PERSON:
        sentence = _("You can submit at most %(n)s files. Delete one first.")
        raise DocumentRefused(sentence % {"n": MOST_OF_PERSON})
    if rows.count() >= MOST:
        sentence = _("A hearing can have at most %(n)s documents. Delete one first.")
        raise DocumentRefused(sentence % {"n": MOST})


def _check_public(document: MeetingDocument) -> None:
    if document.is_public and not document.may_be_public:
        sentence = _(
            "This file cannot be public: the panellist does not agree, has an alias, or is no "
            "longer in the programme."
        )
        raise DocumentRefused(sentence, "is_public")
