"""Cards about incoming mail on the secretariat's other pages."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import ngettext

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import Task
from hemicycle.mail.incoming import queries
from hemicycle.mail.incoming.models import Mail


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task for the messages that wait for a person."""
    rows = Mail.objects.filter(hearing_id=hearing.id, state=Mail.State.WAITING)
    if not by_real_names:
        rows = queries.without(hidden_in(hearing.id), rows)
    if count := rows.count():
        text = ngettext("%(n)s message to review", "%(n)s messages to review", count) % {"n": count}
        yield Task(text, reverse("incoming:office", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence about the messages that a person sent, which erasure deletes."""
    rows = Mail.objects.filter(hearing_id=hearing.id, person=person)
    count = rows.exclude(file="").count()
    if count:
        words = ngettext(
            "%(n)s message by e-mail: its text and files are deleted.",
            "%(n)s messages by e-mail: their texts and files are deleted.",
            count,
        )
        yield words % {"n": count}
