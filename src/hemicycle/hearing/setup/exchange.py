"""A hearing's texts in the files that translators use: XLIFF 1.2, and CSV tables.

A file holds the original of each text at the time when it was written. On import, that is compared
with the original now: if they differ, the translation is taken and marked as outdated, and the
office sees what has changed since. XLIFF 1.2 is the version that all translation tools read.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml import etree
from lxml.builder import ElementMaker

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.translations import HearingText, TextChange
from hemicycle.ui import spreadsheets
from hemicycle.ui.words import best

LARGEST = 4 * 1024 * 1024
"""The most bytes of a file; six languages of a long programme need a tenth of it."""
SPACE = "urn:oasis:names:tc:xliff:document:1.2"
XLIFF_TYPE = "application/x-xliff+xml"
UNTRANSLATED = frozenset({"new", "needs-translation"})
FIXED = ("key", "about", "original")
"""The columns of a table before those of its languages."""
TEXT = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""Bytes that may precede the first character of an XML file, in UTF-8 and UTF-16."""


class FileRefused(ValueError):
    """Raised for a file that cannot be read; the text says why and how to correct it."""


# ── Writing ───────────────────────────────────────────────────────────────────────────────────


def to_xliff(hearing: Hearing, listed: Iterable[HearingText], tag: str) -> bytes:
    """Return the texts as XLIFF for translation into `tag`, with the translations that exist."""
    make = ElementMaker(namespace=SPACE, nsmap={None: SPACE})
    units = [_unit(make, entry, tag) for entry in _open(listed)]
    languages = {"source-language": hearing.original_language or "und", "target-language": tag}
    body = make.file(make.body(*units), original=hearing.slug, datatype="plaintext", **languages)
    return etree.tostring(
        make.xliff(body, version="1.2"), xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def _open(listed: Iterable[HearingText]) -> Iterator[HearingText]:
    """Return the texts without those that could name a protected person: files may be passed on."""
    return (entry for entry in listed if not entry.hides)


def _unit(make: ElementMaker, entry: HearingText, tag: str) -> etree._Element:
    text = entry.text(tag)
    state = "needs-review-translation" if entry.is_outdated(tag) else "translated"
    target = make.target(_legible(text), state=state if text else "needs-translation")
    unit: etree._Element = make(
        "trans-unit",
        make.source(_legible(entry.original)),
        target,
        make.note(_legible(f"{entry.about} · {entry.label}"), {"from": "hemicycle"}),
        id=entry.key,
        maxwidth=str(entry.limit),
        **{"size-unit": "char"},
    )
    unit.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return unit


def _legible(text: str) -> str:
    """Return the text without the control characters that XML does not allow."""
    return "".join(char for char in text if char >= " " or char in "\n\t")


def to_csv(hearing: Hearing, listed: Iterable[HearingText], tags: Sequence[str]) -> bytes:
    """Return the texts as CSV, with a column for each language of `tags`.

    Texts that could name a protected person are left out.
    """
    original = f"original:{hearing.original_language or 'und'}"
    rows = (
        [entry.key, f"{entry.about} · {entry.label}", entry.original, *map(entry.text, tags)]
        for entry in _open(listed)
    )
    return spreadsheets.as_csv(("key", "about", original, *tags), rows)


# ── Reading ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FileLine:
    """A text in a file: the original that was translated, and its translations by language."""

    key: str
    source: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StaleText:
    """A text whose original has changed since the file was written."""

    entry: HearingText
    was: str


@dataclass(slots=True)
class Brought:
    """The content of a file: the changes, and what the office must know about them.

    `gone` are texts that the hearing no longer has, and `too_long` those with a translation over
    the limit.
    """

    changes: list[TextChange] = field(default_factory=list)
    stale: list[StaleText] = field(default_factory=list)
    gone: list[FileLine] = field(default_factory=list)
    too_long: list[HearingText] = field(default_factory=list)
    replaced: list[tuple[HearingText, str, str]] = field(default_factory=list)
    """Existing translations that change: the entry, the language, and the text that is replaced."""


def read(content: bytes, listed: Sequence[HearingText], tags: Sequence[str]) -> Brought:
    """Return what a file would change. Raises `FileRefused` if it cannot be read."""
    if len(content) > LARGEST:
        raise FileRefused(
            _("The file is larger than the limit of %(size)d KB.") % {"size": LARGEST // 1024}
        )
    is_xml = content[:200].replace(b"\x00", b"").lstrip(_BEFORE).startswith(b"<")
    lines = list((_xliff_lines if is_xml else _csv_lines)(content, tags)) if content else []
    if not lines:
        raise FileRefused(
            _(
                "The file contains no texts of a hearing. Download the file for translators here "
                "first."
            )
        )
    return _compared(lines, {entry.key: entry for entry in listed})


def _compared(lines: Iterable[FileLine], by_key: Mapping[str, HearingText]) -> Brought:
    found = Brought()
    for line in lines:
        texts = {tag: text.strip() for tag, text in line.texts.items() if text.strip()}
        entry = by_key.get(line.key)
        if entry is None:
            found.gone += [line] if texts else []
            continue
        if any(len(text) > entry.limit for text in texts.values()):
            found.too_long.append(entry)
            continue
        new = {tag: text for tag, text in texts.items() if text != entry.text(tag)}
        is_stale = _bare(line.source) != _bare(entry.original)
        if is_stale and texts:
            found.stale.append(StaleText(entry, line.source))
        if new:
            found.replaced += [
                (entry, tag, old) for tag in new if (old := entry.text(tag)) and not is_stale
            ]
            found.changes.append(TextChange(entry, new, dict.fromkeys(new, is_stale)))
    return found


def _bare(text: str) -> str:
    """Return the text in a form for comparison: tools may change line ends and spaces."""
    return " ".join(text.split())


def _xliff_lines(content: bytes, tags: Sequence[str]) -> Iterator[FileLine]:
    try:
        root = etree.fromstring(content, TEXT)
    except etree.XMLSyntaxError as error:
        raise FileRefused(_("This is not valid XML: %(reason)s") % {"reason": error.msg}) from error
    if root.tag != f"{{{SPACE}}}xliff":
        raise FileRefused(_("This is not an XLIFF file of version 1.2."))
    for file in root.iterfind(f"{{{SPACE}}}file"):
        tag = _target(str(file.get("target-language") or ""), tags)
        for unit in file.iter(f"{{{SPACE}}}trans-unit"):
            source, target = unit.find(f"{{{SPACE}}}source"), unit.find(f"{{{SPACE}}}target")
            is_done = target is not None and target.get("state") not in UNTRANSLATED
            text = _content(target) if is_done else ""
            yield FileLine(str(unit.get("id") or ""), _content(source), {tag: text})


def _content(element: etree._Element | None) -> str:
    return "" if element is None else "".join(map(str, element.itertext()))


def _csv_lines(content: bytes, tags: Sequence[str]) -> Iterator[FileLine]:
    try:
        text = content.decode(
            "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
        )
    except UnicodeDecodeError:
        sentence = _("The file is not text in UTF-8; save it as UTF-8 and try again.")
        raise FileRefused(sentence) from None
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    except (csv.Error, ValueError) as error:
        raise FileRefused(_("The table cannot be read: %(reason)s") % {"reason": error}) from error
    names = [name.strip() for name in head]
    columns = {name.partition(":")[0]: place for place, name in enumerate(names)}
    if not columns.keys() >= set(FIXED):
        sentence = _("The first line must name the columns: %(columns)s, and languages.")
        raise FileRefused(sentence % {"columns": ", ".join(FIXED)})
    places = {
        _target(name, tags): place
        for place, name in enumerate(names)
        if name and name.partition(":")[0] not in FIXED
    }
    for row in rows:
        cells = [*map(spreadsheets.unguarded, row), *[""] * (len(names) - len(row))]
        texts = {tag: cells[place] for tag, place in places.items()}
        if any(cells):
            yield FileLine(cells[columns["key"]].strip(), cells[columns["original"]], texts)


def _target(tag: str, tags: Sequence[str]) -> str:
    """Return the hearing's tag for a language of the file."""
    if found := best(tag, tags):
        return found
    sentence = _(
        "This hearing is not translated into “%(tag)s”. Add this language to the hearing’s "
        "languages first."
    )
    raise FileRefused(sentence % {"tag": tag or "—"})
