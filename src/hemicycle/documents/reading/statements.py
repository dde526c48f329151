"""Statements: a file as paragraphs, with a count of words and a guess at the language.

This module runs only in a guarded process.
"""

from typing import BinaryIO

from hemicycle.documents.reading import formats, language, words
from hemicycle.documents.reading.blocks import texts_in
from hemicycle.documents.reading.extraction import Extracted
from hemicycle.documents.reading.limits import DOCX, ODT, PDF, TEXT, Limits
from hemicycle.documents.reading.normalise import clean
from hemicycle.documents.reading.refusals import UnreadableDocument


def read(file: BinaryIO, limits: Limits) -> Extracted:
    """Return the text of a statement. Raises `UnreadableDocument`."""
    media_type = formats.decide(file, limits, accepted=frozenset({PDF, DOCX, ODT, TEXT}))
    found, pages = _paragraphs(media_type, file, limits)
    paragraphs = tuple(text for text in map(clean, found) if text)
    counted = sum(words.count(paragraph) for paragraph in paragraphs)
    if not counted:
        raise UnreadableDocument("empty")
    guess = language.guess("\n".join(paragraphs))
    return Extracted(media_type, paragraphs, counted, pages, guess)


def _paragraphs(media_type: str, file: BinaryIO, limits: Limits) -> tuple[list[str], int | None]:
    # Imported here: each format needs a library for which the others should not have to wait.
    if media_type == PDF:
        from hemicycle.documents.reading import pdf

        return pdf.read(file, limits)
    if media_type == DOCX:
        from hemicycle.documents.reading import docx

        return [text.text for text in texts_in(docx.read(file, limits)[0])], None
    if media_type == ODT:
        from hemicycle.documents.reading import odt

        return [text.text for text in texts_in(odt.read(file, limits))], None
    from hemicycle.documents.reading import text as plain

    return plain.read(file, limits), None
