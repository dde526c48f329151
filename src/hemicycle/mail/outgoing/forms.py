"""Forms of the secretariat about letters and lists."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hemicycle.hearing.setup.forms import MomentForm
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import holding, lists, mailings, wording
from hemicycle.mail.outgoing.letterheads import (
    HIGHEST,
    LONGEST_LINE,
    MOST_LINES,
    PICTURE,
    faults_of_pattern,
)
from hemicycle.mail.outgoing.models import Letterhead, Recipient
from hemicycle.mail.outgoing.texts import LONGEST_BODY, LONGEST_SUBJECT, Letter, Text, faults
from hemicycle.ui import territories
from hemicycle.ui.file_fields import LimitedFileField
from hemicycle.ui.languages import language_name


class WordingForm(forms.Form):
    """The text of a letter in one language."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=gettext_lazy(
            "An empty line starts a new paragraph. A paragraph whose fields are all empty is "
            "left out."
        ),
    )
    use_required_attribute = False

    def __init__(self, letter: Letter, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.letter = letter
        self.fields["subject"].widget.attrs["dir"] = "auto"

    def clean(self) -> dict[str, Any]:
        """Check that every placeholder exists, and that the required ones are there."""
        data: dict[str, Any] = super().clean() or {}
        if "subject" in data and "body" in data:
            for fault in faults(self.letter, self.text()):
                self.add_error("body", fault)
        return data

    def text(self) -> Text:
        """Return the text as it was entered."""
        return Text(self.cleaned_data["subject"], self.cleaned_data["body"])


class LetterheadForm(forms.Form):
    """The head and the signature of papers in one language."""

    sender = forms.CharField(
        label=gettext_lazy("Institution that sends the letter"),
        max_length=LONGEST_LINE,
        required=False,
    )
    lines = forms.CharField(
        label=gettext_lazy("Lines below it"),
        max_length=MOST_LINES * LONGEST_LINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=gettext_lazy("Such as its address. Six lines at most."),
    )
    signatory = forms.CharField(
        label=gettext_lazy("Who signs"), max_length=LONGEST_LINE, required=False
    )
    function = forms.CharField(
        label=gettext_lazy("Their function"), max_length=LONGEST_LINE, required=False
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["dir"] = "auto"

    @staticmethod
    def values_of(letterhead: Letterhead | None) -> dict[str, str]:
        """Return the form's values for a letterhead; empty if there is none."""
        if letterhead is None:
            return {}
        return {name: getattr(letterhead, name) for name in LetterheadForm.base_fields}

    def clean_lines(self) -> str:
        """Limit the lines, because a letterhead must leave room on the page."""
        lines: str = self.cleaned_data["lines"]
        found = lines.splitlines()
        if len(found) > MOST_LINES or any(len(line) > LONGEST_LINE for line in found):
            raise forms.ValidationError(
                _("Write at most %(number)s lines of %(length)s characters.")
                % {"number": MOST_LINES, "length": LONGEST_LINE}
            )
        return lines


class LetterheadPictureForm(forms.Form):
    """The picture of a letterhead."""

    picture = LimitedFileField(PICTURE, label=gettext_lazy("Picture above the letterhead"))
    use_required_attribute = False


class ReferencesForm(forms.Form):
    """The pattern of references, and the next number."""

    pattern = forms.CharField(
        label=gettext_lazy("Pattern"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Such as ABC/{year}/{number}. Leave it empty for letters without a reference."
        ),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    following = forms.IntegerField(
        label=gettext_lazy("Next number"),
        min_value=1,
        max_value=HIGHEST,
        help_text=gettext_lazy("No number is given twice, even if the pattern changes."),
    )
    use_required_attribute = False

    def clean_pattern(self) -> str:
        """Refuse an invalid pattern, such as one without a number: two letters would share it."""
        pattern: str = " ".join(self.cleaned_data["pattern"].split())
        if found := faults_of_pattern(pattern):
            raise forms.ValidationError(found)
        return pattern


class MailingForm(forms.Form):
    """The letter, the list that it is sent to, and the papers with it."""

    letter = forms.ChoiceField(label=gettext_lazy("Letter"))
    source = forms.ChoiceField(label=pgettext_lazy("recipient", "To"))
    enclosed = forms.MultipleChoiceField(
        label=gettext_lazy("Enclosed"), required=False, widget=forms.CheckboxSelectMultiple
    )
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sources = {source.key: source for source in lists.sources(hearing)}
        kinds = mailings.papers(hearing)
        self._choices(
            "letter", {letter.key: letter.label for letter in mailings.letters_for_lists()}
        )
        self._choices("source", {key: source.name for key, source in self.sources.items()})
        self._choices("enclosed", {key: kind.label for key, kind in kinds.items()})
        if not kinds:
            del self.fields["enclosed"]

    def _choices(self, name: str, found: dict[str, Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(found.items())


class SendLaterForm(MomentForm):
    """The time at which letters are sent, if not as soon as they are no longer held."""

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(hearing, *args, **options)
        for name in ("day", "time"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Require both a day and a time, or neither."""
        data = super().clean()
        if not self.errors and (data["day"] is None) != (data["time"] is None):
            self.add_error("day", _("Give both a day and a time, or neither."))
        if data["moment"] is not None and not holding.can_be(data["moment"]):
            self.add_error("day", _("Choose a time in the future, within a year."))
        return data


class ListForm(forms.Form):
    """A new list."""

    name = forms.CharField(label=gettext_lazy("Name of the list"), max_length=200)
    of_missions = forms.BooleanField(
        label=gettext_lazy("Begin with a line for each mission"),
        required=False,
        help_text=gettext_lazy(
            "The 193 Member States, the observer States and the European Union, by name. Their "
            "addresses come from a table that you import."
        ),
    )
    use_required_attribute = False


class LineForm(forms.ModelForm[Recipient]):
    """One line of a list."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))
    country = forms.ChoiceField(label=gettext_lazy("Mission of"), required=False)
    use_required_attribute = False

    class Meta:
        model = Recipient
        fields = ("address", "name", "organization", "country", "language")

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        languages = wording.languages_of(hearing)
        cast(forms.ChoiceField, self.fields["language"]).choices = [
            (code, language_name(code)) for code in languages
        ]
        named = territories.missions(wording.reader())
        cast(forms.ChoiceField, self.fields["country"]).choices = [("", "—"), *named.items()]
        self.fields["language"].initial = "en"
        self.fields["address"].widget.attrs["dir"] = "ltr"

    def clean_address(self) -> str:
        """Return the address; refuse one that mail servers do not accept."""
        address: str = self.cleaned_data["address"]
        if not address:
            raise forms.ValidationError(_("Enter the address."))
        if not lists.is_address(address):
            raise forms.ValidationError(
                _("Mail servers take only Latin letters before the @ of an address.")
            )
        return address


class TableForm(forms.Form):
    """A table of recipients."""

    table = forms.FileField(
        label=gettext_lazy("CSV or XLSX"),
        help_text=gettext_lazy(
            "The first line names the columns: address, name, organization, country, language. "
            "Only the address is needed."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
    use_required_attribute = False
