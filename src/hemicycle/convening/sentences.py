"""Sentences, each with its block and the heading above it."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from hemicycle.convening.document import LONGEST, NoteBlock
from hemicycle.convening.languages import alternatives, fold, names_of

NEAR = 40
"""The number of characters on either side of a full stop that decide whether it ends a sentence."""

# A full stop after one of these does not end a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:[ap]\.\s?m|Mr|Mrs|Ms|Dr|Prof|Hon|St|Nos?|Art|para|paras|approx|ca|cf|vs|e\.g|i\.e|op"
    r"|hrs?|Rm|Ste|Ave|Blvd|Bldg|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mme|M|Ext"
    r"|Mo|Di|Mi|Do|Fr|Sa|So|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|seg|ter|qua|qui|sex"
    r"|Tel|Ver|Dep|Sen|Gen|Eng|Ing|Lic|Arq|[Mm]ax|[Mm]in|Ref|Res|Nr|Abs|Str|str|bzw|vgl|Sra?|Dra|[Aa]v|[Nn]úm|[Aa]rt|[Pp]ág|bd|Dpto"
    r"|г|ул|д|стр|им|пос|обл|пр|пл|пер|корп|оф|каб|ауд|эт|тел|ч|час|мин|с|п|ст|гг|т|р|мкр|наб)"
    r"|(?<!\d )\b[A-ZА-Я](?:\.[A-ZА-Я])*)\.$"
)
_END = re.compile(
    r"[.?!؟][\"'”’»)\]]*\s+(?=[\"'“‘(\[¿¡«]?(?![a-zà-ÿа-яё])[\w#№])|[。！？；][”’）」]*\s*|\n"
)
_NUMBERED_DAY = re.compile(r"(?<!\d)\d{1,2}\.$")
_MONTH = re.compile(rf"(?:{alternatives(list(names_of('months')))})\b", re.IGNORECASE)
_MERIDIEM = re.compile(r"\b[ap]\.\s?m\.$", re.IGNORECASE)
# After "5 p.m.", these words continue the sentence, with or without a capital.
_GOES_ON = re.compile(
    r"(?:\(|\d|(?:E[DS]?T|C[EDS]?S?T|[PM][DS]T|GMT|UTC|BST|Monday|Tuesday|Wednesday|Thursday|Friday"
    r"|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b|[A-Z]\w+(?:\s[A-Z]\w+)?\s+(?:[tT]ime|(?:Daylight|Standard|Summer)\s+Time)\b)"
)


@dataclass(frozen=True, slots=True)
class NoteSentence:
    """A sentence. `block` counts from 0 in the document; `heading` is the nearest one above."""

    text: str
    block: int
    kind: str
    heading: str
    marker: str = ""

    @property
    def is_line(self) -> bool:
        """Whether it is a label, a title or a letterhead line rather than running text."""
        return (self.text[-1] not in ".?!。？！؟" or self.text.endswith(".m.")) and len(
            self.text
        ) < 140


def sentences_of(blocks: tuple[NoteBlock, ...]) -> tuple[NoteSentence, ...]:
    """Return all sentences in reading order, headings included."""
    found: list[NoteSentence] = []
    heading = ""
    for index, block in enumerate(blocks):
        if block.is_heading:
            heading = block.flat
        # The two cells of a row are read together: "Registration closes | 5 July".
        text = block.flat if block.kind == "row" and len(block.cells) == 2 else block.text
        found += [
            NoteSentence(sentence, index, block.kind, heading, block.marker)
            for sentence in split(text)
        ]
    return tuple(found)


def split(text: str) -> Iterator[str]:
    """Yield the sentences of one block; a line break of the author is a boundary too."""
    for sentence in _sentences(text):
        if len(sentence) <= LONGEST:
            yield sentence
        else:
            yield from textwrap.wrap(sentence, LONGEST)


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for boundary in _END.finditer(text):
        before = text[max(start, boundary.end() - NEAR) : boundary.end()].strip()
        if boundary.group() != "\n" and _runs_on(
            before, text[boundary.end() : boundary.end() + NEAR]
        ):
            continue
        if sentence := text[start : boundary.end()].strip():
            yield " ".join(sentence.split())
        start = boundary.end()
    rest = text[start:].strip()
    if rest:
        yield " ".join(rest.split())


def _runs_on(before: str, after: str) -> bool:
    if _MERIDIEM.search(before):
        return bool(_GOES_ON.match(after))
    # In "am 5. Mai", the full stop marks a number.
    if _NUMBERED_DAY.search(before):
        return bool(_MONTH.match(fold(after)))
    return bool(_ABBREVIATION.search(before))
