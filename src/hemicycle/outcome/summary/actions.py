"""The summary's actions: draft, edit, publish.

Drafting again keeps the sentences that a person edited, wrote, moved or removed, and does not draft
again the points from which these were drafted. It replaces all other sentences with new ones, from
the current statements and record.

Two people may edit at once. A save names the revision of the sentence on which it is based; if the
sentence has changed since, nothing is saved and `EditConflict` carries both texts.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from hemicycle.before.registration import public_words
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import draft_sections, entry_types, record_sentences, versions
from hemicycle.outcome.summary.drafting import SummaryDraft
from hemicycle.outcome.summary.drafting import draft as drafted
from hemicycle.outcome.summary.models import (
    Presence,
    Section,
    Sentence,
    Summary,
    SummaryTranslation,
    SummaryVersion,
)
from hemicycle.outcome.summary.signals import summary_published
from hemicycle.outcome.summary.sources import draft_material, fingerprint, report_sentence
from hemicycle.outcome.summary.translations import drafting_languages
from hemicycle.record import clock, writer
from hemicycle.record.models import Entry
from hemicycle.ui.languages import speaking

LONGEST = 4000
"""The most characters of a sentence: enough for a paragraph, but not for a paper."""
MOST_SOURCES = 500
LONGEST_NAME = 200
"""The most characters of the addressee who should act."""
GONE_AFTER = timedelta(seconds=30)
"""After this long without a heartbeat a form counts as closed; forms send one every ten seconds."""


class SummaryRefused(Exception):
    """Raised if an action on the summary is not allowed. `sentence` says why; nothing changes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class EditConflict(Exception):
    """Raised when someone else saved first.

    `yours` is the text that was not saved; `row` is the sentence as the other person saved it, or
    None if it was drafted again meanwhile and no longer exists.
    """

    def __init__(self, row: Sentence | None, yours: str) -> None:
        super().__init__("another change came first")
        self.row = row
        self.yours = yours


def draft(*, hearing: Hearing, language: str = "", actor: writer.Actor) -> Summary:
    """Draft the summary, or draft unedited parts again; return it.

    `language` is one of `drafting_languages`; "" means that of the last draft, or else the first.

    The draft is made before the hearing's transaction begins, so that no one waits for it. If a
    statement has changed in the meantime, it is made again inside. Raises `SummaryRefused` if the
    summary is published, and for another language if people have worked in the present one.
    """
    language = language or _present_language(hearing)
    if language not in drafting_languages(hearing):
        raise SummaryRefused(_("Choose a language of the hearing."))
    seen, made = fingerprint(hearing), _made(hearing, language)
    with writer.writing(hearing.id, actor=actor) as record:
        summary = Summary.objects.filter(hearing=hearing).first()
        if summary is None:
            summary = Summary(hearing=hearing, revision=0)
        _check_open(summary)
        _check_language(summary, language)
        if fingerprint(hearing) != seen:
            made = _made(hearing, language)
        if summary.revision:
            versions.snapshot(record, summary, SummaryVersion.Reason.DRAFTED)
            for translation in summary.translations.all():
                versions.snapshot_of_translation(record, translation, SummaryVersion.Reason.DRAFTED)
        summary.language = language
        summary.drafted_at = clock.from_ms(record.now)
        summary.revision += 1
        summary.save()
        with speaking(language):
            laid = draft_sections.store(summary, made)
        told = {"summary": summary.id.hex, "language": language, **laid}
        record.append(entry_types.DRAFTED, told)
    return summary


def _present_language(hearing: Hearing) -> str:
    rows = Summary.objects.filter(hearing=hearing).values_list("language", flat=True)
    return rows.first() or drafting_languages(hearing)[0]


def _check_language(summary: Summary, language: str) -> None:
    """Raise `SummaryRefused` for another language if people have worked in the present one."""
    if language != summary.language and keeps_language(summary):
        raise SummaryRefused(
            _(
                "The language can no longer be changed: sentences were edited or translated, or "
                "the summary was published. Translate it instead."
            )
        )


def keeps_language(summary: Summary) -> bool:
    """Whether people have worked in the language of the summary, or it was published in it."""
    sentences = Sentence.objects.filter(section__summary=OuterRef("pk"))
    translations = SummaryTranslation.objects.filter(summary=OuterRef("pk"))
    reasons = (SummaryVersion.Reason.PUBLISHED, SummaryVersion.Reason.MESSAGES)
    published = SummaryVersion.objects.filter(summary=OuterRef("pk"), reason__in=reasons)
    is_drafted = {"origin": Sentence.Origin.DRAFTED, "removed_at": None, "erased_at": None}
    worked = Exists(sentences.exclude(**is_drafted)) | Exists(translations) | Exists(published)
    return Summary.objects.filter(worked, pk=summary.pk).exists()


def _made(hearing: Hearing, language: str) -> SummaryDraft:
    """Return the draft, in which the section on participation begins with the record's sentences.

    It is in `language`, whatever the reader's language is.
    """
    with speaking(language):
        made = drafted(draft_material(hearing))
        return draft_sections.with_record_sentences(made, record_sentences.sentences(hearing))


def edit(
    *,
    hearing: Hearing,
    sentence: UUID,
    text: str,
    sources: Sequence[dict[str, Any]] | None = None,
    addressee: str | None = None,
    revision: int,
    actor: writer.Actor,
) -> Sentence:
    """Change a sentence's text, and its sources and addressee unless they are None.

    Aliases replace the names of people who have one. A removed sentence is restored. Raises
    `EditConflict`, or `SummaryRefused` for an empty or too long text and for sources of another
    hearing.
    """
    text = public_words.without_names(hearing.id, _words(text))
    with writer.writing(hearing.id, actor=actor) as record:
        row = _take(hearing, sentence, revision, text)
        wanted = row.sources if sources is None else _sources(hearing, sources)
        who = row.addressee if addressee is None else _addressee(hearing, addressee)
        if (row.text, row.sources, row.addressee, row.removed_at) == (text, wanted, who, None):
            return row
        row.addressee = who
        row.once_cited = sorted({*row.once_cited, *_statements(row.sources)} - _statements(wanted))
        row.text, row.sources, row.removed_at, row.erased_at = text, wanted, None, None
        row.origin = Sentence.Origin.EDITED if row.drafted_as else row.origin
        _save(record, row, "edited")
    return row


def write(
    *,
    section: Section,
    text: str,
    sources: Sequence[dict[str, Any]] = (),
    addressee: str = "",
    origin: Sentence.Origin = Sentence.Origin.WRITTEN,
    actor: writer.Actor,
    what: str = "added",
) -> Sentence:
    """Add a sentence at the end of a section. Raises `SummaryRefused` as `edit` does."""
    hearing = section.summary.hearing
    text = public_words.without_names(hearing.id, _words(text))
    with writer.writing(hearing.id, actor=actor) as record:
        section.summary.refresh_from_db()
        _check_open(section.summary)
        last = section.sentences.order_by("-ordinal").first()
        row = Sentence(
            section=section,
            ordinal=last.ordinal + 1 if last else 1,
            text=text,
            sources=_sources(hearing, sources),
            addressee=_addressee(hearing, addressee),
            origin=origin,
            revision=0,
        )
        _save(record, row, what)
    return row


def cite(*, section: Section, statement: Statement, sentence: int, actor: writer.Actor) -> Sentence:
    """Add one sentence of a statement, reported as the draft would report it.

    Raises `SummaryRefused` for a sentence that the statement does not have, and while the
    statement is confidential.
    """
    source = {"statement": statement.id.hex, "sentence": sentence}
    with speaking(section.summary.language):
        said = report_sentence(section.summary.hearing, statement.id, sentence)
    if said is None:
        raise SummaryRefused(_("This sentence of the statement cannot be cited now."))
    return write(section=section, text=said, sources=[source], actor=actor, what="cited")


def remove(*, hearing: Hearing, sentence: UUID, revision: int, actor: writer.Actor) -> Sentence:
    """Remove a sentence, which can be restored. Raises `EditConflict`."""
    return _set_removed(hearing, sentence, revision, actor, removed=True)


def restore(*, hearing: Hearing, sentence: UUID, revision: int, actor: writer.Actor) -> Sentence:
    """Restore a removed sentence to its place. Raises `EditConflict`."""
    return _set_removed(hearing, sentence, revision, actor, removed=False)


def _set_removed(
    hearing: Hearing, sentence: UUID, revision: int, actor: writer.Actor, *, removed: bool
) -> Sentence:
    with writer.writing(hearing.id, actor=actor) as record:
        row = _take(hearing, sentence, revision, "")
        if removed == (row.removed_at is not None):
            return row
        row.removed_at = clock.from_ms(record.now) if removed else None
        _save(record, row, "removed" if removed else "restored")
    return row


def move(
    *,
    hearing: Hearing,
    sentence: UUID,
    section: UUID,
    before: UUID | None,
    revision: int,
    actor: writer.Actor,
) -> Sentence:
    """Put a sentence in front of another of `section`, or at its end. Raises `EditConflict`."""
    with writer.writing(hearing.id, actor=actor) as record:
        row = _take(hearing, sentence, revision, "")
        target = Section.objects.filter(pk=section, summary__hearing=hearing).first()
        if target is None:
            raise SummaryRefused(_("Choose a section of this summary."))
        others = [other for other in target.sentences.all() if other.pk != row.pk]
        places = [other.pk for other in others]
        at = places.index(before) if before in places else len(others)
        others.insert(at, row)
        for ordinal, other in enumerate(others, start=1):
            other.ordinal = ordinal
        Sentence.objects.bulk_update([other for other in others if other is not row], ["ordinal"])
        row.section = target
        row.origin = Sentence.Origin.EDITED if row.drafted_as else row.origin
        _save(record, row, "moved")
    return row


def publish(*, hearing: Hearing, actor: writer.Actor) -> Summary:
    """Publish the present summary. It cannot be edited while it is published.

    Raises `SummaryRefused` if nothing is written yet.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        summary = _summary(hearing)
        if summary.published_at is not None:
            return summary
        shown = Sentence.objects.filter(section__summary=summary, removed_at=None, erased_at=None)
        if not shown.exists():
            raise SummaryRefused(_("There is nothing to publish yet. Draft the summary first."))
        summary.published_at = clock.from_ms(record.now)
        summary.save(update_fields=["published_at"])
        versions.snapshot(record, summary, SummaryVersion.Reason.PUBLISHED)
        record.append(entry_types.PUBLISHED, _told(summary))
        summary_published.send(record, summary)
    return summary


def take_back(*, hearing: Hearing, actor: writer.Actor) -> Summary:
    """Unpublish the summary, so that it can be edited."""
    with writer.writing(hearing.id, actor=actor) as record:
        summary = _summary(hearing)
        if summary.published_at is None:
            return summary
        summary.published_at = None
        summary.save(update_fields=["published_at"])
        record.append(entry_types.TAKEN_BACK, _told(summary))
    return summary


def mark_present(sentence: Sentence, person: Person, language: str = "") -> list[str]:
    """Note that `person` has the form of the sentence open; return the names of others who have.

    With a `language`, the form is that of its translation.
    """
    now = clock.now()
    form: dict[str, Any] = {"sentence": sentence, "language": language}
    Presence.objects.filter(seen_at__lt=now - 2 * GONE_AFTER).delete()
    Presence.objects.update_or_create(**form, person=person, defaults={"seen_at": now})
    others = Presence.objects.filter(**form, seen_at__gte=now - GONE_AFTER)
    rows = others.exclude(person=person).select_related("person").order_by("seen_at")
    return [row.person.name or row.person.email for row in rows]


def _told(summary: Summary) -> dict[str, Any]:
    return {"summary": summary.id.hex, "revision": summary.revision}


def _summary(hearing: Hearing) -> Summary:
    summary = Summary.objects.filter(hearing=hearing).first()
    if summary is None:
        raise SummaryRefused(_("There is nothing to publish yet. Draft the summary first."))
    return summary


def _check_open(summary: Summary) -> None:
    if summary.published_at is not None:
        raise SummaryRefused(
            _("The summary is published. Withdraw it from publication before you change it.")
        )


def _take(hearing: Hearing, sentence: UUID, revision: int, yours: str) -> Sentence:
    """Read a sentence inside the transaction. Raises `EditConflict` if it has another revision."""
    rows = Sentence.objects.filter(pk=sentence, section__summary__hearing=hearing)
    row = rows.select_related("section__summary").first()
    if row is None:
        raise EditConflict(None, yours)
    _check_open(row.section.summary)
    if row.revision != revision:
        raise EditConflict(row, yours)
    return row


def _save(record: writer.Writer, row: Sentence, what: str) -> None:
    row.revision += 1
    row.save()
    summary = row.section.summary
    summary.revision += 1
    summary.save(update_fields=["revision"])
    record.append(
        entry_types.EDITED,
        {
            "summary": summary.id.hex,
            "sections": [row.section_id.hex],
            "sentence": row.id.hex,
            "what": what,
            "revision": summary.revision,
        },
    )


def _addressee(hearing: Hearing, words: str) -> str:
    return public_words.without_names(hearing.id, " ".join(words.split()))[:LONGEST_NAME]


def _words(text: str) -> str:
    text = " ".join(text.replace("\0", "").split())
    if not text:
        raise SummaryRefused(_("Enter a sentence. To delete a sentence, use “Remove”."))
    if len(text) > LONGEST:
        sentence = _("A sentence has at most %(most)d characters; this one has %(n)d.")
        raise SummaryRefused(sentence % {"most": LONGEST, "n": len(text)})
    return text


def _statements(sources: Sequence[dict[str, Any]]) -> set[str]:
    return {source["statement"] for source in sources if "statement" in source}


def _sources(hearing: Hearing, sources: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sources; raise `SummaryRefused` unless all belong to this hearing."""
    if len(sources) > MOST_SOURCES:
        raise SummaryRefused(_("A sentence has at most %(most)d sources.") % {"most": MOST_SOURCES})
    cited = {UUID(hex=statement) for statement in _statements(sources)}
    entries = {source["seq"] for source in sources if "seq" in source}
    statements = Statement.objects.filter(hearing_id=hearing.id, pk__in=cited)
    open_ones = statements.exclude(release=Statement.Release.EMBARGOED)
    known = Entry.objects.filter(hearing=hearing.id, seq__in=entries)
    if open_ones.count() != len(cited) or known.count() != len(entries):
        raise SummaryRefused(_("A source is not in this hearing, or is still confidential."))
    return list(sources)
