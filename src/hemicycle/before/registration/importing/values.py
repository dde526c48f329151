"""Cells as people write them, in six languages: countries, panels, yes and no, dates."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from hemicycle.before.registration import choices
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.forms import NO, YES
from hemicycle.before.registration.importing import columns as c
from hemicycle.before.registration.importing.row_forms import row_form_for
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.tracks import Track
from hemicycle.ui import territories
from hemicycle.ui.languages import OFFICIAL, base, is_spoken, name_in, own_name
from hemicycle.ui.words import spellings

DAY, MONTH = "day", "month"
"""Which comes first in a date that does not begin with its year."""

_WORDS: Mapping[str, str] = {
    "yes": "yes y x true 1 ✓ ✔ oui o vrai sí si s verdadero да д نعم صح 是 有 对",
    "no": "no n false 0 - non faux falso нет н لا خطأ 否 无 不",
    Registration.Gender.WOMAN: """f female w ms mrs femme féminin mujer femenino ж женский женщина
        أنثى امرأة 女""",
    Registration.Gender.MAN: """m male mr homme masculin hombre masculino м мужской мужчина ذكر رجل
        男""",
}
"""What people write for yes, no and a gender, besides the labels."""
_PANELS = (
    "panel",
    "table ronde",
    "mesa redonda",
    "session",
    "дискуссия",
    "حلقة النقاش",
    "专题讨论",
)
_TEXTS: Mapping[str, tuple[str, ...]] = {
    TrackKind.MISSIONS: (),
    TrackKind.STAKEHOLDERS: (c.ORGANIZATION, c.ELIGIBILITY),
}
_COLUMNS = {
    "state": c.DELEGATION,
    "segment": c.PANEL,
    "segments": c.PANEL,
    "wishes_to_intervene": c.PANEL,
}
"""The columns of form fields that have other names."""
_PLACE = re.compile(r"\s*\(\d+\)\s*$")
_DATE = re.compile(
    r"\D*(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})(?:\D+(\d{1,2})[:.h](\d{2})(?:[:.]\d{2}\S*)?)?"
    r"\s*(am|pm|a\.m\.|p\.m\.)?\D*$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────
def order_of(texts: Iterable[str]) -> str:
    """Return `DAY` or `MONTH`, the order that all dates allow; "" if they allow both or neither.

    Dates that begin with the year are ignored.
    """
    first, second = 0, 0
    for text in texts:
        if (found := _DATE.match(text)) and len(found[1]) < 3:
            first, second = max(first, int(found[1])), max(second, int(found[2]))
    if first > 12 >= second:
        return DAY
    return MONTH if second > 12 >= first else ""


def moment(text: str, order: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment in a cell, in the hearing's zone; None if it cannot be read."""
    found = _COMPACT.match(text) or _DATE.match(text)
    if found is None:
        return None
    parts = [int(part) for part in found.groups()[:3]]
    if len(found[1]) == 4:
        year, month, day = parts
    elif order == MONTH:
        month, day, year = parts
    else:
        day, month, year = parts
    year += 2000 if year < 100 else 0
    hour, minute = 0, 0
    if found.re is _DATE and found[4]:
        hour, minute = int(found[4]), int(found[5])
        half = (found[6] or "").replace(".", "").lower()
        hour = hour % 12 + 12 * (half == "pm") if half else hour
    try:
        return datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError:
        return None


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────
class CellRefused(ValueError):
    """A cell has no valid value for its field; `sentence` says so."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Options:
    """What an officer chooses for all rows of a table."""

    track: str
    category: str = ""
    language: str = ""
    dates: str = ""
    late_reason: str = ""
    encoding: str = ""


@dataclass
class ReadRow:
    """A row as its form has read it: the validated data, or sentences about what is wrong."""

    number: int
    cleaned: Cleaned | None
    problems: list[str] = field(default_factory=list)


@dataclass
class RowReader:
    """Reads the rows of one table as its hearing's form for one person would."""

    facts: Facts
    options: Options
    head: Sequence[str]
    columns: Mapping[str, int]

    @cached_property
    def track(self) -> Track:
        """The track of all rows. Raises `LookupError` if it no longer exists."""
        found = self.facts.hearing.track(self.options.track)
        if found is None:
            raise LookupError(self.options.track)
        return found

    def cell(self, cells: Sequence[str], name: str) -> str:
        """Return what a row says in a field; "" if the table has no column for it."""
        place = self.columns.get(name, -1)
        return cells[place] if 0 <= place < len(cells) else ""

    def moment(self, cells: Sequence[str]) -> datetime:
        """Return when a row was received; rows that do not say it come last."""
        zone = ZoneInfo(self.facts.hearing.time_zone)
        found = moment(self.cell(cells, c.RECEIVED), self.options.dates, zone)
        return found or datetime.max.replace(tzinfo=UTC) - timedelta(days=2)

    def read(self, number: int, cells: Sequence[str], form_key: str) -> ReadRow:
        """Read a row. `form_key` makes entering it twice the same as entering it once."""
        problems: dict[str, str] = {}
        data = {"form_key": form_key, "track": self.track.key}
        for filled in self._filled(cells, problems):
            data |= filled
        form = row_form_for(TrackKind(self.track.kind))(self.facts, data, track=self.track.key)
        if form.is_valid() and not problems:
            return ReadRow(number, self._for_reader(form.cleaned()))
        for name, errors in form.errors.items():
            column = _COLUMNS.get(name, name)
            problems.setdefault(column, " ".join(map(str, errors)))
        said = [self._sentence(number, name, why) for name, why in problems.items()]
        return ReadRow(number, None, said)

    def _sentence(self, number: int, name: str, why: str) -> str:
        other = c.FAMILY_NAME if name == c.NAME else name
        place = self.columns.get(name, self.columns.get(other, -1))
        if 0 <= place < len(self.head):
            return _named(number, self.head[place], why)
        return (
            _named(number, c.LABELS[name], why) if name in c.LABELS else row_sentence(number, why)
        )

    def _for_reader(self, cleaned: Cleaned) -> Cleaned:
        """Set the language of letters to that of the row, if Hemicycle is translated into it."""
        if not is_spoken(cleaned.language):
            return cleaned
        return replace(cleaned, interface_language=cleaned.language)

    def _filled(self, cells: Sequence[str], problems: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Yield the fields of the form that the cells fill, and note what cannot be read."""
        readers = {
            c.CATEGORY: self._category,
            c.LANGUAGE: self._language,
            c.ON_LIST: self._on_list,
            c.RECEIVED: self._received,
            c.PANEL: self._panels,
            **(
                {c.DELEGATION: self._delegation, c.RANK: self._rank}
                if self.track.kind == TrackKind.MISSIONS
                else {c.COUNTRY: self._country, c.GENDER: self._gender}
            ),
        }
        for name, read in readers.items():
            try:
                yield read(self.cell(cells, name))
            except CellRefused as refused:
                problems[name] = refused.sentence
        parts = (self.cell(cells, name) for name in (c.NAME, c.GIVEN_NAME, c.FAMILY_NAME))
        yield {c.NAME: " ".join(filter(None, parts))}
        for name in (c.TITLE, c.EMAIL, c.CONTACT_EMAIL, c.ACCESS_NEEDS, *_TEXTS[self.track.kind]):
            yield {name: self.cell(cells, name)}

    # Each returns the fields of the form that its cell fills.
    def _category(self, said: str) -> dict[str, Any]:
        if not said:
            return {"category": self.options.category}
        return {"category": _one(said, self._categories)}

    def _language(self, said: str) -> dict[str, Any]:
        found = _one(said, self._languages) if said else self.options.language
        return {"language": found}

    def _on_list(self, said: str) -> dict[str, Any]:
        key = said.casefold().strip()
        if key in _WORDS["yes"].split():
            return {"consents_to_list": "on"}
        if key and key not in _WORDS["no"].split():
            raise CellRefused(_("“%(said)s” is neither yes nor no.") % {"said": said[:80]})
        return {}

    def _received(self, said: str) -> dict[str, Any]:
        zone = ZoneInfo(self.facts.hearing.time_zone)
        if said and moment(said, self.options.dates, zone) is None:
            raise CellRefused(
                _("“%(said)s” is not a date that we can read. Write it as 2025-03-14.")
                % {"said": said[:80]}
            )
        return {}

    def _panels(self, said: str) -> dict[str, Any]:
        if not self.facts.has_list:
            return {}
        whole = c.folded(said)
        parts = [said] if whole in self._panel_keys else re.split(r"[;,\n+&/]", said)
        found = [_one(_bare(part), self._panel_keys) for part in parts if part.strip()]
        if self.track.kind == TrackKind.MISSIONS:
            return {"segments": found}
        if len(found) > 1:
            raise CellRefused(_("A person can ask for the floor in one panel only."))
        speaks = {"wishes_to_intervene": YES, "segment": found[0]} if found else {}
        return speaks or {"wishes_to_intervene": NO}

    def _delegation(self, said: str) -> dict[str, Any]:
        code = _territory(said)
        if code in territories.MEMBERS:
            return {"state": code}
        return {"state": choices.ANOTHER if said else "", "delegation": said}

    def _rank(self, said: str) -> dict[str, Any]:
        return {"rank": _one(said, self._ranks) if said else "7"}

    def _country(self, said: str) -> dict[str, Any]:
        code = _territory(said)
        if said and code not in self.facts.hearing.place_names:
            raise CellRefused(_unknown(said))
        return {"country": code}

    def _gender(self, said: str) -> dict[str, Any]:
        return {"gender": _one(said, self._genders) if said else ""}

    # The values that each column accepts.
    @cached_property
    def _categories(self) -> Mapping[str, str]:
        return {
            c.folded(said): str(category.id)
            for category in reversed(self.facts.categories_of(self.track.key))
            for said in (category.key, *spellings(category.label))
        }

    @cached_property
    def _panel_keys(self) -> Mapping[str, str]:
        found = {}
        for panel in reversed(self.facts.panels):
            number = str(self.facts.panel_number(panel))
            counted = [f"{word} {number}" for word in _PANELS]
            for said in (number, *counted, *spellings(panel.title)):
                found[c.folded(said)] = str(panel.id)
        return found

    @cached_property
    def _languages(self) -> Mapping[str, str]:
        tags = tuple(self.facts.hearing.languages or ("en",))
        found = {}
        for tag in reversed([str(tag) for tag, _label in choices.languages(tags)]):
            names = (name_in(tag, language) for language in OFFICIAL)
            for said in (tag, base(tag), own_name(tag), *names):
                found[c.folded(said)] = tag
        return found

    @cached_property
    def _genders(self) -> Mapping[str, str]:
        found = {}
        for value, label in Registration.Gender.choices:
            more = _WORDS.get(value, "").split()
            for said in (value, *c.in_all_languages(label), *more):
                found[c.folded(said)] = value
        return found

    @cached_property
    def _ranks(self) -> Mapping[str, str]:
        return {
            c.folded(said): str(value)
            for value, label in choices.RANKS
            for said in (str(value), *c.in_all_languages(label))
        }


def _bare(part: str) -> str:
    """Return a panel without the place that our own export writes after it."""
    return _PLACE.sub("", part)


def _one(said: str, known: Mapping[str, str]) -> str:
    """Return what a cell means. Raises `CellRefused` if it is unknown."""
    found = known.get(c.folded(said))
    if found is None:
        raise CellRefused(_unknown(said))
    return found


def _unknown(said: str) -> str:
    return _("“%(said)s” is not one of the choices here.") % {"said": said[:80]}


def _territory(said: str) -> str:
    return territories.recognize(said) or (
        territories.recognize(said.upper()) if len(said) in {2, 3} else ""
    )


def _named(number: int, column: object, why: str) -> str:
    return _("Row %(row)s, “%(column)s”: %(why)s") % {"row": number, "column": column, "why": why}


def row_sentence(number: int, why: str) -> str:
    """Return a sentence with the number of the row that it is about."""
    return _("Row %(row)s: %(why)s") % {"row": number, "why": why}
