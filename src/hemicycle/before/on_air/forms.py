"""The form of a choice, for the person, the office and the technician."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.engine import protection
from hemicycle.engine.protection import Protection


class OnAirForm(forms.Form):
    """The choice of camera and voice."""

    camera = forms.ChoiceField(
        label=_("Camera in the meeting"),
        choices=choices.CAMERAS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an option.")},
    )
    voice = forms.ChoiceField(
        label=_("Voice in the meeting"),
        choices=choices.VOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an option.")},
    )
    use_required_attribute = False

    @property
    def protection(self) -> Protection:
        """Return the choice of a valid form."""
        return protection.read(self.cleaned_data)
