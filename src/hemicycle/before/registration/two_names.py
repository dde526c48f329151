"""The part of forms that asks for an organization's name in a second language."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import LineField
from hemicycle.ui.words import speaks

LANGUAGES = frozenset({"organization_language", "other_name_language"})
"""The fields that must be filled only where there is a second name."""
FIELDS = LANGUAGES | {"other_name"}


class TwoNamesForm(forms.Form):
    """A form that has the name itself in a field `organization`."""

    organization_language = forms.ChoiceField(
        label=_("Language of this name"), choices=choices.named_languages, required=False
    )
    other_name = LineField(
        label=_("Name in another language"),
        most=400,
        required=False,
        help_text=_("Readers of that language see this name."),
    )
    other_name_language = forms.ChoiceField(
        label=_("Language of the other name"), choices=choices.named_languages, required=False
    )

    def has_other_name(self) -> bool:
        """Whether a second name has been typed, so that the template opens that part."""
        return bool(self["other_name"].value())

    def check_other_name(self) -> None:
        """Ask for both languages of two names, so that pages know which to show to whom."""
        data = self.cleaned_data
        if not data.get("other_name"):
            return
        own, other = data.get("organization_language"), data.get("other_name_language")
        for field, language in (("organization_language", own), ("other_name_language", other)):
            if not language and field not in self.errors:
                self.add_error(field, gettext("Choose a language."))
        if own and other and speaks(own, other):
            self.add_error("other_name_language", gettext("Choose another language here."))

    def other_names(self) -> dict[str, str]:
        """Return the second name by its language; call it only after `is_valid()`."""
        data = self.cleaned_data
        return {data["other_name_language"]: data["other_name"]} if data["other_name"] else {}
