"""The actions of translators: translate sentences, save versions, publish, withdraw.

Sentences can be translated while the summary is a draft and after it is published; a public
translation stays as it was published until it is published again. Two people may translate at once:
a save names the revision of the translation and the original on which it is based, and if either
has changed since, nothing is saved and `TranslationConflict` carries the new text.
"""

from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration import public_words
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import entry_types, translations, versions
from hemicycle.outcome.summary.actions import LONGEST, LONGEST_NAME, SummaryRefused
from hemicycle.outcome.summary.contents import published_version
from hemicycle.outcome.summary.models import (
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryTranslation,
    SummaryVersion,
)
from hemicycle.outcome.summary.signals import translation_published
from hemicycle.record import clock, writer
from hemicycle.record.labels import row_ids


class TranslationConflict(Exception):
    """Raised when someone else saved first, or the original changed meanwhile.

    `yours` and `addressee` are the words that were not saved. `sentence` is None if the summary no
    longer has the sentence, because it was drafted again, removed or blanked.
    """

    def __init__(self, sentence: Sentence | None, yours: str, addressee: str) -> None:
        super().__init__("another change came first")
        self.sentence = sentence
        self.yours = yours
        self.addressee = addressee


def state_of(sentence: Sentence) -> str:
    """Return a value that identifies the words of an original in a form."""
    said = f"{sentence.addressee}\0{sentence.text}"
    return sha256(said.encode()).hexdigest()[:16]


def translate(
    *,
    hearing: Hearing,
    sentence: UUID,
    language: str,
    text: str,
    addressee: str = "",
    state: str,
    revision: int,
    actor: writer.Actor,
) -> SentenceTranslation:
    """Save the translation of a sentence; saving the same text confirms it for a changed original.

    `state` is that of the original (`state_of`), `revision` that of the translation on which the
    text is based, 0 if there was none. Aliases replace the names of people who have one. Raises
    `TranslationConflict`, or `SummaryRefused` for an empty or too long text.
    """
    text = public_words.without_names(hearing.id, _words(text))
    who = public_words.without_names(hearing.id, " ".join(addressee.split()))[:LONGEST_NAME]
    with writer.writing(hearing.id, actor=actor) as record:
        rows = Sentence.objects.filter(pk=sentence, section__summary__hearing=hearing)
        original = rows.select_related("section__summary").first()
        if original is None or not original.is_shown:
            raise TranslationConflict(None, text, who)
        row = original.translations.filter(language=language).first()
        if state_of(original) != state or (row.revision if row else 0) != revision:
            raise TranslationConflict(original, text, who)
        row = row or SentenceTranslation(sentence=original, language=language, revision=0)
        if (row.text, row.addressee) == (text, who) and row.follows(original):
            return row
        row.text, row.addressee = text, who
        row.of_text, row.of_addressee = original.text, original.addressee
        row.written_at, row.written_by = clock.from_ms(record.now), _person(actor)
        row.revision += 1
        row.save()
        _tell(record, original.section.summary, row)
    return row


def _words(text: str) -> str:
    text = " ".join(text.replace("\0", "").split())
    if not text:
        raise SummaryRefused(_("Enter the translation of the sentence."))
    if len(text) > LONGEST:
        said = _("A sentence has at most %(most)d characters; this one has %(n)d.")
        raise SummaryRefused(said % {"most": LONGEST, "n": len(text)})
    return text


def _person(actor: writer.Actor) -> Person | None:
    return Person.objects.filter(pk__in=row_ids({actor.id})).first()


def _tell(record: writer.Writer, summary: Summary, row: SentenceTranslation) -> None:
    translation = _of(summary, row.language)
    translation.revision += 1
    translation.save(update_fields=["revision"])
    record.append(
        entry_types.TRANSLATED,
        {
            "summary": summary.id.hex,
            "sentence": row.sentence_id.hex,
            "language": row.language,
            "revision": translation.revision,
        },
    )


def _of(summary: Summary, language: str) -> SummaryTranslation:
    return SummaryTranslation.objects.get_or_create(summary=summary, language=language)[0]


# ── Versions, publication ─────────────────────────────────────────────────────────────────────


def keep(*, hearing: Hearing, language: str, label: str, actor: writer.Actor) -> SummaryVersion:
    """Save a version of a translation. Raises `SummaryRefused` if nothing is translated."""
    with writer.writing(hearing.id, actor=actor) as record:
        translation = _translation(hearing, language)
        return versions.snapshot_of_translation(
            record, translation, SummaryVersion.Reason.KEPT, label
        )


def publish(
    *, hearing: Hearing, language: str, incomplete: bool = False, actor: writer.Actor
) -> SummaryVersion:
    """Make a translation public, in place of an earlier version of it.

    Raises `SummaryRefused` while the original is not published, if no sentence is translated, and
    if sentences are missing or out of date, unless `incomplete` allows it: these are then shown in
    the original's language.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        translation = _translation(hearing, language)
        summary = translation.summary
        original = published_version(summary)
        if original is None:
            raise SummaryRefused(
                _("Publish the summary first. Only then can a translation be published.")
            )
        found = translations.progress(summary, language)
        if not found.done:
            raise SummaryRefused(_("No sentence of the summary is translated yet."))
        if found.left and not incomplete:
            raise SummaryRefused(
                ngettext(
                    "%(n)s sentence is not translated, or its translation is out of date.",
                    "%(n)s sentences are not translated, or their translations are out of date.",
                    found.left,
                )
                % {"n": found.left}
            )
        translation.published_at = clock.from_ms(record.now)
        translation.save(update_fields=["published_at"])
        version = versions.snapshot_of_translation(
            record, translation, SummaryVersion.Reason.PUBLISHED, follows=original
        )
        told = {"version": version.id.hex, "follows": original.id.hex, "untranslated": found.left}
        record.append(entry_types.TRANSLATION_PUBLISHED, {**_named(translation), **told})
        translation_published.send(record, translation)
    return version


def take_back(*, hearing: Hearing, language: str, actor: writer.Actor) -> None:
    """Withdraw a translation from publication."""
    with writer.writing(hearing.id, actor=actor) as record:
        withdraw(record, _translation(hearing, language))


def withdraw(record: writer.Writer, translation: SummaryTranslation) -> None:
    """Withdraw a translation inside another action's transaction."""
    if translation.published_at is None:
        return
    translation.published_at = None
    translation.save(update_fields=["published_at"])
    record.append(entry_types.TRANSLATION_TAKEN_BACK, _named(translation))


def _named(translation: SummaryTranslation) -> dict[str, str]:
    return {"summary": translation.summary_id.hex, "language": translation.language}


def _translation(hearing: Hearing, language: str) -> SummaryTranslation:
    rows = SummaryTranslation.objects.filter(summary__hearing=hearing, language=language)
    translation = rows.select_related("summary__hearing").first()
    if translation is None:
        raise SummaryRefused(_("No sentence of the summary is translated yet."))
    return translation
