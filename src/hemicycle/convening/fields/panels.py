"""Panels: those of the programme, or else those that headings, lists or a sentence announce."""

import re

from hemicycle.convening import segments
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.programme import ProgrammeEntry

_INLINE = re.compile(
    r"\b(?:panels?|themes|sessions|clusters|round\s?tables|dialogues"
    r"|topics)\b[^.]*?[:,–—]?\s*\(?(?:a|1|i)\)\s*(?P<list>.+)$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?P<label>(?:panel|session|cluster|round\s?table|interactive\s+dialogue)\s+(?:\d"
    r"|[IVX]+|[A-D]|one|two|three|four)|(?:the\s+)?(?:first|second|third"
    r"|fourth)\s+(?:interactive\s+)?(?:panel|session"
    r"|round\s?table)(?:\s+discussion)?)\b\s*(?:\((?P<bracket>[^)\d][^)]{5,})\)"
    r"|[:,]?\s*(?:entitled|titled|on|about|will\s+(?:focus\s+on|address|examine|discuss"
    r"|look\s+at|consider|explore|deal\s+with|cover|be\s+(?:devoted\s+to|on))|is\s+(?:about"
    r"|on)|covers|takes\s+up|turns\s+to|concerns)\s+(?P<theme>[^.;]+?))(?=\s*(?:[.;(]"
    r"|,?\s+(?:and|while|the)\s+(?:the\s+)?(?:first|second|third|fourth|panel|session)|$))",
    re.IGNORECASE,
)


def panels_of(note: ConceptNote, items: list[ProgrammeEntry]) -> Finding[list[str]]:
    """Return the titles of the panels in order, without their numbers."""
    timed = [item for item in items if item.kind == "panel"]
    # If panels have numbers, an "interactive discussion" beside them is not one.
    numbered = [item for item in timed if segments.panel_number(item.title)]
    timed = numbered if len(numbered) > 1 else timed
    named = _named(note)
    if timed:
        titles = [_titled(item.title, named) for item in timed]
        if not all(segments.panel_number(title) == title.lower() for title in titles):
            return Finding(list(dict.fromkeys(titles)), tuple(item.passage for item in timed))
    for titles, passages in (_labelled(note), _inline(note)):
        if titles:
            return Finding(titles, passages)
    if named:
        return Finding(
            [theme for theme, _ in named.values()], tuple(passage for _, passage in named.values())
        )
    return Finding([item.title for item in timed], tuple(item.passage for item in timed))


def _titled(title: str, named: dict[str, tuple[str, str]]) -> str:
    """Return the theme; for a bare "Panel 1", the theme that a sentence gives it."""
    theme = segments.panel_title(title)
    label = segments.panel_number(title)
    return named[label][0] if theme == title and label in named else theme


def _labelled(note: ConceptNote) -> tuple[list[str], tuple[str, ...]]:
    """Find headings and lines such as "Panel 2: Rivers"."""
    found: dict[str, tuple[str, str]] = {}
    for index, block in enumerate(note.blocks):
        for line in block.lines:
            match = segments.LABEL.match(line)
            if not match or len(line) > 220 or (line[-1] in ".?" and len(line.split()) > 18):
                continue
            title = segments.clean_title(_untimed(line))
            following = note.blocks[index + 1] if index + 1 < len(note.blocks) else None
            if not match["title"].strip() and following and following.kind != "item":
                title = segments.clean_title(f"{line}\n{following.lines[0]}")
            theme = segments.panel_title(title)
            if (
                segments.kind_of(title) == "panel"
                and theme
                and not segments.is_bare_label(title)
                and re.search(
                    r"panel|session|dialogue|cluster|theme|round|segment|mesa|table|sesi"
                    r"|séance|topic|block|part",
                    match["label"],
                    re.I,
                )
            ) and (match["sign"] or block.is_heading or not match["title"]):
                found.setdefault(match["label"].lower(), (theme, line))
    titles = list(dict.fromkeys(theme for theme, _ in found.values()))
    return (titles, tuple(line for _, line in found.values())) if len(found) > 1 else ([], ())


def _untimed(line: str) -> str:
    return re.sub(r"\s*[(\[,]?\s*\d{1,2}[:.h]\d{2}[^a-z]*\d{1,2}[:.h]\d{2}[^a-z]*$", "", line)


def _tidy(text: str) -> str:
    return re.sub(r"[;,]?\s*(?:;|,)\s*and$|[;.,]+$", "", text.strip()).strip('"“”«» ')


def _inline(note: ConceptNote) -> tuple[list[str], tuple[str, ...]]:
    """Find the panels of "... two panels: (a) rivers; and (b) lakes."."""
    for sentence in note.sentences:
        match = _INLINE.search(sentence.text)
        if match:
            parts = re.split(
                r"[;,]?\s*(?:and\s+)?\(?\b(?:[b-h]|[2-9]|ii|iii|iv|v)\)\s*", match["list"]
            )
            if len(parts) > 1:
                return [_tidy(part) for part in parts], (sentence.text,)
    return [], ()


def _named(note: ConceptNote) -> dict[str, tuple[str, str]]:
    """Map labels in lower case to theme and passage, from sentences on what a panel is about."""
    found: dict[str, tuple[str, str]] = {}
    for sentence in note.sentences:
        if sentence.kind == "row":
            continue
        for match in _ABOUT.finditer(sentence.text):
            theme = (match["bracket"] or match["theme"] or "").strip(" ,\"“”'‘’")
            if len(theme) > 3:
                label = re.sub(r"^the\s+|\s+discussion$", "", match["label"].lower())
                found.setdefault(label, (theme, sentence.text))
    return found
