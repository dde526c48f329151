"""The parts in which the office edits a hearing: each a form over some keys of its document."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup import document_mapping, forms
from hemicycle.hearing.setup.document import LAST_SECOND
from hemicycle.hearing.setup.nested_forms import RowForm
from hemicycle.hearing.setup.schema import Document, Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its address, its name, its form, and the keys of the document that it edits."""

    slug: str
    label: str | Promise
    form: type[RowForm]
    keys: tuple[str, ...]

    def filled(self, data: Document) -> RowForm:
        """The form as the document has it."""
        return self.form(prefix=self.slug, initial=_initial(data))

    def posted(self, data: QueryDict) -> RowForm:
        """The form as it was sent."""
        return self.form(data, prefix=self.slug)

    def into(self, data: Document, form: RowForm) -> Document:
        """The document as the form has it; what of the floor other pages edit stays."""
        typed = form.value()
        if "floor" in typed:
            typed["floor"] = {**data["floor"], **typed["floor"]}
        return {**data, **typed}

    def digest(self, data: Document) -> str:
        """What the part's keys say, in short: two tabs that saw the same agree on it."""
        said = repr([_bare(data[key]) for key in self.keys])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def show(self, form: RowForm, problems: list[Problem]) -> list[Problem]:
        """Put each problem at its field; returns those that concern other parts."""
        others = []
        for problem in problems:
            if problem.at and problem.at[0] in self.keys:
                form.place(problem.at, problem.says)
            else:
                others.append(problem)
        return others


OWN_PAGES = frozenset({"retention_days", "witnesses", "witnesses_asked", "places"})
"""Fields of the hearing that other parts edit than the facts."""
WORDS = tuple(name for name in document_mapping.WORDS if name not in OWN_PAGES)
PARTS = (
    Part("facts", _("Facts"), forms.FactsForm, WORDS),
    Part("meetings", _("Meetings and panels"), forms.ProgrammeForm, ("meetings",)),
    Part(
        "registration",
        _("Registration and lists"),
        forms.RegistrationRulesForm,
        (
            "deadlines",
            "categories",
            "registration",
            "statements",
            "merge",
            "balance",
            "retention_days",
        ),
    ),
    Part("floor", _("Rules of the floor"), forms.FloorForm, ("floor",)),
    Part("questions", _("Guiding questions"), forms.QuestionsForm, ("guiding_questions",)),
    Part("witnesses", _("Witnesses"), forms.WitnessesForm, ("witnesses", "witnesses_asked")),
)
BY_SLUG = {part.slug: part for part in PARTS}


def _bare(value: Any) -> Any:
    """The value without translations, which have a page of their own."""
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "translations"}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _initial(data: Document) -> dict[str, Any]:
    """The document as the forms lay it out."""
    merge = data["merge"]
    return {
        **data,
        **data["registration"],
        **data["floor"],
        "mailboxes": [
            {"purpose": purpose, "address": to} for purpose, to in data["mailboxes"].items()
        ],
        "deadlines": [_deadline(deadline) for deadline in data["deadlines"]],
        "guiding_questions": [
            {"number": number, **question}
            for number, question in enumerate(data["guiding_questions"], 1)
        ],
        "late_statements": data["statements"]["late"],
        **{f"statements_{name}": said for name, said in _moment(data["statements"]).items()},
        "merge_kind": merge["kind"],
        "merge_first": merge["tracks"][0] if merge["tracks"] else "",
        "merge_counts": ", ".join(map(str, merge["counts"])),
        "balance_attribute": data["balance"]["attribute"],
        "balance_bound": data["balance"]["bound"],
        "balance_shares": ", ".join(
            f"{group} {share}" for group, share in sorted(data["balance"]["shares"].items())
        ),
    }


def _deadline(deadline: dict[str, Any]) -> dict[str, Any]:
    return {"track": deadline["track"], **_moment(deadline)}


def _moment(rules: dict[str, Any]) -> dict[str, Any]:
    closes = rules["closes"]
    whole_day = closes is None or closes.time() == LAST_SECOND
    return {"day": closes and closes.date(), "time": None if whole_day else closes.time()}
