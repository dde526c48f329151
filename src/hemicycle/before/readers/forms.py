"""The forms of readers: naming one, and the reader's own answer."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import EmailAddressField, LineField
from hemicycle.ui import languages


class NameForm(forms.Form):
    """The person who reads instead of the speaker."""

    name = LineField(
        label=_("Name of the reader"),
        most=400,
        error_messages={"required": _("Enter the name of the person.")},
    )
    email = EmailAddressField(
        label=_("E-mail address"),
        help_text=_("We will send a link to the seat to this address immediately."),
    )
    language = forms.ChoiceField(label=_("Language of the letter"))
    voice = forms.ChoiceField(
        label=_("Voice of the reader"),
        choices=choices.VOICES,
        initial="live",
        widget=forms.RadioSelect,
        help_text=_(
            "Choose a changed voice if people who know the reader could guess who the speaker is."
        ),
        error_messages={"required": _("Choose an option.")},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = languages.choices(dict(settings.LANGUAGES))
        field.initial = get_language()


class AgreeForm(forms.Form):
    """The reader's agreement to read, and whether they may be named."""

    may_be_named = forms.BooleanField(
        label=_("My name may be public beside what I read"), required=False
    )
