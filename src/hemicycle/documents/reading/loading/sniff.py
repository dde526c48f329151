"""Which format a file has, by what is in it, and whether it is safe to open."""

import io
import re
import zipfile

from hemicycle.convening.document import Unreadable

MAX_BYTES = 20_000_000
"""Largest file taken. Twelve pages with a coat of arms stay far below."""
MAX_UNPACKED = 60_000_000
"""Largest total of a DOCX or ODT once unpacked, in bytes."""
MAX_WRITTEN = 6_000_000
"""Largest body of a DOCX or ODT without its pictures, in bytes."""
_BODIES = frozenset(("word/document.xml", "content.xml"))
MAX_TEXT = 2_000_000
"""Largest text, in bytes: about 700 pages."""

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM", b"RIFF")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)
_TAGS = re.compile(r"</(?:p|div|table|ul|ol|h[1-6]|section|article)>", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^#{1,6}\s+\S|\*\*\S[^*\n]*\*\*|\]\((?:https?:|mailto:|#|/)"
    r"|^[ \t]{0,8}\|?[ \t]{0,8}:?-{3,}:?[ \t]{0,8}\|",
    re.MULTILINE,
)


def sniff(data: bytes, name: str) -> str:
    """One of "docx", "odt", "pdf", "html", "markdown", "text"; Unreadable for anything else."""
    if not data.strip():
        raise Unreadable("The file is empty. Send the note again.")
    if data[:4] == b"PK\x03\x04":
        return _sniff_zip(data)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    _refuse_known(data)
    text = decode(data)
    if len(data) > MAX_TEXT:
        raise Unreadable(
            f"The text is larger than {MAX_TEXT // 1_000_000} MB, which no concept note is. "
            "Send only the note."
        )
    return _sniff_text(text, name.lower())


def decode(data: bytes) -> str:
    """Text from bytes: the byte order mark, then UTF-8, then Windows-1252."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").lstrip("\ufeff")
    if b"\x00" in data[:4096]:
        raise Unreadable(
            "This is no text, PDF, web page or Word document. Send the note in one of these."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _sniff_text(text: str, name: str) -> str:
    head = text[:4000]
    if _HTML.search(head) or (len(_TAGS.findall(text)) >= 3 and head.lstrip().startswith("<")):
        return "html"
    if name.endswith((".md", ".markdown")) or _MARKDOWN.search(text):
        return "markdown"
    return "text"


def _refuse_known(data: bytes) -> None:
    if data.startswith(_PICTURES) or data[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        raise Unreadable(
            "This is a picture. The reader needs text: send the document the picture was taken of."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "This is an old Word file (.doc) or a locked Office file. "
            "Open it, save it as .docx without a password, and send that."
        )
    if data.startswith(b"{\\rtf"):
        raise Unreadable("This is a rich-text file. Save it as .docx and send that.")


def _sniff_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
            written = max((archive.getinfo(name).file_size for name in names & _BODIES), default=0)
            mimetype = archive.read("mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise Unreadable("The file is damaged and cannot be unpacked. Send it again.") from None
    if unpacked > MAX_UNPACKED or written > MAX_WRITTEN:
        raise Unreadable(
            "The file unpacks to far more than a document holds and was not opened. "
            "Save the note anew and send that."
        )
    if "word/document.xml" in names:
        return "docx"
    if "content.xml" in names and b"opendocument.text" in mimetype:
        return "odt"
    raise Unreadable("This is a packed folder or another Office file. Send the note itself.")
