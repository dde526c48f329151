"""Change a person's public name in the summary, whose sentences name people."""

import re
from collections.abc import Callable, Collection, Sequence

from django.utils.translation import gettext as _

from hemicycle.before.registration import public_words
from hemicycle.hearing.setup.aliases import AliasRefused
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mentions import replaced
from hemicycle.outcome.summary import key_messages, queries, translating
from hemicycle.outcome.summary.models import (
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryVersion,
)
from hemicycle.record.writer import Writer


def follow(record: Writer, hearing: Hearing, before: Sequence[str], after: str) -> None:
    """Replace old names by the new one in all sentences, translations and stored versions.

    A translation may spell a name differently: if the name is in the original sentence but not
    found in its translation, the translation is out of date, and is blanked in stored versions.
    Translations are withdrawn from publication, so that someone reads them before the public does.
    Published key messages with the name are withdrawn too. Raises `AliasRefused` if the summary is
    published, since its readers know the name.
    """
    summary = queries.summary_of(hearing)
    if summary is None:
        return
    if summary.published_at is not None:
        raise AliasRefused(
            _(
                "The summary is published with the current public names. The secretariat must "
                "withdraw it from publication first."
            )
        )
    names = sorted({name for name in before if name != after}, key=len, reverse=True)
    if not names:
        return
    # Case-sensitive, so that the common word "hope" stays if the name is Hope.
    found = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))
    hidden = public_words.bearers_in(hearing.pk)

    def renamed(text: str) -> str:
        return replaced(found.sub(lambda _hit: after, text), *hidden)

    concerned = _rename_sentences(summary, renamed)
    _rename_translations(summary, renamed)
    if any(
        version.reason == SummaryVersion.Reason.MESSAGES
        for version in _rename_versions(summary, renamed, concerned)
    ):
        key_messages.withdraw(record, summary)
    for translation in summary.translations.exclude(published_at=None):
        translating.withdraw(record, translation)


def _rename_sentences(summary: Summary, renamed: Callable[[str], str]) -> set[str]:
    """Replace the names in all sentences; return the ids of those that contain one."""
    changed = []
    for row in Sentence.objects.filter(section__summary=summary, erased_at=None):
        texts = [renamed(text) for text in _texts(row)]
        if texts != _texts(row):
            row.text, row.drafted_as, row.addressee = texts[0], texts[1], texts[2][:200]
            row.revision += 1
            changed.append(row)
    Sentence.objects.bulk_update(changed, ["text", "drafted_as", "addressee", "revision"])
    return {row.id.hex for row in changed}


def _rename_translations(summary: Summary, renamed: Callable[[str], str]) -> None:
    changed = []
    rows = SentenceTranslation.objects.filter(sentence__section__summary=summary)
    for row in rows:
        before = (row.text, row.addressee, row.of_text, row.of_addressee)
        row.text, row.addressee = renamed(row.text), renamed(row.addressee)[:200]
        row.of_text, row.of_addressee = renamed(row.of_text), renamed(row.of_addressee)[:200]
        if before == (row.text, row.addressee, row.of_text, row.of_addressee):
            continue
        if before[:2] == (row.text, row.addressee):
            row.of_text = ""  # out of date, since it may spell the name differently
        row.revision += 1
        changed.append(row)
    fields = ["text", "addressee", "of_text", "of_addressee", "revision"]
    SentenceTranslation.objects.bulk_update(changed, fields)


def _texts(row: Sentence) -> list[str]:
    return [row.text, row.drafted_as, row.addressee]


def _rename_versions(
    summary: Summary, renamed: Callable[[str], str], concerned: Collection[str]
) -> list[SummaryVersion]:
    """Replace the names in all versions; return those that have changed."""
    changed = []
    for version in SummaryVersion.objects.filter(summary=summary):
        is_changed = False
        for section in version.content:
            for sentence in section["sentences"]:
                before = sentence["text"], sentence["addressee"]
                for part in ("text", "addressee"):
                    sentence[part] = renamed(sentence[part])
                is_same = before == (sentence["text"], sentence["addressee"])
                if is_same and version.language and sentence["id"] in concerned:
                    sentence["text"] = sentence["addressee"] = ""
                is_changed |= before != (sentence["text"], sentence["addressee"])
        version.pdf = version.docx = None  # typeset again when they are requested
        version.save(update_fields=["content", "pdf", "docx"])
        if is_changed:
            changed.append(version)
    return changed
