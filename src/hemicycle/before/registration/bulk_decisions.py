"""A decision about many registrations, made by the worker in steps.

A step decides some registrations in one transaction. If the worker is killed, the next one
continues with those that have not been decided. If a step is refused, its registrations are decided
one by one: the job decides what it can, and lists what it could not decide.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration import review
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import writer
from hemicycle.record.writer import Actor

type Refusal = dict[str, str]
"""The id of a registration, and the sentence that says why it could not be decided."""

KIND = "registration-decisions"
STEP = 20
"""The number of registrations in one transaction, during which the hearing's record is locked."""


def key_of(hearing: Hearing, digest: str = "") -> str:
    """Return the key of a job; the same decision about the same registrations has the same key."""
    return f"decide:{hearing.pk.hex}:{digest}"


def to_show(hearing: Hearing) -> Job | None:
    """Return the last job of a hearing while it is unfinished or has left something undecided."""
    jobs = Job.objects.filter(kind=KIND, key__startswith=key_of(hearing))
    job = jobs.order_by("-id").first()
    is_complete = job is not None and job.state == Job.State.DONE and not number_refused(job)
    return None if is_complete else job


def number_refused(job: Job) -> int:
    """Return how many registrations a job could not decide."""
    return len(_refused(job))


def refused(job: Job, most: int) -> list[tuple[Registration, str]]:
    """Return the first `most` registrations that a job could not decide, each with the reason."""
    rows = [(UUID(hex=row["registration"]), row["sentence"]) for row in _refused(job)[:most]]
    found = Registration.objects.in_bulk([pk for pk, _sentence in rows])
    return [(found[pk], sentence) for pk, sentence in rows if pk in found]


def _refused(job: Job) -> list[Refusal]:
    # The result of a job that was cancelled is empty.
    rows: list[Refusal] = (job.result or job.data)["refused"]
    return rows


def begin(
    *,
    hearing: Hearing,
    chosen: Collection[UUID],
    outcome: RegistrationStatus,
    reason: str,
    note: str = "",
    by: Person,
    actor: Actor,
    at: datetime | None = None,
) -> Job:
    """Queue a decision about many registrations; the same request again returns the same job.

    The letters are sent `at` a time, if it is given. A registration that somebody else changes
    before the job decides it stays as it is.
    """
    rows = review.undecided(hearing, chosen, outcome)
    now = [[row.pk.hex, str(row.status)] for row in rows]
    ids = sorted(str(pk) for pk in chosen)
    leaves = at.isoformat() if at else ""
    said = "\n".join([outcome.value, reason, note, leaves, *ids])
    return queue.begin(
        KIND,
        key=key_of(hearing, sha256(said.encode()).hexdigest()[:32]),
        asker=f"person:{by.pk.hex}",
        total=len(now),
        data={
            "chosen": now,
            "outcome": outcome.value,
            "reason": reason,
            "note": note,
            "actor": [actor.id, actor.role],
            "at": leaves,
            "refused": [],
        },
    )


def run(job: Job) -> None:
    """Decide the registrations that are left, in the order of arrival."""
    deciding = _Deciding.of(job)
    left = deciding.left()
    done = job.total - len(left)
    for ids in batched(left, STEP):
        deciding.step(ids)
        done += len(ids)
        queue.advance(job, done=done, total=job.total)
    queue.finish(job, result={"decided": deciding.decided(), "refused": job.data["refused"]})


DECIDING = kinds.JobKind(KIND, run, most_waiting=20)


@dataclass
class _Deciding:
    """Decides registrations: those of a step together or, if that is refused, one by one."""

    job: Job
    hearing: Hearing
    by: Person | None
    was: dict[UUID, str]

    @classmethod
    def of(cls, job: Job) -> "_Deciding":
        hearing = Hearing.objects.filter(pk=UUID(hex=job.key.split(":")[1])).first()
        if hearing is None:
            raise kinds.JobRefused("gone", _("This hearing has been deleted."))
        by = Person.objects.filter(pk=UUID(hex=job.asker.partition(":")[2])).first()
        return cls(job, hearing, by, {UUID(hex=pk): was for pk, was in job.data["chosen"]})

    def left(self) -> list[UUID]:
        """Return the registrations that are neither decided nor refused, in their order."""
        refused = {row["registration"] for row in self.job.data["refused"]}
        rows = self._rows().exclude(status=self._data["outcome"])
        still = set(rows.values_list("pk", flat=True))
        return [pk for pk in self.was if pk in still and pk.hex not in refused]

    def decided(self) -> int:
        """Return how many of the registrations now have the outcome."""
        rows = self._rows().filter(status=self._data["outcome"])
        return sum(pk in self.was for pk in rows.values_list("pk", flat=True))

    def _rows(self) -> QuerySet[Registration]:
        # All rows of the hearing: a database limits the number of ids in a query.
        return Registration.objects.filter(hearing=self.hearing)

    @property
    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.job.data
        return data

    def step(self, ids: Sequence[UUID]) -> None:
        """Decide some registrations; save those that are refused, with the reason."""
        try:
            refused = self._together(ids)
        except RegistrationRefused:
            refused = [row for pk in ids for row in self._alone(pk)]
        if refused:
            self._data["refused"] += refused
            Job.objects.filter(pk=self.job.pk).update(data=self._data)

    def _alone(self, pk: UUID) -> list[Refusal]:
        try:
            return self._together([pk])
        except RegistrationRefused as refused:
            return [{"registration": pk.hex, "sentence": refused.sentence}]

    def _together(self, ids: Sequence[UUID]) -> list[Refusal]:
        """Decide some in one transaction; return those that others have changed meanwhile.

        Raises `RegistrationRefused`, with nothing changed.
        """
        outcome = Registration.Status(self._data["outcome"])
        actor = Actor(*self._data["actor"])
        with writer.writing(self.hearing.pk, actor=actor):
            # Under the lock: another officer may have decided some of them meanwhile.
            rows = dict(self._rows().filter(pk__in=ids).values_list("pk", "status"))
            review.decide(
                hearing=self.hearing,
                chosen=[pk for pk in ids if rows.get(pk) == self.was[pk]],
                outcome=outcome,
                reason=self._data["reason"],
                note=self._data["note"],
                decided_by=self.by,
                actor=actor,
                at=datetime.fromisoformat(self._data["at"]) if self._data["at"] else None,
            )
        return [
            {
                "registration": pk.hex,
                "sentence": _("This registration was changed in the meantime."),
            }
            for pk, status in rows.items()
            if status not in (self.was[pk], outcome)
        ]
