"""The report to a person who was cut out: what was removed, where and when, and which copies cannot
be reached.
"""

from collections.abc import Iterable
from itertools import chain

from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere
from hemicycle.meeting.cutting import queries
from hemicycle.ui.times import when


def sentences(hearing: Hearing, slots: set[str]) -> Iterable[str]:
    """Yield a sentence for each cut, then one for each kind of copy that no cut reaches."""
    rows = queries.rows_of(hearing, slots)
    for row in rows:
        yield _sentence(row)
    if rows:
        yield _("We cannot remove these copies. Ask the people who have them:")
        yield from chain.from_iterable(copies_elsewhere.send(hearing))


def _sentence(row: queries.CutRow) -> str:
    cut = row.cut
    values = {"meeting": cut.meeting.title, "begin": row.begins, "end": row.ends or "…"}
    if cut.done_at is None:
        said = _(
            "Recording of “%(meeting)s”, from %(begin)s to %(end)s: removal ordered. It stops "
            "being public within seconds."
        )
        return said % values
    values["moment"] = when(cut.done_at, cut.hearing)
    if cut.only_text:
        said = _(
            "Captions of “%(meeting)s”, from %(begin)s to %(end)s: deleted in every language on "
            "%(moment)s."
        )
    else:
        said = _(
            "Recording of “%(meeting)s”, from %(begin)s to %(end)s: picture, the sound of every "
            "language, captions, chapters and downloads were deleted on %(moment)s."
        )
    return said % values
