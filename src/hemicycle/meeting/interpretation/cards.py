"""What the booths add to other apps' pages."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, Task
from hemicycle.meeting.interpretation import queries
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.record.writer import Actor

MADE_HERE = Actor.system("links")


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a person's place in a booth, which erasure deletes."""
    for own in Interpreter.objects.filter(hearing=hearing, person=person):
        yield _("The place in a booth (%(booth)s): deleted.") % {"booth": own.spoken}


def tasks(hearing: Hearing) -> Iterable[Task]:
    """Yield the task of booths with fewer than two interpreters."""
    short = sum(booth.is_short for booth in queries.booths(hearing) if not booth.closed)
    if short and short < len(hearing.languages):  # a hearing with no booth at all has none to man
        said = ngettext(
            "%(n)d booth has fewer than two interpreters.",
            "%(n)d booths have fewer than two interpreters.",
            short,
        )
        yield Task(said % {"n": short}, reverse("interpretation:office", args=(hearing.slug,)))


def ways_in(hearing: Hearing) -> Iterable[PageLink]:
    """Yield a new sign-in link for each interpreter, to their booth."""
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
