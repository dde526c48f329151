"""Languages: which ones the interface speaks, their names, their lists and their alphabets.

The sources are in English; every other language of the interface is a folder of `locale/` with a
catalogue. A hearing that names no languages offers the six of the United Nations. The names in a
player's menu come from `hemicycle.engine.hls.names.native`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from django.utils.translation import (
    get_language,
    get_language_bidi,
    override,
    pgettext,
    to_language,
)
from django.utils.translation.trans_real import get_supported_language_variant

OFFICIAL = ("ar", "zh", "en", "fr", "ru", "es")
"""The official languages of the United Nations, in the order of their English names."""
SOURCE = "en"
"""The language in which the sources are written."""
LINKED = "lang"
"""The parameter by which a link names the language of its page (`hemicycle.site.http.language`)."""


# ── Which languages the interface speaks ──────────────────────────────────────────────────────
def interface_languages(*folders: Path) -> list[tuple[str, str]]:
    """Return code and own name of each language with a catalogue below one of the folders.

    Codes are Django's ("zh-hans" of the folder `zh_Hans`); the order is that of the English names.
    """
    found = {SOURCE} | {
        to_language(catalogue.parts[-3])
        for folder in folders
        for catalogue in folder.glob("*/LC_MESSAGES/django.[pm]o")
    }
    ordered = sorted(found, key=lambda code: name_in(code, SOURCE))
    return [(code, own_name(code)) for code in ordered]


def base(tag: str) -> str:
    """Return a tag without its script or region: "zh" for "zh-Hans" and "zh_CN"."""
    return tag.replace("_", "-").partition("-")[0].lower()


def spoken(tag: str) -> str:
    """Return the interface's code for a language: "zh-hans" for "zh", "en" for unknown ones."""
    try:
        return get_supported_language_variant(tag.replace("_", "-").lower())
    except LookupError:
        return SOURCE


def is_spoken(tag: str) -> bool:
    """Whether the interface speaks a language."""
    return base(spoken(tag)) == base(tag)


def speaking(tag: str) -> override:
    """Activate the language of `tag` in a `with` block, or English if it has no catalogue.

    The language of a person or a letter can be any BCP 47 tag. `translation.override` needs a code
    with a catalogue: with any other, dates and sentences would be in different languages.
    """
    return override(spoken(tag))


# ── Their names ───────────────────────────────────────────────────────────────────────────────
def language_name(tag: str) -> str:
    """Return a language's name in the reader's language, or the tag itself if it is unknown.

    A script or a region in the tag is left out: "zh-Hans" is Chinese.
    """
    return name_in(tag, get_language() or SOURCE)


@cache
def name_in(tag: str, language: str) -> str:
    """Return the name of the language of `tag` in `language`; the tag itself if it is unknown."""
    return str(locale_of(language).languages.get(base(tag), tag))


@cache
def own_name(tag: str) -> str:
    """Return a language's own name, as a menu shows it ("Français", "中文"), or its tag."""
    if not is_known(tag):
        return tag
    name = name_in(tag, tag)
    return name[:1].upper() + name[1:]


def choices(tags: Iterable[str]) -> list[tuple[str, str]]:
    """Return languages with their names in the reader's language, as a list of choices."""
    return [(tag, language_name(tag)) for tag in tags]


# ── What CLDR knows of them ───────────────────────────────────────────────────────────────────
@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the CLDR locale of a language; English if CLDR does not know it.

    English is the international variant ("en-001"), which writes the day before the month and
    "A, B and C".
    """
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale(SOURCE)
    return Locale(SOURCE, "001") if str(locale) == SOURCE else locale


def is_known(tag: str) -> bool:
    """Whether CLDR knows a language."""
    return tag == SOURCE or locale_of(tag).language == base(tag)


def recognize(said: str) -> str:
    """Return the tag, in lower case, of a language that people name: "fr" for "French" and "FR".

    Return "" for a text that is neither a known tag nor the name of one of the six languages in
    one of them.
    """
    key = said.strip().casefold()
    return _by_name().get(key) or (key if is_known(key) else "")


@cache
def _by_name() -> Mapping[str, str]:
    names = [(name_in(tag, reader), tag) for tag in OFFICIAL for reader in OFFICIAL]
    return {name.casefold(): tag for name, tag in names}


def listed(items: Iterable[object], language: str = "") -> str:
    """Return items as a sentence lists them: "A, B and C", "A、B和C"."""
    locale = locale_of(language or get_language() or SOURCE)
    return format_list([str(item) for item in items], locale=locale)


def apart(text: str) -> str:
    """Isolate words of another language, so that they keep their own direction."""
    return f"\u2068{text}\u2069" if get_language_bidi() else text


def labelled(label: object, value: object) -> str:
    """Return a value after its label: "Date: 5 July", "日期：7月5日", "Do you speak? Yes"."""
    asked = str(label).rstrip("\u2069")
    if asked.endswith(("?", "؟")):
        return f"{label} {value}"
    return f"{label}{'' if asked.endswith('？') else colon()}{value}"


def colon() -> str:
    """Return the separator between a label and its value, spaces included."""
    # Translators: French has a no-break space before the colon, Chinese a full-width one.
    return pgettext("between a label and its value", ": ")


def in_order[T](items: Iterable[T], key: Callable[[T], str] = str, language: str = "") -> list[T]:
    """Return items in the order of a language's alphabet, the reader's if none is named."""
    written = language or get_language() or SOURCE
    return sorted(items, key=lambda item: alphabetical(key(item), written))


def alphabetical(text: str, language: str) -> tuple[list[bytes], str]:
    """Return the key by which texts sort in a language.

    Case and accents count only between texts that are equal otherwise: Égypte is sorted under E, ё
    under е, أ under ا. Spanish sorts ñ after n. Chinese is sorted by sound: GB 18030 takes over
    from GB 2312 the 3,755 most common characters in the order of pinyin; rarer characters come
    before or after all of these.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(map(_spanish if base(language) == "es" else _bare, folded))
    coding = "gb18030" if base(language) == "zh" else "utf-8"
    return [letter.encode(coding, "replace") for letter in letters], text


def _spanish(letter: str) -> str:
    return "n\uffff" if letter == "ñ" else _bare(letter)


def _bare(letter: str) -> str:
    apart = unicodedata.normalize("NFKD", letter)
    return "".join(char for char in apart if not unicodedata.combining(char))
