"""The secretariat's forms for cutting a recording."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hemicycle.hearing.setup.models import Meeting
from hemicycle.meeting.cutting.actions import LONGEST_TRAIL_MS
from hemicycle.meeting.cutting.models import CutReason
from hemicycle.meeting.cutting.stretches import TRAIL_MS

OFFERED = [(reason.value, reason.label) for reason in (CutReason.SPEAKER, CutReason.SECRETARIAT)]


class CutForm(forms.Form):
    """The reason for a cut, and how many seconds longer the interpreters' channels are cut."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Text shown instead"),
        choices=OFFERED,
        widget=forms.RadioSelect,
        initial=CutReason.SPEAKER.value,
        error_messages={"required": gettext_lazy("Choose an option.")},
    )
    trail = forms.IntegerField(
        label=gettext_lazy("Extra seconds for interpretation and captions"),
        help_text=gettext_lazy("Interpretation and captions end a little later than the floor."),
        min_value=0,
        max_value=LONGEST_TRAIL_MS // 1000,
        initial=TRAIL_MS // 1000,
    )
    use_required_attribute = False


class SlotForm(CutForm):
    """Cut everything that one speaker said, in all meetings."""

    slot = forms.ChoiceField(
        label=gettext_lazy("Speaker"),
        error_messages={
            "required": gettext_lazy("Choose a speaker."),
            "invalid_choice": gettext_lazy("Choose one of the speakers."),
        },
    )
    field_order = ("slot", "reason", "trail")

    def __init__(self, speakers: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast(forms.ChoiceField, self.fields["slot"]).choices = speakers


class TimeForm(CutForm):
    """Cut a stretch of time out of one meeting; times are in the hearing's time zone."""

    meeting = forms.ChoiceField(label=gettext_lazy("Meeting"))
    begin = forms.TimeField(
        label=pgettext_lazy("time", "From"),
        help_text=gettext_lazy("Hours, minutes and seconds, such as 10:31:05."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Enter the time as 10:31:05.")},
    )
    end = forms.TimeField(
        label=pgettext_lazy("time", "To"),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Enter the time as 10:31:05.")},
    )
    field_order = ("meeting", "begin", "end", "reason", "trail")

    def __init__(self, meetings: list[Meeting], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._meetings = {meeting.id.hex: meeting for meeting in meetings}
        names = [(meeting.id.hex, str(meeting.title)) for meeting in meetings]
        cast(forms.ChoiceField, self.fields["meeting"]).choices = names

    def clean(self) -> dict[str, Any]:
        """Convert the times to moments on the day of the meeting."""
        data = super().clean() or {}
        meeting = self._meetings.get(data.get("meeting", ""))
        begin, end = data.get("begin"), data.get("end")
        if meeting is None or begin is None or end is None:
            return data
        if begin >= end:
            self.add_error("end", _("The end is before the start. Correct one of the times."))
        data["meeting"] = meeting
        data["from_ms"], data["to_ms"] = (_ms(meeting, moment) for moment in (begin, end))
        return data


def _ms(meeting: Meeting, moment: time) -> int:
    zone = meeting.hearing.zone
    day = meeting.starts_at.astimezone(zone).date()
    return round(datetime.combine(day, moment, zone).timestamp() * 1000)
