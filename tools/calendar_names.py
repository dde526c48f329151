"""Write the names of months and weekdays that the reader of notes knows, from CLDR.

`python -m tools.calendar_names` writes the file; `--check` only says whether it is current. The
reader itself needs no package, so it reads this file and not Babel.
"""

import argparse
import json
import sys
from pathlib import Path

from babel import Locale

FILE = Path(__file__).parents[1] / "src/hemicycle/convening/languages/calendar.json"
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
"""Regions follow where they have month names of their own."""

type Names = dict[str, int]


def names() -> dict[str, dict[str, Names]]:
    """For each language its months (1 to 12) and weekdays (Monday is 0), whole and abbreviated."""
    return {
        language: {
            "months": _names(locales, "months", "wide"),
            "short_months": _names(locales, "months", "abbreviated"),
            "weekdays": _names(locales, "days", "wide"),
            "short_weekdays": _names(locales, "days", "abbreviated"),
        }
        for language, locales in LOCALES.items()
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
        print(f"{FILE} is not what CLDR says: run python -m tools.calendar_names", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
