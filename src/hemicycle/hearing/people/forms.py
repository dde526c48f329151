"""Asking for a link, and naming a passkey."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """The address for a sign-in link."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The address under which the secretariat knows you."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter the address to which the link should go."),
            "invalid": _(
                "This is not an e-mail address; it should look like name@hearing.example."
            ),
        },
    )
