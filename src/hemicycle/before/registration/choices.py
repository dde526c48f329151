"""Long lists of choices in the reader's language: countries, delegations, languages, ranks."""

from functools import cache

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.mail.outgoing import missions
from hemicycle.ui.languages import in_order, language_name, locale_of

type Choice = tuple[str | int, str | Promise]

# ISO 3166-1 lists these 56 territories beside the 193 Member States of the United Nations.
NOT_MEMBERS = frozenset(
    """AI AQ AS AW AX BL BM BQ BV CC CK CW CX EH FK FO GF GG GI GL GP GS GU HK HM IM IO JE KY MF MO
    MP MQ MS NC NF NU PF PM PN PR PS RE SH SJ SX TC TF TK TW UM VA VG VI WF YT""".split()  # noqa: SIM905 - words read better as words
)

# What CLDR calls otherwise in English than the United Nations do.
_AS_THEY_ARE_CALLED = {
    "AG": "Antigua and Barbuda",
    "BA": "Bosnia and Herzegovina",
    "BN": "Brunei Darussalam",
    "BO": "Bolivia (Plurinational State of)",
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CV": "Cabo Verde",
    "FM": "Micronesia (Federated States of)",
    "GB": "United Kingdom of Great Britain and Northern Ireland",
    "IR": "Iran (Islamic Republic of)",
    "KN": "Saint Kitts and Nevis",
    "KP": "Democratic People’s Republic of Korea",
    "KR": "Republic of Korea",
    "LA": "Lao People’s Democratic Republic",
    "LC": "Saint Lucia",
    "MD": "Republic of Moldova",
    "MM": "Myanmar",
    "NL": "Netherlands (Kingdom of the)",
    "PS": "State of Palestine",
    "RU": "Russian Federation",
    "ST": "Sao Tome and Principe",
    "SY": "Syrian Arab Republic",
    "TR": "Türkiye",
    "TT": "Trinidad and Tobago",
    "TZ": "United Republic of Tanzania",
    "US": "United States of America",
    "VA": "Holy See",
    "VC": "Saint Vincent and the Grenadines",
    "VE": "Venezuela (Bolivarian Republic of)",
    "VN": "Viet Nam",
}

ANOTHER = "another"

RANKS: list[Choice] = [
    (1, _("Head of State")),
    (2, _("Head of Government")),
    (3, _("Vice-President or heir to the throne")),
    (4, _("Deputy Head of Government")),
    (5, _("Minister")),
    (6, _("Vice-Minister or Secretary of State")),
    (7, _("Permanent Representative, Permanent Observer or Ambassador")),
    (8, _("Deputy Permanent Representative or Chargé d’affaires")),
    (9, _("Another representative")),
]
"""Protocol ranks, the highest first."""


@cache
def _territories(language: str) -> dict[str, str]:
    names, english = locale_of(language).territories, Locale("en").territories
    found = {
        code: str(names.get(code) or english[code])
        for code in (*missions.MEMBERS, *sorted(NOT_MEMBERS))
    }
    if locale_of(language).language == "en":
        found |= _AS_THEY_ARE_CALLED
    return dict(in_order(found.items(), lambda item: item[1], language))


def territories(language: str) -> dict[str, str]:
    """The names of all countries and territories in a language, by their codes."""
    return _territories(language)


def countries() -> list[Choice]:
    """All countries and territories of ISO 3166-1, named in the reader's language."""
    return [("", "—"), *_territories(get_language() or "en").items()]


def member_states() -> list[Choice]:
    """The 193 Member States, named in the reader's language."""
    named = _territories(get_language() or "en")
    return [("", "—"), *((code, name) for code, name in named.items() if code not in NOT_MEMBERS)]


def delegations() -> list[Choice]:
    """Return the Member States, and a last choice for any other delegation."""
    return [*member_states(), (ANOTHER, gettext("Another delegation (enter its name below)"))]


def country_name(code: str, language: str = "") -> str:
    """A country's name in a language, the reader's unless another is asked for."""
    return _territories(language or get_language() or "en").get(code, code)


@cache
def _languages(language: str) -> dict[str, str]:
    names, english = locale_of(language).languages, Locale("en").languages
    # Those with a code of two letters (ISO 639-1), in the order of their codes.
    codes = sorted(str(code) for code in english if len(str(code)) == 2)
    found = {code: str(names.get(code) or english[code]) for code in codes}
    found["zh-hans"] = found["zh"]
    return dict(in_order(found.items(), lambda item: item[1], language))


def languages(of_hearing: tuple[str, ...]) -> list[Choice]:
    """The hearing's languages, then all others, which no booth interprets."""
    return _all_languages(of_hearing, get_language() or "en")


@cache
def _all_languages(of_hearing: tuple[str, ...], language: str) -> list[Choice]:
    first = [(tag, language_name(tag)) for tag in of_hearing]
    spoken = {tag.split("-")[0].lower() for tag in of_hearing}
    others = [
        (code, gettext("%(language)s (not interpreted)") % {"language": name})
        for code, name in _languages(language).items()
        if code.split("-")[0] not in spoken
    ]
    return [*first, *others]


CAMERAS = (
    ("live", _("As it is")),
    ("card", _("A card with the public name in its place")),
    ("off", _("No picture at all: a card only while I speak")),
)
VOICES = (("live", _("As it is")), ("changed", _("Changed, so that no one recognizes it")))
"""What may be seen and heard of a person in the meeting (`before.on_air`)."""
