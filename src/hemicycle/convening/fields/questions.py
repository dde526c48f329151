"""Guiding questions: the items under their heading or introduction.

They need no question marks.
"""

import re

from hemicycle.convening import segments
from hemicycle.convening.document import NoteBlock
from hemicycle.convening.languages import search_for
from hemicycle.convening.note import ConceptNote, Finding

_HEADING = search_for("guiding")
_INTRODUCTION = re.compile(
    r"\b(?:questions?|issues|points|matters|topics|following)\b[^.?]*:\s*$"
    r"|\bquestions?\s+(?:below|that\s+follow)\b|\bfollowing\s+(?:guiding\s+"
    r"|key\s+)?questions\b|\bquestions\s+suivantes|\bsiguientes\s+preguntas",
    re.IGNORECASE,
)
_FAQ = search_for("help")
_PRACTICAL = re.compile(
    r"\b(?:can|do|how\s+do|may|must|will|where|when|should)\s+I\b|\bwhat\s+happens\b"
    r"|\bwho\s+can\b|\bneed\s+help\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\?[\"”’)]*$")
_LEAD = re.compile(r"^(?:Q?\d{1,2}|[a-z]|[ivx]+)[.)]\s+")


def guiding_questions_of(note: ConceptNote) -> Finding[list[str]]:
    """Return the questions in order, each as written, without its number."""
    questions = _under_headings(note) or _introduced(note) or _asked_items(note)
    return Finding(questions, tuple(questions))


def _under_headings(note: ConceptNote) -> list[str]:
    found: list[str] = []
    inside = False
    level = 0
    for block in note.blocks:
        if _opens(block):
            inside, level = True, block.level
        elif inside and _closes(block, level):
            inside = False
        elif inside:
            found += _questions_in(block)
    return _unlisted(found)


def _unlisted(items: list[str]) -> list[str]:
    """Return items without the marks that joined them: "...;", "...; and", the last full stop."""
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
    """Whether a heading ends the questions, unlike one of a group ("Panel 1", "On financing")."""
    if not block.is_heading or _ASKED.search(block.flat):
        return False
    deeper = block.level > level > 0
    return not (
        deeper
        or segments.LABEL.match(block.text)
        or re.match(r"(?:on|theme|for)\b", block.text, re.I)
    )


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
    """Return the items after "... to the following questions:"."""
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
    """Return two or more items that ask something, except in the help of the page itself."""
    found = []
    heading = ""
    for block in note.blocks:
        heading = block.flat if block.is_heading and not _ASKED.search(block.flat) else heading
        asks = block.kind == "item" and _ASKED.search(block.flat)
        if asks and not _FAQ.search(heading) and not _PRACTICAL.search(block.flat):
            found.append(_LEAD.sub("", block.flat))
    return found if len(found) >= 2 else []
