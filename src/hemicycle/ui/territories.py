"""States and territories: their names in every language, and a function that recognizes them.

`territories.json` has the Member States and observer States with the names that the United Nations
uses, short and formal, in its six languages, in each language's order. All other places are those
of ISO 3166-1; their names, and those of States in further languages, are CLDR's. What appears in
this list is a fact about those sources, not our judgement; a hearing can set its own
(`Hearing.places`).
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.core import get_global
from django.utils.translation import get_language

from hemicycle.ui.languages import OFFICIAL, in_order, locale_of
from hemicycle.ui.words import best

_DATA: Mapping[str, Any] = json.loads(
    files("hemicycle.ui").joinpath("territories.json").read_text(encoding="utf-8")
)
LANGUAGES: tuple[str, ...] = tuple(_DATA["names"])
"""The languages in which the United Nations names States."""

OBSERVER_STATES: tuple[str, ...] = tuple(_DATA["observers"])
MEMBERS: tuple[str, ...] = tuple(
    sorted(code for code in _DATA["names"]["en"] if code not in OBSERVER_STATES)
)
"""The 193 Member States, by ISO 3166-1."""

OBSERVERS = (*OBSERVER_STATES, "EU")
"""The observer States, and the European Union, which participates like them (A/RES/65/276)."""

OTHERS = frozenset(
    """AI AQ AS AW AX BL BM BQ BV CC CK CW CX EH FK FO GF GG GI GL GP GS GU HK HM IM IO JE KY MF MO
    MP MQ MS NC NF NU PF PM PN PR RE SH SJ SX TC TF TK TW UM VG VI WF YT""".split()  # noqa: SIM905 - codes read better as words
)
"""The territories that ISO 3166-1 lists besides the States."""

_VARIANTS = {
    "AE": "UAE, Emirates, ОАЭ, EAU",
    "BO": "Bolivia, Bolivie, Боливия, 玻利维亚, بوليفيا",
    "BN": "Brunei",
    "CD": "DRC, DR Congo, Congo (Kinshasa), RDC, ДРК, 刚果金",
    "CG": "Congo Brazzaville, Congo (Brazzaville)",
    "CI": "Ivory Coast, Costa de Marfil",
    "CN": "PRC",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, République tchèque, República Checa, Чешская Республика",
    "GB": "UK, United Kingdom, Great Britain, Britain, Grande-Bretagne, Gran Bretaña, بريطانيا, "
    "英国",
    "IR": "Iran",
    "KP": "DPRK, North Korea, RPDC, КНДР",
    "KR": "ROK, South Korea, Korea (Republic of), Южная Корея",
    "LA": "Laos, Lao PDR",
    "MK": "Macedonia, FYROM, the former Yugoslav Republic of Macedonia",
    "MM": "Burma, Birmanie, Birmania",
    "NL": "Netherlands, The Netherlands, Holland, Pays-Bas, Países Bajos, Нидерланды, 荷兰, هولندا",
    "PS": "Palestine, Palestina, Палестина, 巴勒斯坦, فلسطين",
    "RU": "Russia, Россия, РФ",
    "SY": "Syria",
    "SZ": "Swaziland",
    "TL": "East Timor, Timor oriental",
    "TR": "Turkey, Turquie, Turquía, Турция, 土耳其",
    "TZ": "Tanzania",
    "US": "USA, U.S.A., U.S., US, America, EE. UU., EEUU, США, 美国, الولايات المتحدة, أمريكا",
    "VA": "Vatican, Vatican City, Vatican City State, Vaticano, Ватикан, 梵蒂冈, الفاتيكان",
    "VE": "Venezuela",
    "VN": "Vietnam",
}
"""Names that people use besides those of the United Nations and CLDR."""


# ── Names ─────────────────────────────────────────────────────────────────────────────────────
def name(code: str, language: str = "") -> str:
    """Return the short name of a code in a language (default: the reader's)."""
    return names(language or get_language() or "en").get(code, code)


def official_names(code: str) -> dict[str, str]:
    """Return a State's short name in each official language, by tag."""
    return {tag: name(code, tag) for tag in OFFICIAL}


def formal_name(code: str, language: str = "") -> str:
    """Return a State's formal name, or the short name of a territory or in further languages."""
    own = _un_names(language or get_language() or "en")
    return own[code][1] if code in own else name(code, language)


@cache
def names(language: str) -> Mapping[str, str]:
    """Return short names by code, sorted: States, the European Union and territories."""
    cldr, english = locale_of(language).territories, Locale("en").territories
    own = _un_names(language)
    found = {code: short for code, (short, _formal) in own.items()}
    for code in (*MEMBERS, *OBSERVERS, *sorted(OTHERS)):
        found.setdefault(code, str(cldr.get(code) or english[code]))
    # The Arabic article does not count.
    return dict(in_order(found.items(), lambda item: item[1].removeprefix("ال"), language))


@cache
def in_protocol_order(language: str) -> tuple[str, ...]:
    """Return the codes of Member States and then of observers, in the order of a language."""
    own = _un_names(language)
    order = tuple(own) if own else tuple(code for code in names(language) if code in MEMBERS)
    return (*(code for code in order if code in MEMBERS), *OBSERVERS)


@cache
def missions(language: str) -> Mapping[str, str]:
    """Return by code the short names of States and others with a mission, in protocol order."""
    return {code: name(code, language) for code in in_protocol_order(language)}


def _un_names(language: str) -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = _DATA["names"].get(best(language, LANGUAGES), {})
    return found


# ── Recognition ───────────────────────────────────────────────────────────────────────────────
_APART = re.compile(r"[\W_]+")
_MISSION = re.compile(
    r"^(?:the )?(?:permanent )?(?:observer )?(?:mission|delegation|embassy|government) of (?:the )?"
    r"|^mission permanente (?:d observation )?(?:de la |de l |des |du |de |d )"
    r"|^mision permanente (?:de observacion )?(?:de la |de los |del |de )"
    r"| (?:to|aupres de|aupres des|ante) (?:the |l ?|las |la )?(?:united nations|un|onu|"
    r"nations unies|organisation des nations unies|naciones unidas)(?: .*)?$"
)


def folded(text: str) -> str:
    """Return a name for comparison: without case, accents, punctuation and article."""
    bare = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    kept = "".join(char for char in bare if not unicodedata.combining(char))
    spaced = _APART.sub(" ", re.sub(r"['’ʼ`´.]", "", kept)).strip()
    return re.sub(r"^st ", "saint ", spaced).removeprefix("the ")


def recognize(text: str) -> str:
    """Return the code of the State or territory that a text names; "" if it names none.

    Codes of two and three letters, short and formal names in the six languages, common other names,
    "Korea, Republic of" and "Permanent Mission of …" are recognized.
    """
    said = text.strip()
    if len(said) in {2, 3} and said.isascii() and said.isupper():
        code = said if len(said) == 2 else _of_three().get(said, "")
        if code in names("en"):
            return code
    called, comma, before = said.partition(",")
    keys = [folded(said), folded(f"{before} {called}") if comma else ""]
    keys += [folded(_MISSION.sub(" ", key)) for key in keys]
    known = spellings()
    return next((known[key] for key in keys if key in known), "")


@cache
def spellings() -> Mapping[str, str]:
    """Return the code of each folded spelling; the first source wins if two have the same."""
    found: dict[str, str] = {}
    for code, spelling in _spelled():
        found.setdefault(folded(spelling), code)
    return found


def _spelled() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for code, both in _DATA["names"][language].items():
            yield from ((code, spelling) for spelling in both)
    for code, variants in _VARIANTS.items():
        yield from ((code, variant.strip()) for variant in variants.split(","))
    for language in LANGUAGES:
        cldr = locale_of(language).territories
        yield from ((code, str(cldr[code])) for code in names("en") if code in cldr)


@cache
def _of_three() -> Mapping[str, str]:
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return {code: two[0] for code, two in aliases.items() if len(code) == 3 and len(two) == 1}
