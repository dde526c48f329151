"""Combine lines into blocks, for notes without mark-up: plain text and the text of a PDF.

Principle: if a line had no room for the first word of the next one, it was wrapped, and the two
belong together; a shorter line was ended on purpose. A line that begins with a bullet, a number, a
time or a label always starts a new block.
"""

import re
import sys
from collections.abc import Iterator

from hemicycle.convening.document import NoteBlock, flatten
from hemicycle.convening.languages import alternatives, names_of

_TIME = r"\d{1,2}(?:[:.h]\d{2})?\s*(?:[ap]\.?\s?m\b\.?|h\b|hrs\b)?"
STARTS_WITH_TIME = re.compile(
    rf"^(?:from\s+)?(?:\d{{1,2}}[:.h]\d{{2}}\b(?!\.\d)|\d{{1,2}}\s*[ap]\.?\s?m\b"
    rf"|\d{{1,2}}\s?h\b|{_TIME}\s*[-–—]\s*{_TIME}(?=\s)(?=.*[a-z]))",
    re.IGNORECASE,
)
_MONTH = alternatives(list(names_of("months")))
# "14. September" begins with a day, not with the number of an item.
MARKER = re.compile(
    rf"^(?!\d{{1,2}}\.\s+(?i:{_MONTH})\b)"
    r"((?:[-–•*●▪◦‣o■□➢✓·])|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4}|[A-Z])[.)]|Q\d{1,2}[.:)])\s+(?=\S)"
)
LABEL = re.compile(
    r"^(?:[A-ZÀ-Ý][\w’'/&() -]{1,32}|(?![a-zß-ÿ])[^\W\da-zA-Zа-яё][\w’'/&()（）、， -]{1,60})"
    r"[:：](?:\s*\S|$)"
)
# "... on 23 April / from 9:30 to 12:45 in Room 4": a time, but in the middle of a sentence.
_TIME_IN_SENTENCE = re.compile(
    rf"^(?:from\s+)?(?>{_TIME})(?:(?:(?<=\s)|\s)(?-i:[a-z])|,|\.$|$)|^from\s", re.IGNORECASE
)
_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_HYPHENED = re.compile(r"\w-$")
_HANGS = re.compile(
    r"\b(?:by|on|at|from|to|until|and|the|of|in|before|between|with|for|or|a|an|than"
    r"|l[ae]s?|los|el|del?|en|y|du|des|et|à|aux?|der|die|das|de[mnr]|am|um|von|und|im|zum|zur|bis"
    r"|d[ao]s?|às|em|n[ao]s?|e|o|os|в|на|по|с|и|для|до|от|из|к|о|من|في|على|إلى|الساعة|يوم|و)\s*$"
    r"|[a-z],\s*$"
)
# "(a) prices; and": the next line is the last item, not the rest of this one.
_LISTED = re.compile(r"[;,]\s*(?:and|or|et|y)$")
_SENTENCE = re.compile(r"\b[a-z]+ [a-z]+ [^.]*[.?](?:\s|$)")
# A line that only names what follows: "Date and venue:", "Background".
_NAME = re.compile(
    r"[A-ZÀ-Ý][\w’'/&() -]{1,32}:|(?:When|Where|Date|Time|Venue|Location|Place|Background"
    r"|Objectives?|Format|Participation|Registration|Programme|Agenda|Outcome|Organi[sz]ers?|Contact|Languages?"
    r"|Mandate|Details|Accessibility)(?: and (?:time|venue|place|format))?"
)
# A name with its value in the next column: "When    Wednesday 13 May".
_PAIR = re.compile(
    r"(?:When|Where|Dates?|Times?|Venue|Place|Location|RSVP|Languages?|Deadlines?|Registration"
    r"|Contact|Webcast|Platform|Organi[sz]ers?|Participants|Who|Open to|Topic|Subject)"
    r"(?: [\w&]+){0,2}\s{3,}\S",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}|[A-Z])[.)]?\s+(\S.*)$")
_RULE = re.compile(r"^\s*[=\-_*~#+|]{3,}\s*$")
_COLUMNS = re.compile(r"\s{3,}|\t+|\s*\|\s*")
_QUOTE = re.compile(r"^(?:>\s?)+")


def blocks_of_lines(text: str, *, marked_up: bool = False) -> Iterator[NoteBlock]:
    """Yield the blocks of a text. With `marked_up`, headings and line ends are taken as given."""
    lines = [_QUOTE.sub("", line.replace("\t", "    ")).rstrip() for line in text.splitlines()]
    width = sys.maxsize if marked_up else line_width(lines)
    groups = list(_groups(lines))
    for index, group in enumerate(groups):
        following = groups[index + 1][0] if index + 1 < len(groups) else ""
        if not marked_up and _heads(group, following):
            yield NoteBlock("heading", "\n".join(_unwrap(group, width)))
            continue
        if not marked_up and _leads(group):
            yield NoteBlock("heading", flatten(group.pop(0)))
        yield from _body(group, width)


def line_width(lines: list[str]) -> int:
    """Return the length at which the text was wrapped, or the length of its longest lines."""
    lengths = sorted(len(line) for line in lines if len(line) > 40)
    return lengths[len(lengths) * 9 // 10] if lengths else 60


def join_soft(lines: list[str], width: int) -> list[str]:
    """Return logical lines: each wrapped line is joined to the one before."""
    joined: list[str] = []
    last = ""
    for line in lines:
        if joined and _continues(last, line, width):
            # A line may end inside "multi-stakeholder" or an address with a hyphen.
            joint = "" if _HYPHENED.search(joined[-1][-2:]) and line.strip()[:1].islower() else " "
            joined[-1] = f"{joined[-1]}{joint}{line.strip()}"
        else:
            joined.append(line.strip())
        last = line
    return joined


def _continues(before: str, line: str, width: int) -> bool:
    words = line.split()
    before_end = before[-80:]  # the patterns match only the end
    full = len(before) + 1 + len(words[0]) > max(width, 60) - 1
    # Chinese has no spaces, so a line was wrapped only if it is about as long as the longest.
    if _HAN.search(before_end[-2:]) or _HAN.match(words[0]):
        full = len(before) >= width - 1 and before[-1] not in "。：；！？:;"
    if _LISTED.search(before_end) and MARKER.match(line.strip()):
        return False
    if _HANGS.search(before_end) or (full and _TIME_IN_SENTENCE.match(line.strip())):
        return True
    if begins_anew(line.strip()):
        return False
    return words[0][0].islower() or full


def begins_anew(line: str) -> bool:
    """Whether a line starts with a time, a bullet, a number or a label."""
    return bool(
        STARTS_WITH_TIME.match(line) or MARKER.match(line) or LABEL.match(line) or _PAIR.match(line)
    )


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Yield runs of lines between blank lines or ruled lines."""
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip() and not _RULE.match(line):
            group.append(line)
        elif group:
            yield group
            group = []


def _heads(group: list[str], following: str) -> bool:
    line = flatten(" ".join(group))
    if (
        len(group) > 2
        or len(line) > 110
        or STARTS_WITH_TIME.match(line)
        or line.endswith((",", ";"))
    ):
        return False
    letters = [sign for sign in line if sign.isalpha()]
    if len(letters) > 3 and all(sign.isupper() for sign in letters):
        return True
    numbered = _NUMBERED.match(line)
    if numbered:
        return _titled(numbered.group(1)) and not MARKER.match(following.strip())
    return _titled(line) and not MARKER.match(line) and not LABEL.match(line)


def _leads(group: list[str]) -> bool:
    """Whether a run of lines begins with its own heading: "BACKGROUND" followed by a sentence."""
    if len(group) < 2 or begins_anew(group[1].strip()):
        return False
    numbered = _NUMBERED.match(flatten(group[0]))
    if numbered and len(group[0]) <= 45 and group[1].strip()[0].isupper():
        return _titled(numbered.group(1)) and len(numbered.group(1).split()) <= 5
    if begins_anew(group[0].strip()):
        return False
    head, text = flatten(group[0]), flatten(" ".join(group[1:]))
    short = len(head) <= 40 and len(head.split()) <= 6 and text[0].isupper()
    said = len(text) > 60 and bool(_SENTENCE.search(text)) and not _HANGS.search(head)
    return short and said and (head.isupper() or _titled(head) or head.endswith("?"))


def _titled(line: str) -> bool:
    """Whether a line is short, capitalized and without a full stop."""
    return len(line) <= 70 and line[0].isupper() and line[-1] not in ".?!,;" and "@" not in line


def _unwrap(group: list[str], width: int) -> list[str]:
    return [flatten(line) for line in join_soft(group, width)]


def _body(group: list[str], width: int) -> Iterator[NoteBlock]:
    """Yield the paragraphs, items and rows of one run of lines."""
    gathered: list[str] = []
    for line in join_soft(group, width):
        marker = MARKER.match(line)
        cells = tuple(filter(None, map(flatten, _COLUMNS.split(line))))
        paired = bool(_PAIR.match(line)) or "|" in line
        if marker or STARTS_WITH_TIME.match(line) or (paired and len(cells) > 1):
            yield from _paragraph(gathered)
            gathered = []
            yield _item(line, marker) if marker else _row(line, cells)
        else:
            if _NAME.fullmatch(line.strip()):
                yield from _paragraph(gathered)
                gathered = []
            gathered.append(flatten(line))
    yield from _paragraph(gathered)


def _paragraph(lines: list[str]) -> Iterator[NoteBlock]:
    if lines:
        yield NoteBlock("paragraph", "\n".join(lines))


def _item(line: str, marker: re.Match[str]) -> NoteBlock:
    return NoteBlock("item", flatten(line[marker.end() :]), marker=marker.group(1))


def _row(line: str, cells: tuple[str, ...]) -> NoteBlock:
    return NoteBlock("row", flatten(line.replace("|", " ")), cells=cells if len(cells) > 1 else ())
