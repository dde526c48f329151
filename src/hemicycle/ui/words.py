"""Texts that exist in several languages: the field, its value, and how a page shows it.

A model with such texts inherits `Translated` and declares them as `WordsCharField` or
`WordsTextField`. Reading one gives `Words`: the text in the active language, else the original. As
HTML it has `lang` and `dir` wherever its language is not the page's (WCAG 3.1.2). Writing one
writes the original; saving, forms and queries use the original too. Translations are in the row's
`translations`, `{"fr": {"title": "…", "outdated": ["title"]}}`, because the languages belong to
each hearing and not to the installation: docs/decisions/0033-words.md.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.query_utils import DeferredAttribute
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

OUTDATED = "outdated"
"""The key in a language's translations that lists the texts whose original has changed since."""


class Words(str):
    """A text in one language, with its original and its other languages.

    `language` is a BCP 47 tag, "" if it is unknown; `translations` has the text in the other
    languages in which it exists.
    """

    __slots__ = ("language", "original", "original_language", "translations")
    language: str
    original: str
    original_language: str
    translations: Mapping[str, str]

    @classmethod
    def of(cls, text: str, language: str, translations: Mapping[str, str], reader: str) -> "Words":
        """Return an original in `language` as a reader whose language is `reader` sees it."""
        tag = "" if speaks(reader, language) else best(reader, translations)
        made = cls(translations[tag] if tag else text)
        made.language = tag or language
        made.original = text
        made.original_language = language
        made.translations = translations
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        reader = self.language
        return Words.of, (self.original, self.original_language, self.translations, reader)

    @property
    def is_foreign(self) -> bool:
        """Whether the text is in another language than the page."""
        return bool(self and self.language) and not speaks(get_language() or "en", self.language)

    def __html__(self) -> SafeString:
        """Return the escaped text, with its language and direction if they are not the page's."""
        return self.marked(escape(plain(self)))

    def marked(self, html: SafeString, tag: str = "span") -> SafeString:
        """Return `html`, which shows this text, in a `tag` with its language if it is foreign."""
        if not self.is_foreign:
            return html
        form = '<{0} lang="{1}" dir="{2}">{3}</{0}>'
        return format_html(form, SafeString(tag), self.language, direction(self.language), html)

    def others(self) -> "list[Words]":
        """Return the text in each other language in which it exists."""
        texts = {self.original_language: self.original, **self.translations}
        return [Words.of(text, tag, {}, tag) for tag, text in texts.items() if tag != self.language]

    def mapped(self, change: Callable[[str], str]) -> "Words":
        """Return the text changed in each language, such as with a name replaced."""
        others = {tag: change(text) for tag, text in self.translations.items()}
        first = change(self.original)
        return Words.of(first, self.original_language, others, self.language)


def mapped(text: str, change: Callable[[str], str]) -> str:
    """Return `text` changed, in each language if it exists in several."""
    return text.mapped(change) if isinstance(text, Words) else change(text)


def original[T](text: T) -> T:
    """Return the original of a text, to be stored, compared or sent to everyone."""
    return cast("T", text.original) if isinstance(text, Words) else text


def spellings(text: str) -> tuple[str, ...]:
    """Return a text in every language in which it exists, the original first."""
    if not isinstance(text, Words):
        return (text,)
    return tuple(dict.fromkeys((text.original, *text.translations.values())))


def plain(text: object) -> str:
    """Return the text alone, for attributes and options, which cannot contain elements."""
    return str.__str__(str(text))


def direction(language: str) -> str:
    """Return the direction in which a language is written: "rtl" or "ltr"; "auto" for none."""
    if not language:
        return "auto"
    try:
        return "rtl" if get_language_info(language.lower())["bidi"] else "ltr"
    except KeyError:
        return "ltr"


def speaks(one: str, other: str) -> bool:
    """Whether two tags name one language, whatever their region and script say."""
    return primary(one) == primary(other)


def primary(tag: str) -> str:
    """Return only the language of a tag, in lower case: "zh" for "zh-Hans"."""
    return tag.replace("_", "-").partition("-")[0].lower()


def best(language: str, offered: Iterable[str]) -> str:
    """Return the tag in `offered` that matches `language` best; "" if none is in that language."""
    tags = [tag for tag in offered if speaks(tag, language)]
    exact = [tag for tag in tags if tag.lower() == language.lower()]
    return next(iter([*exact, *tags]), "")


def in_language(row: "Translated", name: str, language: str) -> Words:
    """Return the text `name` of a row in `language`, else its original."""
    texts = {tag: text for tag, texts in row.translations.items() if (text := texts.get(name))}
    return Words.of(str(row.__dict__[name]), row.original_language, texts, language)


# ── For readers of several languages at once ──────────────────────────────────────────────────


def originals(data: Any) -> Any:
    """Return JSON data with the original of each text."""
    if isinstance(data, dict):
        return {name: originals(value) for name, value in data.items()}
    return [originals(value) for value in data] if isinstance(data, list) else original(data)


def dictionary(data: Any) -> dict[str, Any]:
    """Return the language of the texts in JSON data, and the translations of each original.

    `languages` has the language of each original that is not in the most frequent one.
    """
    texts = (text for text in _texts(data) if text.original)
    found = [text for text in texts if text.original_language or text.translations]
    counted = Counter(text.original_language for text in found)
    language = counted.most_common(1)[0][0] if counted else ""
    return {
        "language": language,
        "languages": {
            text.original: text.original_language
            for text in found
            if text.original_language != language
        },
        "texts": {text.original: dict(text.translations) for text in found},
    }


def _texts(data: Any) -> Iterator[Words]:
    if isinstance(data, Words):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


# ── In the database ───────────────────────────────────────────────────────────────────────────


class WordsAttribute(DeferredAttribute):
    """Reads the text in the active language, and writes the original."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        first = super().__get__(instance, cls)
        if instance is None or not isinstance(first, str):
            return first
        return in_language(instance, self.field.attname, get_language() or "en")

    def __set__(self, instance: Any, value: Any) -> None:
        # Django copies and reloads rows by attribute; a translation it reads must not be stored.
        instance.__dict__[self.field.attname] = original(value)


class _WordsField:
    """The part that both fields share: they store the original, whatever language is active."""

    descriptor_class: ClassVar[type[DeferredAttribute]] = WordsAttribute
    attname: str

    def pre_save(self, instance: Any, add: bool) -> Any:
        return self.value_from_object(instance)

    def value_from_object(self, instance: Any) -> Any:
        return original(getattr(instance, self.attname))

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(original(value))  # type: ignore[misc]


if TYPE_CHECKING:
    type Written = str | Combinable
    CharField = models.CharField[Written, str]
    TextField = models.TextField[Written, str]
else:
    CharField, TextField = models.CharField, models.TextField


class WordsCharField(_WordsField, CharField):
    """A line of text in several languages."""


class WordsTextField(_WordsField, TextField):
    """Paragraphs of text in several languages."""


class Translated(models.Model):
    """A row whose texts exist in several languages."""

    original_language = models.CharField(
        _("language of these texts"), max_length=16, blank=True, help_text="BCP 47; the original"
    )
    translations = models.JSONField(
        _("translations"),
        default=dict,
        blank=True,
        help_text='{"fr": {"title": "…", "outdated": ["title"]}}',
    )

    class Meta:
        abstract = True

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """Return the names of the fields that are texts."""
        fields = cls._meta.concrete_fields
        return tuple(field.name for field in fields if isinstance(field, _WordsField))

    def originals(self) -> dict[str, str]:
        """Return the originals of the row's texts, by field."""
        return {name: original(getattr(self, name)) for name in self.words()}


def tidy(translations: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return translations without empty texts and languages, and without marks on missing texts."""
    found = {}
    for tag in sorted(translations):
        texts = {
            name: text
            for name, text in sorted(translations[tag].items())
            if name != OUTDATED and text
        }
        if texts:
            old = sorted(set(translations[tag].get(OUTDATED, ())) & texts.keys())
            found[tag] = {**texts, **({OUTDATED: old} if old else {})}
    return found
