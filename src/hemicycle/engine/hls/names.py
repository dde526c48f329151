"""Names in a webcast: of languages, as players show them, and of the engine's runs, in files."""

from collections.abc import Sized

from babel import Locale, UnknownLocaleError


def native(language: str) -> str:
    """Return a language's own name, such as `français`; the tag if the name is unknown."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return locale.get_display_name(locale) or language


def run_name(epoch: int, spans: Sized) -> str:
    """Return the name of a run in file names: the lease's epoch (0 for none), and its number here.

    A machine with its own folder does not see the files of other machines. The epoch keeps their
    names apart, since caches keep each name's content forever.
    """
    number = len(spans) + 1
    return f"{epoch}.{number}" if epoch else f"{number}"
