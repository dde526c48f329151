"""Forms for participants' questions, and for the secretariat's work on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.before.questions.actions import LONGEST, LONGEST_REASON
from hemicycle.before.registration.demand import panellists
from hemicycle.before.registration.fields import LineField, MultilineField
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.setup.models import GuidingQuestion, Hearing, PanelMember, Segment

KEPT = "kept"
"""The choice that leaves every one of many questions with its panel."""
ANY = "any"
"""The value of choices that name no row: any panel, the whole panel, no guiding question."""


@dataclass(frozen=True)
class SortingOptions:
    """Where a question can be sorted: panels with their panellists, and guiding questions."""

    panels: Sequence[Segment]
    guiding: Sequence[GuidingQuestion]

    @classmethod
    def of(cls, hearing: Hearing) -> "SortingOptions":
        """Return the options of a hearing, in three queries."""
        return cls(list(panel_rules.panels(hearing)), list(hearing.guiding_questions.all()))

    def panel(self, pk: str) -> Segment | None:
        """Return the panel with that id; None for any panel."""
        return next((panel for panel in self.panels if str(panel.pk) == pk), None)

    def guiding_question(self, pk: str) -> GuidingQuestion | None:
        """Return the guiding question with that id; None if there is none."""
        return next((question for question in self.guiding if str(question.pk) == pk), None)

    def panellist(self, pk: str) -> PanelMember | None:
        """Return the panellist with that id; None for the whole panel."""
        members = (panellist for panel in self.panels for panellist in panellists(panel))
        return next((member for member in members if str(member.pk) == pk), None)


class KeyedRadioSelect(forms.RadioSelect):
    """Radio buttons that can be selected with the digits, the first with 0."""

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return an option with its key."""
        option = super().create_option(*args, **options)
        index = int(option["index"])
        if index <= 9:
            option["attrs"]["data-key"] = str(index)
        return option


class SortForm(forms.Form):
    """Where one question belongs, or why it is set aside."""

    conditional: ClassVar = frozenset({"reason"})

    guiding_question = forms.ChoiceField(
        label=_("Under which guiding question?"), widget=KeyedRadioSelect
    )
    segment = forms.ChoiceField(label=_("For which panel?"))
    to = forms.ChoiceField(label=_("To whom?"))
    reason = LineField(
        label=_("Why it is set aside"),
        most=LONGEST_REASON,
        required=False,
        help_text=_(
            "Required only to set the question aside. The person who asked it can read the reason."
        ),
    )

    def __init__(self, choices: SortingOptions, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices = choices
        guiding = [
            (str(question.pk), f"{question.number}. {_short(question)}")
            for question in choices.guiding
        ]
        panels = [(str(panel.pk), panel.title) for panel in choices.panels]
        members = [(panel.title, _members(panel)) for panel in choices.panels]
        _choose(self, "guiding_question", [(ANY, _("none of them")), *guiding])
        _choose(self, "segment", [(ANY, _("any panel")), *panels])
        _choose(self, "to", [(ANY, _("the whole panel")), *members])

    def chosen(self) -> dict[str, Any]:
        """Return the content of a valid form, as `actions.sort` takes it."""
        data = self.cleaned_data
        return {
            "guiding_question": self.choices.guiding_question(data["guiding_question"]),
            "segment": self.choices.panel(data["segment"]),
            "to": self.choices.panellist(data["to"]),
        }


class BulkForm(forms.Form):
    """Where many questions belong, or why they are set aside."""

    conditional: ClassVar = frozenset({"reason"})

    guiding_question = forms.ChoiceField(label=_("Guiding question"))
    segment = forms.ChoiceField(label=_("Panel"))
    reason = LineField(label=_("Reason"), most=LONGEST_REASON, required=False)

    def __init__(self, choices: SortingOptions, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices = choices
        guiding = [
            (str(question.pk), f"{question.number}. {_short(question)}")
            for question in choices.guiding
        ]
        panels = [(str(panel.pk), panel.title) for panel in choices.panels]
        kept = (KEPT, _("the panel it was put to"))
        _choose(self, "guiding_question", [(ANY, _("no guiding question")), *guiding])
        _choose(self, "segment", [kept, *panels, (ANY, _("any panel"))])


class PutForm(forms.Form):
    """A participant's question."""

    text = MultilineField(
        label=_("Your question"),
        most=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your question first.")},
    )
    segment = forms.ChoiceField(label=_("For which panel?"))

    def __init__(self, panels: Sequence[Segment], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._panels = {str(panel.pk): panel for panel in panels}
        named = [(pk, panel.title) for pk, panel in self._panels.items()]
        _choose(self, "segment", [(ANY, _("any panel")), *named])

    def panel(self) -> Segment | None:
        """Return the chosen panel; None for any panel."""
        return self._panels.get(self.cleaned_data["segment"])


def chosen_ids(values: Sequence[str]) -> list[UUID]:
    """Return the valid ids among the values that a page's checkboxes sent."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _short(question: GuidingQuestion) -> str:
    return question.short or question.text


def _members(panel: Segment) -> list[tuple[str, str]]:
    return [(str(panellist.pk), panellist.public.name) for panellist in panellists(panel)]


def _choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices
