"""What a file is, by what is in it. Its name and the type its sender claims are not asked."""

import zipfile
from typing import BinaryIO

from hemicycle.documents.reading import container
from hemicycle.documents.reading.errors import Refused
from hemicycle.documents.reading.model import DOCX, ODT, PDF, TEXT, Limits

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
_BY_OPENING_TAG = {b"<!doctype html": "html", b"<html": "html", b"<?xml": "xml"}
_BY_PART = {
    "xl/workbook.xml": "spreadsheet",
    "ppt/presentation.xml": "presentation",
}
_MACRO_TYPE = b"application/vnd.ms-word.document.macroEnabled"


def decide(file: BinaryIO, limits: Limits) -> str:
    """The media type of `file`, one of the four that are read; raises `Refused` for others."""
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
        raise Refused("kind_not_accepted", refused)
    return TEXT


def _by_magic(head: bytes) -> str | None:
    # BMP is told by two letters that can open a text, so its size field has a say too.
    for magic, kind in _BY_MAGIC.items():
        if head.startswith(magic) and not (magic == b"BM" and b"\0" not in head[2:16]):
            return kind
    if head[4:8] == b"ftyp":
        return "media"
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    return next((kind for tag, kind in _BY_OPENING_TAG.items() if opening.startswith(tag)), None)


def _older_office(file: BinaryIO) -> Refused:
    content = file.read()
    file.seek(0)
    # A DOCX with a password is an OLE file around an encrypted package.
    if _ENCRYPTED_PACKAGE in content:
        return Refused("encrypted")
    return Refused("kind_not_accepted", "doc")


def _archive(file: BinaryIO, limits: Limits) -> str:
    with container.opened(file, limits) as archive:
        names = set(archive.namelist())
        if "mimetype" in names:
            return _open_document(archive, limits)
        for part, kind in _BY_PART.items():
            if part in names:
                raise Refused("kind_not_accepted", kind)
        if container.CONTENT_TYPES not in names or "word/document.xml" not in names:
            raise Refused("kind_not_accepted", "archive")
        if _MACRO_TYPE in container.part(archive, container.CONTENT_TYPES, limits):
            raise Refused("kind_not_accepted", "macros")
    return DOCX


def _open_document(archive: zipfile.ZipFile, limits: Limits) -> str:
    declared = container.part(archive, "mimetype", limits).strip().decode("ascii", "replace")
    if declared == "application/epub+zip":
        raise Refused("kind_not_accepted", "ebook")
    if declared != ODT:
        raise Refused("kind_not_accepted", "drawing")
    return ODT
