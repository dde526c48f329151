"""The summary's part in the pages of a hearing: tasks, links, and data about a person."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, Task
from hemicycle.outcome.summary.circulation import SUMMARY_PAPER
from hemicycle.outcome.summary.erasing import quoting, sent_to
from hemicycle.outcome.summary.models import Circulation, Summary
from hemicycle.record.models import Entry


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield the next step of the summary once a meeting has closed: four queries at most."""
    if not Entry.objects.filter(hearing=hearing.id, kind="meeting.closed").exists():
        return
    where = reverse("summary:office", args=(hearing.slug,))
    summary = Summary.objects.filter(hearing=hearing).first()
    if summary is None:
        yield Task(_("The summary can be drafted from what has been said so far."), where)
    elif summary.published_at is None:
        yield Task(_("The summary is drafted. Check it, then publish it."), where)
    elif not _is_circulated(summary):
        where = reverse("summary:circulation", args=(hearing.slug,))
        yield Task(_("The summary is published, but has not been sent to anyone yet."), where)


def _is_circulated(summary: Summary) -> bool:
    version = SUMMARY_PAPER.version(summary, "")
    return Circulation.objects.filter(summary=summary, version=version).exists()


def outcome(hearing: Hearing) -> Iterable[PageLink]:
    """Yield the link to the published summary, or before that to the key messages: one query."""
    summary = Summary.objects.filter(hearing=hearing).first()
    if summary is not None and summary.published_at is not None:
        yield PageLink(_("The summary"), reverse("summary:public", args=(hearing.slug,)))
    elif summary is not None and summary.messages_published_at is not None:
        yield PageLink(_("Key messages"), reverse("summary:messages", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield sentences that say which data about a person the summary holds."""
    if count := len(quoting(person.id, hearing.id)):
        said = ngettext(
            "%(n)s sentence of the summary that holds their words: its text is deleted.",
            "%(n)s sentences of the summary that hold their words: their text is deleted.",
            count,
        )
        yield said % {"n": count}
    if count := sent_to(person.id, hearing.id).count():
        said = ngettext(
            "%(n)s proof that the summary was sent to them: it no longer names them.",
            "%(n)s proofs that the summary was sent to them: they no longer name them.",
            count,
        )
        yield said % {"n": count}
