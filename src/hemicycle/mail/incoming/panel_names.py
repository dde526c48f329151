"""Find the panels that a text names, by number in several languages or by title."""

import re
import unicodedata
from collections.abc import Sequence

from hemicycle.hearing.setup.models import Hearing, Segment

_WORDS = (
    r"(?:panels?|panel\s+discussions?|panneaux?|paneles?|секци[яию]|панел[ьи]|专题|小组"
    r"|الحلقة|الجلسة)"
)
_NUMBERED = re.compile(
    rf"{_WORDS}\s*(?:no\.?|n°|nº|#|№|:)?\s*"
    r"((?:\d{1,2}|[ivx]{1,4})(?:\s*(?:,|and|et|y|и|و|&|/|\+)\s*(?:panels?\s*)?(?:\d{1,2}|[ivx]{1,4}))*)\b",
    re.I,
)
_ALL = re.compile(r"\b(both|all|two)\s+(the\s+)?panels?\b|\bdeux panels\b|\bambos paneles\b", re.I)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4,
    "premier": 1, "deuxième": 2, "troisième": 3,
    "primer": 1, "segundo": 2, "tercer": 3,
}  # fmt: skip
_ORDINAL = re.compile(rf"\b({'|'.join(map(str.strip, _ORDINALS))})\s+panel", re.I)
_EACH = re.compile(r"\d{1,2}|[ivx]{1,4}", re.I)
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}


def panels_of(hearing: Hearing) -> list[Segment]:
    """Return a hearing's panels in order."""
    rows = Segment.objects.filter(meeting__hearing=hearing, kind=Segment.Kind.PANEL)
    return list(rows.select_related("meeting").order_by("ordinal"))


def named(text: str, panels: Sequence[Segment]) -> list[Segment]:
    """Return the panels that a text names, in order; empty if it names none of them."""
    if _ALL.search(text):
        return list(panels)
    wanted = {
        _number(number) for found in _NUMBERED.findall(text) for number in _EACH.findall(found)
    }
    wanted |= {_ORDINALS[found.lower()] for found in _ORDINAL.findall(text)}
    folded = _folded(text)
    return [
        panel
        for number, panel in enumerate(panels, start=1)
        if number in wanted or _has_title(folded, panel)
    ]


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _ROMAN.get(written.lower(), 0)


def _has_title(folded: str, panel: Segment) -> bool:
    title = _folded(panel.title)
    return len(title) >= 12 and title in folded


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        "".join(c if c.isalnum() else " " for c in apart if not unicodedata.combining(c)).split()
    )
