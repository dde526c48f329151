"""The forms for the layout of the picture and for other broadcasters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import broadcaster_urls, broadcasters

CHOOSE = {"required": _("Choose an option.")}


class PictureForm(forms.Form):
    """The positions of the name plate and the clock."""

    plate = forms.ChoiceField(
        label=_("The speaker’s name"),
        choices=(
            ("burnt", _("In the picture: everyone sees it, on every screen and in the recording")),
            ("beside", _("Beside the picture: pages show it as text, and the picture stays clear")),
        ),
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    clock = forms.ChoiceField(
        label=_("The speaker’s clock"),
        choices=(
            ("burnt", _("In the picture: everyone sees it, on every screen and in the recording")),
            ("beside", _("Beside the picture: pages show it, the recording does not")),
        ),
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )


class BroadcasterForm(forms.Form):
    """The broadcaster to which the program is sent, and the channel of its sound."""

    url = forms.CharField(
        label=_("Address"),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "The address that the broadcaster gave you, with its key: rtmp://, rtmps:// or "
            "srt://. Once it is saved, no one can read the key here."
        ),
        error_messages={"required": _("Enter the address to send the program to.")},
    )
    channel = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Sound sent with the picture."),
        error_messages={"required": _("Choose the sound to send with the picture.")},
    )

    def __init__(self, hearing: Hearing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = broadcasters.channels(hearing)

    def clean_url(self) -> str:
        """Return the address; refuse one that cannot be valid."""
        url: str = self.cleaned_data["url"]
        try:
            broadcaster_urls.check(url)
        except broadcaster_urls.BadBroadcasterUrl as error:
            raise forms.ValidationError(str(error)) from error
        return url
