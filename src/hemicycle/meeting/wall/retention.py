"""Erase the posts and authors of walls after the retention period."""

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.retention import past_retention
from hemicycle.meeting.wall import actions
from hemicycle.meeting.wall.models import Author, Source


def lapse() -> int:
    """Erase the authors on walls of hearings past their retention; return how many."""
    with_some = set(Author.objects.filter(erased_at=None).values_list("hearing_id", flat=True))
    return sum(_forget(hearing) for hearing in past_retention() if hearing.id in with_some)


def _forget(hearing: Hearing) -> int:
    for source in Source.objects.filter(hearing_id=hearing.id):
        actions.remove_source(source=source, actor=actions.GATHERER)
    due = list(Author.objects.filter(hearing_id=hearing.id, erased_at=None))
    for author in due:
        actions.erase(author=author, actor=actions.GATHERER)
    return len(due)
