"""The forms with which the office creates a hearing from an earlier one, or from a preset."""

from django import forms
from django.http import QueryDict
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.access import appointments_of
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import beginning
from hemicycle.hearing.setup.form_fields import TimeZoneField, official_languages
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import base
from hemicycle.ui.words import original

DAY_HELP = _("All other dates move by the same number of days.")


def _title() -> forms.CharField:
    return forms.CharField(label=_("Title of the new hearing"), max_length=400)


def first_day() -> forms.DateField:
    """Return a field for the day of the first meeting."""
    return forms.DateField(
        label=_("First day"),
        help_text=DAY_HELP,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class CopyForm(forms.Form):
    """A form for a copy of a hearing that the officer works for."""

    source = forms.ModelChoiceField(
        queryset=Hearing.objects.none(), label=_("Earlier hearing"), empty_label="—"
    )
    title = _title()
    first_day = first_day()
    parts = forms.MultipleChoiceField(
        label=_("Also copy"),
        choices=tuple(beginning.COPIED.items()),
        required=False,
        initial=(beginning.LISTS, beginning.LETTERS),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Colleagues get a letter and accept their role in the new hearing."),
    )

    def __init__(self, person: Person, data: QueryDict | None = None, source: str = "") -> None:
        held = appointments_of(person).filter(role=Role.SECRETARIAT, duties__isnull=True)
        mine = Hearing.objects.filter(pk__in=held.values("hearing_id")).order_by("title", "slug")
        asked = mine.filter(slug=source).first()
        only = mine.first() if mine.count() == 1 else None
        initial = {"source": asked, "title": original(asked.title)} if asked else {"source": only}
        super().__init__(data, prefix="copy", use_required_attribute=False, initial=initial)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = mine


class PresetForm(forms.Form):
    """A form for a hearing from one of the presets."""

    preset = forms.ChoiceField(
        label=_("Kind of hearing"),
        choices=tuple(beginning.PRESETS.items()),
        widget=forms.RadioSelect,
    )
    title = _title()
    first_day = first_day()
    time_zone = TimeZoneField(label=_("Time zone"))
    language = forms.ChoiceField(
        label=_("Language of its texts"), choices=lazy(official_languages, list)()
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        initial = {"language": base(translation.get_language() or "en")}
        super().__init__(data, prefix="preset", use_required_attribute=False, initial=initial)
