"""Registrations from a table: each row is handled as a form that a participant submits.

The rules are those of the form and of `registration.actions.submit`. All rows are registered in one
transaction, or none. A dry run does the same and rolls back, so its report is exact. A row that was
registered before is recognized by its content, so an import can be repeated.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.actions import submit
from hemicycle.before.registration.forms import NO, YES, form_for
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.names import search_key
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.record import clock, writer
from hemicycle.site.api import entry_types
from hemicycle.site.api.reading import TableRow
from hemicycle.ui import territories
from hemicycle.ui.languages import listed

_BOTH = ("category", "name", "title", "email", "language", "access_needs", "consents_to_list")
COLUMNS: dict[TrackKind, tuple[str, ...]] = {
    TrackKind.STAKEHOLDERS: (
        *("organization", "organization_language", "other_name", "other_name_language"),
        *("alias", "country", *_BOTH, "gender", "eligibility"),
        *("wishes_to_intervene", "panel", "question"),
    ),
    TrackKind.MISSIONS: ("state", "delegation", "alias", *_BOTH, "rank", "panels"),
}
"""The columns of a table by the kind of track; a column may be left out and is then empty."""

FIELDS = {"panel": "segment", "panels": "segments"}
"""Columns whose field in the form has another name."""

TRUE = frozenset({"yes", "true", "1", "x", "y"})


@dataclass(frozen=True, slots=True)
class RowFault:
    """An error in a row; `column` is empty if it concerns the whole row."""

    row: int
    column: str
    says: str


@dataclass(slots=True)
class ImportResult:
    """The result of an import or a dry run. If there is an error, nothing was imported."""

    rows: int
    again: int = 0
    references: list[str] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def take(
    *, hearing: Hearing, track: Track, rows: list[TableRow], dry_run: bool, actor: writer.Actor
) -> ImportResult:
    """Register every row or none. The record names `actor`, the importer, beside each
    registered person.
    """
    outcome = ImportResult(len(rows))
    facts = facts_of(hearing)
    with transaction.atomic():
        for row in rows:
            _take(facts, track, row, outcome)
        if outcome.references and not outcome.faults:
            with writer.writing(hearing.id, actor=actor) as record:
                record.append(entry_types.IMPORTED, {"count": len(outcome.references)})
        if dry_run or outcome.faults:
            transaction.set_rollback(True)
    return outcome


def _take(facts: Facts, track: Track, row: TableRow, outcome: ImportResult) -> None:
    form = form_for(track.kind)(facts, _filled(facts, track, row.cells), track=track.key)
    if not form.is_valid():
        columns_by_field = {sent: column for column, sent in FIELDS.items()}
        outcome.faults += [
            RowFault(
                row.number, columns_by_field.get(name, name).replace("__all__", ""), str(sentence)
            )
            for name, sentences in form.errors.items()
            for sentence in sentences
        ]
        return
    try:
        with transaction.atomic():
            done = submit(
                facts=facts,
                cleaned=form.cleaned(),
                received_at=clock.now(),
                vouch=Registration.Vouch.SECRETARIAT,
            )
    except RegistrationRefused as refused:
        field = FIELDS.get(refused.field, refused.field)
        outcome.faults.append(RowFault(row.number, field, refused.sentence))
        return
    if done.repeated:
        outcome.again += 1
    else:
        outcome.references.append(done.registration.reference)


def _filled(facts: Facts, track: Track, cells: Mapping[str, str]) -> QueryDict:
    """Return the data that the form would send for a row."""
    data = QueryDict(mutable=True)
    for column in COLUMNS[track.kind]:
        value = cells.get(column, "").strip()
        read = _READERS.get(column)
        data.setlist(FIELDS.get(column, column), read(facts, value) if read else [value])
    if not data.get("language"):
        data["language"] = next(iter(facts.hearing.languages), "en")
    data["form_key"] = _key(facts, track, cells)
    return data


def _key(facts: Facts, track: Track, cells: Mapping[str, str]) -> str:
    content = json.dumps([facts.hearing.id.hex, track.key, sorted(cells.items())])
    return base64.urlsafe_b64encode(sha256(content.encode()).digest()).decode().rstrip("=")


def _category(facts: Facts, value: str) -> list[str]:
    wanted = search_key(value)
    for category in facts.categories:
        if wanted in {search_key(category.key), search_key(category.label)}:
            return [str(category.id)]
    return [value]


def _panels(facts: Facts, value: str) -> list[str]:
    """Return the ids of panels given by number, title or id and separated by semicolons."""
    found = []
    for part in value.split(";"):
        wanted = part.strip()
        known = {
            str(key): str(panel.id)
            for number, panel in enumerate(facts.panels, start=1)
            for key in (number, panel.id, search_key(panel.title))
        }
        found += [known.get(wanted) or known.get(search_key(wanted)) or wanted] if wanted else []
    return found


def _country(facts: Facts, value: str) -> list[str]:
    """Return the code of a country given by its code, by the hearing's name or by a common name."""
    wanted = territories.folded(value)
    for place in facts.hearing.places:
        if wanted in {territories.folded(name) for name in place["names"].values()}:
            return [str(place["code"])]
    return [territories.recognize(value) or value.upper()]


def _state(facts: Facts, value: str) -> list[str]:
    return _country(facts, value) if value else [choices.ANOTHER]


def _yes_no(_facts: Facts, value: str) -> list[str]:
    return [YES if value.casefold() in TRUE else NO]


def _flag(_facts: Facts, value: str) -> list[str]:
    return ["on"] if value.casefold() in TRUE else []


_READERS = {
    "category": _category,
    "country": _country,
    "state": _state,
    "panel": _panels,
    "panels": _panels,
    "wishes_to_intervene": _yes_no,
    "consents_to_list": _flag,
}


def missing_columns(kind: TrackKind, found: set[str]) -> str:
    """Return a sentence about unknown or missing columns, or "" if there are none."""
    known = set(COLUMNS[kind])
    needed = {"category", "name", "email"}
    needed |= {"organization", "country"} if kind == TrackKind.STAKEHOLDERS else set()
    if odd := sorted(found - known):
        says = _("Unknown columns: %(odd)s. Known columns: %(known)s.")
        return says % {"odd": listed(odd), "known": listed(COLUMNS[kind])}
    if lacking := sorted(needed - found):
        return _("Missing columns: %(lacking)s.") % {"lacking": listed(lacking)}
    return ""
