"""Names of languages in another language, by CLDR.

What a language calls itself is another fact, which media players need before any page is written:
`hemicycle.engine.hls.names.native`.
"""

from functools import cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language


def language_name(tag: str) -> str:
    """A language's name in the reader's language; the tag itself for an unknown one.

    A script or a region in the tag is left out: "zh-Hans" is Chinese.
    """
    return name_in(tag, get_language() or "en")


@cache
def name_in(tag: str, language: str) -> str:
    """The name of the language of `tag` in `language`; the tag itself for an unknown one."""
    names = locale_of(language).languages
    return str(names.get(tag.split("-", maxsplit=1)[0].lower(), tag))


def locale_of(language: str) -> Locale:
    """Return the CLDR locale of a language; English if CLDR does not know it."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")
