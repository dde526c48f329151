"""Forms for applicants, focal points and missions."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.accreditation.models import EditionLine, Evidence
from hemicycle.before.registration.fields import MultilineField
from hemicycle.before.statements.forms import DOCUMENT
from hemicycle.ui.file_fields import LimitedFileField


class EvidenceForm(forms.Form):
    """One piece of evidence: a file, a link or words."""

    conditional: ClassVar = frozenset({"text", "link", "file"})

    text = MultilineField(label=gettext_lazy("In words"), most=2000, required=False)
    link = forms.URLField(
        label=gettext_lazy("Or a link"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr"}),
    )
    file = LimitedFileField(
        DOCUMENT, label=gettext_lazy("Or a file"), required=False, allow_empty_file=True
    )
    use_required_attribute = False

    def __init__(self, *args: Any, asked: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        if asked:
            self.fields["text"].label = asked
        self.fields["text"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        """Check that exactly one of the three fields is filled."""
        data: dict[str, Any] = super().clean() or {}
        given = [name for name in ("text", "link", "file") if data.get(name)]
        if not given and not self.errors:
            self.add_error(None, _("Write it, give a link, or choose a file."))
        if len(given) > 1:
            self.add_error(None, _("Add one at a time. You can add more afterwards."))
        return data

    def piece(self) -> dict[str, Any]:
        """Return the content of a valid form, as `evidence.add` takes it."""
        data = self.cleaned_data
        if file := data.get("file"):
            return {"form": Evidence.Form.FILE, "file_name": file.name, "data": file.read()}
        if data.get("link"):
            return {"form": Evidence.Form.LINK, "text": data["link"]}
        return {"form": Evidence.Form.WORDS, "text": data["text"]}


class ObjectionForm(forms.Form):
    """A mission's objection to one line of its copy of the list."""

    line = forms.UUIDField(label=gettext_lazy("Objection to"), widget=forms.Select)
    reason = MultilineField(
        label=gettext_lazy("Reason for the objection"),
        most=4000,
        help_text=gettext_lazy("The secretariat reads it. It is saved in the record."),
    )
    use_required_attribute = False

    def __init__(self, lines: Iterable[EditionLine], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [(str(line.pk), f"{line.ordinal}. {line.organization}") for line in lines]
        select = cast(forms.Select, self.fields["line"].widget)
        select.choices = [("", "—"), *offered]
        self.fields["reason"].widget.attrs["rows"] = 4


class AnswerForm(forms.Form):
    """A focal point's answer."""

    conditional: ClassVar = frozenset({"reason"})

    APPROVE, DECLINE = "approved", "declined"

    answer = forms.ChoiceField(
        choices=[(APPROVE, APPROVE), (DECLINE, DECLINE)],
        error_messages={
            "required": gettext_lazy("Choose whether you approve or decline."),
            "invalid_choice": gettext_lazy("Choose whether you approve or decline."),
        },
    )
    reason = MultilineField(
        label=gettext_lazy("Reason"),
        most=2000,
        required=False,
        help_text=gettext_lazy("Required if you do not approve. Only the secretariat can read it."),
    )
    use_required_attribute = False
