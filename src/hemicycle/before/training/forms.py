"""Forms with which the secretariat edits a training session."""

from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration.fields import LineField, MultilineField
from hemicycle.before.training.actions import (
    LONGEST,
    LONGEST_HOW,
    MOST_PLACES,
    SHORTEST,
    SessionPlan,
)
from hemicycle.hearing.setup.forms import day, hour
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name

USUAL_MINUTES, USUAL_PLACES = 45, 30


class SessionForm(forms.Form):
    """When and how a session is held; day and time are in the hearing's zone."""

    day = day(gettext_lazy("Day"))
    time = hour(gettext_lazy("Starts"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Length (minutes)"),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=USUAL_MINUTES,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    interpretation = forms.MultipleChoiceField(
        label=gettext_lazy("Interpretation into"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The interpreters of these booths can enter the room."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Places"), min_value=1, max_value=MOST_PLACES, initial=USUAL_PLACES
    )
    how = MultilineField(
        label=gettext_lazy("What happens, and how to prepare"),
        most=LONGEST_HOW,
        required=False,
        help_text=gettext_lazy("Participants read this on their personal pages and in letters."),
    )
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hearing = hearing
        for name in ("day", "time"):
            self.fields[name].required = True
        tags = hearing.languages or ["en"]
        given = self.initial.get("language")
        offered = [*tags, given] if given and given not in tags else tags
        named = [(tag, language_name(tag)) for tag in offered]
        cast(forms.ChoiceField, self.fields["language"]).choices = named
        booths = [(tag, language_name(tag)) for tag in hearing.languages]
        cast(forms.ChoiceField, self.fields["interpretation"]).choices = booths

    def clean(self) -> dict[str, Any]:
        """Join day and time; refuse a time that daylight saving skips."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("day") and data.get("time"):
            local = datetime.combine(data["day"], data["time"], self.hearing.zone)
            moment = local.astimezone(UTC)
            if moment.astimezone(self.hearing.zone).replace(tzinfo=None) != local.replace(
                tzinfo=None
            ):
                sentence = _(
                    "%(time)s does not exist on that day because the clocks change. "
                    "Choose another time."
                )
                self.add_error("time", sentence % {"time": f"{data['time']:%H:%M}"})
            data["starts_at"] = moment
        return data

    def plan(self) -> SessionPlan:
        """Return the plan that a valid form describes."""
        data = self.cleaned_data
        return SessionPlan(
            starts_at=data["starts_at"],
            minutes=data["minutes"],
            language=data["language"],
            capacity=data["capacity"],
            how=data["how"],
            interpretation=tuple(tag for tag in data["interpretation"] if tag != data["language"]),
        )


def filled(hearing: Hearing, plan: SessionPlan) -> dict[str, Any]:
    """Return a plan in the form's initial values."""
    local = plan.starts_at.astimezone(hearing.zone)
    return {
        "day": local.date(),
        "time": local.time(),
        "minutes": plan.minutes,
        "language": plan.language,
        "capacity": plan.capacity,
        "how": plan.how,
        "interpretation": plan.interpretation,
    }


class CancelForm(forms.Form):
    """The reason why a session is cancelled."""

    reason = LineField(
        label=gettext_lazy("Reason"),
        most=500,
        required=False,
        help_text=gettext_lazy("It is included in the letter to everyone who signed up."),
    )
