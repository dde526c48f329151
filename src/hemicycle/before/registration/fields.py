"""Form fields for typed text in any script, from which they remove invisible characters."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from hemicycle.before.registration import names


def _check_unseen(text: str, taken: list[str]) -> None:
    if not taken:
        return
    codes = ", ".join(sorted({f"U+{ord(char):04X}" for char in taken}))
    sentence = ngettext(
        "This field had an invisible character (%(codes)s). We have removed it. Check the "
        "field and submit again.",
        "This field had invisible characters (%(codes)s). We have removed them. Check the "
        "field and submit again.",
        len(taken),
    )
    raise ValidationError(sentence % {"codes": codes}, code="unseen")


class _CleanedField(forms.CharField):
    """Cleans typed text; the field shows the cleaned text again, even if it is invalid."""

    lines = False

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        if not value:
            return ""
        text, taken = names.clean(str(value), lines=self.lines)
        _check_unseen(text, taken)
        if len(text) > self.most:
            sentence = gettext("Use at most %(most)s characters. You have used %(n)s.")
            raise ValidationError(sentence % {"most": self.most, "n": len(text)}, code="long")
        return text

    def bound_data(self, data: Any, initial: Any) -> str:
        return names.clean(str(data or ""), lines=self.lines)[0]


class LineField(_CleanedField):
    """One line of text, of at most `most` characters."""


class MultilineField(_CleanedField):
    """Several lines of text, of at most `most` characters."""

    lines = True
    widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})


class EmailAddressField(forms.EmailField):
    """An e-mail address; spaces and invisible characters around it are removed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)
        self.widget.attrs.update(autocomplete="email", inputmode="email", dir="ltr")

    def to_python(self, value: Any) -> str:
        return names.clean(str(value or ""))[0]

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError:
            sentence = gettext("Enter an e-mail address in the format name@example.org.")
            raise ValidationError(sentence, code="email") from None

    def bound_data(self, data: Any, initial: Any) -> str:
        return names.clean(str(data or ""))[0]
