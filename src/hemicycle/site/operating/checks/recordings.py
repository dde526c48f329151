"""The check of pending removals and cuts on media machines."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.meeting.cutting import queries
from hemicycle.meeting.media_machines import removals
from hemicycle.record import clock
from hemicycle.site.operating.checks.work import LATE
from hemicycle.site.operating.doctor import Diagnosis, Health


def recordings_are_removed() -> Iterator[Diagnosis]:
    """Check that each media machine has removed hearings and made cuts in its folder."""
    before = clock.now() - LATE
    for machine, number in sorted(removals.late(before).items()):
        found = ngettext(
            "%(machine)s still has recordings of %(n)s removed hearing",
            "%(machine)s still has recordings of %(n)s removed hearings",
            number,
        )
        yield _waits(machine, number, found)
    for machine, number in sorted(queries.late(before).items()):
        found = ngettext(
            "%(machine)s still has %(n)s stretch that was removed from a recording",
            "%(machine)s still has %(n)s stretches that were removed from recordings",
            number,
        )
        yield _waits(machine, number, found)


def _waits(machine: str, number: int, found: str) -> Diagnosis:
    called = _("the media machine %(name)s") % {"name": machine} if machine else _("the engine")
    advice = _("Make sure that hemicycle-media runs there, and that its disk can be written to.")
    if machine:
        lost = _("If its recordings no longer exist: `hemicycle admin lost-recordings %(name)s`.")
        advice = f"{advice} {lost % {'name': machine}}"
    found %= {"machine": called, "n": number}
    return Diagnosis("recordings", Health.WARNING, found, advice)
