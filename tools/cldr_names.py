"""Write the names of months, weekdays, languages and cities that the reader of notes knows.

The names come from CLDR. `python -m tools.cldr_names` writes the file; with `--check`, it only
checks that the file is current. The reader uses this file instead of Babel, so that it needs no
package.
"""

import argparse
import json
import sys
from pathlib import Path

from babel import Locale

FILE = Path(__file__).parents[1] / "src/hemicycle/convening/languages/cldr.json"
LOCALES = {
    "ar": ("ar", "ar_IQ", "ar_DZ", "ar_MA"),
    "de": ("de", "de_AT"),
    "en": ("en",),
    "es": ("es",),
    "fr": ("fr",),
    "pt": ("pt",),
    "ru": ("ru",),
    "zh": ("zh",),
}
"""The locales of each language: the language itself, then regions with their own month names."""

SPOKEN = (
    "af", "am", "ar", "ase", "ay", "az", "be", "bfi", "bg", "bn", "bs", "ca", "cs", "cy", "da",
    "de", "el", "en", "es", "et", "eu", "fa", "fi", "fil", "fj", "fr", "ga", "gd", "gl", "gn",
    "ha", "he", "hi", "hr", "ht", "hu", "hy", "id", "ig", "is", "it", "iu", "ja", "ka", "kk",
    "km", "ko", "ku", "lb", "lo", "lt", "lv", "mi", "mk", "mn", "ms", "mt", "my", "ne", "nl",
    "no", "pl", "prs", "ps", "pt", "qu", "ro", "ru", "rw", "si", "sk", "sl", "sm", "so", "sq",
    "sr", "sv", "sw", "ta", "th", "tl", "to", "tpi", "tr", "uk", "ur", "uz", "vi", "wo", "xh",
    "yo", "yue", "zh", "zu",
)  # fmt: skip
"""Languages in which meetings are held. The names of other languages in CLDR are left out: some of
them are common words.
"""
REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

type Names = dict[str, int]


def names() -> dict[str, dict[str, dict[str, int] | dict[str, str]]]:
    """Return the names in each language, in lower case.

    They name the months (1 to 12) and weekdays (0 is Monday), in full and abbreviated,
    languages with their tags, and cities with their time zones.
    """
    return {
        language: {
            "months": _names(locales, "months", "wide"),
            "short_months": _names(locales, "months", "abbreviated"),
            "weekdays": _names(locales, "days", "wide"),
            "short_weekdays": _names(locales, "days", "abbreviated"),
            "languages": _languages(Locale.parse(language)),
            "cities": _cities(Locale.parse(language)),
        }
        for language, locales in LOCALES.items()
    }


def _languages(locale: Locale) -> dict[str, str]:
    return {locale.languages[tag].lower(): tag for tag in SPOKEN if tag in locale.languages}


def _cities(locale: Locale) -> dict[str, str]:
    """Return the time zones by the names of their cities, in lower case.

    Zones for which CLDR names no city are left out: the reader uses the name of the zone.
    """
    return {
        zone["city"].lower(): name
        for name, zone in sorted(locale.time_zones.items())
        if "city" in zone and name.partition("/")[0] in REGIONS
    }


def _names(locales: tuple[str, ...], what: str, width: str) -> Names:
    found: Names = {}
    for locale in map(Locale.parse, locales):
        for context in ("format", "stand-alone"):
            for number, name in getattr(locale, what)[context][width].items():
                found.setdefault(name.lower().rstrip("."), number)
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    current = json.dumps(names(), ensure_ascii=False, indent=1) + "\n"
    if not parser.parse_args(argv).check:
        FILE.write_text(current)
    elif FILE.read_text() != current:
        print(f"{FILE} is not what CLDR says: run python -m tools.cldr_names", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
