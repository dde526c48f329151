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
from hemicycle.outcome.summary.document import pdf_of


def _text() -> Text:
    return built_in(
        _("the summary"),
        _("The summary of “%(title)s” has been published. Read it here: %(link)s") % BRACES,
        _("To print: %(pdf)s") % BRACES,
        _("To edit or quote: %(docx)s") % BRACES,
        _("SHA-256 of the PDF, the same for everyone: %(digest)s") % BRACES,
        "{convener}",
    )


def _common(hearing: Hearing) -> Values:
    """Return the values shared by all letters; the digest is empty before publication."""
    summary = queries.summary_of(hearing)
    published = summary is not None and summary.published_at is not None
    return {
        **general(hearing),
        "link": _link("public", hearing),
        "pdf": _link("public-pdf", hearing),
        "docx": _link("public-docx", hearing),
        "digest": sha256(pdf_of(summary)).hexdigest() if summary and published else "",
    }


def _link(name: str, hearing: Hearing) -> str:
    return f"{settings.BASE_URL}{reverse(f'summary:{name}', args=(hearing.slug,))}"


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
            Field("digest", gettext_lazy("SHA-256 of the PDF")),
        ),
        example=_example,
        common=_common,
        personal=named,
    )
)
