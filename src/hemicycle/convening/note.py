"""A note in the form in which the fields read it: blocks, sentences, labels and its main event."""

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from hemicycle.convening import languages
from hemicycle.convening.dates import dates_in
from hemicycle.convening.document import Document, NoteBlock
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import CODES, Language, fold, language
from hemicycle.convening.roles import TITLE_EVENT, DateRole, nouns_in, role_of
from hemicycle.convening.sentences import NoteSentence, sentences_of

HEAD_BLOCKS = 14
"""The number of blocks in which a note names itself: letterhead, addressees, title, date line."""

_INQUIRY = re.compile(r"\bpublic\s+(?:local\s+)?inquir(?:y|ies)\b", re.IGNORECASE)
"""An inquiry that is held in public, unlike one that a committee conducts."""
_LONGEST_VALUE = 300
"""The most characters of a value below its name; a longer text is a section."""
_LONGEST_NAME = 90
"""The number of characters before a colon in which its name is searched."""
_MOST_LABELS = 40
"""The most labels of one block with which its sentences are compared."""


@dataclass(frozen=True, slots=True)
class Finding[T]:
    """A value with the passages that it comes from; an empty value means that the text has none."""

    value: T
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A line such as "Venue: Room 3", or a table row of two cells with the same content."""

    name: str
    value: str
    block: int
    kinds: tuple[str, ...] = ()
    """The kinds of the label in the language's table: "date", "venue"; see `languages.LABELS`."""


@dataclass(frozen=True)
class ConceptNote:
    """The document with the data that several fields need from it, computed once."""

    document: Document
    sentences: tuple[NoteSentence, ...] = field(default=())

    @classmethod
    def of(cls, document: Document) -> "ConceptNote":
        return cls(document, sentences_of(document.blocks))

    @property
    def blocks(self) -> tuple[NoteBlock, ...]:
        return self.document.blocks

    @cached_property
    def language(self) -> Language:
        """The language of most of the note."""
        return languages.language_of(f"{self.document.title}\n{self.document.text}")

    @cached_property
    def status(self) -> str | None:
        """The change that the note announces: "cancelled", "postponed", "rescheduled", or None."""
        return status_of(self)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The lines and cells whose names are in the language's table, with their kinds."""
        return tuple(
            label
            for index, block in enumerate(self.blocks)
            for label in [*_known(self.language, index, block), *self._known_above(index)]
        )

    def _known_above(self, index: int) -> list[Label]:
        """Return the label that a heading or a line with a known name gives the next block."""
        above = self.blocks[index - 1] if index else None
        block = self.blocks[index]
        if above is None or len(above.lines) != 1 or block.kind != "paragraph" or above.cells:
            return []
        kinds = _kinds(self.language, above.flat)
        value = block.lines[0] if block.lines else ""
        whole = (
            kinds and value and len(value) <= _LONGEST_VALUE and not _kinds(self.language, value)
        )
        return [Label(above.flat.rstrip(" :："), value, index, kinds)] if whole else []

    def labelled(self, kind: str) -> list[Label]:
        """Return the labels of one kind, such as "venue"."""
        return [label for label in self.labels if kind in label.kinds]

    def label_at(self, sentence: NoteSentence, at: int = -1) -> Label | None:
        """Return the label that applies at a position in a sentence; by default at its end."""
        text = sentence.text if at < 0 else sentence.text[:at]
        found = None
        for label in self._labels_by_block.get(sentence.block, ()):
            if label.name in text or (sentence.text and sentence.text in label.value):
                found = label
        return found

    @cached_property
    def _labels_by_block(self) -> dict[int, list[Label]]:
        found: dict[int, list[Label]] = defaultdict(list)
        for label in self.labels:
            if len(found[label.block]) < _MOST_LABELS:
                found[label.block].append(label)
        return found

    @cached_property
    def due_cells(self) -> dict[int, str]:
        """For each row of a table with a column such as "Until", the cell with the deadline."""
        found: dict[int, str] = {}
        column: int | None = None
        for index, block in enumerate(self.blocks):
            if block.kind != "row":
                column = None
            elif column is None:
                named = [
                    at
                    for at, cell in enumerate(block.cells)
                    if "due" in _kinds(self.language, cell)
                ]
                column = named[0] if named and len(block.cells) > 1 else None
            elif column < len(block.cells):
                found[index] = block.cells[column]
        return found

    @cached_property
    def speaks_of_hearing(self) -> bool:
        """Whether the note uses a noun that always names a hearing."""
        return any(mentions_hearing(sentence.text) for sentence in self.sentences)

    @cached_property
    def own(self) -> re.Pattern[str] | None:
        """The note's own noun for its event, if its title has no word for "hearing"; else None."""
        for block in self.blocks[: self.head]:
            short = block.is_heading or (len(block.flat) < 160 and block.flat[-1:] != ".")
            match = TITLE_EVENT.search(block.flat) if short else None
            if match and _INQUIRY.search(block.flat):
                return re.compile(r"\binquir(?:y|ies)\b", re.IGNORECASE)
            if match and not mentions_hearing(block.flat):
                noun = match.group().split()[-1].rstrip("s")
                return re.compile(rf"\b{re.escape(noun)}s?\b", re.IGNORECASE)
            if match:
                return None
        return None

    @cached_property
    def head(self) -> int:
        """The number of blocks of the head, which ends a little after the title."""
        for index, block in enumerate(self.blocks):
            if block.is_heading and TITLE_EVENT.search(block.flat) and index >= 3:
                return min(index + 8, len(self.blocks))
        return min(HEAD_BLOCKS, len(self.blocks))


def as_written(note: ConceptNote, found: Finding[str | None]) -> Finding[str | None]:
    """Return a name that is in capitals as the note writes it outside of headings."""
    if not found.value or not found.value.isupper() or len(found.value.split()) < 3:
        return found
    name = re.compile(re.escape(found.value).replace(r"\ ", r"\s+"), re.IGNORECASE)
    for sentence in note.sentences:
        match = name.search(sentence.text)
        if match and not match.group().isupper():
            written = match.group()
            return Finding(written[:1].upper() + written[1:], (*found.passages, sentence.text))
    return found


@lru_cache(maxsize=8192)
def mentions_hearing(text: str) -> bool:
    """Return whether a text names a hearing, not the sense of hearing."""
    return bool(
        any(noun[2] is DateRole.HEARING for noun in nouns_in(language("en"), fold(text)))
        or _ELSEWHERE.search(fold(text))
    )


_ELSEWHERE = re.compile(
    "|".join(language(code).pieces("hearing") for code in CODES if code != "en"), re.IGNORECASE
)
"""The nouns for a hearing in the languages other than English."""


def status_of(note: ConceptNote) -> str | None:
    """Return the status from sentences of the head that name the hearing; None without a change.

    A postponed hearing is rescheduled only if the note has a new day.
    """
    words = note.language
    told = {
        name
        for sentence in note.sentences
        if sentence.block < note.head and mentions_hearing(sentence.text)
        for name in ("cancelled", "postponed", "moved")
        if words.pattern(name).search(fold(sentence.text))
    }
    if not told:
        return None
    to = re.compile(rf"{words.pieces('moved_to')}[^.;。；]{{0,30}}$", re.IGNORECASE)
    for sentence in note.sentences:
        text = fold(sentence.text)
        if any(to.search(text[: mention.start]) for mention in dates_in(text)):
            return "rescheduled"
    if told != {"cancelled"} and _has_new_day(note):
        return "rescheduled"
    return "cancelled" if "cancelled" in told else "postponed" if "postponed" in told else None


def _has_new_day(note: ConceptNote) -> bool:
    """Whether a day after the former one has hours and belongs to no deadline or other event."""
    set_for = re.compile(rf"{note.language.pieces('was_set')}[^.;。；]{{0,30}}$", re.IGNORECASE)
    old: set[datetime.date] = set()
    new: set[datetime.date] = set()
    for text in (sentence.text for sentence in note.sentences):
        for mention in dates_in(text):
            days = {day.date for day in mention.days if day.date}
            if set_for.search(fold(text[: mention.start])):
                old |= days
            elif any(hours.ends for hours in hours_in(text)):
                role = role_of(note.language, text, mention)
                new |= days if role in (DateRole.HEARING, DateRole.OPEN) else set()
    return bool(old and new) and min(new) > max(old)


_MARKER = re.compile(
    r"^\s*(?:[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-zA-Z])[)）.、．]|[-–•*●▪])\s*"
)


def _known(language: Language, index: int, block: NoteBlock) -> list[Label]:
    """Return the known labels of a block: in a row's first cell, or before a colon in a line.

    A name on a separate line, with its value on the next one, counts too.
    """
    if block.kind == "row" and len(block.cells) >= 2:
        kinds = _kinds(language, block.cells[0])
        return [Label(block.cells[0].strip(" :："), block.cells[1], index, kinds)] if kinds else []
    found = []
    for line in block.lines:
        colons = [
            (match.start(), match.end()) for match in re.finditer(r"[:：](?!\d\d|//)\s*", line)
        ]
        marks = []
        for start, end in colons:
            name = _name_before(language, line[max(0, start - _LONGEST_NAME) : start])
            if name:
                marks.append((start - len(name), start, end, name))
        for place, (_, _, end, name) in enumerate(marks):
            until = marks[place + 1][0] if place + 1 < len(marks) else len(line)
            value = line[end:until].strip(" .;；。,，*|–-")
            if value:
                found.append(Label(name, value, index, _kinds(language, name)))
    # "Lieu" on a separate line, and its value on the next one.
    for name, value in pairwise(block.lines):
        kinds = _kinds(language, name)
        if (
            kinds
            and not _kinds(language, value)
            and not _name_before(language, value.partition(":")[0])
        ):
            found.append(Label(name.rstrip(" :："), value, index, kinds))
    return found


def _kinds(language: Language, name: str) -> tuple[str, ...]:
    # Neither a long line nor a sentence is a name.
    if len(name) > _LONGEST_NAME or name.rstrip().endswith((".", "。")) or dates_in(name):
        return ()
    folded = fold(_MARKER.sub("", name)).strip(" :*?¿")
    kinds = (kind for kind in languages.LABELS if language.label(kind).fullmatch(folded))
    # "Date of publication" is the day of the page itself.
    past = language.pattern("past").search(folded)
    return tuple(kind for kind in kinds if not (past and kind in ("date", "time")))


def _name_before(language: Language, text: str) -> str:
    """Return the known name at the end of a text: "Hora" in "16 de abril. Hora"; "" for none."""
    segment = re.split(r"[.;。；|]\s*|,\s|，", text)[-1]
    segment = _MARKER.sub("", segment).strip(" *")
    if not segment:
        return ""
    if _kinds(language, segment):
        return segment
    words = segment.split()
    for count in range(min(4, len(words) - 1), 0, -1):
        name = " ".join(words[-count:])
        if segment.endswith(name) and name[:1].isupper() and _kinds(language, name):
            return name
    return ""
