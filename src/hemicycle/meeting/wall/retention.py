"""Erase the posts and authors of walls after the retention period."""

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall import actions
from hemicycle.meeting.wall.models import Author, Source


def clear_wall(hearing: Hearing) -> int:
    """End the gathering for a hearing's wall and erase its authors; return how many authors."""
    for source in Source.objects.filter(hearing_id=hearing.id):
        actions.remove_source(source=source, actor=actions.GATHERER)
    due = list(Author.objects.filter(hearing_id=hearing.id, erased_at=None))
    for author in due:
        actions.erase(author=author, actor=actions.GATHERER)
    return len(due)
