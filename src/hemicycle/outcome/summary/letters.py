"""The letters that announce the published summary, and the key messages before it."""

from hashlib import sha256

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.letters import GENERAL, NOBODY, general, named
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare
from hemicycle.outcome.summary import key_messages, queries
from hemicycle.outcome.summary.contents import contents, published_version
from hemicycle.outcome.summary.document import messages_of, pdf_of
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


def _messages_text() -> Text:
    return built_in(
        _("key messages"),
        _("The key messages of “%(title)s” have been published. Read them here: %(link)s") % BRACES,
        "{language}",
        _("To print: %(pdf)s") % BRACES,
        _("SHA-256 of the PDF: %(digest)s") % BRACES,
        _("The summary of the hearing will follow."),
        "{convener}",
    )


def _common(hearing: Hearing) -> Values:
    """Return the values shared by all letters in the active language.

    The links lead to the summary in that language, or else to the original, whose language the
    letter then names. The digest is empty before publication.
    """
    summary = queries.summary_of(hearing)
    language = language_for(summary, reader_language()) if summary else ""
    published = summary is not None and summary.published_at is not None
    return {
        **general(hearing),
        "link": _link("public", hearing),
        "pdf": _file("public-pdf", hearing, language),
        "docx": _file("public-docx", hearing, language),
        "language": _remarks(summary, language) if summary and published else "",
        "digest": sha256(pdf_of(summary, language)).hexdigest() if summary and published else "",
    }


def _common_of_messages(hearing: Hearing) -> Values:
    """Return the values of letters about the key messages, as `_common` does."""
    summary = queries.summary_of(hearing)
    public = key_messages.public_languages(summary) if summary else []
    tag = base(reader_language())
    language = tag if tag in public[1:] else ""
    digest = ""
    if summary and public:
        found = key_messages.contents(summary, language)
        digest = sha256(messages_of(found, "pdf")).hexdigest()
    return {
        **general(hearing),
        "link": _link("messages", hearing),
        "pdf": _file("messages-pdf", hearing, language),
        "language": "" if language or not summary or not public else _foreign(summary),
        "digest": digest,
    }


def language_for(summary: Summary, reader: str) -> str:
    """Return the language of the translation for a letter in the language `reader`, "" for none."""
    tag = base(reader)
    is_translated = tag != summary.language and published_version(summary, tag) is not None
    return tag if is_translated else ""


def _remarks(summary: Summary, language: str) -> str:
    if language:
        return "\n".join(contents(summary, language).remarks())
    return _foreign(summary)


def _foreign(summary: Summary) -> str:
    """Say in which language the original is, "" if the letter is in it."""
    if base(reader_language()) == summary.language:
        return ""
    return _("The summary is in %(language)s.") % {"language": language_name(summary.language)}


def _file(name: str, hearing: Hearing, language: str) -> str:
    return _link(f"{name}-in", hearing, language) if language else _link(name, hearing)


def _link(name: str, hearing: Hearing, *more: str) -> str:
    return f"{settings.BASE_URL}{reverse(f'summary:{name}', args=(hearing.slug, *more))}"


def _example(hearing: Hearing) -> Values:
    return {**_common(hearing), **named(hearing, NOBODY)}


def _messages_example(hearing: Hearing) -> Values:
    return {**_common_of_messages(hearing), **named(hearing, NOBODY)}


_FIELDS = tuple(field for field in GENERAL if field.name != "link")


SUMMARY = declare(
    Letter(
        "summary",
        Message.Purpose.SUMMARY,
        gettext_lazy("Summary"),
        _text,
        (
            *_FIELDS,
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

KEY_MESSAGES = declare(
    Letter(
        "key-messages",
        Message.Purpose.SUMMARY,
        gettext_lazy("Key messages"),
        _messages_text,
        (
            *_FIELDS,
            Field("link", gettext_lazy("address of the published key messages"), required=True),
            Field("pdf", gettext_lazy("address of the key messages to print")),
            Field(
                "language",
                gettext_lazy("the language of the key messages, if it is not the letter’s"),
            ),
            Field("digest", gettext_lazy("SHA-256 of the PDF")),
        ),
        example=_messages_example,
        common=_common_of_messages,
        personal=named,
        is_chosen=False,
    )
)
