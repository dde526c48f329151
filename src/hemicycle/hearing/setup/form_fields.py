"""Fields of the office's forms: minutes (seconds in the document), languages and time zones."""

import re
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.ui import times
from hemicycle.ui.forms import LongSelect
from hemicycle.ui.languages import OFFICIAL, language_name

_MINUTES = re.compile(r"(\d{1,5})(?::([0-5]\d)|[.,](\d{1,2}))?")


def as_minutes(seconds: int) -> str:
    """Return seconds as people write minutes: "3" or "2:30"."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}" if rest else str(minutes)


class MinutesField(forms.CharField):
    """Minutes such as 3, 2:30 or 2.5; the value is in seconds, or None for an empty field."""

    def __init__(self, *, most_s: int, **options: Any) -> None:
        self.most_s = most_s
        attrs = {"inputmode": "decimal", "dir": "ltr"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show the document's seconds as minutes, and typed text unchanged."""
        return as_minutes(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return seconds. Raises `ValidationError` for an invalid or too long time."""
        typed = str(super().clean(value) or "").strip()
        if not typed:
            return None
        found = _MINUTES.fullmatch(typed) if typed.isascii() else None
        if found is None:
            raise forms.ValidationError(_("Enter minutes, such as 3 or 2:30."))
        fraction = int(found[3].ljust(2, "0")) * 60 // 100 if found[3] else 0
        seconds = int(found[1]) * 60 + int(found[2] or 0) + fraction
        if seconds > self.most_s:
            sentence = _("This is more than %(most)s minutes.")
            raise forms.ValidationError(sentence % {"most": self.most_s // 60})
        return seconds


def minutes(label: Any, help_text: Any = "", *, most_s: int, initial: int | None = None) -> Any:
    """Return a field for a time in minutes, at most `most_s` seconds."""
    return MinutesField(label=label, help_text=help_text, most_s=most_s, initial=initial)


class NumbersField(forms.CharField):
    """Keys with numbers on one line, such as "youth 5, business 10"; the value is a dictionary.

    `wrong` is the message for other input.
    """

    def __init__(self, label: Any, help_text: Any, *, wrong: Any) -> None:
        widget = forms.TextInput(attrs={"dir": "ltr"})
        super().__init__(label=label, help_text=help_text, required=False, widget=widget)
        self._wrong = wrong

    def clean(self, value: Any) -> dict[str, int]:
        """Return the numbers by their keys."""
        found: dict[str, int] = {}
        for part in filter(None, map(str.strip, super().clean(value).split(","))):
            key, _space, number = part.rpartition(" ")
            if not key or not (number.isascii() and number.isdigit()):
                raise forms.ValidationError(self._wrong)
            found[key.strip()] = int(number)
        return found


def official_languages() -> list[tuple[str, str]]:
    """Return the six languages of the United Nations with their names in the reader's language."""
    return [(tag, language_name(tag)) for tag in OFFICIAL]


class LanguagesField(forms.MultipleChoiceField):
    """Checkboxes for languages: those of the hearing, in their order, then the official ones.

    It accepts any tag: `document_reading.read` refuses invalid ones.
    """

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Languages"),
            required=False,
            choices=lazy(official_languages, list)(),
            widget=forms.CheckboxSelectMultiple,
        )

    def offer(self, own: list[str]) -> None:
        """Put the languages in `own` first."""
        more = [tag for tag in OFFICIAL if tag not in own]
        self.choices = [(tag, language_name(tag)) for tag in dict.fromkeys([*own, *more])]

    def valid_value(self, value: object) -> bool:
        """Accept any value: the rules of the document check it."""
        return True


def _zones() -> list[tuple[str, str]]:
    return [("", "—"), ("UTC", _("UTC")), *times.zone_choices()]


class TimeZoneField(forms.ChoiceField):
    """A time zone by its city, or "" for none; the value is CLDR's name of the zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_zones, widget=LongSelect, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a zone that has several names under the name in the list."""
        return times.canonical_zone(str(value)) if value else value

    def to_python(self, value: Any) -> str:
        """Accept every name of a zone."""
        return times.canonical_zone(super().to_python(value))
