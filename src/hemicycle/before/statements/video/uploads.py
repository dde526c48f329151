"""Uploaded videos that wait to be probed: the worker probes and submits them."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from hemicycle.before.registration import quota
from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import uploads
from hemicycle.before.statements.actions import NOT_STORED
from hemicycle.before.statements.video import actions
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.stored_files import StoredCopy
from hemicycle.hearing.people.models import Person
from hemicycle.record import writer
from hemicycle.record.writer import Actor

KIND = "video"


def ask(
    *,
    inscription: Inscription,
    uploaded: "UploadedFile[Any]",
    by: Person | None,
    network: str,
    actor: Actor,
) -> Job:
    """Store a video until the worker has probed it.

    Raises `VideoRefused` with a sentence if there is no room for it, and `QueueFull`.
    """
    registration = inscription.registration
    if too_much := quota.excess(registration, uploaded.size or 0):
        raise actions.VideoRefused(too_much)
    try:
        return queue.ask(
            KIND,
            key=uploads.key_of(registration, inscription),
            asker=uploads.asker_of(registration),
            network=network,
            data=uploads.told(by, actor),
            file=uploaded,
            file_name=uploaded.name or "",
        )
    except OSError as error:  # a full disk, a read-only folder
        raise actions.VideoRefused(_(NOT_STORED)) from error


def take(job: Job) -> None:
    """Probe a video and submit it. Raises `JobRefused`, and `JobGone` after an erasure."""
    _registration, place, by, actor = uploads.about(job)
    if place is None:
        raise kinds.JobRefused("lost", "")
    staged = StoredCopy(uploads.stored(job).file, job.file_name, stored_name=job.file.name or "")
    try:
        with staged:
            found = actions.look(staged, place)
            with (
                actions.store(staged, found[0]) as kept,
                writer.writing(place.hearing_id, actor=actor),
            ):
                queue.finish(job)
                actions.hand_in(
                    inscription=place,
                    uploaded=staged,
                    by=by,
                    actor=actor,
                    already=found,
                    stored=kept,
                )
    except RegistrationRefused as refused:
        raise uploads.unfit(refused) from refused


PROBING = kinds.JobKind(KIND, take, most_waiting=40)
