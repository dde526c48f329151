"""The cards that recorded videos add to pages of the apps below."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card
from hemicycle.before.statements import uploads
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video import queries
from hemicycle.before.statements.video import uploads as video_uploads
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return a card with the participant's places, each with its video or a link to submit one."""
    own = queries.own(registration) if registration.is_live else []
    if not own:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    context = {
        "own": own,
        "jobs": _jobs(registration, secret),
        "secret": secret,
        "hearing": registration.hearing,
    }
    return Card(_("A recorded video"), "statements/video/_card.html", context, order=25)


def _jobs(registration: Registration, secret: str) -> list[tuple[Job, str]]:
    """Return the participant's unfinished uploads of videos, each with the address of its page."""
    found = []
    for job in uploads.open_jobs(registration, video_uploads.KIND):
        address = reverse("statements:video", args=(secret, uploads.place_in(job)))
        found.append((job, f"{address}?job={job.token}"))
    return found


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence about the person's videos, which erasure deletes."""
    theirs = Q(inscription__registration__person=person) | Q(handed_in_by=person)
    rows = Video.objects.filter(theirs, hearing_id=hearing.id).exclude(file="")
    if number := rows.distinct().count():
        text = ngettext(
            "%(n)s recorded video: its file is deleted.",
            "%(n)s recorded videos: their files are deleted.",
            number,
        )
        yield text % {"n": number}
