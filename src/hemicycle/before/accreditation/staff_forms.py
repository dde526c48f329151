"""Forms for the secretariat."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.accreditation.models import Edition, EditionLine
from hemicycle.before.registration.fields import EmailAddressField, LineField, MultilineField
from hemicycle.hearing.setup.forms import MomentForm, day, hour
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import OFFICIAL, choices


class FocalPointForm(forms.Form):
    """A focal point: the person who approves, and a category or an organization."""

    conditional: ClassVar = frozenset({"category", "organization"})

    name = LineField(label=gettext_lazy("Name"), most=400)
    email = EmailAddressField(label=gettext_lazy("E-mail address"))
    language = forms.ChoiceField(label=gettext_lazy("Language of letters"), initial="en")
    category = forms.ChoiceField(
        label=gettext_lazy("Approves registrations of a category"), required=False, choices=()
    )
    organization = LineField(
        label=gettext_lazy("Or registrations of one organization"),
        most=400,
        required=False,
        help_text=gettext_lazy("The name as its representatives write it."),
    )
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by_id = {
            str(category.id): category for category in hearing.categories.filter(focal_point=True)
        }
        offered = [("", "—"), *((key, category.label) for key, category in self.by_id.items())]
        cast(forms.ChoiceField, self.fields["category"]).choices = offered
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = choices(OFFICIAL)

    def clean(self) -> dict[str, Any]:
        """Check that either a category or an organization is given."""
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("category")) == bool(data.get("organization")) and not self.errors:
            self.add_error(
                "category", _("Choose a category, or write the name of an organization.")
            )
        data["chosen"] = self.by_id.get(data.get("category") or "")
        return data


class FreezeForm(MomentForm):
    """The deadline of the next no-objection list."""

    day = day(gettext_lazy("Objections until, day"))
    time = hour(gettext_lazy("Objections until, time"))


class CorrectForm(FreezeForm):
    """The deadline of a corrected list, and who is on it."""

    with_new = forms.BooleanField(
        label=gettext_lazy("Add the registrations that qualify now"), required=False
    )


class OfficeReasonForm(forms.Form):
    """A reason that only the secretariat reads."""

    reason = MultilineField(label=gettext_lazy("Reason, for the secretariat only"), most=2000)
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].widget.attrs["rows"] = 2


class LeaveOutForm(OfficeReasonForm):
    """The line to leave out of a list, and the reason."""

    line = forms.UUIDField(label=gettext_lazy("Organization"), widget=forms.Select)
    field_order = ("line", "reason")

    def __init__(self, edition: Edition, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        select = cast(forms.Select, self.fields["line"].widget)
        select.choices = _lines(edition.lines.all())


class WithdrawListForm(OfficeReasonForm):
    """The reason for which a circulated list is withdrawn."""

    reason = MultilineField(label=gettext_lazy("Reason, as the missions read it"), most=2000)


def _lines(lines: Iterable[EditionLine]) -> list[tuple[UUID, str]]:
    return [(line.pk, f"{line.ordinal}. {line.organization}") for line in lines]


class EnterObjectionForm(MomentForm):
    """An objection as a mission made it."""

    line = forms.UUIDField(label=gettext_lazy("Objection to"), widget=forms.Select)
    mission = LineField(label=gettext_lazy("Mission that objects"), most=400)
    day = day(gettext_lazy("Received, day"))
    time = hour(gettext_lazy("Received, time"))
    reason = MultilineField(label=gettext_lazy("Reason, as given"), most=4000)
    field_order = ("line", "mission", "day", "time", "reason")

    def __init__(self, edition: Edition, *args: Any, **options: Any) -> None:
        super().__init__(edition.hearing, *args, **options)
        waiting = edition.lines.filter(registration__status="submitted")
        select = cast(forms.Select, self.fields["line"].widget)
        select.choices = _lines(waiting)
        self.fields["mission"].widget.attrs["list"] = "missions"
        self.fields["reason"].widget.attrs["rows"] = 3
