"""The numbered references of the document: one number for each statement and entry cited.

Statements are numbered by panel and arrival, and entries of the record after them. More than `MANY`
sources together are cited by one number, whose note lists them. All words are in the active
language, which is the document's.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hemicycle.before.statements.models import Statement
from hemicycle.documents import writing as paper
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.public_names import describe_entries
from hemicycle.outcome.summary.sources import StatementText, name_of
from hemicycle.procedure.clock import m_ss
from hemicycle.procedure.events import FloorEnded
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.ui import times
from hemicycle.ui.languages import apart, language_name

MANY = 10
STATES: dict[Statement.Release, Promise] = {
    Statement.Release.DELIVERED: pgettext_lazy("a statement", "delivered"),
    Statement.Release.NOT_REACHED: pgettext_lazy("a statement", "not delivered for lack of time"),
    Statement.Release.WRITTEN: pgettext_lazy("a statement", "sent in writing"),
    Statement.Release.EMBARGOED: pgettext_lazy("a statement", "not delivered"),
}
LONG_STATES: dict[Statement.Release, Promise] = {
    Statement.Release.DELIVERED: gettext_lazy("statement delivered"),
    Statement.Release.NOT_REACHED: gettext_lazy("statement not delivered for lack of time"),
    Statement.Release.WRITTEN: gettext_lazy("statement sent in writing"),
    Statement.Release.EMBARGOED: gettext_lazy("statement not delivered"),
}
_TOGETHER = "="


class ReferenceNumbers:
    """Assigns one number to each statement and each entry.

    `cited` are all sources of the document. A source that is not among them gets the next number
    when it is first cited.
    """

    def __init__(
        self, cited: Iterable[Mapping[str, object]], texts: Mapping[str, StatementText]
    ) -> None:
        self.texts = texts
        arrived = {id: place for place, id in enumerate(texts)}
        keys = dict.fromkeys(_key(source) for source in cited)
        ordered = sorted(keys, key=lambda key: _place(key, texts, arrived))
        self.of = {key: number for number, key in enumerate(ordered, start=1)}

    def cite(self, sources: Iterable[Mapping[str, object]]) -> tuple[int, ...]:
        """Return the numbers of the sources, or one number for more than `MANY` of them."""
        numbers = tuple(self._number(_key(source)) for source in sources)
        numbers = tuple(dict.fromkeys(numbers))
        if len(numbers) <= MANY:
            return numbers
        return (self._number(f"{_TOGETHER}{self._spelled(set(numbers))}"),)

    def _number(self, key: str) -> int:
        return self.of.setdefault(key, len(self.of) + 1)

    def heading(self, key: str) -> str:
        """Return the heading above a source in the list."""
        if key.startswith(_TOGETHER):
            return _("Several of them together")
        return _("Entries of the record") if key.startswith("#") else _panel(self.texts.get(key))

    def grouped(self) -> list[tuple[str, list[str]]]:
        """Return the headings of the list with their keys, in the order of numbers."""
        return [(name, list(keys)) for name, keys in groupby(self.of, self.heading)]

    def _spelled(self, numbers: set[int]) -> str:
        """Return numbers as a list in words: "1–40 except 7; 52, 53"."""
        told = []
        for _heading, keys in self.grouped():
            group = {self.of[key] for key in keys}
            if inside := group & numbers:
                told.append(_shorter(inside, group))
        return "; ".join(told)


def _shorter(inside: set[int], group: set[int]) -> str:
    outside = group - inside
    plain, others = _ranges(inside), _ranges(outside)
    if not outside:
        return plain
    whole = _("%(all)s except %(some)s") % {"all": _ranges(group), "some": others}
    return whole if len(whole) < len(plain) else plain


def _ranges(numbers: Iterable[int]) -> str:
    return ", ".join("–".join(map(str, ends)) for ends in paper.ranges(tuple(numbers)))


type _Place = tuple[int, str, int]


def _place(key: str, texts: Mapping[str, StatementText], arrived: Mapping[str, int]) -> _Place:
    """Return a sort key: statements by panel (none last) and arrival, and entries after them."""
    if key.startswith("#"):
        return 2, "", int(key[1:])
    statement = texts.get(key)
    place = statement.statement.inscription if statement else None
    when = place.segment.starts_at.isoformat() if place else ""
    return (0 if place else 1), when, arrived.get(key, len(arrived))


def _panel(statement: StatementText | None) -> str:
    place = statement.statement.inscription if statement else None
    if place is None:
        return _("Contributions in writing")
    return _("Statements, %(panel)s") % {"panel": place.segment.title}


def _key(source: Mapping[str, object]) -> str:
    return f"#{source['seq']}" if "seq" in source else str(source["statement"])


def notes(
    hearing: Hearing, numbers: ReferenceNumbers, *, short: bool = False
) -> list[paper.SourceNote]:
    """Return the note of each number.

    `short` notes leave out the words of the headings in `ReferenceNumbers.grouped`.
    """
    seqs = [int(key[1:]) for key in numbers.of if key.startswith("#")]
    rows = list(Entry.objects.filter(hearing=hearing.id, seq__in=seqs))
    said, zone = describe_entries(rows), zone_of(hearing)
    entries = {f"#{row.seq}": _entry(row, said[row.seq], zone, short) for row in rows}
    return [
        paper.SourceNote(number, entries.get(key) or _other(key, numbers.texts, short))
        for key, number in numbers.of.items()
    ]


def _entry(entry: Entry, said: str, zone: ZoneInfo, short: bool) -> str:
    at = clock.from_ms(entry.at).astimezone(zone)
    if entry.kind == FloorEnded.KIND:
        seconds = round(entry.fields()["used_ms"] / 1000)
        said = _("%(said)s after %(time)s.") % {"said": said.rstrip(".。"), "time": m_ss(seconds)}
    when = times.joined(times.words(at, "date"), times.words(at, "seconds"))
    told = {"seq": entry.seq, "when": when, "said": said}
    if short:
        return _("Entry %(seq)s, %(when)s. %(said)s") % told
    return _("Record, entry %(seq)s, %(when)s. %(said)s") % told


def _other(key: str, texts: Mapping[str, StatementText], short: bool) -> str:
    if key.startswith(_TOGETHER):
        which = {"which": key.removeprefix(_TOGETHER)}
        return (
            _("Sources %(which)s.") % which
            if short
            else _("The sources %(which)s together.") % which
        )
    return _statement(texts.get(key), short)


def _statement(statement: StatementText | None, short: bool) -> str:
    if statement is None:
        return _("A statement that was withdrawn.")
    place = statement.statement.inscription
    became = Statement.Release(statement.statement.release)
    parts = [str((STATES if short else LONG_STATES)[became])]
    if title := statement.title_in_public:
        # Translators: the title of a statement in a list of sources, in your quotation marks.
        parts.insert(0, _("“%(title)s”") % {"title": apart(title)})
    if place and not short:
        parts.append(apart(place.segment.title))
    if not statement.language.startswith(times.language().partition("-")[0]):
        parts.append(_("in %(language)s") % {"language": language_name(statement.language)})
    said = apart(name_of(statement.statement))
    for part in parts:
        # Translators: a source in a list: "Estmere, statement delivered, in French."
        said = _("%(source)s, %(more)s") % {"source": said, "more": part}
    return _("%(source)s.") % {"source": said}


def zone_of(hearing: Hearing) -> ZoneInfo:
    """Return the hearing's time zone; UTC if it has none."""
    return ZoneInfo(hearing.time_zone or "UTC")
