"""What the wall adds to the pages of other apps."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, Task
from hemicycle.meeting.wall import queries
from hemicycle.meeting.wall.actions import wall_of
from hemicycle.meeting.wall.models import WallScreen


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task if posts wait for a decision."""
    if number := queries.counts(hearing)["waiting"]:
        text = ngettext("%(n)s post to review", "%(n)s posts to review", number)
        yield Task(text % {"n": number}, reverse("wall:next", args=(hearing.slug,)))


def public_links(hearing: Hearing) -> Iterable[PageLink]:
    """Yield the link to the wall if it is public."""
    if queries.is_public(hearing):
        yield PageLink(_("The wall"), reverse("wall:page", args=(hearing.slug,)))


def switches(hearing: Hearing) -> list[tuple[WallScreen, bool]]:
    """Return each screen and whether it shows the wall; [] while the wall is not public."""
    wall = wall_of(hearing)
    if not wall.is_public:
        return []
    return [(WallScreen.HALL, wall.in_hall), (WallScreen.LIVE, wall.on_live)]
