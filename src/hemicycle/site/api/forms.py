"""The secretariat's forms for tokens, webhooks and imports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from hemicycle.before.registration.fields import LineField
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.record.entry_registry import declared_entry_types
from hemicycle.site.api.actions import MOST_DAYS
from hemicycle.site.api.models import Scope
from hemicycle.site.api.serving import MOST_FILE
from hemicycle.ui.file_fields import LimitedFileField
from hemicycle.ui.uploads import FileRule

USUAL_DAYS = 90


class TokenForm(forms.Form):
    """The purpose, scopes and expiry of a new token."""

    name = LineField(
        label=_("What is it for?"),
        most=80,
        error_messages={
            "required": _("Enter what the token is for, so that others can recognize it.")
        },
        help_text=_("For example: badges, website, archive."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one permission for the token.")},
        help_text=_("What the public pages show needs no token."),
    )
    days = forms.IntegerField(
        label=_("Expires after (days)"), min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS
    )
    use_required_attribute = False


def _kinds() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(declared_entry_types())]


class WebhookForm(forms.Form):
    """The address of a new webhook, and the kinds of entries that it receives."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"dir": "ltr", "spellcheck": "false"}),
        error_messages={"required": _("Enter the address of the receiver.")},
        help_text=_("It must begin with https:// and be reachable from the internet."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of entry"),
        required=False,
        choices=_kinds,
        widget=forms.SelectMultiple(attrs={"size": 8, "dir": "ltr"}),
        help_text=_("Choose none to send all kinds of entry of the record."),
    )
    use_required_attribute = False

    def clean_url(self) -> Any:
        """Return the address without invisible characters."""
        return self.cleaned_data["url"].replace("\0", "").strip()


TABLE = FileRule(
    gettext_noop(
        "A CSV file in UTF-8, or a workbook (XLSX) of which the first sheet is read, up to %(n)s "
        "MB."
    ),
    MOST_FILE,
    ".csv,.xlsx",
)


class ImportForm(forms.Form):
    """A file with registrations, and the track that its rows belong to."""

    track = forms.ChoiceField(label=_("Track"), choices=())
    file = LimitedFileField(
        TABLE,
        label=_("Table"),
        widget=forms.FileInput,
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
    )
    use_required_attribute = False

    def __init__(self, hearing: Hearing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hearing = hearing
        field = self.fields["track"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(track.key, track.label) for track in hearing.all_tracks]
        field.initial = field.choices[-1][0]

    def chosen_track(self) -> Track:
        """Return the chosen track; the form must be valid."""
        track = self._hearing.track(self.cleaned_data["track"])
        assert track is not None
        return track
