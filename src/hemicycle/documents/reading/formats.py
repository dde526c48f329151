"""The format of a file, decided by its content.

Its name and the type that its sender claims are ignored.
"""

import re
import zipfile
from typing import BinaryIO

from hemicycle.documents.reading import container
from hemicycle.documents.reading.limits import DOCX, HTML, ODT, PDF, TEXT, Limits
from hemicycle.documents.reading.refusals import UnreadableDocument

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BY_MAGIC = {
    b"{\\rtf": "rtf",
    b"\x89PNG\r\n": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"II*\0": "picture",
    b"MM\0*": "picture",
    b"BM": "picture",
    b"RIFF": "media",
    b"ID3": "media",
    b"OggS": "media",
    b"\x1aE\xdf\xa3": "media",
    b"fLaC": "media",
    b"\x1f\x8b": "archive",
    b"7z\xbc\xaf\x27\x1c": "archive",
    b"Rar!": "archive",
    b"BZh": "archive",
    b"\xfd7zXZ": "archive",
}
_STILL_PICTURES = (b"ftypheic", b"ftypavif", b"ftypmif1")
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)
_HTML_BLOCK = re.compile(rb"</(?:p|div|table|ul|ol|h[1-6]|section|article)>", re.IGNORECASE)
_BY_PART = {
    "xl/workbook.xml": "spreadsheet",
    "ppt/presentation.xml": "presentation",
}
_MACRO_TYPE = b"application/vnd.ms-word.document.macroEnabled"


def decide(file: BinaryIO, limits: Limits, *, accepted: frozenset[str]) -> str:
    """Return the media type of `file`. Raises `UnreadableDocument` for others than `accepted`."""
    head = file.read(_HEAD)
    file.seek(0)
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _archive(file, limits)
    if head.startswith(_OLE):
        raise _older_office(file)
    refused = _by_magic(head)
    if refused:
        raise UnreadableDocument("kind_not_accepted", refused)
    return _by_markup(head, accepted)


def _by_magic(head: bytes) -> str | None:
    # BMP has a signature of two letters, which a text can begin with; so its size field is checked
    # too.
    for magic, kind in _BY_MAGIC.items():
        if head.startswith(magic) and not (magic == b"BM" and b"\0" not in head[2:16]):
            return kind
    if head[4:12] in _STILL_PICTURES:
        return "picture"
    return "media" if head[4:8] == b"ftyp" else None


def _by_markup(head: bytes, accepted: frozenset[str]) -> str:
    opening = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").replace(b"\0", b"")  # UTF-16 too
    if not opening.startswith(b"<"):
        return TEXT
    if _HTML.search(opening) or len(_HTML_BLOCK.findall(opening)) >= 3:
        if HTML in accepted:
            return HTML
        raise UnreadableDocument("kind_not_accepted", "html")
    if opening.startswith(b"<?xml"):
        raise UnreadableDocument("kind_not_accepted", "xml")
    return TEXT


def _older_office(file: BinaryIO) -> UnreadableDocument:
    content = file.read()
    file.seek(0)
    # A DOCX with a password is an OLE file around an encrypted package.
    if _ENCRYPTED_PACKAGE in content:
        return UnreadableDocument("encrypted")
    return UnreadableDocument("kind_not_accepted", "doc")


def _archive(file: BinaryIO, limits: Limits) -> str:
    with container.opened(file, limits) as archive:
        names = set(archive.namelist())
        if "mimetype" in names:
            return _open_document(archive, limits)
        for part, kind in _BY_PART.items():
            if part in names:
                raise UnreadableDocument("kind_not_accepted", kind)
        if container.CONTENT_TYPES not in names or "word/document.xml" not in names:
            raise UnreadableDocument("kind_not_accepted", "archive")
        if _MACRO_TYPE in container.part(archive, container.CONTENT_TYPES, limits):
            raise UnreadableDocument("kind_not_accepted", "macros")
    return DOCX


def _open_document(archive: zipfile.ZipFile, limits: Limits) -> str:
    declared = container.part(archive, "mimetype", limits).strip().decode("ascii", "replace")
    if declared == "application/epub+zip":
        raise UnreadableDocument("kind_not_accepted", "ebook")
    if declared != ODT:
        raise UnreadableDocument("kind_not_accepted", "drawing")
    return ODT
