"""Forms to ask for a link and to name a passkey."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """A form for the e-mail address to which a sign-in link is sent."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The address that the secretariat has for you."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter the address we should send the link to."),
            "invalid": _("Enter an e-mail address in the format name@hearing.example."),
        },
    )
