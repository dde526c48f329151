"""Letters as mail programs write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid
from io import BytesIO

from docx import Document

FRONT = "mx.hearing.example"
"""The mail server whose results of SPF, DKIM and DMARC are trusted."""

TEXT = (
    "Madam President,\n\nSurvivors of trafficking need shelter, legal aid and a fund that lasts. "
    "We call on all States to pay for them, and to let civil society take part. "
)


def letter(
    *,
    sender: str = "Ana Ruiz <ana@relief.example.org>",
    to: str = "statements@hearing.example",
    subject: str = "Our statement",
    text: str = "Please find our statement attached.",
    **headers: str,
) -> EmailMessage:
    """Return a plain letter, for whose sender the mail server in front of Hemicycle vouches."""
    domain = sender.rpartition("@")[2].rstrip(">")
    headers.setdefault("Authentication_Results", f"{FRONT}; dmarc=pass header.from={domain}")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = headers.pop("message_id", "") or make_msgid(domain="relief.example.org")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def docx(text: str = TEXT) -> bytes:
    """Return a Word document."""
    document, file = Document(), BytesIO()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def with_file(
    message: EmailMessage, name: str = "statement.docx", data: bytes | None = None
) -> EmailMessage:
    """Attach a file to the letter, and return the letter."""
    message.add_attachment(
        docx() if data is None else data,
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename=name,
    )
    return message


def attribute(level: int, ident: int, data: bytes) -> bytes:
    """Return one attribute of a TNEF: level, id, length, data, checksum."""
    head = bytes([level]) + ident.to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return head + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def tnef(*attributes: bytes) -> bytes:
    """Return a container (`winmail.dat`) of TNEF attributes."""
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


RENDERING, TITLE, DATA, BODY = 0x00069002, 0x00018010, 0x0006800F, 0x0002800C


def container(*named: tuple[str, bytes], body: bytes = b"") -> bytes:
    """Return a `winmail.dat` with files in it."""
    attributes = [attribute(1, BODY, body)] if body else []
    for name, content in named:
        attributes.append(attribute(2, RENDERING, b"\0" * 14))
        attributes.append(attribute(2, TITLE, name.encode() + b"\0"))
        attributes.append(attribute(2, DATA, content))
    return tnef(*attributes)
