"""Guiding questions: the items under their heading or introduction, with or without question
marks.
"""

import re

from hemicycle.convening import segments
from hemicycle.convening.document import NoteBlock
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.sentences import split

_HEADING = re.compile(
    r"\b(?:(?:guiding|key|discussion|guide|lead|possible|suggested|main|core|framing"
    r"|focus)\s+(?:discussion\s+)?(?:questions?|issues|points)|questions?\s+(?:for"
    r"|to\s+(?:guide|consider|be|address)|the\s+\w+\s+(?:will|wishes|would))"
    r"|issues\s+(?:for|to\s+be)\s+(?:discuss\w+|consider\w+)|terms\s+of\s+reference"
    r"|questions\s+directrices|questions\s+(?:pour|à)|preguntas\s+(?:orientadoras|guía|para)"
    r"|matters\s+on\s+which|what\s+(?:we|the\s+\w+)\s+(?:want|would\s+like|wish\w*"
    r"|are\s+asking)|questions)\b",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"\b(?:questions?|issues|points|matters|topics|following)\b[^.?]*:\s*$"
    r"|\bquestions?\s+(?:below|that\s+follow)\b|\bfollowing\s+(?:guiding\s+"
    r"|key\s+)?questions\b|\bquestions\s+suivantes|\bsiguientes\s+preguntas",
    re.IGNORECASE,
)
_FAQ = re.compile(
    r"\b(?:frequently\s+asked|faq|help|common\s+questions|have\s+(?:a\s+)?questions?"
    r"|any\s+questions?|further\s+questions|contact)\b",
    re.IGNORECASE,
)
_PRACTICAL = re.compile(
    r"\b(?:can|do|how\s+do|may|must|will|where|when|should)\s+I\b|\bwhat\s+happens\b"
    r"|\bwho\s+can\b|\bneed\s+help\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\?[\"”’)]*$")
_LEAD = re.compile(r"^(?:Q?\d{1,2}|[a-z]|[ivx]+)[.)]\s+")
_INLINE = re.compile(
    r"\b(?:consider|address|reflect|discuss|question|focus|answer)\w*\b", re.IGNORECASE
)


def guiding_questions_of(note: ConceptNote) -> Finding[list[str]]:
    """The questions in order, each as written, without its number."""
    questions = _under_headings(note) or _introduced(note) or _asked_items(note) or _inline(note)
    return Finding(questions, tuple(questions))


def _under_headings(note: ConceptNote) -> list[str]:
    found: list[str] = []
    inside = False
    level = 0
    for block in note.blocks:
        if _opens(block):
            inside, level = True, block.level
        elif inside and (_closes(block, level) or (found and _goes_on(block))):
            inside = False
        elif inside:
            found += _questions_in(block)
    return _unlisted(found)


def _unlisted(items: list[str]) -> list[str]:
    """Return items without the marks that only joined them:

    "...;", "...; and", the last full stop.
    """
    if not any(item.rstrip().endswith((";", "; and", ", and", "; or")) for item in items):
        return items
    return [
        re.sub(r"(?:;(?:\s*(?:and|or))?|,\s*(?:and|or)|\.)$", "", item.rstrip()) for item in items
    ]


def _opens(block: NoteBlock) -> bool:
    heading = block.is_heading or (
        block.kind == "paragraph" and len(block.text) < 80 and block.text.rstrip().endswith(":")
    )
    return heading and bool(_HEADING.search(block.text)) and not _FAQ.search(block.text)


def _closes(block: NoteBlock, level: int) -> bool:
    """A heading that is none of the groups ("Panel 1", "On financing") within the questions."""
    if not block.is_heading or _ASKED.search(block.flat):
        return False
    deeper = block.level > level > 0
    return not (
        deeper
        or segments.LABEL.match(block.text)
        or re.match(r"(?:on|theme|for)\b", block.text, re.I)
    )


def _goes_on(block: NoteBlock) -> bool:
    """Whether a paragraph says what happens next and asks nothing, so that the questions are
    over.
    """
    told = re.search(r"\b(?:will|shall)\b", block.text)
    return block.kind == "paragraph" and bool(told) and "?" not in block.text


def _questions_in(block: NoteBlock) -> list[str]:
    if block.kind == "item":
        return [_LEAD.sub("", block.flat)]
    if block.kind == "paragraph":
        lines = [_LEAD.sub("", line) for line in block.lines]
        return [line for line in lines if _ASKED.search(line)]
    if block.kind == "row":
        return [cell for cell in block.cells if _ASKED.search(cell)]
    return []


def _introduced(note: ConceptNote) -> list[str]:
    """Items after "... to the following questions:"."""
    found: list[str] = []
    for index, block in enumerate(note.blocks):
        if (
            block.kind in ("paragraph", "item")
            and _INTRODUCTION.search(block.flat)
            and re.search(
                r"question|consider|address|views|evidence|seek|comment", block.flat, re.I
            )
        ):
            items = _items_after(note, index)
            if any(_ASKED.search(item) for item in items) or re.search(
                r"\bquestions?\b|\bissues\b|\bviews\b|\bevidence\b|\b(?:comments?|submissions?)\s+on\b",
                block.flat,
                re.I,
            ):
                found += _unlisted(items)
    return found


def _items_after(note: ConceptNote, index: int) -> list[str]:
    items = []
    for block in note.blocks[index + 1 :]:
        if block.kind != "item":
            break
        items.append(_LEAD.sub("", block.flat))
    return items


def _asked_items(note: ConceptNote) -> list[str]:
    """Return two or more items that ask something, anywhere but in the page's own help."""
    found = []
    heading = ""
    for block in note.blocks:
        heading = block.flat if block.is_heading and not _ASKED.search(block.flat) else heading
        asks = block.kind == "item" and _ASKED.search(block.flat)
        if asks and not _FAQ.search(heading) and not _PRACTICAL.search(block.flat):
            found.append(_LEAD.sub("", block.flat))
    return found if len(found) >= 2 else []


def _inline(note: ConceptNote) -> list[str]:
    """Questions put one after the other in a paragraph that invites to consider them."""
    for block in note.blocks:
        sentences = list(split(block.text))
        asked = [
            _after_colon(sentence)
            for sentence in sentences
            if _ASKED.search(sentence) and not _PRACTICAL.search(sentence)
        ]
        if (
            asked
            and (len(asked) > 1 or ":" in block.text)
            and _INLINE.search(block.flat)
            and block.kind == "paragraph"
        ):
            return asked
    return []


def _after_colon(sentence: str) -> str:
    head, colon, question = sentence.partition(": ")
    return question[:1].upper() + question[1:] if colon and _INLINE.search(head) else sentence
