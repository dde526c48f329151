"""A no-objection list as a paper (DOCX, PDF) and as a table (CSV)."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hemicycle.before.accreditation.models import Edition
from hemicycle.documents import writing as paper
from hemicycle.ui.spreadsheets import Rows
from hemicycle.ui.times import when


def head() -> tuple[str, ...]:
    """The columns."""
    return (_("No."), _("Organization"), _("Country"), _("Category"))


def rows(edition: Edition) -> Rows:
    """The lines as they were frozen."""
    for line in edition.lines.all():
        yield (line.ordinal, line.organization, line.country, line.category)


def compose(edition: Edition) -> paper.Paper:
    """The list in the reader's language, with its number, its deadline and its digest."""
    hearing = edition.hearing
    lines = tuple(tuple(str(value) for value in row) for row in rows(edition))
    until = when(edition.deadline, hearing)
    said = _(
        "The following organizations wish to take part. They are accepted unless a Member "
        "State objects by %(until)s and gives its reason, through the link in its letter or to "
        "the secretariat."
    )
    digest = _("Digest on the record: %(digest)s") % {"digest": edition.digest}
    return paper.Paper(
        title=str(hearing.title),
        subtitle=_("No-objection list %(number)s") % {"number": edition.number},
        language=get_language() or "en",
        facts=(
            (_("Convened by"), hearing.convener or "—"),
            (_("Created"), when(edition.frozen_at, hearing)),
            (_("Objections until"), until),
        ),
        blocks=(
            paper.Paragraph((paper.Run(said % {"until": until}),)),
            paper.Table(head(), lines, shares=(1, 7, 2, 5)),
            paper.Paragraph((paper.Run(digest, emphasis=True),)),
        ),
        author=hearing.convener,
        mark=hearing.rehearsal_mark,
        date=edition.frozen_at.astimezone(hearing.zone).date(),
    )
