"""Uploaded concept notes that wait to be read: the worker reads them and drafts hearings."""

import shutil
from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from hemicycle.documents.reading import UnreadableDocument
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.access import may_convene
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import drafts, second_opinion
from hemicycle.hearing.setup.note_reading import sentence_of
from hemicycle.record.writer import Actor

KIND = "note"


def ask(
    *,
    given: "UploadedFile[Any]",
    by: Person,
    network: str,
    actor: Actor,
    with_model: bool = False,
) -> Job:
    """Queue a note for the worker. Raises `QueueFull`, and `OSError` if it cannot be stored.

    With `with_model`, its text is sent to the language model too. The job's result has the id of
    the `reading`.
    """
    return queue.ask(
        KIND,
        key=asker_of(by),
        asker=asker_of(by),
        network=network,
        data={"by": by.id.hex, "actor": [actor.id, actor.role], "model": with_model},
        file=given,
        file_name=given.name or "",
    )


def asker_of(person: Person) -> str:
    """Return the name of a member of a secretariat as the owner of a job."""
    return f"person:{person.id.hex}"


def draft(job: Job) -> None:
    """Read a note and draft the hearing that it convenes. Raises `JobRefused`."""
    person = Person.objects.filter(pk=job.data["by"]).first()
    if person is None or not may_convene(person):
        raise kinds.JobRefused("dismissed", _("Only the secretariat can convene a hearing."))
    found, actor = _found(job), Actor(*job.data["actor"])
    with transaction.atomic():
        reading = drafts.store_reading(file_name=job.file_name, found=found, actor=actor, by=person)
        queue.finish(job, result={"reading": reading.pk.hex})


def _found(job: Job) -> dict[str, Any]:
    """Return the reader's result for the note."""
    try:
        # The reader needs a local file, but the note may be in an object store.
        with job.file.open("rb") as file, TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            reading, failure = second_opinion.read_note(
                copy, name=job.file_name, with_model=bool(job.data.get("model"))
            )
    except FileNotFoundError as error:
        raise kinds.JobRefused("lost", "") from error
    except UnreadableDocument as error:
        template, values = sentence_of(error)
        sentence = _(template) % {name: _(value) for name, value in values.items()}
        raise kinds.JobRefused(error.code, sentence) from error
    told = {"model": {"code": failure.code, "status": failure.status}} if failure else {}
    return {**reading.as_json(), **told}


READING = kinds.JobKind(KIND, draft, most_waiting=40)
