"""Forms for a whole table: the file, its columns, and values that its rows leave out."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.fields import MultilineField
from hemicycle.before.registration.importing import columns, reading
from hemicycle.before.registration.importing.columns import LABELS, OF_KIND
from hemicycle.before.registration.importing.values import DAY, MONTH, Options, RowReader
from hemicycle.before.registration.models import RegistrationImport
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.documents.reading.tables import CODE_PAGES, is_workbook
from hemicycle.hearing.people.models import TrackKind
from hemicycle.record import clock
from hemicycle.ui.words import plain


class ImportFileForm(forms.Form):
    """The file with a table of registrations."""

    file = forms.FileField(
        label=_("CSV or XLSX"),
        help_text=_(
            "The first row names the columns, in any of the six languages. Each other row is a "
            "person. Nothing is entered before you have seen the first rows."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty."),
        },
    )
    use_required_attribute = False


class ColumnsForm(forms.Form):
    """The columns of a table by the fields of the form, and what holds for all of its rows."""

    track = forms.ChoiceField(label=_("Track"))
    category = forms.ChoiceField(
        label=_("Category for rows without one"),
        required=False,
    )
    language = forms.ChoiceField(label=_("Language for rows without one"))
    dates = forms.ChoiceField(
        label=_("Order of day, month and year"),
        required=False,
        choices=[
            ("", _("the year first, or a workbook’s own dates")),
            (DAY, _("day, month, year")),
            (MONTH, _("month, day, year")),
        ],
        help_text=_("Rows are entered in the order of their dates."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of the file"),
        required=False,
        choices=[("", _("found automatically")), *CODE_PAGES.items()],
        help_text=_("Choose another one if letters with accents look wrong in the preview."),
    )
    late_reason = MultilineField(
        label=_("Reason for admitting them late"),
        most=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Enter the reason.")},
    )
    use_required_attribute = False

    def __init__(
        self, table: RegistrationImport, facts: Facts, data: Any = None, *, track: str = ""
    ) -> None:
        super().__init__(data, initial=reading.chosen(table))
        self.table, self.facts = table, facts
        track = track or (data or self.initial).get("track", "")
        keys = [one.key for one in facts.tracks]
        self.key = track if track in keys else reading.guessed_track(table, facts)
        self._offer_choices()
        self._add_columns()
        if not facts.is_past(self.key, clock.now()):
            del self.fields["late_reason"]
        if is_workbook(bytes(table.content)):
            del self.fields["encoding"]

    @property
    def kind(self) -> str:
        """The kind of the chosen track."""
        track = self.facts.hearing.track(self.key)
        return track.kind if track else TrackKind.STAKEHOLDERS

    def _offer_choices(self) -> None:
        own = self.facts.categories_of(self.key)
        tags = tuple(self.facts.hearing.languages or ("en",))
        first = [("", "—")] if len(own) != 1 else []
        offered: Mapping[str, Any] = {
            "track": [(track.key, plain(track.label)) for track in self.facts.tracks],
            "category": [*first, *((str(one.id), plain(one.label)) for one in own)],
            "language": choices.languages(tags),
        }
        for name, found in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found
        self.initial["track"] = self.key
        own_language = self.facts.hearing.original_language or "en"
        self.initial.setdefault("language", own_language if own_language in tags else tags[0])
        if len(own) == 1:
            self.initial["category"] = str(own[0].id)

    def _add_columns(self) -> None:
        """Add a choice of columns for each field; the headings suggest one until it is chosen."""
        found = columns.matched(self.table.head, self.kind)
        heads = [
            ("", "—"),
            *((str(at), _head(at, said)) for at, said in enumerate(self.table.head)),
        ]
        is_new = self.table.options.get("track") != self.key
        for name in self.names:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=str(LABELS[name]), required=False, choices=heads
            )
            if is_new:
                self.initial[f"column_{name}"] = str(found.get(name, ""))
        if "dates" not in self.initial:
            place = found.get(columns.RECEIVED)
            self.initial["dates"] = reading.guessed_order(self.table, place)

    @property
    def names(self) -> list[str]:
        """The fields that the track's form has, in their order."""
        return [name for name in LABELS if name in OF_KIND[self.kind]]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The choices of columns, for the template."""
        return [self[f"column_{name}"] for name in self.names]

    @property
    def unused(self) -> list[str]:
        """The headings of columns that no field takes."""
        used = {str(self[f"column_{name}"].value() or "") for name in self.names}
        return [said for at, said in enumerate(self.table.head) if said and str(at) not in used]

    def clean(self) -> dict[str, Any]:
        """Check that what every row needs is chosen."""
        data = self.cleaned_data
        body = "organization" if self.kind == TrackKind.STAKEHOLDERS else "delegation"
        if not data.get(f"column_{body}"):
            why = _("Choose the column with the name of the organization or delegation.")
            self.add_error(f"column_{body}", why)
        if not any(data.get(f"column_{name}") for name in ("name", "family_name")):
            self.add_error("column_name", _("Choose the column that names the person."))
        if not (data.get("column_category") or data.get("category")):
            self.add_error("category", _("Choose an option."))
        if "late_reason" in self.fields and not data.get("late_reason"):
            self.add_error("late_reason", _("The deadline has passed. Enter the reason."))
        return data

    def save(self) -> None:
        """Save what was chosen; call it only after `is_valid()` has returned true."""
        self.table.options, self.table.columns = self._options(), self._columns()
        self.table.save(update_fields=("options", "columns"))

    def reader(self) -> RowReader:
        """Return the reader of rows with the form's choices; not for an invalid form.

        Before a category is chosen, rows are read with the first one.
        """
        options = Options(**self._options())
        own = self.facts.categories_of(self.key)
        if not options.category and own:
            options = replace(options, category=str(own[0].id))
        return RowReader(self.facts, options, self.table.head, self._columns())

    def _options(self) -> dict[str, str]:
        names = [field.name for field in fields(Options) if field.name in self.fields]
        return {name: str(self[name].value() or "") for name in names} | {"track": self.key}

    def _columns(self) -> dict[str, int]:
        said = {name: str(self[f"column_{name}"].value() or "") for name in self.names}
        return {name: int(at) for name, at in said.items() if at}


def _head(at: int, said: str) -> str | Promise:
    return said or _("column %(n)s") % {"n": at + 1}
