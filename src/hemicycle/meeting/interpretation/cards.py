"""What the interpretation app adds to the pages of other apps."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.signals import DayGroup, PageLink, Task
from hemicycle.meeting.interpretation import queries
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import listed

MADE_HERE = Actor.system("links")


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a person's place in a booth, which erasure deletes."""
    for own in Interpreter.objects.filter(hearing=hearing, person=person):
        yield _("The place in a booth (%(booth)s): deleted.") % {"booth": own.spoken}


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task if there are booths with fewer than two interpreters."""
    short = sum(booth.is_short for booth in queries.booths(hearing) if not booth.closed)
    if short and short < len(hearing.languages):  # if all are short, interpretation is not planned
        said = ngettext(
            "%(n)d booth has fewer than two interpreters.",
            "%(n)d booths have fewer than two interpreters.",
            short,
        )
        yield Task(said % {"n": short}, reverse("interpretation:office", args=(hearing.slug,)))


def of_the_day(hearing: Hearing, meetings: Sequence[Meeting]) -> Iterable[DayGroup]:
    """Yield the booths in which an interpreter would work alone, or that have no interpreter.

    A hearing in one language needs no booths.
    """
    lines = []
    needs_booths = len(hearing.languages) > 1
    for booth in queries.booths(hearing):
        if booth.is_short and not booth.closed and (needs_booths or booth.members):
            names = listed(interpreter.person.name for interpreter in booth.members)
            said = _("%(booth)s: only %(names)s.") if names else _("%(booth)s: no one.")
            lines.append(said % {"booth": booth.name, "names": names})
    yield DayGroup(
        title=_("Booths that need interpreters"),
        fine=_("Each booth has two interpreters.")
        if needs_booths
        else _("The hearing is held in one language: it needs no booth."),
        url=reverse("interpretation:office", args=(hearing.slug,)),
        link=_("Open the booths"),
        lines=lines,
    )


def ways_in(hearing: Hearing) -> Iterable[PageLink]:
    """Yield a new sign-in link for each interpreter, which leads to their booth."""
    for booth in queries.booths(hearing):
        for number, interpreter in enumerate(booth.members, start=1):
            path = issue_link(
                person=interpreter.person,
                hearing_id=hearing.id,
                role=Role.INTERPRETER.value,
                next_url=reverse("interpretation:booth", args=(hearing.slug, booth.language)),
                actor=MADE_HERE,
            )
            yield PageLink(_("Booth: %(name)s %(n)d") % {"name": booth.name, "n": number}, path)
