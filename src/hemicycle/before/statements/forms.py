"""The form that submits a statement: a file, or the text itself."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.fields import LineField
from hemicycle.before.statements.actions import LIMITS, TEXT_NAME
from hemicycle.before.statements.models import Statement

ACCEPTED = ".pdf,.docx,.odt,.txt,.md,text/plain"
LONGEST = 200_000


class StatementForm(forms.Form):
    """`file` or `text`; `cleaned_data` has `file_name` and `data` of the one that was sent."""

    conditional: ClassVar = frozenset({"file", "text"})

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("PDF, DOCX, ODT or plain text."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )
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
        """Take the file, or else the text; refuse neither and too much."""
        data: dict[str, Any] = super().clean() or {}
        file, text = data.get("file"), (data.get("text") or "").strip()
        if file is not None and file.size > LIMITS.file_size:
            limit = LIMITS.file_size // 2**20
            self.add_error("file", _("This file is larger than %(n)d MB.") % {"n": limit})
        elif file is not None:
            data["file_name"], data["data"] = file.name, file.read()
        elif text:
            data["file_name"], data["data"] = TEXT_NAME, text.encode()
        elif not self.errors:
            self.add_error("file", _("Choose a file, or enter the text below."))
        return data


class NamingForm(forms.Form):
    """Whether the public sees a statement."""

    naming = forms.ChoiceField(
        label=_("How the public sees it"),
        choices=Statement.Naming.choices,
        widget=forms.RadioSelect,
    )


class ReleaseForm(forms.Form):
    """How a statement is released that the course of the meeting did not release, and why."""

    release = forms.ChoiceField(
        label=_("Release"), choices=Statement.Release.choices, widget=forms.RadioSelect
    )
    reason = LineField(
        label=_("Reason"),
        most=1000,
        help_text=_("Only the secretariat reads it, in the record."),
        error_messages={"required": _("Give a reason. It is kept in the record.")},
    )
    use_required_attribute = False
