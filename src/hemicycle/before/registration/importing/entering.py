"""The worker enters the rows of a table, a step at a time.

A step makes registrations from some rows and saves the outcome of each in the same transaction. If
the worker is killed, the next one continues with the rows that have no outcome. If a row of a step
is refused, the step is undone and its rows are entered one by one, so that the refusal affects no
other row.
"""

import logging
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import batched
from uuid import UUID

from django.db import OperationalError
from django.utils.translation import gettext as _

from hemicycle.before.registration.actions import OfficeEntry, enter
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.importing import columns, reading
from hemicycle.before.registration.importing.values import ReadRow, RowReader, row_sentence
from hemicycle.before.registration.models import ImportRow, Registration, RegistrationImport
from hemicycle.before.registration.names import name_key
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor

log = logging.getLogger(__name__)

KIND = "registration-import"
STEP = 25
"""The number of rows in one transaction, which locks the hearing's record for about 0.1 s."""
Outcome = ImportRow.Outcome


def key_of(table: RegistrationImport) -> str:
    """Return the key of a table's jobs."""
    return f"import:{table.pk.hex}"


def begin(*, table: RegistrationImport, by: Person, actor: Actor) -> Job:
    """Queue a job that enters the rows that are left; a repeated request returns the same job."""
    unbegun = RegistrationImport.objects.filter(pk=table.pk, begun_at=None)
    unbegun.update(begun_at=clock.now(), content=b"")
    return queue.begin(
        KIND,
        key=key_of(table),
        asker=f"person:{by.id.hex}",
        total=table.rows.count(),
        data={"actor": [actor.id, actor.role]},
    )


def table_of(job: Job) -> RegistrationImport:
    """Return the table that a job is about. Raises `JobRefused` if it was deleted."""
    pk = UUID(job.key.partition(":")[2])
    table = RegistrationImport.objects.select_related("hearing").filter(pk=pk).first()
    if table is None:
        raise kinds.JobRefused("gone", _("This import has been deleted."))
    return table


def run(job: Job) -> None:
    """Enter all rows that are left, in the order of their dates if the table has any."""
    table = table_of(job)
    try:
        entering = _Entering(table, Actor(*job.data["actor"]), reading.reader_of(table))
    except LookupError as error:
        raise kinds.JobRefused("track", _("The track of this import no longer exists.")) from error
    total = table.rows.count()
    left = entering.left()
    done = total - len(left)
    for numbers in batched(left, STEP):
        entering.step(numbers)
        done += len(numbers)
        queue.advance(job, done=done, total=total)


ENTERING = kinds.JobKind(KIND, run, most_waiting=20)


def form_key(table: RegistrationImport, number: int) -> str:
    """Return the form key of a row, which is the same each time."""
    digest = sha256(f"hemicycle.before.registration.import {table.pk.hex} {number}".encode())
    return urlsafe_b64encode(digest.digest()).decode().rstrip("=")


@dataclass
class _Entering:
    """Enters rows of a table: those of a step together or, if that fails, one by one."""

    table: RegistrationImport
    actor: Actor
    reader: RowReader

    def left(self) -> list[int]:
        """Return the numbers of the rows that are left, in the order in which they are entered."""
        rows = self.table.rows.filter(outcome=Outcome.LEFT).order_by("number")
        if columns.RECEIVED not in self.table.columns:
            return list(rows.values_list("number", flat=True))
        came = rows.values_list("cells", "number")
        return [n for _at, n in sorted((self.reader.moment(cells), n) for cells, n in came)]

    def step(self, numbers: Sequence[int]) -> None:
        """Enter some rows, and save the outcome of each."""
        facts = facts_of(self.table.hearing)
        if facts.fingerprint != self.reader.facts.fingerprint:
            self.reader = reading.reader_of(self.table, facts)
        try:
            self._together(numbers)
        except OperationalError:  # the database is away, or busy for too long
            raise
        except Exception:  # noqa: BLE001 - it occurs again in the row that causes it
            for number in numbers:
                self._alone(number)

    def _alone(self, number: int) -> None:
        try:
            self._together([number])
        except RegistrationRefused as refused:
            self._mark(number, refused.sentence)
        except OperationalError:
            raise
        except Exception:
            log.exception("row %s of the import %s failed", number, self.table.pk)
            why = _("Because of an error on our side, this row could not be entered.")
            self._mark(number, why)

    def _mark(self, number: int, why: str) -> None:
        left = self.table.rows.filter(number=number, outcome=Outcome.LEFT)
        left.update(outcome=Outcome.REFUSED, sentence=row_sentence(number, why))

    def _together(self, numbers: Sequence[int]) -> None:
        """Enter rows in one transaction. Raises `RegistrationRefused`, with nothing changed."""
        found = self.table.rows.filter(number__in=numbers)
        read = {
            number: self.reader.read(number, cells, form_key(self.table, number))
            for number, cells in found.values_list("number", "cells")
        }
        with writer.writing(self.table.hearing_id, actor=self.actor):
            # Read again under the lock: another worker may have entered them meanwhile.
            rows = {row.number: row for row in found.filter(outcome=Outcome.LEFT)}
            known = _AlreadyThere(self.table, self.reader, [row.cleaned for row in read.values()])
            for number in numbers:
                if number in rows:
                    self._take(rows[number], read[number], known)
            for row in rows.values():  # `bulk_update` takes several times as long
                row.save(update_fields=("outcome", "sentence", "registration", "cells"))

    def _take(self, row: ImportRow, read: ReadRow, known: "_AlreadyThere") -> None:
        if read.cleaned is None:
            row.outcome, row.sentence = Outcome.REFUSED, "\n".join(read.problems)
        elif same := known.find(read.cleaned):
            row.outcome, row.registration = Outcome.KNOWN, same
            row.sentence = row_sentence(row.number, known.why(same))
        else:
            reason = self.reader.options.late_reason
            entry = OfficeEntry(self.actor, Registration.Way.FILE, reason, writes=False)
            done = enter(facts=self.reader.facts, cleaned=read.cleaned, entry=entry)
            row.outcome, row.registration = Outcome.ENTERED, done.registration
            row.sentence, row.cells = "", []
            known.add(done.registration, row.number)


# ── Who is there already ──────────────────────────────────────────────────────────────────────
class _AlreadyThere:
    """The active registrations of the organizations of some rows, read in one query.

    A person is the same if the address or the name is the same, for the same organization.
    """

    def __init__(
        self, table: RegistrationImport, reader: RowReader, rows: Sequence[Cleaned | None]
    ) -> None:
        self._table = table
        self._numbers: dict[UUID, int] = {}
        self._found: dict[tuple[str, str], Registration] = {}
        live = Registration.objects.filter(
            hearing=table.hearing_id,
            kind=reader.track.kind,
            organization_key__in={name_key(row.organization) for row in rows if row},
            status__in=Registration.LIVE,
        )
        for registration in live.select_related("person").order_by("arrival"):
            self.add(registration)

    def add(self, registration: Registration, number: int = 0) -> None:
        """Add a registration; `number` is its row in this table, or 0 if it has none."""
        if number:
            self._numbers[registration.pk] = number
        person = registration.person
        for sign in _signs(person.name, person.email):
            self._found.setdefault((registration.organization_key, sign), registration)

    def find(self, cleaned: Cleaned) -> Registration | None:
        """Return the registration of the same person for the same organization."""
        body = name_key(cleaned.organization)
        places = [(body, sign) for sign in _signs(cleaned.name, cleaned.email)]
        return next((self._found[place] for place in places if place in self._found), None)

    def why(self, registration: Registration) -> str:
        """Say where the registration of the same person comes from."""
        entered = registration.import_rows.filter(table=self._table, outcome=Outcome.ENTERED)
        number = self._numbers.get(registration.pk) or (
            entered.values_list("number", flat=True).first()
        )
        if number:
            said = _("the same person for the same organization as in row %(other)s.")
            return said % {"other": number}
        said = _("already registered for this organization, reference %(reference)s.")
        return said % {"reference": registration.reference}


def _signs(name: str, email: str) -> list[str]:
    return [*([f"@{email.casefold()}"] if email else []), f"={name_key(name)}"]
