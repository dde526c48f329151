"""Erase the posts and authors of walls after the retention period."""

from datetime import timedelta

from django.db.models import Max

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall import actions
from hemicycle.meeting.wall.models import Author, Source
from hemicycle.record import clock


def lapse() -> int:
    """Erase the authors on walls of hearings past their retention; return how many."""
    with_some = Author.objects.filter(erased_at=None).values("hearing_id")
    rows = Hearing.objects.filter(pk__in=with_some).annotate(over=Max("meetings__ends_at"))
    number = 0
    for hearing in rows.exclude(over=None):
        if hearing.over + timedelta(days=hearing.retention_days) < clock.now():
            number += _forget(hearing)
    return number


def _forget(hearing: Hearing) -> int:
    for source in Source.objects.filter(hearing_id=hearing.id):
        actions.remove_source(source=source, actor=actions.GATHERER)
    due = list(Author.objects.filter(hearing_id=hearing.id, erased_at=None))
    for author in due:
        actions.erase(author=author, actor=actions.GATHERER)
    return len(due)
