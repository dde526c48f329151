"""Portable file names, made from names in any script."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.statements.models import StatementVersion

LONGEST = 60
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe(text: str) -> str:
    """Reduce `text` to small Latin letters, digits and single hyphens; it may become ""."""
    plain = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return f"{name}-" if _RESERVED.fullmatch(name) else name


def of_statement(version: StatementVersion) -> str:
    """Return the name of a statement's file: the reference makes it unique, the rest is for people.

    A file has the same name each time, and no two files have the same name.
    """
    registration = version.statement.registration
    place = version.statement.inscription
    item = f"item-{place.segment.ordinal}" if place else "in-writing"
    parts = (
        safe(registration.reference),
        safe(registration.organization.name),
        item,
        f"v{version.number}",
        version.statement_id.hex[:8],
    )
    return _named("statements", parts, version.file_name)


def of_document(document: MeetingDocument, title: str) -> str:
    """Return the name of a document's file: `title` is for people, the id makes it unique."""
    parts = (document.kind, safe(title), document.pk.hex[:8])
    return _named("documents", parts, document.file_name)


def _named(folder: str, parts: Iterable[str], file_name: str) -> str:
    suffix = PurePath(file_name).suffix.lower()
    ending = suffix if _SUFFIX.fullmatch(suffix) else ""
    return f"{folder}/{'-'.join(part for part in parts if part)}{ending}"
