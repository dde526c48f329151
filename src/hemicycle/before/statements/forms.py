"""The form that submits a statement: a file, or the text itself."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import LineField
from hemicycle.before.registration.two_names import check_languages
from hemicycle.before.statements.actions import LIMITS, TEXT_NAME
from hemicycle.before.statements.models import MOST_TITLE, Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.ui.file_fields import LimitedFileField
from hemicycle.ui.uploads import FileRule

DOCUMENT = FileRule(
    gettext_noop("PDF, DOCX, ODT or plain text, up to %(n)s MB."),
    LIMITS.file_size,
    ".pdf,.docx,.odt,.txt,.md,text/plain",
)
"""The rule for files of statements and evidence."""
LONGEST = 200_000


class TitleForm(forms.Form):
    """The title of a statement, in one language or two."""

    conditional: ClassVar = frozenset({"title", "title_language", "other_title_language"})

    title = LineField(
        label=_("Title of the statement"),
        most=MOST_TITLE,
        required=False,
        help_text=_("If it has one. It is confidential until delivered, like the text."),
    )
    title_language = forms.ChoiceField(
        label=_("Language of this title"), choices=choices.named_languages, required=False
    )
    other_title = LineField(
        label=_("Title in another language"),
        most=MOST_TITLE,
        required=False,
        help_text=_("Readers of that language see this title."),
    )
    other_title_language = forms.ChoiceField(
        label=_("Language of the other title"), choices=choices.named_languages, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "other_title"):
            self.fields[name].widget.attrs.update(autocomplete="off", dir="auto")

    def has_other_title(self) -> bool:
        """Whether a second title has been typed, so that the template opens that part."""
        return bool(self["other_title"].value())

    def clean(self) -> dict[str, Any]:
        """Require the language of each title, so that each reader can be shown the right one."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("other_title"):
            if not data.get("title") and "title" not in self.errors:
                self.add_error("title", _("Enter the title itself too."))
            check_languages(self, "title_language", "other_title_language")
        elif data.get("title"):
            check_languages(self, "title_language")
        return data

    def given_title(self) -> GivenTitle:
        """Return the title; call this only after `is_valid()`."""
        data = self.cleaned_data
        title, other = data["title"], data["other_title"]
        return GivenTitle(
            title=title,
            language=data["title_language"] if title else "",
            other_title=other,
            other_language=data["other_title_language"] if other else "",
        )


def initial(given: GivenTitle, language: str = "") -> dict[str, str]:
    """Return a title as the form shows it; `language` is preselected if there is none yet."""
    return {
        "title": given.title,
        "title_language": given.language or language,
        "other_title": given.other_title,
        "other_title_language": given.other_language,
    }


class StatementForm(forms.Form):
    """A file or a text; `cleaned_data` has `file_name` and `data` of the one that was sent."""

    conditional: ClassVar = frozenset({"file", "text"})

    file = LimitedFileField(DOCUMENT, label=_("File"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=_("Or the text itself"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "data-words-say": "words"}),
    )

    def __init__(self, *args: Any, pace: int = 0, limit_s: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if pace:
            self.fields["text"].widget.attrs |= {"data-words": pace, "data-limit-s": limit_s}

    def clean(self) -> dict[str, Any]:
        """Use the file, or else the text; refuse an empty form and a text that is too long."""
        data: dict[str, Any] = super().clean() or {}
        file, text = data.get("file"), (data.get("text") or "").strip()
        if file is not None:
            data["file_name"], data["data"] = file.name, file.read()
        elif text:
            data["file_name"], data["data"] = TEXT_NAME, text.encode()
        elif not self.errors:
            self.add_error("file", _("Choose a file, or enter the text below."))
        return data

    def given_title(self) -> GivenTitle | None:
        """Return the title that was sent with the text; None if the form does not ask for it."""
        return None


class TitledStatementForm(StatementForm, TitleForm):
    """The form for a first version, with the title of the statement."""

    conditional: ClassVar = StatementForm.conditional | TitleForm.conditional
    given_title = TitleForm.given_title


class NamingForm(forms.Form):
    """The choice whether the public sees a statement."""

    naming = forms.ChoiceField(
        label=_("How the public sees it"),
        choices=Statement.Naming.choices,
        widget=forms.RadioSelect,
    )


class ReleaseForm(forms.Form):
    """How and why a statement is released that was not released during the meeting."""

    release = forms.ChoiceField(
        label=_("Release"), choices=Statement.Release.choices, widget=forms.RadioSelect
    )
    reason = LineField(
        label=_("Reason"),
        most=1000,
        help_text=_("Only the secretariat reads it, in the record."),
        error_messages={"required": _("Give a reason. It is saved in the record.")},
    )
    use_required_attribute = False
