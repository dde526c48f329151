"""What languages call themselves, as players show them."""

from babel import Locale, UnknownLocaleError


def native(language: str) -> str:
    """A language's name in itself, such as `français`; the tag where nobody knows it."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return locale.get_display_name(locale) or language
