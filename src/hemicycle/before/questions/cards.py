"""The cards and tasks that questions add to pages of the apps below."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.questions import queries
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import covering
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import MOST_FOUND, PageLink, SearchGroup, Task


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card with a participant's questions and their status."""
    own = queries.own(registration)
    may_ask = queries.can_ask(registration, queries.open_panels(registration))
    if not own and not may_ask:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    context = {"questions": own, "can_ask": may_ask, "secret": secret}
    return Card(_("Questions for the panellists"), "questions/_card.html", context, order=40)


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield the task to sort new questions, until the hearing ends: then no panel answers them."""
    if hearing.status == Hearing.Status.ENDED:
        return
    waiting = queries.counts(hearing)[Question.State.SUBMITTED]
    if waiting:
        text = ngettext("%(n)s question to sort", "%(n)s questions to sort", waiting)
        yield Task(text % {"n": waiting}, reverse("questions:first", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence with the number of questions that a person has submitted."""
    asked = Question.objects.filter(hearing_id=hearing.id, registration__person=person)
    if number := asked.count():
        text = ngettext("%(n)s question: its text", "%(n)s questions: their texts", number)
        yield text % {"n": number}


def found(hearing: Hearing, words: str, by_real_names: bool) -> Iterable[SearchGroup]:
    """Find questions that contain the words, for the office's search."""
    rows = Question.objects.filter(hearing_id=hearing.pk, text__icontains=words)
    if not by_real_names:
        rows = covering.openly(rows)
    links = [
        PageLink(
            Truncator(row.text).chars(100),
            reverse("questions:triage", args=(hearing.slug, row.pk)),
        )
        for row in rows[:MOST_FOUND]
    ]
    yield SearchGroup(_("Questions"), links)
