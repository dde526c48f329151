"""Assigning interpreters to booths."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name


class AssignForm(forms.Form):
    """Who is to interpret, and in which booth."""

    language = forms.ChoiceField(
        label=_("Booth"), error_messages={"required": _("Choose the booth.")}
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=400,
        error_messages={"required": _("Enter the interpreter’s name.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_(
            "We send the sign-in link to this address. It also identifies people who "
            "already work here."
        ),
        error_messages={
            "required": _("Enter the address for the sign-in link."),
            "invalid": _("Enter an e-mail address in the format name@hearing.example."),
        },
    )

    def __init__(self, hearing: Hearing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        booths = [(tag, language_name(tag)) for tag in hearing.languages]
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *booths]
