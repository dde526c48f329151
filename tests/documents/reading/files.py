"""Real files of every format, made with libraries that common programs use."""

import io
import zipfile
from collections.abc import Callable

import typst
from docx import Document
from odf.opendocument import OpenDocumentText
from odf.text import H, P
from pypdf import PdfWriter

from hemicycle.documents.writing.fonts import installed

ENGLISH = (
    "Mr. President, the survivors of trafficking ask to be heard in this Assembly.",
    "We propose three measures, and the first of them is a fund for legal aid.",
)
ARABIC = (
    "السيد الرئيس، إن الاتجار بالأشخاص جريمة خطيرة.",
    "نطلب من الدول الأعضاء أن تحمي الناجين وأن تعمل مع المجتمع المدني.",
)
CHINESE = (
    "主席先生，各位阁下，贩运人口是一种严重的犯罪。",
    "我们请会员国保护幸存者。",
)


def docx(paragraphs: tuple[str, ...] = ENGLISH, header: str = "") -> bytes:
    document = Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document.save)


def odt(paragraphs: tuple[str, ...] = ENGLISH, heading: str = "") -> bytes:
    document = OpenDocumentText()
    if heading:
        document.text.addElement(H(outlinelevel=1, text=heading))
    for paragraph in paragraphs:
        document.text.addElement(P(text=paragraph))
    return saved(document.save)


def pdf(paragraphs: tuple[str, ...] = ENGLISH, lang: str = "en") -> bytes:
    body = "\n\n".join(paragraphs)
    source = f'#set text(font: ("Noto Serif", "Amiri", "Noto Serif SC"), lang: "{lang}")\n{body}'
    return typst.compile(source.encode(), font_paths=installed().typst, format="pdf")


def picture_pdf() -> bytes:
    """Return a PDF with one page that is a picture, as a scanner makes it."""
    png = typst.compile(b"#set page(width: 8cm, height: 4cm)\nScanned words", format="png")
    listed = ",".join(str(byte) for byte in png)
    source = f'#image(bytes(({listed})), format: "png", width: 100%)'
    return typst.compile(source.encode(), format="pdf")


def locked_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    return saved(writer.write)


def archive(parts: dict[str, bytes]) -> bytes:
    def write(buffer: io.BytesIO) -> None:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in parts.items():
                made.writestr(name, content)

    return saved(write)


def docx_with(document_xml: bytes, **more: bytes) -> bytes:
    """Return a DOCX whose main part is `document_xml`."""
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    parts = {"[Content_Types].xml": types, "word/document.xml": document_xml}
    return archive(parts | {name.replace("__", "/"): part for name, part in more.items()})


def odt_with(content_xml: bytes) -> bytes:
    return archive(
        {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content_xml}
    )


def word_body(inner: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<w:document xmlns:w="{namespace}"><w:body>{inner}</w:body></w:document>'.encode()


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()
