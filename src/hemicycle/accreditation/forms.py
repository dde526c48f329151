"""What applicants, focal points and the secretariat fill in."""

from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.accreditation.models import Edition, Evidence
from hemicycle.hearings.forms import day, hour
from hemicycle.hearings.models import Hearing
from hemicycle.registration.fields import Block, Email, Line
from hemicycle.statements.actions import LIMITS
from hemicycle.statements.forms import ACCEPTED

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")


class EvidenceForm(forms.Form):
    """One piece of evidence: a file, a link or words."""

    text = Block(label=gettext_lazy("In words"), most=2000, required=False)
    link = forms.URLField(
        label=gettext_lazy("Or a link"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("PDF, DOCX, ODT or text."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )
    use_required_attribute = False

    def __init__(self, *args: Any, asked: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        if asked:
            self.fields["text"].label = asked
        self.fields["text"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        """Exactly one of the three; of a file, no more than the limit."""
        data: dict[str, Any] = super().clean() or {}
        given = [name for name in ("text", "link", "file") if data.get(name)]
        if not given and not self.errors:
            self.add_error(None, _("Write it, give a link, or choose a file."))
        if len(given) > 1:
            self.add_error(None, _("Give one at a time; you can add more afterwards."))
        if given == ["file"] and data["file"].size > LIMITS.file_size:
            limit = LIMITS.file_size // 2**20
            self.add_error("file", _("This file is larger than %(n)d MB.") % {"n": limit})
        return data

    def piece(self) -> dict[str, Any]:
        """What a valid form brings, as `evidence.add` takes it."""
        data = self.cleaned_data
        if file := data.get("file"):
            return {"form": Evidence.Form.FILE, "file_name": file.name, "data": file.read()}
        if data.get("link"):
            return {"form": Evidence.Form.LINK, "text": data["link"]}
        return {"form": Evidence.Form.WORDS, "text": data["text"]}


class AnswerForm(forms.Form):
    """A focal point's answer."""

    APPROVE, DECLINE = "approved", "declined"

    answer = forms.ChoiceField(
        choices=[(APPROVE, APPROVE), (DECLINE, DECLINE)],
        error_messages={
            "required": gettext_lazy("Choose whether you approve."),
            "invalid_choice": gettext_lazy("Choose whether you approve."),
        },
    )
    reason = Block(
        label=gettext_lazy("Reason"),
        most=2000,
        required=False,
        help_text=gettext_lazy("Needed where you do not approve. Only the secretariat reads it."),
    )
    use_required_attribute = False


class FocalPointForm(forms.Form):
    """Who approves, and for what: a category, or one organization."""

    name = Line(label=gettext_lazy("Name"), most=400)
    email = Email(label=gettext_lazy("E-mail address"))
    language = forms.ChoiceField(label=gettext_lazy("Language of letters"), initial="en")
    category = forms.ChoiceField(
        label=gettext_lazy("Approves for a category"), required=False, choices=()
    )
    organization = Line(
        label=gettext_lazy("Or for one organization"),
        most=400,
        required=False,
        help_text=gettext_lazy("Its name as its representatives write it."),
    )
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by_id = {str(each.id): each for each in hearing.categories.filter(focal_point=True)}
        offered = [("", "—"), *((key, each.label) for key, each in self.by_id.items())]
        cast(forms.ChoiceField, self.fields["category"]).choices = offered
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = [(tag, tag) for tag in LANGUAGES]

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("category")) == bool(data.get("organization")) and not self.errors:
            self.add_error(
                "category", _("Choose a category, or write the name of an organization.")
            )
        data["chosen"] = self.by_id.get(data.get("category") or "")
        return data


class _Moment(forms.Form):
    """A day and a time in the hearing's zone."""

    day = day(gettext_lazy("Day"))
    time = hour(gettext_lazy("Time"))
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hearing = hearing
        for name in ("day", "time"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Day and time become one moment; one that the clocks skip is refused."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("day") and data.get("time"):
            local = datetime.combine(data["day"], data["time"], self.hearing.zone)
            try:
                data["moment"] = local.astimezone(UTC)
                back = data["moment"].astimezone(self.hearing.zone)
            except OverflowError:
                self.add_error("day", _("This day cannot be meant."))
            else:
                if back.replace(tzinfo=None) != local.replace(tzinfo=None):
                    sentence = _("%(time)s does not exist on that day: the clocks skip it.")
                    self.add_error("time", sentence % {"time": f"{data['time']:%H:%M}"})
        return data


class FreezeForm(_Moment):
    """The deadline of the next no-objection list."""

    day = day(gettext_lazy("Objections until, day"))
    time = hour(gettext_lazy("Objections until, time"))


class ObjectionForm(_Moment):
    """An objection as a mission made it."""

    line = forms.UUIDField(label=gettext_lazy("Against"), widget=forms.Select)
    mission = Line(label=gettext_lazy("Mission that objects"), most=400)
    day = day(gettext_lazy("Received, day"))
    time = hour(gettext_lazy("Received, time"))
    reason = Block(label=gettext_lazy("Reason, as given"), most=4000)
    field_order = ("line", "mission", "day", "time", "reason")

    def __init__(self, edition: Edition, *args: Any, **options: Any) -> None:
        super().__init__(edition.hearing, *args, **options)
        waiting = edition.lines.filter(registration__status="submitted")
        select = cast(forms.Select, self.fields["line"].widget)
        select.choices = [(each.pk, f"{each.ordinal}. {each.organization}") for each in waiting]
        self.fields["mission"].widget.attrs["list"] = "missions"
        self.fields["reason"].widget.attrs["rows"] = 3
