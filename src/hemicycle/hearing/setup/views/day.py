"""The day's page: what is late, who is missing, and which booth lacks an interpreter."""

from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import queries, signals
from hemicycle.hearing.setup.access import for_roles, may_open
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.signals import DayGroup
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui import times
from hemicycle.ui.languages import apart


@never_cache
@for_roles(Role.SECRETARIAT)
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the day of the present or next meeting; after the hearing, the last day."""
    meetings = queries.of_the_day(hearing)
    groups = [
        _late(hearing, meetings),
        *chain.from_iterable(signals.day_groups.send(hearing, meetings)),
    ]
    groups = [group for group in groups if may_open(request, group.url)]
    context = {"hearing": hearing, "meetings": meetings, "groups": groups}
    return render(request, "hearing/day.html", context)


def _late(hearing: Hearing, meetings: list[Meeting]) -> DayGroup:
    now, lines = clock.now(), []
    for meeting in meetings if not hearing.is_postponed else ():
        phase, title = floor_of(meeting.pk).phase, apart(meeting.title or _("Meeting"))
        if phase == "not_opened" and meeting.starts_at < now:
            said = _("“%(title)s” should have been opened: %(when)s.")
            lines.append(said % {"title": title, "when": times.when(meeting.starts_at, hearing)})
        elif phase in {"open", "suspended"} and meeting.ends_at < now:
            said = _("“%(title)s” should have ended: %(when)s.")
            lines.append(said % {"title": title, "when": times.when(meeting.ends_at, hearing)})
    return DayGroup(
        title=_("Meetings"),
        fine=_("No meeting is late."),
        url=reverse("room:console", args=(hearing.slug,)),
        link=_("Open the console"),
        lines=lines,
    )
