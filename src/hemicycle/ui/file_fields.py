"""The form field for a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy, lazystr

from hemicycle.ui.uploads import FileRule


class LimitedFileField(forms.FileField):
    """A file that must meet a rule, which the help text of the field states.

    A script of the page (`file-size`) refuses a larger file before it is sent.
    """

    def __init__(self, rule: FileRule, **options: Any) -> None:
        self.rule = rule
        options.setdefault("help_text", lazystr(rule))
        super().__init__(**options)
        self.widget.attrs |= {
            "data-most-bytes": rule.most,
            "data-too-large": lazy(lambda: rule.too_large, str)(),
            **({"accept": rule.accept} if rule.accept else {}),
        }

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Refuse a file that is larger than the rule allows, before anything reads it."""
        file = super().clean(data, initial)
        if file is not None and getattr(file, "size", 0) > self.rule.most:
            raise ValidationError(self.rule.too_large, code="too_large")
        return file
