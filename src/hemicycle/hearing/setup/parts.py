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
from hemicycle.hearing.setup.tracks import MOST_TRACKS, default_tracks, tracks_of


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its address, its label, its form, and the keys of the document that it edits."""

    slug: str
    label: str | Promise
    form: type[RowForm]
    keys: tuple[str, ...]

    def filled(self, data: Document) -> RowForm:
        """Return the form with the values of the document."""
        return self.form(prefix=self.slug, initial=_initial(data), offers=_offers(data))

    def posted(self, data: QueryDict, document: Document) -> RowForm:
        """Return the form as it was sent; tracks that were typed in it are choices, too."""
        offers = _offers(document)
        count = f"{self.slug}-tracks-count"
        typed = [
            data.get(f"{self.slug}-tracks-{number}-key", "").strip()
            for number in range(min(MOST_TRACKS, _whole(data.get(count, ""))))
        ]
        known = {key for key, _label in offers["tracks"]}
        offers["tracks"] += [(key, key) for key in dict.fromkeys(typed) if key and key not in known]
        return self.form(data, prefix=self.slug, offers=offers)

    def into(self, data: Document, form: RowForm) -> Document:
        """Return the document with the form's values; other rules of the floor are unchanged."""
        typed = form.value()
        if "floor" in typed:
            typed["floor"] = {**data["floor"], **typed["floor"]}
        if "merge" in typed and _same_order(data, typed):
            typed["merge"]["tracks"] = data["merge"]["tracks"]
        return {**data, **typed}

    def digest(self, data: Document) -> str:
        """Return a digest of the part's keys, by which a change in another tab is noticed."""
        said = repr([_bare(data[key]) for key in self.keys])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def show(self, form: RowForm, problems: list[Problem]) -> list[Problem]:
        """Show each problem at its field; return the problems of other parts."""
        others = []
        for problem in problems:
            if problem.at and problem.at[0] in self.keys:
                form.place(problem.at, problem.says)
            else:
                others.append(problem)
        return others


OWN_PAGES = frozenset({"retention_days", "witnesses", "witnesses_asked", "places"})
"""Fields of the hearing that the part *facts* does not edit."""
WORDS = tuple(name for name in document_mapping.WORDS if name not in OWN_PAGES)
PARTS = (
    Part("facts", _("Facts"), forms.FactsForm, WORDS),
    Part("meetings", _("Meetings and panels"), forms.ProgrammeForm, ("meetings",)),
    Part(
        "registration",
        _("Registration and lists"),
        forms.RegistrationRulesForm,
        (
            "tracks",
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
    """Return the value without translations, which are edited on a page of their own."""
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "translations"}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _same_order(data: Document, typed: Document) -> bool:
    """Whether the tracks and the first of them are unchanged: then the rule keeps its order."""
    before, now = ([row["key"] for row in said["tracks"]] for said in (data, typed))
    return before == now and data["merge"]["tracks"][:1] == typed["merge"]["tracks"][:1]


def _whole(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


def _offers(data: Document) -> dict[str, Any]:
    """Return the hearing's choices for fields of its forms."""
    tracks = tracks_of(data["tracks"] or default_tracks())
    named = [tag for track in tracks for tag in track.names]
    return {
        "tracks": [(track.key, track.label) for track in tracks],
        "languages": list(dict.fromkeys([*(data["languages"] or ["en"]), *named])),
    }


def _by_key(numbers: dict[str, int]) -> str:
    return ", ".join(f"{key} {number}" for key, number in sorted(numbers.items()))


def _track(track: dict[str, Any], number: int) -> dict[str, Any]:
    names = {f"name_{tag}": name for tag, name in track["names"].items()}
    return {**track, **names, "number": number}


def _meeting(meeting: dict[str, Any]) -> dict[str, Any]:
    segments = [
        {**row, "places_by_track": _by_key(row["places_by_track"])} for row in meeting["segments"]
    ]
    return {**meeting, "segments": segments}


def _initial(data: Document) -> dict[str, Any]:
    """Return the document in the structure of the forms."""
    merge = data["merge"]
    return {
        **data,
        **data["registration"],
        **data["floor"],
        "mailboxes": [
            {"purpose": purpose, "address": to} for purpose, to in data["mailboxes"].items()
        ],
        "meetings": [_meeting(meeting) for meeting in data["meetings"]],
        "tracks": [
            _track(track, number)
            for number, track in enumerate(data["tracks"] or default_tracks(), 1)
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
        "balance_shares": _by_key(data["balance"]["shares"]),
    }


def _deadline(deadline: dict[str, Any]) -> dict[str, Any]:
    return {"track": deadline["track"], **_moment(deadline)}


def _moment(rules: dict[str, Any]) -> dict[str, Any]:
    closes = rules["closes"]
    whole_day = closes is None or closes.time() == LAST_SECOND
    return {"day": closes and closes.date(), "time": None if whole_day else closes.time()}
