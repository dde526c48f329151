"""The kind of a programme item, by its name."""

import re

from hemicycle.convening import languages
from hemicycle.convening.languages import fold

_NUMBER = (
    r"(?:\d{1,2}|[IVX]{1,4}|[A-H]|one|two|three|four|five|six|un|une|deux|trois|uno|dos"
    r"|tres)(?=\s|\W|$)"
)
_NOUN = (
    r"(?:panels?(?:\s+(?:discussion|session|debate))?|sessions?|dialogues?|clusters?"
    r"|segments?|themes?|round\s?-?tables?|part|block|topics?"
    r"|module|breakout|discussion|hearing\s+session|tables?\s+rondes?|séance|thème"
    r"|mesa(?:\s+redonda)?|sesión|tema|bloque)"
)
_ADJECTIVES = (
    r"(?:(?:interactive|expert|thematic|high-level|plenary|multi-?stakeholder|witness"
    r"|moderated|parallel)\s+)*"
)
LABEL = re.compile(
    rf"^\W*(?P<label>{_ADJECTIVES}{_NOUN}\s*(?:(?:No?|Nr|nº)\.?\s*|[n№]\s*[°º]?\s*)?(?P<number>(?-i:{_NUMBER})|one|two"
    r"|three|four|five|six)"
    r"|(?P<ordinal>first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|première|premier"
    rf"|deuxième|troisième|primera?|segunda?|tercera?)\s+{_ADJECTIVES}{_NOUN}"
    rf"|{languages.anywhere('panel')})"
    r"(?:\s+(?:discussion|session))?\s*(?P<sign>[:：.,–—|-]|$|(?=[\"“«'‘(])"
    r"|\bon\b)?\s*(?P<title>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(
    rf"{languages.anywhere('break_item')}|"
    r"\b(?:lunch(?:eon|time)?|coffee|tea|breaks?|recess|suspension|pause|déjeuner|almuerzo"
    r"|receso|refreshments|intermission)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"{languages.anywhere('closing_item')}|"
    r"\b(?:clos(?:ing|e|ure)|concluding|conclusions?|wrap[-\s]?up|adjourn\w*|clôture|clausura"
    r"|cierre|farewell|summing[-\s]up|end\s+of\s+(?:the\s+)?(?:hearing|meeting))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"{languages.anywhere('opening_item')}|"
    r"\b(?:opening|welcom(?:e|ing)|inaugura\w*|introduct(?:ion|ory)|call\s+to\s+order"
    r"|ouverture|apertura|bienvenida|accueil\s+et\s+ouverture|mot\s+de\s+bienvenue)\b",
    re.IGNORECASE,
)
_KEYNOTE = re.compile(r"\bkeynotes?\b|\bscene[-\s]setting|\bdiscours\s+liminaire", re.IGNORECASE)
_PANEL = re.compile(
    r"\b(?:panels?|round\s?-?tables?|interactive\s+(?:discussion|dialogue|session)|thematic"
    r"|tables?\s+rondes?|mesa\s+redonda|cluster)\b",
    re.IGNORECASE,
)
_STRONG_LABEL = re.compile(
    r"\b(?:panels?|round|cluster|theme|thematic|dialogue|mesa|tables?|topic)\b", re.IGNORECASE
)
_PEOPLE = re.compile(
    r"\s*[\n;,–—-]?\s*\(?\b(?:Moderators?|Moderated\s+by|Chair(?:ed)?(?:\s+by)?|Co-?chairs?"
    r"|Speakers?|Panell?ists?|Facilitat\w+|Rapporteur|Witnesses|Presenters?|Modérat\w+"
    r"|Intervenants?|Moderador\w*)\s*:.*$",
    re.IGNORECASE | re.DOTALL,
)
_KIND_ALONE = re.compile(
    r"(?:^\W*|(?<=:\s))(?:panels?|round\s?-?table|tables?\s+rondes?|mesa\s+redonda|painel"
    r"|podium|круглый\s+стол|панель)\s*[:：–—-]\s*(?=\S)",
    re.IGNORECASE,
)
_QUOTES = "\"“”«»‘’' "


def kind_of(title: str) -> str:
    """Return one of opening, panel, keynote, break, closing, other."""
    title = fold(title)
    label = LABEL.match(title)
    if re.search(r"\bround\s+of\b", title, re.IGNORECASE) and not label:
        return "other"
    if label and (_STRONG_LABEL.search(label["label"]) or not _framing(label["title"])):
        return "panel"
    if _BREAK.search(title) and len(title) < 90:
        return "break"
    for pattern, kind in (
        (_CLOSING, "closing"),
        (_OPENING, "opening"),
        (_KEYNOTE, "keynote"),
        (_PANEL, "panel"),
    ):
        found = pattern.search(title)
        # "Discussion on the closing of mines" is not a closing: the word must be near the front.
        if found and found.start() < 30:
            return kind
    return "other"


def _framing(title: str) -> bool:
    """Whether the title in "Session 1: ..." is only an opening, a closing or a break."""
    words = len(title.split())
    return words <= 8 and any(pattern.search(title) for pattern in (_BREAK, _CLOSING, _OPENING))


def clean_title(text: str) -> str:
    """Return the name of a programme item without the people listed after it."""
    title = _PEOPLE.sub("", text)
    lines = [line.strip() for line in title.split("\n") if line.strip()]
    if not lines:
        return ""
    title = lines[0]
    label = LABEL.match(title)
    if (
        label
        and not label["title"].strip(_QUOTES)
        and len(lines) > 1
        and not _PEOPLE.match(lines[1])
    ):
        title = f"{title.rstrip(' :.–—-')}: {lines[1]}"
    return title.strip(" :;–—-|•*,")


def panel_title(title: str) -> str:
    """Return the theme of a panel without "Panel 1:", or the whole title if it has no theme."""
    label = LABEL.match(fold(title))
    theme = title[label.start("title") :].strip(_QUOTES + ".;,") if label else ""
    if theme:
        return theme
    named = re.match(
        r"^(?:[\w-]+\s+){0,2}panel(?:\s+discussion)?\s*(?:[:–—-]|\bon\b)\s*(?P<theme>.+)$",
        title,
        re.IGNORECASE,
    )
    return (named["theme"] if named else title).strip(_QUOTES + ".;")


def without_kind(title: str) -> str:
    """Return a title without "Panel:", which its kind says; a numbered panel keeps its number."""
    return _KIND_ALONE.sub("", title)


def is_bare_label(text: str) -> bool:
    """Return whether a text is "Panel 1" and nothing more."""
    label = LABEL.fullmatch(text)
    return label is not None and not label["title"].strip(_QUOTES)


def panel_number(title: str) -> str:
    """Return the label that distinguishes panels of one note, in lower case; "" for none."""
    label = LABEL.match(title)
    return label["label"].lower() if label else ""
