"""A mission's inscription written as a letter: clear statements are taken, nothing is guessed.

The result is a draft of the form; a person of the secretariat confirms it.
"""

import re
from functools import cache
from typing import Any

from hemicycle.before.registration import choices
from hemicycle.before.registration.names import search_key
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.mail.incoming import panel_names
from hemicycle.mail.incoming.reading import text as words
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.ui import territories
from hemicycle.ui.languages import OFFICIAL, name_in

_MISSION = re.compile(
    r"(?:permanent mission|mission permanente|misión permanente|delegation|délégation|delegación)"
    r"(?: permanent[e]?)?(?: observer)?(?: mission)? (?:of|de la|de l[’']|du|des|de|del)"
    r"(?: the)? ([^\n,.;()]{3,80})",
    re.I,
)
_LABELS = {
    "name": "speaker|name of (?:the )?speaker|name|delivered by|head of delegation|intervenant|"
    "orateur|nom|orador|oradora|nombre|оратор|имя|المتحدث|المتحدثة|الاسم|发言人|姓名",
    "title": "title|function|position|rank|titre|fonction|título|cargo|должность|المنصب|اللقب|职务",
    "language": "language|langue|idioma|язык|اللغة|语言",
}
_FIELDS = {
    field: re.compile(rf"^[ \t>*•\-–]*(?:{labels})[ \t]*[:：=][ \t]*(.+)$", re.I | re.M)
    for field, labels in _LABELS.items()
}
_HONORIFIC = re.compile(
    r"\b((?:H\.?\s?E\.?|S\.?\s?E\.?|Ambassador|Minister|Mr|Mrs|Ms|Mme|M|Sra?|Dr)\b\.?[ \t]+"
    r"(?:(?:Mr|Mrs|Ms|Mme|M|Sra?|Dr)\b\.?[ \t]+)?[^\W\d_][^\n,;:()]{2,80}),[ \t]*([^\n;.]{3,120})"
)
_POLITE = re.compile(
    r"^(?:(?:H\.?\s?E\.?|S\.?\s?E\.?|H(?:is|er) Excellency|Mr|Mrs|Ms|Mme|M|Sra?|Dr)\b\.?\s*)+",
    re.I,
)
_RANKS = (
    (r"deputy permanent|chargé|charge d", 8),
    (r"permanent (representative|observer)|ambassador|représentante? permanente?", 7),
    (r"vice[- ]minister|deputy minister|secretary of state|state secretary", 6),
    (r"deputy prime minister", 4),
    (r"prime minister|head of government", 2),
    (r"\bminister\b|\bministre\b|\bministr[oa]\b", 5),
)


def understood(parsed: ParsedMail, facts: Facts) -> dict[str, Any]:
    """Return the fields of the mission's form that the letter contains; others are left out."""
    text = words.own(parsed.text)[:20_000]
    draft: dict[str, Any] = {"email": parsed.from_address, **_state(parsed, text)}
    draft |= _speaker(text)
    found = panel_names.named(f"{parsed.subject}\n{text}", facts.panels) or (
        list(facts.panels) if len(facts.panels) == 1 else []
    )
    draft["segments"] = [str(panel.id) for panel in found]
    if language := _language(text, facts):
        draft["language"] = language
    return {key: value for key, value in draft.items() if value}


def is_whole(draft: dict[str, Any]) -> bool:
    """Whether the draft has all that an inscription needs."""
    who = draft.get("state") or draft.get("delegation")
    return bool(who and draft.get("name") and draft.get("segments"))


@cache
def _countries() -> list[tuple[str, str]]:
    """Return the spellings of the Member States with their codes, longest first.

    Latin spellings of fewer than four letters, such as "US", are left out: they are also words.
    """
    found = territories.spellings().items()
    members = [
        (spelt, code)
        for spelt, code in found
        if code in territories.MEMBERS and (len(spelt) > 3 or not spelt.isascii())
    ]
    return sorted(members, key=lambda item: -len(item[0]))


def _state(parsed: ParsedMail, text: str) -> dict[str, str]:
    """Return the delegation named after introductory words, or else the only State named."""
    named = [*_MISSION.findall(f"{parsed.from_name}\n{parsed.subject}\n{text}")]
    for phrase in named:
        codes = _named_in(phrase)
        if codes:
            return {"state": codes[0]}
    for part in (parsed.from_name, parsed.subject, text):
        codes = _named_in(part)
        if len(set(codes)) == 1:
            return {"state": codes[0]}
    if named:
        return {"state": choices.ANOTHER, "delegation": " ".join(named[0].split())[:400]}
    return {}


def _named_in(text: str) -> list[str]:
    """Return the codes of the States in a text, in order; a longer name hides one inside it."""
    rest, found = f" {territories.folded(text)} ", list[tuple[int, str]]()
    for name, code in _countries():
        spelt = f" {name} "
        at = rest.find(spelt)
        if at >= 0:
            found.append((at, code))
            rest = rest.replace(spelt, f" {'#' * (len(spelt) - 2)} ")
    return [code for _at, code in sorted(found)]


def _speaker(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if name := _FIELDS["name"].search(text):
        whole, _, after = name[1].strip().partition(",")
        found["name"] = _POLITE.sub("", whole).strip()[:400]
        found["title"] = after.strip()[:200]
    elif spoken := _HONORIFIC.search(text):
        found["name"] = _POLITE.sub("", spoken[1]).strip()[:400]
        found["title"] = spoken[2].strip()[:200]
    if title := _FIELDS["title"].search(text):
        found["title"] = title[1].strip()[:200]
    said = str(found.get("title", ""))
    rank = next((rank for words, rank in _RANKS if re.search(words, said, re.I)), 0)
    return {**found, "rank": rank}


def _language(text: str, facts: Facts) -> str:
    asked = _FIELDS["language"].search(text)
    said = search_key(asked[1]) if asked else ""
    for tag in facts.hearing.languages if said else ():
        names = {search_key(name_in(tag, language)) for language in OFFICIAL}
        if said == tag.lower() or any(name and name in said for name in names):
            return str(tag)
    return ""
