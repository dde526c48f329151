"""The cards, figures and tasks that statements add to pages of the apps below."""

from collections.abc import Iterable, Sequence
from datetime import datetime

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
    """Return a card with the participant's submitted and missing statements, and the way to submit.

    Return None for a participant who has withdrawn and has submitted no statement.
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
    may_act = registration.is_live and not jobs and not is_closed
    step = _step(registration.hearing, missing, handed, secret) if may_act else None
    return Card(_("Your statement"), "statements/_card.html", context, order=20, step=step)


def _step(
    hearing: Hearing,
    missing: Sequence[Inscription],
    handed: Iterable[queries.StatementDetails],
    secret: str,
) -> NextStep | None:
    """Ask for the text of a place, or for one that can be read; None if nothing is missing."""
    if missing:
        return NextStep(
            _("Submit your text before you speak: interpreters work from it."),
            PageLink(_("Submit your statement"), _form(secret, missing[0])),
            by=_due(hearing, missing[0]),
        )
    for place in (own.statement.inscription for own in handed if own.is_unreadable):
        if place is None or place.is_on_list:
            said = _(
                "We could not read the text of your file. Submit another version, or paste the "
                "text."
            )
            link = PageLink(_("Submit a new version"), _form(secret, place))
            return NextStep(said, link, by=_due(hearing, place))
    return None


def _form(secret: str, place: Inscription | None) -> str:
    if place is None:
        return reverse("statements:hand-in", args=(secret,))
    return reverse("statements:hand-in-for", args=(secret, place.pk))


def _due(hearing: Hearing, place: Inscription | None) -> datetime | None:
    """Return when a text is due: at the deadline or before the panel, whichever is next."""
    begins = place.segment.starts_at if place else None
    moments = (hearing.statements_close_at, begins)
    return min((moment for moment in moments if moment and moment > clock.now()), default=None)


def _jobs(registration: Registration, secret: str) -> list[tuple[Job, str]]:
    """Return the participant's unfinished uploads, each with the address of its page."""
    found = []
    for job in uploads.open_jobs(registration, uploads.KIND):
        place = uploads.place_in(job)
        name = "statements:hand-in-for" if place else "statements:hand-in"
        address = reverse(name, args=(secret, place) if place else (secret,))
        found.append((job, f"{address}?job={job.token}"))
    return found


def places_without(registration: Registration) -> list[Inscription]:
    """Return the participant's places that have no statement yet."""
    return list(queries.missing(registration.hearing).filter(registration=registration))


def office(request: HttpRequest, registration: Registration) -> Card | None:
    """Return a card with the statements, for the secretariat's page about one registration."""
    handed = queries.own(registration)
    context = {"handed": handed, "hearing": registration.hearing}
    return Card(_("Statements"), "statements/_office_card.html", context) if handed else None


def figures(hearing: Hearing) -> Iterable[Figure]:
    """Yield the number of submitted statements."""
    rows = Statement.objects.filter(hearing_id=hearing.id, versions__isnull=False).distinct()
    page = reverse("statements:office", args=(hearing.slug,))
    yield Figure(rows.count(), _("statements submitted"), page)


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task about speakers whose statement is missing, until the hearing ends."""
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
    """Yield a sentence about the person's statements, whose files and texts erasure deletes."""
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
    """Yield the speakers of the day who have not submitted a statement."""
    places = queries.missing(hearing).filter(segment__meeting__in=meetings)
    yield DayGroup(
        title=_("Statements that are missing"),
        fine=_("Everyone on a list of speakers has submitted a statement."),
        url=reverse("statements:office", args=(hearing.slug,)),
        link=_("Open the statements"),
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
    """Yield the statements whose title, text or file name contains the words, for the search."""
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
