"""The letter that announces the published summary."""

from hashlib import sha256

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.letters import GENERAL, NOBODY, general, named
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare
from hemicycle.outcome.summary import queries
from hemicycle.outcome.summary.contents import contents, published_version
from hemicycle.outcome.summary.document import pdf_of
from hemicycle.outcome.summary.models import Summary
from hemicycle.ui.languages import base, language_name
from hemicycle.ui.times import language as reader_language


def _text() -> Text:
    return built_in(
        _("the summary"),
        _("The summary of “%(title)s” has been published. Read it here: %(link)s") % BRACES,
        "{language}",
        _("To print: %(pdf)s") % BRACES,
        _("To edit or quote: %(docx)s") % BRACES,
        _("SHA-256 of the PDF: %(digest)s") % BRACES,
        "{convener}",
    )


def _common(hearing: Hearing) -> Values:
    """Return the values shared by all letters in the active language.

    They lead to the summary in that language, or to the original and say in which language that is.
    The digest is empty before publication.
    """
    summary = queries.summary_of(hearing)
    language = language_for(summary, reader_language()) if summary else ""
    published = summary is not None and summary.published_at is not None
    return {
        **general(hearing),
        "link": _link("public", hearing),
        "pdf": _file("pdf", hearing, language),
        "docx": _file("docx", hearing, language),
        "language": _remarks(summary, language) if summary and published else "",
        "digest": sha256(pdf_of(summary, language)).hexdigest() if summary and published else "",
    }


def language_for(summary: Summary, reader: str) -> str:
    """Return the translation that a letter in the language of `reader` brings, "" for none."""
    tag = base(reader)
    is_translated = tag != summary.language and published_version(summary, tag) is not None
    return tag if is_translated else ""


def _remarks(summary: Summary, language: str) -> str:
    if language:
        return "\n".join(contents(summary, language).remarks())
    if base(reader_language()) == summary.language:
        return ""
    return _("The summary is in %(language)s.") % {"language": language_name(summary.language)}


def _file(kind: str, hearing: Hearing, language: str) -> str:
    if not language:
        return _link(f"public-{kind}", hearing)
    return _link(f"public-{kind}-in", hearing, language)


def _link(name: str, hearing: Hearing, *more: str) -> str:
    return f"{settings.BASE_URL}{reverse(f'summary:{name}', args=(hearing.slug, *more))}"


def _example(hearing: Hearing) -> Values:
    return {**_common(hearing), **named(hearing, NOBODY)}


SUMMARY = declare(
    Letter(
        "summary",
        Message.Purpose.SUMMARY,
        gettext_lazy("Summary"),
        _text,
        (
            *(field for field in GENERAL if field.name != "link"),
            Field("link", gettext_lazy("address of the published summary"), required=True),
            Field("pdf", gettext_lazy("address of the summary to print")),
            Field("docx", gettext_lazy("address of the summary to edit")),
            Field(
                "language",
                gettext_lazy(
                    "what to know about the language of the summary, if it is not the letter’s or "
                    "not up to date"
                ),
            ),
            Field("digest", gettext_lazy("SHA-256 of the PDF")),
        ),
        example=_example,
        common=_common,
        personal=named,
    )
)
