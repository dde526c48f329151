"""The forms with which a person decides about a message."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.mail.incoming.actions import LONGEST_REASON


class AsideForm(forms.Form):
    """The reason why no action is taken."""

    reason = forms.CharField(
        label=_("Reason for not acting on it"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Give the reason for not acting on it.")},
    )


def choice_of(label: Any, choices: list[tuple[str, str]], **options: Any) -> forms.ChoiceField:
    """Return a field with few choices, shown as buttons; a single choice is selected already."""
    if len(choices) == 1:
        options.setdefault("initial", choices[0][0])
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **options)
