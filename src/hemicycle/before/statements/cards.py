"""The cards, figures and tasks that statements add to pages of the apps below."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration import covering
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.signals import Card, NextStep
from hemicycle.before.statements import queries, titles, uploads
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.signals import (
    MOST_FOUND,
    MOST_LINES,
    DayGroup,
    Figure,
    PageLink,
    SearchGroup,
    Task,
)
from hemicycle.record import clock
from hemicycle.ui.languages import apart, labelled


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Show the participant's statements: what we have, what is missing, where to submit it.

    There is nothing to show to somebody who has withdrawn and submitted none.
    """
    assert request.resolver_match is not None
    secret = request.resolver_match.kwargs["secret"]
    handed = queries.own(registration)
    if registration.status == Registration.Status.WITHDRAWN and not handed:
        return None
    missing, jobs = places_without(registration), _jobs(registration, secret)
    is_closed = not registration.hearing.takes_statement(clock.now())
    context = {
        "handed": handed,
        "missing": missing,
        "jobs": jobs,
        "is_live": registration.is_live,
        "is_closed": is_closed,
        "secret": secret,
        "hearing": registration.hearing,
    }
    step = _step(missing[0], secret) if missing and not jobs and not is_closed else None
    return Card(_("Your statement"), "statements/_card.html", context, order=20, step=step)


def _step(place: Inscription, secret: str) -> NextStep:
    """Ask for the text of a place, before the deadline or else before the panel."""
    closes, now = place.registration.hearing.statements_close_at, clock.now()
    due = [moment for moment in (closes, place.segment.starts_at) if moment and moment > now]
    path = reverse("statements:hand-in-for", args=(secret, place.pk))
    return NextStep(
        _("Submit your text before you speak: interpreters work from it."),
        PageLink(_("Submit your statement"), path),
        by=min(due, default=None),
    )


def _jobs(registration: Registration, secret: str) -> list[tuple[Job, str]]:
    """Return the participant's unfinished uploads, each with the page about it."""
    found = []
    for job in uploads.open_jobs(registration, uploads.KIND):
        place = uploads.place_in(job)
        name = "statements:hand-in-for" if place else "statements:hand-in"
        address = reverse(name, args=(secret, place) if place else (secret,))
        found.append((job, f"{address}?job={job.token}"))
    return found


def places_without(registration: Registration) -> list[Inscription]:
    """The participant's places that have no statement yet."""
    return list(queries.missing(registration.hearing).filter(registration=registration))


def office(request: HttpRequest, registration: Registration) -> Card | None:
    """The same for the secretariat's page about one registration."""
    handed = queries.own(registration)
    context = {"handed": handed, "hearing": registration.hearing}
    return Card(_("Statements"), "statements/_office_card.html", context) if handed else None


def figures(hearing: Hearing) -> Iterable[Figure]:
    """How many statements are here."""
    rows = Statement.objects.filter(hearing_id=hearing.id, versions__isnull=False).distinct()
    yield Figure(rows.count(), _("statements submitted"))


def tasks(hearing: Hearing) -> Iterable[Task]:
    """Speakers whose statement is missing, until the hearing ends."""
    if hearing.status == Hearing.Status.ENDED:
        return
    count = queries.missing(hearing).count()
    if count:
        text = ngettext(
            "%(n)s speaker has not submitted a statement",
            "%(n)s speakers have not submitted a statement",
            count,
        )
        yield Task(text % {"n": count}, reverse("statements:missing", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """The files that a person submitted, which erasure deletes."""
    rows = Statement.objects.filter(hearing_id=hearing.id, registration__person=person)
    count = rows.count()
    if count:
        words = ngettext(
            "%(n)s statement: its files and texts are deleted.",
            "%(n)s statements: their files and texts are deleted.",
            count,
        )
        yield words % {"n": count}


def of_the_day(hearing: Hearing, meetings: Sequence[Meeting]) -> Iterable[DayGroup]:
    """Yield who speaks on the day and has not sent a statement."""
    places = queries.missing(hearing).filter(segment__meeting__in=meetings)
    yield DayGroup(
        title=_("Statements that are missing"),
        fine=_("Everybody who speaks has sent a statement."),
        url=reverse("statements:office", args=(hearing.slug,)),
        lines=[
            labelled(
                apart(place.segment.title),
                apart(place.registration.public_identity(place.speaker).in_full),
            )
            for place in places[:MOST_LINES]
        ],
        total=places.count(),
    )


def found(hearing: Hearing, words: str, by_real_names: bool) -> Iterable[SearchGroup]:
    """Statements whose title, text or file's name has the words, for the office's search."""
    versions = StatementVersion.objects.filter(
        Q(text__icontains=words) | Q(file_name__icontains=words), statement__hearing_id=hearing.pk
    )
    titled = titles.having(Statement.objects.filter(hearing_id=hearing.pk), words)
    has_words = Q(pk__in=versions.values("statement")) | Q(pk__in=titled)
    rows = Statement.objects.filter(has_words)
    if not by_real_names:
        rows = covering.openly(rows)
    related = rows.select_related("registration__organization", "registration__person")
    links = [
        PageLink(
            labelled(str(row.registration.organization.name), row.registration.person.name),
            reverse("statements:detail", args=(hearing.slug, row.pk)),
        )
        for row in related.order_by("pk")[:MOST_FOUND]
    ]
    yield SearchGroup(_("Statements"), links)
