"""A note as the fields read it: its blocks, its sentences, its title and its main event."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from hemicycle.convening import lexicon
from hemicycle.convening.document import Document, NoteBlock
from hemicycle.convening.sentences import NoteSentence, sentences_of

HEAD_BLOCKS = 14
"""Blocks in which a note names itself: letterhead, addressees, title, date line."""

# Names on a line of their own above their value.
_OVER = re.compile(
    r"(?:when|where|date|time|venue|location|place|dates?\s+and\s+(?:times?|venue|place)|address"
    r"|organi[sz]ers?|(?:convened|organi[sz]ed|hosted)\s+by|conveners?|quand|où|lieu|cuándo"
    r"|dónde|lugar|fecha)\s*:?",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"(?:by|deadline|due(?:\s+date)?|clos(?:es|ing)(?:\s+date)?|until|last\s+day|no\s+later\s+than"
    r"|date\s+limite|fecha\s+límite)",
    re.IGNORECASE,
)
_SHORT_NAME = re.compile(r"[A-ZÀ-Ý]\w+(?:\s\w+)?:?")
_LONGEST_VALUE = 300
"""Letters of a place or a date below its name; a longer text is a section."""
_LABEL = re.compile(r"^(?P<name>[A-ZÀ-Ý][\w’'/&(). -]{1,40}?)\s*:\s*(?P<value>\S.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding[T]:
    """A value with the passages it came from. An empty value means: not in the text."""

    value: T
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A line such as "Venue: Room 3" or a table row of two cells that says the same."""

    name: str
    value: str
    block: int


@dataclass(frozen=True)
class ConceptNote:
    """The document with what several fields need from it, computed once."""

    document: Document
    sentences: tuple[NoteSentence, ...] = field(default=())

    @classmethod
    def of(cls, document: Document) -> "ConceptNote":
        return cls(document, sentences_of(document.blocks))

    @property
    def blocks(self) -> tuple[NoteBlock, ...]:
        return self.document.blocks

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        return tuple(
            label
            for index, block in enumerate(self.blocks)
            for label in [*_labels(index, block), *_stacked(self.blocks, index)]
        )

    def labelled(self, pattern: str) -> list[Label]:
        """The labels whose whole name matches."""
        name = re.compile(rf"(?:the\s+)?(?:{pattern})", re.IGNORECASE)
        return [label for label in self.labels if name.fullmatch(label.name.strip())]

    @cached_property
    def due_cells(self) -> dict[int, str]:
        """For each row of a table with a column such as "Until", the cell with the deadline."""
        found: dict[int, str] = {}
        column: int | None = None
        for index, block in enumerate(self.blocks):
            if block.kind != "row":
                column = None
            elif column is None:
                named = [at for at, cell in enumerate(block.cells) if _DUE.fullmatch(cell)]
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
        """The noun for its event in a note without "hearing" in its title."""
        for block in self.blocks[: self.head]:
            short = block.is_heading or (len(block.flat) < 160 and block.flat[-1:] != ".")
            match = lexicon.TITLE_EVENT.search(block.flat) if short else None
            if match and lexicon.INQUIRY.search(block.flat):
                return re.compile(r"\binquir(?:y|ies)$", re.IGNORECASE)
            if match and not mentions_hearing(block.flat):
                noun = match.group().split()[-1].rstrip("s")
                return re.compile(rf"\b{re.escape(noun)}s?$", re.IGNORECASE)
            if match:
                return None
        return None if self.speaks_of_hearing else self._said

    @cached_property
    def _said(self) -> re.Pattern[str] | None:
        """The noun of the first sentence that announces an event, if the note never says
        "hearing".
        """
        for sentence in self.sentences[:4]:
            match = lexicon.TITLE_EVENT.search(sentence.text)
            if match and re.search(lexicon.TAKES_PLACE, sentence.text, re.IGNORECASE):
                noun = match.group().split()[-1].rstrip("s")
                return re.compile(rf"\b{re.escape(noun)}s?$", re.IGNORECASE)
        return None

    @cached_property
    def head(self) -> int:
        """The number of blocks of the head: a little past the title."""
        for index, block in enumerate(self.blocks):
            if block.is_heading and lexicon.TITLE_EVENT.search(block.flat) and index >= 3:
                return min(index + 8, len(self.blocks))
        return min(HEAD_BLOCKS, len(self.blocks))


def as_written(note: ConceptNote, found: Finding[str | None]) -> Finding[str | None]:
    """Return a name set in capitals as the note writes it outside of headings."""
    if not found.value or not found.value.isupper() or len(found.value.split()) < 3:
        return found
    name = re.compile(re.escape(found.value).replace(r"\ ", r"\s+"), re.IGNORECASE)
    for sentence in note.sentences:
        match = name.search(sentence.text)
        if match and not match.group().isupper():
            written = match.group()
            return Finding(written[:1].upper() + written[1:], (*found.passages, sentence.text))
    return found


def mentions_hearing(text: str) -> bool:
    """Whether a text names a hearing, not the sense of hearing."""
    return bool(lexicon.HEARING_RE.search(lexicon.NOT_A_MEETING.sub(" ", text)))


def _labels(index: int, block: NoteBlock) -> list[Label]:
    if block.kind == "row" and len(block.cells) == 2:
        name, value = block.cells[0].strip(" :"), block.cells[1]
        return [Label(name, value, index)] if name and value and len(name) < 60 else []
    found = []
    for line in block.lines:
        match = _LABEL.match(line)
        if match:
            found.append(Label(match["name"].strip(" *"), match["value"].strip(" *"), index))
    return found


def _stacked(blocks: tuple[NoteBlock, ...], index: int) -> list[Label]:
    """The value under a name such as "Where", in the same block or in the next."""
    lines = blocks[index].lines
    if not lines or not _OVER.fullmatch(lines[0]):
        return []
    if len(lines) > 1:
        value = "\n".join(lines[1:])
        return [Label(lines[0].rstrip(" :"), value, index)] if len(value) <= _LONGEST_VALUE else []
    following = blocks[index + 1] if index + 1 < len(blocks) else None
    if (
        following is None
        or len(following.text) > _LONGEST_VALUE
        or following.kind == "heading"
        or (len(following.lines) > 1 and _SHORT_NAME.fullmatch(following.lines[0]))
    ):
        return []
    return [Label(lines[0].rstrip(" :"), following.text, index + 1)]
