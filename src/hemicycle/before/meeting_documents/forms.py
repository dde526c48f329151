"""The forms for documents: the office's description, and a panellist's file."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import get_language, gettext_lazy, gettext_noop, pgettext_lazy
from django.utils.translation import gettext as _

from hemicycle.before.meeting_documents.actions import BEGINNINGS, LARGEST, Details
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.registration.fields import LineField
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.ui.file_fields import LimitedFileField
from hemicycle.ui.languages import OFFICIAL, language_name
from hemicycle.ui.uploads import FileRule
from hemicycle.ui.words import best

Kind = MeetingDocument.Kind
RULE = FileRule(
    gettext_noop("PDF, Word, PowerPoint, Excel or OpenDocument, up to %(n)s MB."),
    LARGEST,
    ",".join(BEGINNINGS),
)
LONGEST_TITLE = 400


def title_field(label: Any, tag: str) -> LineField:
    """Return the field for a title in one language."""
    widget = forms.TextInput(attrs={"lang": tag, "dir": "auto", "maxlength": LONGEST_TITLE})
    return LineField(label=label, most=LONGEST_TITLE, required=False, widget=widget)


class DocumentForm(forms.Form):
    """A document as the office describes it, with a title in each language of the hearing."""

    file = LimitedFileField(RULE, label=gettext_lazy("File"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    ordinal = forms.IntegerField(
        label=gettext_lazy("Order"),
        min_value=1,
        max_value=999,
        initial=1,
        help_text=gettext_lazy("Among documents of the same kind; 1 comes first."),
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("Show it on the hearing’s public page"), required=False
    )
    use_required_attribute = False

    def __init__(
        self, hearing: Hearing, *args: Any, document: MeetingDocument | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        first = best(hearing.original_language or "en", hearing.languages)
        tags = list(dict.fromkeys([*([first] if first else []), *(hearing.languages or ["en"])]))
        if document is not None:
            del self.fields["file"]
            details = Details.of(document)
            tags = list(dict.fromkeys([*details.titles, *tags]))
            self.initial.update(
                {
                    "kind": details.kind,
                    "language": details.language,
                    "ordinal": details.ordinal,
                    "is_public": details.is_public,
                    **{_name(tag): title for tag, title in details.titles.items()},
                }
            )
        self._tags = tags
        stored = [document.language] if document else []
        _offer_languages(self, [*tags, *OFFICIAL, *stored], tags[0])
        for tag in tags:
            label = _("Title (%(language)s)") % {"language": language_name(tag)}
            self.fields[_name(tag)] = title_field(label, tag)

    @property
    def titles(self) -> Iterable[forms.BoundField]:
        """The fields of the titles, for the template."""
        return [self[_name(tag)] for tag in self._tags]

    def clean(self) -> dict[str, Any]:
        """Check that there is a title in at least one language."""
        data: dict[str, Any] = super().clean() or {}
        typed = [name for tag in self._tags if (name := _name(tag)) in data]
        if len(typed) == len(self._tags) and not any(data[name] for name in typed):
            self.add_error(typed[0], _("Enter a title in at least one language."))
        return data

    def details(self) -> Details:
        """Return the description from a valid form."""
        data = self.cleaned_data
        return Details(
            kind=Kind(data["kind"]),
            titles={tag: title for tag in self._tags if (title := data[_name(tag)])},
            language=data["language"],
            ordinal=data["ordinal"],
            is_public=data["is_public"],
        )


def _offer_languages(form: forms.Form, tags: Iterable[str], first: str) -> None:
    """Offer the languages of a file; `first` is selected unless another one was chosen."""
    cast(forms.ChoiceField, form.fields["language"]).choices = [
        ("", pgettext_lazy("of a document", "several languages")),
        *((tag, language_name(tag)) for tag in dict.fromkeys(tags) if tag),
    ]
    form.initial.setdefault("language", first)


def _name(tag: str) -> str:
    return f"title_{tag}"


class SlidesForm(forms.Form):
    """A panellist's file for one of their seats."""

    seat = forms.ChoiceField(label=gettext_lazy("Panel"))
    file = LimitedFileField(RULE, label=gettext_lazy("File"))
    title = LineField(
        label=gettext_lazy("Title"),
        most=LONGEST_TITLE,
        required=False,
        help_text=gettext_lazy("Leave empty for the topic in the programme."),
        widget=forms.TextInput(attrs={"dir": "auto", "maxlength": LONGEST_TITLE}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    agrees = forms.BooleanField(
        label=gettext_lazy(
            "The secretariat may publish it on the hearing’s page and in its archive"
        ),
        required=False,
    )
    use_required_attribute = False

    def __init__(
        self, hearing: Hearing, seats: list[PanelMember], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        spoken = hearing.languages or ["en"]
        _offer_languages(
            self, [*spoken, *OFFICIAL], best(get_language() or "en", spoken) or spoken[0]
        )
        self._seats = {str(seat.pk): seat for seat in seats}
        cast(forms.ChoiceField, self.fields["seat"]).choices = [
            (key, seat.segment.title) for key, seat in self._seats.items()
        ]
        if len(seats) == 1:
            self.fields["seat"].widget = forms.HiddenInput()
            self.fields["seat"].initial = str(seats[0].pk)
        if any(seat.alias for seat in seats):  # a file names its author
            del self.fields["agrees"]

    @property
    def chosen_seat(self) -> PanelMember:
        """Return the chosen seat of a valid form."""
        return self._seats[self.cleaned_data["seat"]]

    def details(self, hearing: Hearing) -> Details:
        """Return the description from a valid form; the default title is the topic or the panel."""
        seat, typed = self.chosen_seat, self.cleaned_data["title"]
        row = seat if seat.topic else seat.segment
        own = typed or (seat.originals()["topic"] or seat.segment.originals()["title"])
        language = row.original_language or (hearing.languages or ["en"])[0]
        titles = {language: own}
        return Details(
            kind=Kind.PRESENTATION, titles=titles, language=self.cleaned_data["language"]
        )
