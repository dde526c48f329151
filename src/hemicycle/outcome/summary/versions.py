"""Versions of the summary and its translations: snapshots, and their comparison word by word."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import entry_types
from hemicycle.outcome.summary.contents import drafted_foot, translated_rows
from hemicycle.outcome.summary.models import Sentence, Summary, SummaryTranslation, SummaryVersion
from hemicycle.record import clock, writer
from hemicycle.ui.words import original

LONGEST_LABEL = 120
_MESSAGES = SummaryVersion.Reason.MESSAGES


def keep(*, hearing: Hearing, label: str, actor: writer.Actor) -> SummaryVersion | None:
    """Save a version of the summary; return None if nothing is drafted yet."""
    with writer.writing(hearing.id, actor=actor) as record:
        summary = Summary.objects.filter(hearing=hearing).first()
        if summary is None:
            return None
        return snapshot(record, summary, SummaryVersion.Reason.KEPT, label)


def snapshot(
    record: writer.Writer, summary: Summary, reason: SummaryVersion.Reason, label: str = ""
) -> SummaryVersion:
    """Store a version inside another action's transaction. Equal content is stored once."""
    version, is_new = store(
        SummaryVersion(
            summary=summary,
            revision=summary.revision,
            reason=reason,
            label=label,
            kept_at=clock.from_ms(record.now),
            content=content(summary),
        )
    )
    if is_new:
        record.append(entry_types.KEPT, _told(version))
    return version


def snapshot_of_translation(
    record: writer.Writer,
    translation: SummaryTranslation,
    reason: SummaryVersion.Reason,
    label: str = "",
    follows: SummaryVersion | None = None,
) -> SummaryVersion:
    """Store a version of a translation, as `snapshot` does.

    In a published version, outdated sentences are in the language of the original; other versions
    keep the outdated translations.
    """
    summary, language = translation.summary, translation.language
    version, is_new = store(
        SummaryVersion(
            summary=summary,
            language=language,
            follows=follows,
            revision=translation.revision,
            reason=reason,
            label=label,
            kept_at=clock.from_ms(record.now),
            content=translated_content(
                summary, language, with_outdated=reason != SummaryVersion.Reason.PUBLISHED
            ),
        )
    )
    if is_new:
        record.append(entry_types.TRANSLATION_KEPT, {**_told(version), "language": language})
    return version


def store(new: SummaryVersion) -> tuple[SummaryVersion, bool]:
    """Store a version unless the last one of its language is the same; return it, and if it is new.

    A version with a label is always stored. Versions of the key messages are compared only with one
    another.
    """
    rows = new.summary.versions.filter(language=new.language)
    alike = rows.filter(reason=_MESSAGES) if new.reason == _MESSAGES else whole(rows)
    last, same = rows.first(), alike.first()
    if same is not None and not new.label and _same(same, new):
        return same, False
    new.number = last.number + 1 if last else 1
    new.label = " ".join(new.label.replace("\0", "").split())[:LONGEST_LABEL]
    new.save(force_insert=True)
    return new, True


def whole(rows: QuerySet[SummaryVersion]) -> QuerySet[SummaryVersion]:
    """Filter versions to those of the whole summary."""
    return rows.exclude(reason=_MESSAGES)


def _same(last: SummaryVersion, new: SummaryVersion) -> bool:
    is_same = (last.reason, last.follows_id) == (new.reason, new.follows_id)
    return is_same and last.content == new.content


def _told(version: SummaryVersion) -> dict[str, Any]:
    return {
        "summary": version.summary_id.hex,
        "version": version.id.hex,
        "number": version.number,
        "revision": version.revision,
        "reason": str(version.reason),
    }


def content(summary: Summary) -> list[dict[str, Any]]:
    """Return the summary as plain data: sections in order with their sentences."""
    return _content(summary, _as_data)


def translated_content(
    summary: Summary, language: str, *, with_outdated: bool
) -> list[dict[str, Any]]:
    """Return a translation as plain data, each sentence with the language of its text."""
    translated = translated_rows(summary, language)
    foot = drafted_foot(summary)

    def as_data(row: Sentence) -> dict[str, Any]:
        own, data = translated.get(row.pk), _as_data(row)
        if own is not None and (with_outdated or own.follows(row)):
            data |= {"text": own.text, "addressee": own.addressee, "language": language}
        else:
            data["language"] = summary.language
        if row.section.is_letter and row.drafted_as == foot:
            data["is_foot"] = True
        return data

    return _content(summary, as_data)


def _as_data(row: Sentence) -> dict[str, Any]:
    return {
        "id": row.id.hex,
        "text": row.text,
        "addressee": row.addressee,
        "sources": row.sources,
        "origin": row.origin,
    }


def _content(
    summary: Summary, as_data: Callable[[Sentence], dict[str, Any]]
) -> list[dict[str, Any]]:
    sections = summary.sections.select_related("segment").prefetch_related("sentences__section")
    return [
        {
            "key": section.key,
            "heading": section.heading,
            "panel": original(section.segment.title) if section.segment else "",
            "sentences": [
                as_data(row) for row in section.sentences.all() if row.removed_at is None
            ],
        }
        for section in sections
    ]


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A run of words: `kind` is "same", "removed" or "added"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """How a sentence differs between versions: `kind` is added, removed, changed or moved."""

    kind: str
    pieces: tuple[DiffPart, ...]


@dataclass(frozen=True, slots=True)
class SectionDiff:
    """The changes of one section."""

    panel: str
    heading: str
    changes: tuple[SentenceChange, ...]


def compare(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[SectionDiff]:
    """Compare two versions, section by section in the order of the newer one.

    A sentence that was drafted again has another id. If a similar sentence is missing from its
    section, the two count as one changed sentence.
    """
    before = {
        sentence["id"]: (section["key"], sentence)
        for section in old
        for sentence in section["sentences"]
    }
    after = {sentence["id"] for section in new for sentence in section["sentences"]}
    gone = {section["key"]: _gone(section, after) for section in old}
    found = []
    for section in new:
        lost = gone.pop(section["key"], [])
        changes = [*_changes(section, before, lost), *(_removed(sentence) for sentence in lost)]
        if changes:
            found.append(SectionDiff(section["panel"], section["heading"], tuple(changes)))
    for section in old:
        if left := gone.get(section["key"]):
            whole = tuple(_removed(sentence) for sentence in left)
            found.append(SectionDiff(section["panel"], section["heading"], whole))
    return found


def _gone(section: dict[str, Any], after: set[str]) -> list[dict[str, Any]]:
    return [sentence for sentence in section["sentences"] if sentence["id"] not in after]


def _changes(
    section: dict[str, Any],
    before: dict[str, tuple[str, dict[str, Any]]],
    lost: list[dict[str, Any]],
) -> Iterator[SentenceChange]:
    for sentence in section["sentences"]:
        key, was = before.get(sentence["id"], ("", None))
        if was is None:
            was = _closest(sentence, lost)
            if was is None:
                yield SentenceChange("added", (DiffPart("added", words(sentence)),))
                continue
            lost.remove(was)
            yield SentenceChange("changed", difference(words(was), words(sentence)))
        elif words(was) != words(sentence):
            yield SentenceChange("changed", difference(words(was), words(sentence)))
        elif key != section["key"]:
            yield SentenceChange("moved", (DiffPart("same", words(sentence)),))


def _closest(sentence: dict[str, Any], lost: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    mine = words(sentence).split()
    rated = [(SequenceMatcher(None, words(other).split(), mine).ratio(), other) for other in lost]
    best = max(rated, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= 0.5 else None


def _removed(sentence: dict[str, Any]) -> SentenceChange:
    return SentenceChange("removed", (DiffPart("removed", words(sentence)),))


def words(sentence: dict[str, Any]) -> str:
    """Return a sentence's text, in a recommendation with the addressee who should act."""
    who = sentence.get("addressee", "")
    text = sentence["text"] or _("(text deleted: its source was erased)")
    return f"{who}: {text}" if who else str(text)


def difference(old: str, new: str) -> tuple[DiffPart, ...]:
    """Return the words of both texts in order, in runs marked as the same, removed or added."""
    mine, other = old.split(), new.split()
    pieces: list[DiffPart] = []
    for tag, a, b, c, d in SequenceMatcher(None, mine, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(DiffPart("same", " ".join(mine[a:b])))
            continue
        if b > a:
            pieces.append(DiffPart("removed", " ".join(mine[a:b])))
        if d > c:
            pieces.append(DiffPart("added", " ".join(other[c:d])))
    return tuple(pieces)
