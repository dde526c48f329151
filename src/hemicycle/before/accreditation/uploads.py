"""Uploaded files with evidence, which wait until the worker reads and adds them."""

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import evidence
from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration import quota
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import uploads
from hemicycle.before.statements.actions import NOT_STORED
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import writer
from hemicycle.record.writer import Actor

KIND = "evidence"


def ask(
    *, registration: Registration, file_name: str, data: bytes, network: str, actor: Actor
) -> Job:
    """Store a file until the worker has read it.

    Raises `RegistrationRefused` if there is no room for the file or it cannot be stored, and
    `QueueFull`.
    """
    if too_much := quota.excess(registration, len(data)):
        raise evidence.unfit(too_much, "file")
    try:
        return queue.ask(
            KIND,
            key=uploads.key_of(registration, None),
            asker=uploads.asker_of(registration),
            network=network,
            data=uploads.told(None, actor),
            file=ContentFile(data),
            file_name=file_name,
        )
    except OSError as error:  # a full disk, a folder that may not be written to
        raise evidence.unfit(_(NOT_STORED), "file") from error


def add(job: Job) -> None:
    """Read a file and add it as evidence. Raises `JobRefused`, and `JobGone` once it was erased."""
    registration, _place, _by, actor = uploads.about(job)
    with uploads.stored(job) as file:
        data = file.read()
    try:
        evidence.check_file(job.file_name, data)
        with (
            evidence.store(job.file_name, data) as kept,
            writer.writing(registration.hearing_id, actor=actor),
        ):
            queue.finish(job)
            evidence.add(
                registration=registration,
                form=Evidence.Form.FILE,
                file_name=job.file_name,
                data=data,
                actor=actor,
                is_checked=True,
                stored=kept,
            )
    except RegistrationRefused as refused:
        raise uploads.unfit(refused) from refused


READING = kinds.JobKind(KIND, add, most_waiting=300)
