"""The archive: a hearing as a folder that anyone can read and check without Hemicycle.

`index.html` is the start page. `record.jsonl` holds the record as `hemicycle verify` needs it,
`verify.pyz` is that command in one file and `verify.html` a page that does the same,
`proceedings.xml` is the debate in Akoma Ntoso 3.0, `seal.json` states, signed by the installation,
where the record ends and what the manifest is, `checkpoints.json` has outside cosignatures and
their times, and `manifest.json` lists the digest of every other file. The key that checks the
signature is not in the archive, since a forged archive can contain a key too: readers must know its
fingerprint from another source.

Two archives are made from one hearing. The secretariat's contains everything. The public's contains
only public data: documents that are public, files of statements that are released and may be
published, names that are public already, questions that were put to a panel, and the summary in the
languages in which it is published. It has the entries of the record, which hold no names, but not
the notes.
"""

import json
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import override

from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import checkpointing, document_mapping, toml_io
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import Document
from hemicycle.outcome.archive import (
    akoma_ntoso,
    csv_columns,
    file_names,
    hearing_documents,
    index_page,
)
from hemicycle.outcome.summary import document, queries
from hemicycle.outcome.summary.contents import contents, in_file_names, public_languages
from hemicycle.outcome.summary.models import Summary
from hemicycle.outcome.summary.participation import panel_outcomes
from hemicycle.record import clock, keys, portable, seals
from hemicycle.record.chain import Content, canonical
from hemicycle.record.log import carried, checkpoints
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.read_transaction import read_transaction
from hemicycle.record.signing import Signer
from hemicycle.record.verify import ARCHIVE, ENTRIES, MANIFEST, NOTES, SEAL
from hemicycle.ui.languages import speaking
from hemicycle.ui.spreadsheets import as_csv
from hemicycle.ui.verifier import page as verifier_page

INDEX = "index.html"
STYLES = "reading.css"
ALWAYS = 16
"""How many files every archive has."""
SUMMARY_FILES = 3
"""How many files a summary has in one language."""
_STYLES = Path(__file__).parent / "static" / "archive" / "reading.css"

type File = tuple[str, bytes]
"""A file's name within the archive, with slashes, and its content."""


class ArchiveRefused(Exception):
    """Raised if an archive cannot be written; the message says why."""


def name_of(hearing: Hearing, *, public: bool) -> str:
    """Return the name of the archive, without a suffix."""
    return f"{hearing.slug}-public" if public else hearing.slug


def expected(hearing: Hearing, *, public: bool) -> int:
    """Return how many files the archive will have, for its progress; at most, for the public's."""
    summary = _summary(hearing, public=public)
    languages = list(index_page.languages(summary, public=public)) if summary else []
    return (
        ALWAYS
        + SUMMARY_FILES * len(languages)
        + StatementVersion.objects.filter(statement__hearing_id=hearing.id).exclude(file="").count()
        + MeetingDocument.objects.filter(hearing=hearing).count()
    )


def files(hearing: Hearing, *, public: bool) -> Generator[File]:
    """Yield all files of the archive, the seal last; each is made on demand.

    They are read in one transaction, so that the record and the rows are of the same moment. It
    takes no lock that blocks writers: a large hearing takes seconds, and a meeting may be running.
    """
    _set_papers(hearing)
    checkpointing.make_now(hearing)
    with read_transaction(), override("en"):
        head = Head.objects.get(hearing=hearing.id)
        signer = keys.signing_key()  # the record’s last one: a new key may follow while we read
        digests: dict[str, str] = {}
        for name, content in _contents(hearing, head, public=public):
            digests[name] = sha256(content).hexdigest()
            yield name, content
        manifest = canonical({"format": ARCHIVE, "files": digests})
        yield MANIFEST, manifest
        yield SEAL, _seal(head, manifest, signer)


def _set_papers(hearing: Hearing) -> None:
    """Create and store the papers of a published summary, unless that has been done already."""
    summary = queries.summary_of(hearing)
    if summary is None:
        return
    for language in public_languages(summary):
        document.docx_of(summary, language)
        document.pdf_of(summary, language)


def _contents(hearing: Hearing, head: Head, *, public: bool) -> Iterator[File]:
    yield ENTRIES, b"".join(_entries(hearing, head.seq))
    yield NOTES, b"" if public else b"".join(_notes(hearing))
    yield carried.NAME, canonical(carried.document(checkpoints.carried(hearing.id, head.seq)))
    yield (
        "hearing.toml",
        toml_io.dumps(_document(hearing, public=public)).encode(),
    )
    outcomes = panel_outcomes(hearing)
    for name, table in csv_columns.tables(hearing, outcomes, public=public).items():
        yield name, table
    yield "media.csv", csv_columns.media(hearing)
    yield "proceedings.xml", akoma_ntoso.proceedings(hearing, public=public)
    summary = _summary(hearing, public=public)
    if summary is not None:
        yield from _summary_files(summary, public=public)
    kept = list(_statements(hearing, public=public))
    for name, version in kept:
        yield name, version.file.read()
        version.file.close()
    documents = list(hearing_documents.archived(hearing, public=public))
    for archived in documents:
        yield archived.name, archived.document.file.read()
        archived.document.file.close()
    yield portable.NAME, portable.packed()
    yield verifier_page.NAME, verifier_page.packed()
    yield STYLES, verifier_page.TOKENS.read_bytes() + _STYLES.read_bytes()
    names = {version.pk: name for name, version in kept}
    page = index_page.render(
        hearing, head, outcomes, summary, names, documents=documents, public=public
    )
    yield INDEX, page.encode()


def _document(hearing: Hearing, *, public: bool) -> Document:
    return document_mapping.to_document(hearings.whole(hearing.id), in_public=public)


def _entries(hearing: Hearing, last: int) -> Iterator[bytes]:
    entries = Entry.objects.filter(hearing=hearing.id, seq__lte=last).order_by("seq")
    for entry in entries.iterator(chunk_size=2000):
        content = Content.of(entry.__dict__)
        row = {name: getattr(content, name) for name in Content.__slots__}
        yield _line({**row, "digest": entry.digest, "hash": entry.hash})


def _notes(hearing: Hearing) -> Iterator[bytes]:
    for note in Note.objects.filter(hearing=hearing.id, erased_at=None).order_by("key"):
        yield _line({"key": note.key, "salt": bytes(note.salt).hex(), "text": note.text})


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _seal(head: Head, manifest: bytes, signer: Signer) -> bytes:
    return canonical(
        seals.seal_archive(
            seals.End(head.hearing.hex, head.seq, head.hash),
            sha256(manifest).hexdigest(),
            origin=settings.BASE_URL,
            at=clock.now_ms(),
            signer=signer,
        )
    )


def _summary(hearing: Hearing, *, public: bool) -> Summary | None:
    summary = queries.summary_of(hearing)
    if summary is not None and public and summary.published_at is None:
        return None
    return summary


def _summary_files(summary: Summary, *, public: bool) -> Iterator[File]:
    for language in index_page.languages(summary, public=public):
        named = in_file_names(summary, language)
        yield f"summary{named}.docx", document.docx_of(summary, language)
        yield f"summary{named}.pdf", document.pdf_of(summary, language)
        with speaking(language):
            table = queries.recommendations(contents(summary, language))
        yield f"recommendations{named}.csv", as_csv(*table)


def _statements(hearing: Hearing, *, public: bool) -> Iterator[tuple[str, StatementVersion]]:
    """Yield the submitted files: all of them, or the newest of each public statement."""
    versions = StatementVersion.objects.filter(statement__hearing_id=hearing.id).exclude(file="")
    related = ("statement__registration__organization", "statement__inscription__segment")
    for version in versions.select_related(*related).order_by("statement__pk", "-number"):
        if version.file.storage.exists(str(version.file.name)) and (
            not public or _is_public(version.statement, version)
        ):
            yield file_names.of_statement(version), version


def _is_public(statement: Statement, version: StatementVersion) -> bool:
    newest = statement.versions.order_by("-number").first()
    return statement.is_public_by_name and statement.registration.takes_part and newest == version


def write_folder(hearing: Hearing, folder: Path, *, public: bool) -> int:
    """Write the archive into `folder`, which must be new or empty; return the number of files.

    Raises `ArchiveRefused` for a folder that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiveRefused(f"{folder} is there already; name a folder that is new or empty.")
    count = 0
    with closing(files(hearing, public=public)) as found:
        for name, content in found:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            count += 1
    return count


def write_zip(
    hearing: Hearing,
    to: Path | IO[bytes],
    *,
    public: bool,
    report: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write the archive as a zip with one folder in it, into a new file or an open and empty one.

    Returns the number of files. `report` is called after each file with the number so far, inside
    the transaction that reads the hearing; an exception in it ends the writing.
    """
    top, count = name_of(hearing, public=public), 0
    made = clock.now().timetuple()[:6]
    # Closed at once, also after an error: the transaction must not stay open while it is handled.
    with (
        zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as packed,
        closing(files(hearing, public=public)) as found,
    ):
        for name, content in found:
            entry = zipfile.ZipInfo(f"{top}/{name}", date_time=made)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
            count += 1
            report(count)
    return count
