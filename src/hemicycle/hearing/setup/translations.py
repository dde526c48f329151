"""The translations of a hearing's texts: carried over between documents, listed, and saved.

A text is `outdated` in a language if its original was changed after it was translated. It is still
shown, because it serves a reader better than another language, until a person confirms it or
translates it again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hemicycle.hearing.setup import signals
from hemicycle.hearing.setup.models import (
    Category,
    GuidingQuestion,
    Hearing,
    Meeting,
    PanelMember,
    Segment,
)
from hemicycle.hearing.setup.schema import Document
from hemicycle.record import writer
from hemicycle.record.writer import Actor
from hemicycle.ui.words import OUTDATED, Translated, best, original, speaks, tidy

# ── Documents ─────────────────────────────────────────────────────────────────────────────────

type Row = dict[str, Any]
type Same = Callable[[Row], object]


def carried(before: Document, wanted: Document) -> Document:
    """Copy translations into tables of `wanted` without any, from the tables that they follow.

    Translations whose original has changed are marked as outdated, unless `wanted` has new ones.
    The result is `wanted`.
    """
    for old, new in _pairs_of(before, wanted):
        new["translations"] = _followed(old, new, wanted["original_language"])
    return wanted


def _pairs_of(before: Document, wanted: Document) -> Iterator[tuple[Row, Row]]:
    yield before, wanted
    yield from _paired(before["categories"], wanted["categories"], _by("key"), _by("label"))
    yield from _paired(
        before["guiding_questions"], wanted["guiding_questions"], _by("text"), _in_order
    )
    yield from _paired(before["meetings"], wanted["meetings"], _by("title"), _in_order)
    segments = _paired(_segments(before), _segments(wanted), _by("kind", "title"), _by("kind"))
    for old, new in segments:
        yield old, new
        yield from _paired(old["members"], new["members"], _by("role", "name"), _in_order)


def _segments(document: Document) -> list[Row]:
    return [segment for meeting in document["meetings"] for segment in meeting["segments"]]


def _by(*names: str) -> Same:
    return lambda row: tuple(row[name] for name in names)


def _in_order(row: Row) -> object:
    return None


def _paired(old: Sequence[Row], new: Sequence[Row], *rules: Same) -> list[tuple[Row, Row]]:
    """Pair rows as `document_mapping` does: first by the first rule, then by the others."""
    free, waiting = list(old), list(new)
    found = []
    for same in rules:
        for row in list(waiting):
            match = next((other for other in free if same(other) == same(row)), None)
            if match is not None:
                free.remove(match)
                waiting.remove(row)
                found.append((match, row))
    return found


def _followed(old: Row, new: Row, language: str) -> dict[str, Any]:
    had = old["translations"]
    found = {}
    for tag, texts in (new["translations"] or had).items():
        changed = {
            name
            for name, text in texts.items()
            if name != OUTDATED and old[name] != new[name] and had.get(tag, {}).get(name) == text
        }
        found[tag] = {**texts, OUTDATED: sorted({*texts.get(OUTDATED, ()), *changed})}
    # A text in the original language is no longer a translation.
    return tidy({tag: texts for tag, texts in found.items() if not speaks(tag, language)})


# ── Rows ──────────────────────────────────────────────────────────────────────────────────────

LABELS: dict[tuple[type[Translated], str], str | Promise] = {
    (Hearing, "title"): gettext_lazy("Title"),
    (Hearing, "short_title"): gettext_lazy("Short title"),
    (Hearing, "theme"): gettext_lazy("Theme"),
    (Hearing, "objective"): gettext_lazy("Objective"),
    (Hearing, "format"): gettext_lazy("Format"),
    (Hearing, "outcome"): gettext_lazy("Outcome"),
    (Hearing, "convener"): gettext_lazy("Convener"),
    (Hearing, "venue"): gettext_lazy("Venue"),
    (Hearing, "platform"): gettext_lazy("Platform"),
    (Hearing, "webcast"): gettext_lazy("Webcast"),
    (Meeting, "title"): gettext_lazy("Title of the meeting"),
    (Segment, "title"): gettext_lazy("Title of the segment"),
    (Segment, "description"): gettext_lazy("Description"),
    (PanelMember, "title"): gettext_lazy("Title or function"),
    (PanelMember, "topic"): gettext_lazy("Topic"),
    (GuidingQuestion, "text"): gettext_lazy("Question"),
    (GuidingQuestion, "short"): gettext_lazy("In short"),
    (Category, "label"): pgettext_lazy("of a category", "Name"),
    (Category, "eligibility"): gettext_lazy("Who belongs here"),
    (Category, "evidence"): gettext_lazy("Evidence asked for"),
}
PREFIXES: dict[type[Translated], str] = {
    Hearing: "hearing",
    Meeting: "meeting",
    Segment: "segment",
    PanelMember: "member",
    GuidingQuestion: "question",
    Category: "category",
}


@dataclass(frozen=True, slots=True)
class HearingText:
    """One text of the hearing. `key` does not change while its row exists."""

    key: str
    row: Translated
    name: str
    about: str

    @property
    def original(self) -> str:
        """The text in its original language."""
        return original(str(getattr(self.row, self.name)))

    @property
    def label(self) -> str:
        """The name of the text in the office."""
        return str(LABELS[type(self.row), self.name])

    @property
    def limit(self) -> int:
        """The most characters that it may have."""
        limits = {"description": 4000, "theme": 4000, "eligibility": 2000, "text": 2000}
        longest = self.row._meta.get_field(self.name).max_length  # type: ignore[union-attr]  # noqa: SLF001
        return longest or limits.get(self.name, 8000)

    @property
    def hides(self) -> bool:
        """Whether it may name a protected person."""
        if isinstance(self.row, Segment):
            named = any(member.alias for member in self.row.members.all())
            return self.name == "description" and named
        return isinstance(self.row, PanelMember) and bool(self.row.alias)

    def texts(self, tag: str) -> Mapping[str, Any]:
        """Return the translations of the row into a language."""
        found: Mapping[str, Any] = self.row.translations.get(tag, {})
        return found

    def text(self, tag: str) -> str:
        """Return the translation into a language; "" if it is missing."""
        return str(self.texts(tag).get(self.name, ""))

    def is_outdated(self, tag: str) -> bool:
        """Whether the original was changed after it was translated."""
        return self.name in self.texts(tag).get(OUTDATED, ())


def entries(hearing: Hearing) -> list[HearingText]:
    """Return all texts that are not empty, in the order of the programme.

    The title of a person with an alias is left out, because it is never shown.
    """
    found = list(_of(hearing, _("The hearing")))
    meetings = hearing.meetings.prefetch_related("segments__members")
    for meeting in meetings:
        found += _of(meeting, meeting.title or _("Meeting"))
        for segment in meeting.segments.all():
            found += _of(segment, segment.title)
            for member in segment.members.all():
                found += _of(member, f"{segment.title}: {member.public.name}")
    for question in hearing.guiding_questions.all():
        found += _of(question, _("Guiding question %(number)d") % {"number": question.number})
    for category in hearing.categories.all():
        found += _of(category, _("Category: %(name)s") % {"name": category.label})
    return found


def _of(row: Translated, about: str) -> Iterator[HearingText]:
    is_hidden = isinstance(row, PanelMember) and bool(row.alias)
    for name in row.words():
        if not (is_hidden and name == "title") and original(getattr(row, name)):
            yield HearingText(f"{PREFIXES[type(row)]}.{row.pk.hex}.{name}", row, name, about)


def targets(hearing: Hearing, listed: Iterable[HearingText]) -> list[str]:
    """Return the languages to translate into: the hearing's, and those of existing translations."""
    tags = [*hearing.languages, *(tag for entry in listed for tag in entry.row.translations)]
    found: list[str] = []
    for tag in tags:
        if not speaks(tag, hearing.original_language) and not best(tag, found):
            found.append(tag)
    return found


@dataclass(frozen=True, slots=True)
class TranslationProgress:
    """The progress of the translation into one language, in texts."""

    tag: str
    all: int
    missing: int
    outdated: int

    @property
    def done(self) -> int:
        """The number of texts that are translated and up to date."""
        return self.all - self.missing - self.outdated


def progress(listed: Sequence[HearingText], tag: str) -> TranslationProgress:
    """Count what is missing and what is outdated in a language."""
    missing = sum(not entry.text(tag) for entry in listed)
    return TranslationProgress(
        tag, len(listed), missing, sum(entry.is_outdated(tag) for entry in listed)
    )


@dataclass(slots=True)
class TextChange:
    """New translations of one text by language, and whether each is outdated already."""

    entry: HearingText
    texts: dict[str, str] = field(default_factory=dict)
    outdated: dict[str, bool] = field(default_factory=dict)


def save(hearing: Hearing, changes: Iterable[TextChange], *, actor: Actor) -> int:
    """Save translations; an empty text removes one. Return how many texts have changed."""
    changed = 0
    with writer.writing(hearing.id, actor=actor) as record:
        rows: dict[str, Translated] = {}
        for change in changes:
            row = rows.setdefault(change.entry.key.rpartition(".")[0], change.entry.row)
            changed += _apply(row, change)
        for row in rows.values():
            row.translations = tidy(row.translations)
            row.save(update_fields=["translations"])
        if changed:
            record.append("hearing.changed", {"fields": ["translations"]})
            signals.hearing_changed.send(record, hearing)
    return changed


def _apply(row: Translated, change: TextChange) -> int:
    name, count = change.entry.name, 0
    for tag, text in change.texts.items():
        texts = dict(row.translations.get(tag, {}))
        old = set(texts.get(OUTDATED, ()))
        marks = old | {name} if change.outdated.get(tag) else old - {name}
        if text != texts.get(name, "") or marks != old:
            count += 1
            row.translations[tag] = {**texts, name: text, OUTDATED: sorted(marks)}
    return count
