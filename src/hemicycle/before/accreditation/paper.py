"""A no-objection list as a paper (DOCX, PDF) and as a table (CSV)."""

from collections.abc import Iterable, Iterator

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import editions
from hemicycle.before.accreditation.models import Edition, EditionLine
from hemicycle.documents import writing as paper
from hemicycle.mail.outgoing import letterheads
from hemicycle.ui.languages import apart, labelled
from hemicycle.ui.spreadsheets import Rows
from hemicycle.ui.times import when


def head() -> tuple[str, ...]:
    """Return the headings of the columns."""
    return (_("No."), _("Organization"), _("Country"), _("Category"))


def rows(edition: Edition) -> Rows:
    """Yield the lines as they were frozen."""
    for line in edition.lines.all():
        yield (line.ordinal, line.organization, line.country, line.category)


def change_groups(edition: Edition) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a corrected list changes: under each heading, organizations and their old lines.

    The result is empty for a list that replaces none, or changes no line.
    """
    found = editions.changes(edition)
    if found is None:
        return []
    groups = (
        (pgettext("lines of a list", "Added"), [(line.organization, "") for line in found.added]),
        (_("Removed"), [(line.organization, "") for line in found.removed]),
        (
            _("Corrected"),
            [(now.organization, _in_words(before)) for before, now in found.corrected],
        ),
    )
    return [(label, lines) for label, lines in groups if lines]


def _in_words(line: EditionLine) -> str:
    place = line.edition.hearing.place_name(line.country) if line.country else ""
    return listed_apart(part for part in (line.organization, place, line.category) if part)


def _replaces(edition: Edition) -> Iterator[tuple[str, str]]:
    if edition.replaces:
        yield _("Replaces list"), str(edition.replaces.number)


def _changes(edition: Edition) -> Iterator[paper.Paragraph]:
    for label, lines in change_groups(edition):
        names = [f"{name} ({_('before:')} {before})" if before else name for name, before in lines]
        yield paper.Paragraph((paper.Run(labelled(label, listed_apart(names))),))


def listed_apart(words: Iterable[str]) -> str:
    """Join phrases that may contain commas, with dots between them."""
    return " · ".join(words)


def compose(edition: Edition) -> paper.Paper:
    """Compose the list in the reader's language, with its number, its deadline and its digest."""
    hearing, language = edition.hearing, get_language() or "en"
    around = letterheads.frame_of(hearing, language)
    reference = letterheads.reference_of(hearing.id, editions.reference_key(edition))
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
        language=language,
        facts=(
            *([(_("Reference"), apart(reference))] if reference else []),
            (_("Convened by"), hearing.convener or "—"),
            (_("Created"), when(edition.frozen_at, hearing)),
            (_("Objections until"), until),
            *_replaces(edition),
        ),
        blocks=(
            paper.Paragraph((paper.Run(said % {"until": until}),)),
            *_changes(edition),
            paper.Table(head(), lines, shares=(1, 7, 2, 5)),
            paper.Paragraph((paper.Run(digest, emphasis=True),)),
        ),
        author=hearing.convener,
        mark=hearing.rehearsal_mark,
        picture=around.picture,
        letterhead=around.head,
        signature=around.signature,
        date=edition.frozen_at.astimezone(hearing.zone).date(),
    )
