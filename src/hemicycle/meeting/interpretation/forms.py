"""The forms that assign interpreters to booths and edit the glossary."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation.glossary import GlossaryRefused, as_table, read_table
from hemicycle.meeting.interpretation.models import Glossary
from hemicycle.ui.languages import language_name


class AssignForm(forms.Form):
    """The person to assign as an interpreter, and the booth."""

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


class GlossaryForm(forms.Form):
    """The terms of a hearing, edited as a table."""

    terms = forms.CharField(
        label=_("Terms"),
        strip=False,
        help_text=_(
            "The first line names the languages; each other line has a term in these languages. "
            "Columns are separated by semicolons. You can paste cells of a spreadsheet. Do not "
            "name protected people."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto", "spellcheck": "false"}),
        error_messages={"required": _("Enter the line of languages at least.")},
    )

    def __init__(self, hearing: Hearing, *args: Any, **kwargs: Any) -> None:
        self.hearing = hearing
        own = Glossary.objects.filter(hearing=hearing).first()
        typed = as_table(own.terms if own else [], hearing.languages)
        super().__init__(*args, **{"initial": {"terms": typed}, **kwargs})

    def clean_terms(self) -> list[dict[str, str]]:
        """Return the terms in the table."""
        try:
            return read_table(self.cleaned_data["terms"], self.hearing.languages)
        except GlossaryRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
