"""The languages' own names, as players show them."""

from babel import Locale, UnknownLocaleError


def native(language: str) -> str:
    """Return a language's own name, such as `français`; the tag if the name is unknown."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return locale.get_display_name(locale) or language
