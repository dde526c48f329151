"""Uploaded statements that wait to be read: the worker reads and submits them.

Nothing counts as submitted before that: a version is made, and an entry appended, in the
transaction in which its job ends.
"""

from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.registration import quota
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import actions
from hemicycle.before.statements.forms import StatementForm, initial
from hemicycle.before.statements.titles import UNTITLED, GivenTitle
from hemicycle.hearing.jobs import kinds, queue, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.limits import network_of
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer

KIND = "statement"
IN_WRITING = "written"


# ── Asking ────────────────────────────────────────────────────────────────────────────────────
def ask(
    *,
    registration: Registration,
    inscription: Inscription | None,
    file_name: str,
    data: bytes,
    text: str,
    by: Person | None,
    asker: str,
    network: str,
    actor: Actor,
    title: GivenTitle | None = None,
) -> Job:
    """Store a statement until the worker has read it; a failed form shows the typed `text` again.

    Raises `StatementRefused` with a sentence if there is no room for it, or it is late and the
    hearing accepts no late ones, and `QueueFull`.
    """
    actions.check_in_time(registration.hearing, clock.now(), actor)
    if too_much := quota.excess(registration, len(data)):
        raise actions.StatementRefused(too_much)
    try:
        return queue.ask(
            KIND,
            key=key_of(registration, inscription),
            asker=asker,
            network=network,
            data={**told(by, actor), "text": text, "title": title.as_data() if title else None},
            file=ContentFile(data),
            file_name=file_name or actions.TEXT_NAME,
        )
    except OSError as error:  # a full disk, a read-only folder
        raise actions.StatementRefused(_(actions.NOT_STORED)) from error


def ask_by(form: StatementForm, request: HttpRequest, **about: Any) -> tuple[Job | None, int]:
    """Queue what a form sent for the worker; return the job and the status of the answer.

    `about` has the other arguments of `ask`. Without a job, the form has an error.
    """
    if not form.is_valid():
        return None, 422
    given = form.cleaned_data
    field = "file" if given.get("file") else "text"
    try:
        job = ask(
            file_name=given["file_name"],
            data=given["data"],
            text=given["text"],
            title=form.given_title(),
            network=network_of(request),
            **about,
        )
    except actions.StatementRefused as refused:
        form.add_error(field, refused.sentence)
        return None, 422
    except queue.QueueFull as full:
        form.add_error(field, full.sentence)
        return None, 429
    return job, 302


def key_of(registration: Registration, inscription: Inscription | None) -> str:
    """Return the key of jobs about a registration's place, or about its contribution in writing."""
    return f"{registration.id.hex}/{inscription.id.hex if inscription else IN_WRITING}"


def asker_of(registration: Registration) -> str:
    """Return a participant as the owner of a job."""
    return f"registration:{registration.id.hex}"


def staff_asker(person: Person) -> str:
    """Return a signed-in person as the owner of a job."""
    return f"person:{person.id.hex}"


def told(by: Person | None, actor: Actor) -> dict[str, Any]:
    """Return the actor in the form that a job stores; `about` reads it."""
    return {"by": by.id.hex if by else "", "actor": [actor.id, actor.role]}


# ── Doing ─────────────────────────────────────────────────────────────────────────────────────
def take(job: Job) -> None:
    """Read a statement and submit it. Raises `JobRefused`, and `JobGone` after an erasure."""
    registration, place, by, actor = about(job)
    with stored(job) as file:
        data = file.read()
    try:
        read = actions.read_file(job.file_name, data)
        with (
            actions.store(job.file_name, data) as kept,
            writer.writing(registration.hearing_id, actor=actor),
        ):
            queue.finish(job, sentence=read[1][1])
            actions.hand_in(
                registration=registration,
                inscription=place,
                file_name=job.file_name,
                data=data,
                by=by,
                actor=actor,
                already=read,
                received_at=job.asked_at,
                title=_title(job),
                stored=kept,
            )
    except RegistrationRefused as refused:
        raise unfit(refused) from refused


def about(job: Job) -> tuple[Registration, Inscription | None, Person | None, Actor]:
    """Return what a job is about and who acts. Raises `JobRefused` if the place is gone."""
    pk, place = job.key.partition("/")[0], place_in(job)
    rows = Registration.objects.select_related("hearing", "person", "organization", "category")
    registration = rows.filter(pk=UUID(pk)).first()
    places = Inscription.objects.select_related("segment", "registration")
    inscription = places.filter(pk=place).first() if place else None
    if registration is None or (place and inscription is None):
        raise kinds.JobRefused("lost", "")
    by = Person.objects.filter(pk=job.data["by"]).first() if job.data["by"] else None
    return registration, inscription, by, Actor(*job.data["actor"])


def place_in(job: Job) -> UUID | None:
    """Return the place on a list that a job is about; None for a contribution in writing."""
    place = job.key.partition("/")[2]
    return None if place == IN_WRITING else UUID(place)


def stored(job: Job) -> "File[Any]":
    """Return the job's open file. Raises `JobRefused` if a worker that was killed has lost it."""
    try:
        return job.file.open("rb")
    except FileNotFoundError as error:
        raise kinds.JobRefused("lost", "") from error


def unfit(refused: RegistrationRefused) -> kinds.JobRefused:
    """Return a refusal in the form that a job stores; raise `StoreAway` if that was its cause."""
    stored_files.raise_away(refused)
    code = getattr(refused.__cause__, "code", "") or refused.reason.value
    return kinds.JobRefused(code, refused.sentence, refused.field)


READING = kinds.JobKind(KIND, take, most_waiting=300)


# ── What pages show ───────────────────────────────────────────────────────────────────────────
def jobs_of(registration: Registration) -> QuerySet[Job]:
    """Return all jobs about a registration, of all owners."""
    return Job.objects.filter(key__startswith=f"{registration.id.hex}/")


def open_jobs(registration: Registration, kind: str) -> list[Job]:
    """Return the participant's own jobs of a kind that are under way or have recently failed.

    Cancelled jobs are left out. The cards of one page share one query for all kinds.
    """
    cache = vars(registration)
    if "_open_jobs" not in cache:
        rows = Job.objects.filter(asker=asker_of(registration))
        ended = (Job.State.DONE, Job.State.STOPPED)
        cache["_open_jobs"] = list(rows.exclude(state__in=ended).order_by("id"))
    return [job for job in cache["_open_jobs"] if job.kind == kind]


def typed(job: Job) -> dict[str, str]:
    """Return the values that were typed into the form of a failed job, by field."""
    return {"text": str(job.data["text"]), **initial(_title(job) or UNTITLED)}


def _title(job: Job) -> GivenTitle | None:
    data = job.data.get("title")
    return GivenTitle.from_data(data) if data else None


def erase(person: UUID, record: Writer) -> list[str]:
    """Delete a person's pending uploads and their files; the record has no entries of them yet."""
    theirs = Q(person=person) | Q(inscriptions__speaker=person)
    rows = Registration.objects.filter(theirs, hearing_id=record.hearing).distinct()
    for registration in rows:
        queue.forget(jobs_of(registration))
    return []


def words_read(request: HttpRequest) -> dict[str, Any]:
    """Return which words a form publishes, as arguments of `actions.release_words`.

    If the number of the version is invalid, it is 0, which no version has.
    """
    number, _dot, title = request.POST.get("words", "").partition(".")
    is_number = number.isascii() and number.isdigit() and len(number) < 5
    return {"number": int(number) if is_number else 0, "title_read": title}
