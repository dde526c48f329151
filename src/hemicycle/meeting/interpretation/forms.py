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
        error_messages={"required": _("Give the interpreter's name.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Their sign-in link is sent there. Whoever works here already is found by it."),
        error_messages={
            "required": _("Give the address to which the sign-in link should go."),
            "invalid": _(
                "This is not an e-mail address; it should look like name@hearing.example."
            ),
        },
    )

    def __init__(self, hearing: Hearing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        booths = [(tag, language_name(tag)) for tag in hearing.languages]
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *booths]
