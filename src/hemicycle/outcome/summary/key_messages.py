"""The key messages on their own: published and circulated before the summary is ready.

A version of their section is public, so the draft can be edited meanwhile. Publishing includes
every language in which all of them are translated. The summary has them too: once it is published,
their page leads to it, and they can no longer be published or circulated.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import entry_types, translations, versions
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.contents import SummaryContents, of_version
from hemicycle.outcome.summary.models import Section, Summary, SummaryVersion
from hemicycle.record import clock, writer

REASON = SummaryVersion.Reason.MESSAGES


@dataclass(frozen=True)
class MessagesContents(SummaryContents):
    """The contents of the page and the papers of the key messages in a language."""

    def remarks(self) -> list[str]:
        """Return no remarks, since a complete translation is published with the original."""
        return []


# ── What is public ────────────────────────────────────────────────────────────────────────────


def public_version(summary: Summary, language: str = "") -> SummaryVersion | None:
    """Return the public version in a language, "" for the original's; None if there is none."""
    if summary.messages_published_at is None:
        return None
    rows = _versions(summary)
    original = rows.filter(language="").first()
    if language in {"", summary.language}:
        return original
    return rows.filter(language=language, follows=original).first()


def public_languages(summary: Summary) -> list[str]:
    """Return the languages in which the key messages are public, the original's first."""
    original = public_version(summary)
    if original is None:
        return []
    rows = _versions(summary).filter(follows=original).order_by("language")
    return [summary.language, *rows.values_list("language", flat=True).distinct()]


def _versions(summary: Summary) -> QuerySet[SummaryVersion]:
    return summary.versions.filter(reason=REASON).select_related("follows").defer("pdf", "docx")


def contents(summary: Summary, language: str = "") -> MessagesContents:
    """Return the public key messages; raise `LookupError` if they are not public in a language."""
    version = public_version(summary, language)
    if version is None:
        raise LookupError(language)
    return MessagesContents(
        summary, language or summary.language, tuple(of_version(version)), version
    )


# ── What would be published ───────────────────────────────────────────────────────────────────


def drafted(summary: Summary, language: str = "") -> list[dict[str, Any]]:
    """Return the section as plain data, as it would be published; "" is the original's language."""
    whole = versions.translated_content(summary, language or summary.language, with_outdated=False)
    return [part for part in whole if part["key"] == Section.MESSAGES]


def ready_languages(summary: Summary) -> dict[str, int]:
    """Return how many key messages are still to be translated, by language."""
    begun = summary.translations.order_by("language").values_list("language", flat=True)
    found = dict.fromkeys([*translations.languages_of(summary), *begun])
    return {language: _left(summary, language) for language in found}


def _left(summary: Summary, language: str) -> int:
    parts = translations.side_by_side(summary, language)
    own = [part for part in parts if part.section.key == Section.MESSAGES]
    return translations.counted(own).left


def is_changed(summary: Summary) -> bool:
    """Whether publishing again would change a text or the languages."""
    public = {language: public_version(summary, language) for language in public_languages(summary)}
    ready = [language for language, left in ready_languages(summary).items() if not left]
    if set(public) != {summary.language, *ready}:
        return True
    return any(
        version is None or version.content != drafted(summary, language)
        for language, version in public.items()
    )


# ── Acts ──────────────────────────────────────────────────────────────────────────────────────


def publish(*, hearing: Hearing, actor: writer.Actor) -> Summary:
    """Publish the key messages as they are drafted, in place of an earlier version of them.

    Raises `SummaryRefused` if none is drafted, or if the summary is published.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        summary = Summary.objects.filter(hearing=hearing).first()
        if summary is None or not _shown(drafted(summary)):
            raise SummaryRefused(_("No key message is drafted yet."))
        if summary.published_at is not None:
            raise SummaryRefused(superseded())
        if summary.messages_published_at is not None and not is_changed(summary):
            return summary
        original, _is_new = versions.store(_version(record, summary, "", None))
        ready = [language for language, left in ready_languages(summary).items() if not left]
        for language in ready:
            versions.store(_version(record, summary, language, original))
        summary.messages_published_at = clock.from_ms(record.now)
        summary.save(update_fields=["messages_published_at"])
        languages = [summary.language, *ready]
        told = {"summary": summary.id.hex, "version": original.id.hex, "languages": languages}
        record.append(entry_types.MESSAGES_PUBLISHED, told)
    return summary


def _shown(content: list[dict[str, Any]]) -> bool:
    return any(sentence["text"] for part in content for sentence in part["sentences"])


def _version(
    record: writer.Writer, summary: Summary, language: str, follows: SummaryVersion | None
) -> SummaryVersion:
    return SummaryVersion(
        summary=summary,
        language=language,
        follows=follows,
        revision=summary.revision,
        reason=REASON,
        kept_at=clock.from_ms(record.now),
        content=drafted(summary, language),
    )


def take_back(*, hearing: Hearing, actor: writer.Actor) -> None:
    """Withdraw the key messages from publication."""
    with writer.writing(hearing.id, actor=actor) as record:
        summary = Summary.objects.filter(hearing=hearing).first()
        if summary is not None:
            withdraw(record, summary)


def withdraw(record: writer.Writer, summary: Summary) -> None:
    """Withdraw the key messages from publication, inside another action's transaction."""
    if summary.messages_published_at is None:
        return
    summary.messages_published_at = None
    summary.save(update_fields=["messages_published_at"])
    record.append(entry_types.MESSAGES_TAKEN_BACK, {"summary": summary.id.hex})


def superseded() -> str:
    """Return the reason why the key messages are no longer sent on their own."""
    return _("The summary is published, and has the key messages in it.")
