"""The missions to the United Nations: Member States and observers, by code; no address of any.

Codes are those of ISO 3166-1, and CLDR's for the European Union; names in each language come from
CLDR, by Babel.
"""

import unicodedata
from functools import cache

from babel import Locale

from hemicycle.ui.languages import OFFICIAL, in_order, locale_of

MEMBERS = tuple(
    """AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF
    CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD
    GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP
    KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU MV MW MX MY
    MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG
    SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VC VE
    VN VU WS YE ZA ZM ZW""".split()  # noqa: SIM905 - codes read better as words
)
"""The 193 Member States."""

OBSERVERS = ("EU", "PS", "VA")
"""The two observer States, and the European Union, which takes part like one (A/RES/65/276)."""


@cache
def names(language: str) -> dict[str, str]:
    """The names of all in a language, in its alphabet's order; in English where CLDR lacks one."""
    english, own = Locale("en").territories, locale_of(language).territories
    found = {code: str(own.get(code) or english[code]) for code in (*MEMBERS, *OBSERVERS)}
    return dict(in_order(found.items(), lambda item: item[1], language))


@cache
def codes() -> dict[str, str]:
    """The code by each name in each of the six languages, folded, for tables that name States."""
    return {folded(name): code for language in OFFICIAL for code, name in names(language).items()}


def folded(name: str) -> str:
    """A name without case and accents, for comparing."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())
