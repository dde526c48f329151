"""Forms of the editor: a sentence, its sources, its section."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.actions import LONGEST, LONGEST_NAME
from hemicycle.outcome.summary.headings import group_title, heading
from hemicycle.outcome.summary.models import Section, Sentence, Summary
from hemicycle.outcome.summary.queries import CitationLink
from hemicycle.outcome.summary.translations import drafting_languages
from hemicycle.record.models import Entry
from hemicycle.ui.languages import choices
from hemicycle.ui.times import language as reader_language
from hemicycle.ui.words import direction

_ENTRY = re.compile(r"#?(\d{1,15})")
_STATEMENT = re.compile(r"([A-Za-z]{2}(?:-[A-Za-z0-9]{2,5}){2,3})(?:\s*/\s*(\d{1,4}))?")


class DraftForm(forms.Form):
    """The language in which the summary is drafted."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of the draft"),
        help_text=gettext_lazy(
            "Quotations stay in the language of the statement. You can translate the summary "
            "afterwards."
        ),
    )

    def __init__(self, hearing: Hearing, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        tags = drafting_languages(hearing)
        self.fields["language"].choices = choices(tags)  # type: ignore[attr-defined]
        self.has_choice = len(tags) > 1


class SentenceForm(forms.Form):
    """A sentence: its text, the sources kept and added, and the revision on which it is based."""

    text = forms.CharField(
        label=gettext_lazy("Sentence"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": gettext_lazy("Enter a sentence. To delete a sentence, use “Remove”.")
        },
    )
    addressee = forms.CharField(
        label=gettext_lazy("Who should act"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("As the sources put it. Leave it empty if they do not say."),
    )
    kept = forms.MultipleChoiceField(
        label=gettext_lazy("Sources"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Sources that are not selected are removed."),
    )
    more = forms.CharField(
        label=gettext_lazy("More sources"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "The number of an entry (#214), or a participant’s reference with or without the "
            "number of the sentence (HC-ABC-DEF/5). Separate several with commas."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    section = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        hearing: Hearing,
        cited: tuple[CitationLink, ...],
        *args: Any,
        language: str,
        asks: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        if not asks:
            del self.fields["addressee"]
        _mark(self, language)
        self.hearing = hearing
        self.cited = {citation.value: citation for citation in cited}
        kept = [(citation.value, citation.label) for citation in cited]
        self.fields["kept"].choices = kept  # type: ignore[attr-defined]
        if not kept:
            del self.fields["kept"]

    def clean_text(self) -> str:
        """Collapse white space and check the length."""
        return one_sentence(self.cleaned_data["text"])

    def clean_more(self) -> list[dict[str, Any]]:
        """Parse the typed sources; each must exist."""
        typed = [text.strip() for text in self.cleaned_data["more"].split(",")]
        return [self._source(text) for text in typed if text]

    def _source(self, typed: str) -> dict[str, Any]:
        if entry := _ENTRY.fullmatch(typed):
            seq = int(entry[1])
            if Entry.objects.filter(hearing=self.hearing.id, seq=seq).exists():
                return {"seq": seq}
            said = _("The record has no entry %(seq)s.")
            raise forms.ValidationError(said % {"seq": seq})
        if named := _STATEMENT.fullmatch(typed):
            return self._statement(named[1].upper(), named[2])
        said = _("“%(typed)s” is neither an entry’s number nor a reference such as HC-ABC-DEF/5.")
        raise forms.ValidationError(said % {"typed": typed})

    def _statement(self, reference: str, number: str | None) -> dict[str, Any]:
        found = Statement.objects.filter(
            hearing_id=self.hearing.id, registration__reference=reference
        ).exclude(release=Statement.Release.EMBARGOED)
        statement = found.first()
        if statement is None:
            said = _("There is no statement of %(reference)s that can be cited now.")
            raise forms.ValidationError(said % {"reference": reference})
        whole = {"statement": statement.id.hex}
        return {**whole, "sentence": int(number) - 1} if number and int(number) else whole

    def sources(self) -> list[dict[str, Any]]:
        """Return the sources kept, then those added, without duplicates."""
        kept = [dict(self.cited[value].source) for value in self.cleaned_data.get("kept", ())]
        found: list[dict[str, Any]] = []
        for source in (*kept, *self.cleaned_data["more"]):
            if source not in found:
                found.append(source)
        return found


class TranslationForm(forms.Form):
    """The translation of a sentence, and the versions on which it is based.

    `state` identifies the text of the original, `revision` that of the earlier translation (0 for
    none).
    """

    text = forms.CharField(
        label=gettext_lazy("Translation"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Enter the translation of the sentence.")},
    )
    addressee = forms.CharField(
        label=gettext_lazy("Who should act"), required=False, max_length=LONGEST_NAME
    )
    state = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, sentence: Sentence | None, language: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if sentence is not None and not sentence.addressee:
            del self.fields["addressee"]
        _mark(self, language)

    def clean_text(self) -> str:
        """Collapse white space and check the length."""
        return one_sentence(self.cleaned_data["text"])


def _mark(form: forms.Form, language: str) -> None:
    """Mark the text fields with the language of the sentence."""
    for name in {"text", "addressee"} & set(form.fields):
        form.fields[name].widget.attrs.update({"lang": language, "dir": direction(language)})


def one_sentence(typed: str) -> str:
    """Return a sentence on one line. Raises `ValidationError` for one that is too long."""
    text = " ".join(typed.split())
    if len(text) > LONGEST:
        said = _("A sentence has at most %(most)d characters; this one has %(n)d.")
        raise forms.ValidationError(said % {"most": LONGEST, "n": len(text)})
    return text


class SectionForm(forms.Form):
    """A section of the summary, by its panel and guiding question."""

    section = forms.ChoiceField(label=gettext_lazy("Section"))

    def __init__(self, summary: Summary, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sections = {
            str(section.pk): section
            for section in summary.sections.select_related("segment", "guiding_question")
        }
        self.fields["section"].choices = _grouped(self.sections)  # type: ignore[attr-defined]

    def chosen(self) -> Section:
        """Return the chosen section."""
        return self.sections[self.cleaned_data["section"]]


class CiteForm(SectionForm):
    """The section in which to cite a sentence of a statement."""

    sentence = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=100_000)


class MoveSentenceForm(SectionForm):
    """The section to which a sentence moves."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


def _grouped(sections: dict[str, Section]) -> list[Any]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for pk, section in sections.items():
        if section.key in {Section.LETTER, Section.MESSAGES, Section.PARTICIPATION}:
            groups.setdefault("", []).append((pk, heading(section, reader_language())))
            continue
        panel = group_title(section)
        question = section.guiding_question
        short = (
            (question.short or question.text) if question else heading(section, reader_language())
        )
        number = f"{question.number}. " if question else ""
        groups.setdefault(panel, []).append((pk, f"{number}{short[:90]}"))
    return [
        item
        for panel, found in groups.items()
        for item in (found if not panel else [(panel, found)])
    ]


def uuid_of(text: str) -> UUID | None:
    """Parse an id from a query string; None if it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
