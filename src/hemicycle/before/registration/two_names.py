"""The part of forms that asks for an organization's name in a second language."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import LineField
from hemicycle.ui.words import speaks

LANGUAGES = frozenset({"organization_language", "other_name_language"})
"""The fields that are required only if there is a second name."""
FIELDS = LANGUAGES | {"other_name"}


def check_languages(form: forms.BaseForm, *fields: str) -> None:
    """Refuse a language that is missing, or the same language for two texts."""
    chosen: list[str] = []
    for field in fields:
        language = form.cleaned_data.get(field, "")
        if not language and field not in form.errors:
            form.add_error(field, gettext("Choose a language."))
        elif any(speaks(language, other) for other in chosen):
            form.add_error(field, gettext("Choose another language here."))
        chosen += [language] if language else []


class TwoNamesForm(forms.Form):
    """A form that has the first name in a field `organization`."""

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
        """Require the languages of two names, so that each reader can be shown the right one."""
        if self.cleaned_data.get("other_name"):
            check_languages(self, "organization_language", "other_name_language")

    def other_names(self) -> dict[str, str]:
        """Return the second name by its language; call this only after `is_valid()`."""
        data = self.cleaned_data
        return {data["other_name_language"]: data["other_name"]} if data["other_name"] else {}
