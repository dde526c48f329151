"""Long lists of choices in the reader's language: countries, delegations, languages, ranks."""

from functools import cache

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import territories
from hemicycle.ui.languages import OFFICIAL, base, in_order, language_name, locale_of

type Choice = tuple[str | int, str | Promise]

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


def countries() -> list[Choice]:
    """Return all States and territories of ISO 3166-1, named in the reader's language."""
    return [("", "—"), *Hearing().place_names.items()]


def member_states() -> list[Choice]:
    """Return the 193 Member States in the reader's language and in its protocol order."""
    codes = territories.in_protocol_order(get_language() or "en")
    members = [code for code in codes if code in territories.MEMBERS]
    return [("", "—"), *((code, territories.name(code)) for code in members)]


def delegations() -> list[Choice]:
    """Return the Member States, and a last choice for any other delegation."""
    return [*member_states(), (ANOTHER, gettext("Another delegation (enter its name below)"))]


@cache
def _languages(language: str) -> dict[str, str]:
    names, english = locale_of(language).languages, Locale("en").languages
    # Only ISO 639-1, whose codes have two letters.
    codes = sorted(str(code) for code in english if len(str(code)) == 2)
    found = {code: str(names.get(code) or english[code]) for code in codes}
    found["zh-hans"] = found["zh"]
    return dict(in_order(found.items(), lambda item: item[1], language))


def languages(of_hearing: tuple[str, ...]) -> list[Choice]:
    """Return the hearing's languages, then all others, which no booth interprets."""
    return _all_languages(of_hearing, get_language() or "en")


@cache
def _all_languages(of_hearing: tuple[str, ...], language: str) -> list[Choice]:
    first = [(tag, language_name(tag)) for tag in of_hearing]
    spoken = {base(tag) for tag in of_hearing}
    others = [
        (code, gettext("%(language)s (not interpreted)") % {"language": name})
        for code, name in _languages(language).items()
        if base(code) not in spoken
    ]
    # The official languages come before the others, so that most delegates find theirs quickly.
    return [*first, *sorted(others, key=lambda choice: base(str(choice[0])) not in OFFICIAL)]


def named_languages() -> list[Choice]:
    """Return all languages in which a name may be given: none, the official ones, the others."""
    language = get_language() or "en"
    official = in_order(((tag, language_name(tag)) for tag in OFFICIAL), lambda pair: pair[1])
    others = [pair for pair in _languages(language).items() if base(pair[0]) not in OFFICIAL]
    return [("", "—"), *official, *others]


CAMERAS = (
    ("live", _("As it is")),
    ("card", _("A card with the public name in its place")),
    ("off", _("No picture at all: a card only while I speak")),
)
VOICES = (("live", _("As it is")), ("changed", _("Changed, so that no one recognizes it")))
"""What may be seen and heard of a person in the meeting (`before.on_air`)."""
